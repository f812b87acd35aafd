"""One fault that is set: its name, how often and for what it happens; written as `NAME[=VALUE][@N][:RATE]`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from .catalogue import ALIASES, BODIES, RETRY_AFTER, TRANSFER, names

FORM = "NAME[=VALUE][@N][:RATE]"
_TEXT = re.compile(r"(?P<name>[^=@:]*)(?:=(?P<value>[^@:]*))?(?:@(?P<at>[^:]*))?(?::(?P<rate>.*))?", re.DOTALL)
_UNSENDABLE = (1004, 1005, 1006, 1015)  # what a close frame may not say
_PLACED = ("drop", "stall", "close")


class WrongFault(ValueError):
    """A fault that there is not."""


@dataclass(frozen=True)
class Fault:
    """A fault that is set.

    value  milliseconds, the code of a close, or the seconds of Retry-After
    at     which message or piece is meant; the first is 1
    rate   the share of requests that it happens to
    path   the requests that it happens to, which may have `*`; None for all
    times  how often it happens; None for ever

    Raises WrongFault.
    """

    name: str
    value: int | None = None
    at: int = 1
    rate: float = 1.0
    path: str | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        name = ALIASES.get(self.name, self.name) if isinstance(self.name, str) else ""
        if name not in names():
            raise WrongFault(_unknown(self.name))
        object.__setattr__(self, "name", name)
        self._check_value()
        if not _is_whole(self.at) or self.at < 1 or (self.at > 1 and name not in _PLACED):
            raise WrongFault(f"{name} cannot happen at {self.at!r}: N is the number of a message or a piece")
        if isinstance(self.rate, bool) or not isinstance(self.rate, int | float) or not 0 <= self.rate <= 1:
            raise WrongFault(f"the rate of {name} must be between 0 and 1, not {self.rate!r}")
        if self.times is not None and (not _is_whole(self.times) or self.times < 0):
            raise WrongFault(f"the times of {name} must be a whole number, not {self.times!r}")
        if self.path is not None and not isinstance(self.path, str):
            raise WrongFault(f"the path of {name} must be a text, not {self.path!r}")

    @property
    def is_answer(self) -> bool:
        """Whether an error is answered in place of the endpoint."""
        return self.name not in TRANSFER

    @property
    def seconds(self) -> float:
        """The value of a fault that takes milliseconds."""
        return (self.value or 0) / 1000

    def described(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}

    def _check_value(self) -> None:
        kind = TRANSFER.get(self.name)
        if self.value is None:
            object.__setattr__(self, "value", kind.default if kind else None)
            return
        allowed = kind.values if kind else RETRY_AFTER
        if not allowed or self.name in BODIES:
            raise WrongFault(f"{self.name} takes no value")
        if not _is_whole(self.value) or self.value not in allowed:
            raise WrongFault(f"{self.name} takes a value from {allowed[0]} to {allowed[-1]}, not {self.value!r}")
        if self.name == "close" and self.value in _UNSENDABLE:
            raise WrongFault(f"a WebSocket cannot be closed with {self.value}; drop cuts the connection")


def read_fault(text: str) -> Fault:
    """Reads `NAME[=VALUE][@N][:RATE]`. Raises WrongFault."""
    found = _TEXT.fullmatch(text.strip())
    assert found is not None
    given = {name: value for name, value in found.groupdict().items() if value is not None}
    try:
        numbers = {name: float(given[name]) if name == "rate" else int(given[name]) for name in given if name != "name"}
    except ValueError:
        if ALIASES.get(given["name"], given["name"]) not in names():
            raise WrongFault(_unknown(given["name"])) from None
        raise WrongFault(f"the fault {text!r} is not written as {FORM}") from None
    return Fault(given["name"], **numbers)  # type: ignore[arg-type]


def fault_of(description: object) -> Fault:
    """Reads a fault of JSON: a text, or an object with the fields of Fault. Raises WrongFault."""
    if isinstance(description, str):
        return read_fault(description)
    known = {field.name for field in fields(Fault)}
    if not isinstance(description, Mapping) or not {"name"} <= {*description} <= known:
        raise WrongFault(f"a fault is a text {FORM}, or an object of {', '.join(sorted(known))}")
    return Fault(**description)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _unknown(name: object) -> str:
    near = difflib.get_close_matches(str(name), names(), n=3)
    return f'there is no fault "{name}"' + (f"; did you mean {' or '.join(near)}?" if near else "")
