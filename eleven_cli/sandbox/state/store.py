"""Stores: what a server keeps of what clients make, by kind and owner; and one in memory."""

from __future__ import annotations

import hashlib
from typing import Any, Protocol

Record = dict[str, Any]
VOICES, DESIGNS, DICTIONARIES = "voices", "designs", "dictionaries"


class WrongState(ValueError):
    """A state folder that cannot be used, in one sentence with its path; it was left as it is."""


class Records(Protocol):
    """Records of one kind and one owner by their ids, the oldest first."""

    def all(self) -> dict[str, Record]:
        """Gives every record."""

    def put(self, record_id: str, record: Record) -> None:
        """Adds or replaces a record."""

    def delete(self, record_id: str) -> None:
        """Deletes a record, if it is there."""


class Journal(Protocol):
    """What only the next run reads, such as the history; `audio` goes with a record. `lasts` says if there is one."""

    lasts: bool

    def entries(self) -> list[tuple[str, Record, bytes]]:
        """Gives what earlier runs have written: ids, records and their audio, the oldest first."""

    def put(self, entry_id: str, record: Record, audio: bytes = b"") -> None:
        """Adds or replaces an entry."""

    def delete(self, entry_id: str) -> None:
        """Deletes an entry, if it is there."""


class Store(Protocol):
    """What one server keeps. `run` counts the earlier ones that have kept there."""

    run: int

    def records(self, kind: str, owner: str = "") -> Records:
        """Gives the records of a kind, of an account or of the whole server."""

    def journal(self, kind: str, owner: str = "") -> Journal:
        """Gives the journal of a kind, of an account or of the whole server."""

    def find(self, kind: str, record_id: str) -> Record | None:
        """Gives a record of any owner; None without one."""

    def clear(self) -> None:
        """Forgets everything, earlier runs too; who still has records of before writes no more."""

    def close(self) -> None:
        """Lets another server have what is kept."""


def owner_of(key: str) -> str:
    """Gives what is written in place of a key, and cannot be turned back."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


class MemoryStore:
    """Keeps until the server ends."""

    run = 0

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], MemoryRecords] = {}

    def records(self, kind: str, owner: str = "") -> Records:
        return self._kept.setdefault((kind, owner), MemoryRecords())

    def journal(self, kind: str, owner: str = "") -> Journal:
        return NoJournal()

    def find(self, kind: str, record_id: str) -> Record | None:
        found = (records.all().get(record_id) for (of, _), records in self._kept.items() if of == kind)
        return next((record for record in found if record is not None), None)

    def clear(self) -> None:
        self._kept.clear()

    def close(self) -> None:
        """Has nothing to let go."""


class MemoryRecords:
    """Records in memory, of one server."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}

    def all(self) -> dict[str, Record]:
        return dict(self._records)

    def put(self, record_id: str, record: Record) -> None:
        self._records[record_id] = record

    def delete(self, record_id: str) -> None:
        self._records.pop(record_id, None)


class NoJournal:
    """The journal of a server that no other run follows."""

    lasts = False

    def entries(self) -> list[tuple[str, Record, bytes]]:
        return []

    def put(self, entry_id: str, record: Record, audio: bytes = b"") -> None:
        """Writes nothing."""

    def delete(self, entry_id: str) -> None:
        """Has nothing to delete."""
