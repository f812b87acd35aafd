"""What an account was charged for: one entry for each generation."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from time import time

MAX_ENTRIES = 100_000


@dataclass(frozen=True)
class Work:
    """One generation: what for (see `usage.PRODUCTS`), by whom, how long the text is in characters, and its price.

    `voice_id` is empty where no voice speaks.
    """

    product: str
    model_id: str
    voice_id: str
    characters: int
    credits: int


@dataclass(frozen=True)
class Entry:
    """A generation and when it was charged, in unix seconds."""

    at: float
    work: Work


class Ledger:
    """The latest entries of one account; the oldest are forgotten."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=MAX_ENTRIES)

    def add(self, work: Work) -> None:
        self._entries.append(Entry(time(), work))

    def between(self, start: float, end: float) -> Iterator[Entry]:
        """The entries from `start` on and before `end`, in unix seconds."""
        return (entry for entry in self._entries if start <= entry.at < end)
