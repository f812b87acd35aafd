"""What differs from run to run: ids, tokens, chances and times. With a seed each run has the same ones."""

from __future__ import annotations

import string
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from random import Random, SystemRandom
from time import time

ALPHANUMERIC = string.ascii_letters + string.digits
LOWERCASE = string.ascii_lowercase + string.digits
SEEDED_BEGIN_UNIX = 1_767_225_600  # the first day of 2026
DAY_S = 24 * 3600
IDS, REQUESTS, FAULTS = "ids", "requests", "faults"


class Entropy:
    """Draws for one server. With a `seed` a clock begins with the `run`'s day, and each reading is a second later.

    What a test polls for draws from a stream of its own, so that how often it does changes nothing else.
    """

    def __init__(self, seed: int | None = None, run: int = 0) -> None:
        self._seed, self._run = seed, run
        self._streams: dict[str, Random] = {}
        self._seconds = count(SEEDED_BEGIN_UNIX + run * DAY_S)

    def stream(self, name: str) -> Random:
        """Gives the random numbers of this name."""
        if name not in self._streams:
            seeded = self._seed is not None
            self._streams[name] = Random(f"{self._seed} {self._run} {name}") if seeded else SystemRandom()
        return self._streams[name]

    def now(self) -> float:
        """Gives the time in unix seconds."""
        return time() if self._seed is None else float(next(self._seconds))

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Lets the functions of this module draw from it, in the block and in what is begun there."""
        token = _CURRENT.set(self)
        try:
            yield
        finally:
            _CURRENT.reset(token)


_CURRENT: ContextVar[Entropy] = ContextVar("entropy", default=Entropy())  # noqa: B039 - it draws from the system


def new_id() -> str:
    """Makes an id: 20 letters and digits."""
    return _text(ALPHANUMERIC, 20)


def new_lowercase_id() -> str:
    """Makes an id: 26 lower-case letters and digits."""
    return _text(LOWERCASE, 26)


def new_hex(name: str = IDS) -> str:
    """Makes 32 hexadecimal digits."""
    return f"{drawn(name).getrandbits(128):032x}"


def drawn(name: str) -> Random:
    """Gives the random numbers of this name."""
    return _CURRENT.get().stream(name)


def now() -> float:
    """Gives the time in unix seconds."""
    return _CURRENT.get().now()


def _text(alphabet: str, length: int) -> str:
    return "".join(drawn(IDS).choices(alphabet, k=length))
