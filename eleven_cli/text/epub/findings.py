"""What is worth knowing of how a book was read. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

_MOST_NAMES = 3


class LeftOut(NamedTuple):
    """A document that is not read, and why, in few words."""

    name: str
    reason: str


class Repeated(NamedTuple):
    """A document that is read several times, since the book's order says so; `characters` of one time."""

    name: str
    times: int
    characters: int


class Assumed(NamedTuple):
    """What was assumed to read a document, as the end of a sentence that begins with its name."""

    name: str
    assumption: str


class Findings(NamedTuple):
    left_out: tuple[LeftOut, ...] = ()
    repeated: tuple[Repeated, ...] = ()
    assumed: tuple[Assumed, ...] = ()

    def sentences(self) -> Iterator[str]:
        """A line for each kind of finding, whatever the number of documents."""
        for reason, names in _by_reason(self.left_out).items():
            yield f"left out {_few(names)}: {reason}"
        for times in sorted({repeated.times for repeated in self.repeated}):
            again = [repeated for repeated in self.repeated if repeated.times == times]
            more = sum(repeated.characters for repeated in again) * (times - 1)
            documents = _few([repeated.name for repeated in again])
            characters = f"{more:,} character{'s' if more != 1 else ''}"
            yield f"reads {documents} {times} times, as the book's order says: {characters} more"
        for assumption, names in _by_reason(self.assumed).items():
            yield f"{_few(names)} {assumption}"


def _by_reason(found: tuple[LeftOut, ...] | tuple[Assumed, ...]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for name, reason in found:
        names.setdefault(reason, []).append(name)
    return names


def _few(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
