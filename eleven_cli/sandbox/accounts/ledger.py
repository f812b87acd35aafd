"""Records what an account was charged for: one entry for each generation."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from ..state.entropy import now
from ..state.store import Journal

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

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        earlier = journal.entries()
        self._entries = deque(LedgerEntry(about["at"], Charge(**about["charge"])) for _, about, _ in earlier)
        self._number = int(earlier[-1][0]) if earlier else 0

    def add(self, charge: Charge) -> None:
        entry = LedgerEntry(now(), charge)
        self._entries.append(entry)
        self._number += 1
        self._journal.put(str(self._number), asdict(entry))
        if len(self._entries) > MAX_ENTRIES:
            self._entries.popleft()
            self._journal.delete(str(self._number - MAX_ENTRIES))

    def between(self, start: float, end: float) -> Iterator[LedgerEntry]:
        """Gives the entries from `start` on and before `end`, in unix seconds."""
        return (entry for entry in self._entries if start <= entry.at < end)
