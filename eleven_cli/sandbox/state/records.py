"""Records that the one-shot runs of a user share: JSON files in their folder, one a record."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..hearing.memory_folder import state_folder, write
from .store import Journal, NoJournal, Record, Records


class SharedStore:
    """The folder of what one-shot runs remember of each other; what only a server has to tell is not kept there."""

    run = 0

    def __init__(self) -> None:
        self._opened: list[SharedRecords] = []

    def records(self, kind: str, owner: str = "") -> Records:
        self._opened.append(SharedRecords(kind, owner or "all"))
        return self._opened[-1]

    def journal(self, kind: str, owner: str = "") -> Journal:
        return NoJournal()

    def find(self, kind: str, record_id: str) -> Record | None:
        found = (records.all().get(record_id) for records in self._opened if records.kind == kind)
        return next((record for record in found if record is not None), None)

    def clear(self) -> None:
        """Deletes what those accounts have that were opened here: the others belong to other runs."""
        for records in self._opened:
            for record_id in records.all():
                records.delete(record_id)
        self._opened.clear()

    def close(self) -> None:
        """Has nothing to let go."""


class _Stamp(NamedTuple):
    name: str
    changed_ns: int
    size: int


class SharedRecords:
    """The records of a kind and an owner, by their ids.

    Another process may add and delete some at any time. What cannot be written is kept by this process alone.
    """

    def __init__(self, kind: str, owner: str) -> None:
        self.kind, self._owner = kind, owner
        self._folder: Path | None = None
        self._stamps: list[_Stamp] = []
        self._read: dict[str, Record] = {}
        self._unwritten: dict[str, Record] = {}

    def all(self) -> dict[str, Record]:
        self._refresh()
        return {**self._read, **self._unwritten}

    def put(self, record_id: str, record: Record) -> None:
        self._refresh()
        try:
            if self._folder is None:
                raise FileNotFoundError
            write(self._folder / f"{record_id}.json", json.dumps(record))
        except OSError:
            self._unwritten[record_id] = record
        else:
            self._unwritten.pop(record_id, None)

    def delete(self, record_id: str) -> None:
        self._refresh()
        self._unwritten.pop(record_id, None)
        if self._folder is not None:
            with suppress(OSError):
                (self._folder / f"{record_id}.json").unlink()

    def _refresh(self) -> None:
        state = state_folder()
        folder = state and state / self.kind / self._owner
        if folder != self._folder:
            self._folder, self._stamps, self._read, self._unwritten = folder, [], {}, {}
        stamps = _stamps(folder) if folder else []
        if folder and stamps != self._stamps:
            self._stamps = stamps
            found = {Path(stamp.name).stem: _read(folder / stamp.name) for stamp in stamps}
            self._read = {record_id: record for record_id, record in found.items() if record is not None}


def _stamps(folder: Path) -> list[_Stamp]:
    try:
        with os.scandir(folder) as entries:
            names = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".json")]
    except OSError:
        return []
    return sorted(_Stamp(name, status.st_mtime_ns, status.st_size) for name, status in names)


def _read(path: Path) -> Record | None:
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):  # deleted meanwhile, or truncated
        return None
    return record if isinstance(record, dict) else None
