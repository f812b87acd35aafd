"""Where a server keeps what clients make: in memory, in a folder that other runs share, or in one of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .store import MemoryStore, Store


@dataclass(frozen=True)
class Keeping:
    """Where a server keeps what clients make, and whether its ids and times are the same in each run.

    folder  one of its own; None for none
    shared  in the folder that all such servers of a user share
    seed    of ids, times and chances; None for other ones in each run
    """

    folder: Path | None = None
    shared: bool = False
    seed: int | None = None

    def open(self) -> Store:
        """Opens the store. Raises WrongState for a folder that cannot be used."""
        if self.folder is not None:
            from .database import Database

            return Database(self.folder)
        if self.shared:
            from .records import SharedStore

            return SharedStore()
        return MemoryStore()
