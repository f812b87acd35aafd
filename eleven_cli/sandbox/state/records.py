"""Records of one account that outlive the server: JSON files in the state folder, one a record."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from ..hearing.memory_folder import state_folder, write

VOICES, DESIGNS, DICTIONARIES = "voices", "designs", "dictionaries"
Record = dict[str, Any]


class _Stamp(NamedTuple):
    name: str
    changed_ns: int
    size: int


class Records:
    """The records of a kind (`VOICES`, `DESIGNS`, `DICTIONARIES`) of the account with this key, by their ids.

    Another process may add and delete some at any time. What cannot be written is kept by this process alone, and
    without `is_kept` everything is.
    """

    def __init__(self, kind: str, key: str, *, is_kept: bool = True) -> None:
        self._is_kept = is_kept
        self._kind, self._account = kind, hashlib.sha256(key.encode()).hexdigest()[:16]
        self._folder: Path | None = None
        self._stamps: list[_Stamp] = []
        self._read: dict[str, Record] = {}
        self._unwritten: dict[str, Record] = {}

    def all(self) -> dict[str, Record]:
        """Gives every record."""
        self._refresh()
        return {**self._read, **self._unwritten}

    def put(self, record_id: str, record: Record) -> None:
        """Adds or replaces a record."""
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
        """Deletes a record, if it is there."""
        self._refresh()
        self._unwritten.pop(record_id, None)
        if self._folder is not None:
            with suppress(OSError):
                (self._folder / f"{record_id}.json").unlink()

    def _refresh(self) -> None:
        state = state_folder() if self._is_kept else None
        folder = state and state / self._kind / self._account
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
