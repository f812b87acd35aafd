"""What the service has, imitated here or not: methods, paths, and the names of queries' and bodies' fields.

`service.txt` holds one line for each endpoint: method, path, `?` with the query's fields, and the body's fields, `*`
for any.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

ANY = "*"


class Endpoint(NamedTuple):
    """An endpoint of the service. `query` and `body` are the names of their fields; "" in `steps` is any."""

    method: str
    path: str
    query: frozenset[str]
    body: frozenset[str]
    steps: tuple[str, ...]

    def serves(self, method: str, steps: list[str]) -> bool:
        if (self.method, len(self.steps)) != (method, len(steps)):
            return False
        return all(step and wanted in ("", step) for wanted, step in zip(self.steps[1:], steps[1:], strict=True))

    def unknown(self, query: Iterable[str], body: Iterable[str]) -> list[str]:
        """Gives the fields that the service does not know, those of the query with a question mark."""
        strange = [f"?{name}" for name in query if not _is_known(name, self.query)]
        return list(dict.fromkeys(strange + [name for name in body if not _is_known(name, self.body)]))


def find_endpoint(method: str, path: str) -> Endpoint | None:
    """Gives the endpoint that serves a request; of several the one with the fewest placeholders."""
    steps = path.split("/")
    found = [one for one in _by_length().get(len(steps), ()) if one.serves(method, steps)]
    return min(found, key=lambda one: one.path.count("{"), default=None)


@cache
def every_endpoint() -> tuple[Endpoint, ...]:
    """Gives what the service has, in the order of the file."""
    from importlib.resources import files

    return tuple(map(_endpoint, files(__package__).joinpath("service.txt").read_text("ascii").splitlines()))


@cache
def _by_length() -> dict[int, list[Endpoint]]:
    lengths: dict[int, list[Endpoint]] = {}
    for one in every_endpoint():
        lengths.setdefault(len(one.steps), []).append(one)
    return lengths


def _endpoint(line: str) -> Endpoint:
    method, path, query, body = (*line.split(" "), "")[:4]
    steps = tuple("" if step.startswith("{") else step for step in path.split("/"))
    return Endpoint(method, path, _names(query.removeprefix("?")), _names(body), steps)


def _names(text: str) -> frozenset[str]:
    return frozenset(filter(None, text.split(",")))


def _is_known(name: str, names: frozenset[str]) -> bool:
    return name in names or ANY in names
