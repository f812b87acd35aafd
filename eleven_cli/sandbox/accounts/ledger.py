"""Records what an account was charged for: one entry for each generation."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from time import time

MAX_ENTRIES = 100_000


@dataclass(frozen=True)
class Charge:
    """What one generation costs.

    product     a key of `usage.PRODUCTS`
    voice_id    empty where no voice speaks
    characters  the length of the text
    """

    product: str
    model_id: str
    voice_id: str
    characters: int
    credits: int


@dataclass(frozen=True)
class LedgerEntry:
    """A charge and when it was made, in unix seconds."""

    at: float
    charge: Charge


class Ledger:
    """The latest entries of one account; the oldest are forgotten."""

    def __init__(self) -> None:
        self._entries: deque[LedgerEntry] = deque(maxlen=MAX_ENTRIES)

    def add(self, charge: Charge) -> None:
        self._entries.append(LedgerEntry(time(), charge))

    def between(self, start: float, end: float) -> Iterator[LedgerEntry]:
        """Gives the entries from `start` on and before `end`, in unix seconds."""
        return (entry for entry in self._entries if start <= entry.at < end)
