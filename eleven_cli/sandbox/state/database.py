"""A state folder: one SQLite database, which one server uses at a time."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from .store import Journal, Record, Records, WrongState

NAME = "sandbox.sqlite"
VERSION = 1
APPLICATION = 0x656C_7662  # of SQLite databases, in their headers
_TABLES = """
CREATE TABLE kept (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, owner TEXT NOT NULL, id TEXT NOT NULL, record TEXT NOT NULL, audio BLOB NOT NULL,
    UNIQUE (kind, owner, id)
);
CREATE TABLE runs (began TEXT NOT NULL)
"""
_PUT = """
INSERT INTO kept (kind, owner, id, record, audio) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (kind, owner, id) DO UPDATE SET record = excluded.record, audio = excluded.audio
"""
_RECORDS = "SELECT id, record FROM kept WHERE kind = ? AND owner = ? ORDER BY place"
_ENTRIES = "SELECT id, record, audio FROM kept WHERE kind = ? AND owner = ? ORDER BY place"
_DELETE = "DELETE FROM kept WHERE kind = ? AND owner = ? AND id = ?"


class Database:
    """Opens the database of a folder, and makes both where they are missing. Raises WrongState."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._lock = Lock()  # audio is made in worker threads
        self.era = 0
        _make(self._path)
        self._connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            self._open()
            self.run = self._count_run()
        except WrongState:
            self._connection.close()
            raise
        except (sqlite3.Error, ValueError) as wrong:
            self._connection.close()
            raise _wrong(self._path, wrong) from wrong

    def records(self, kind: str, owner: str = "") -> Records:
        return TableRecords(self, kind, owner)

    def journal(self, kind: str, owner: str = "") -> Journal:
        return TableJournal(self, kind, owner)

    def find(self, kind: str, record_id: str) -> Record | None:
        found = self.ask("SELECT record FROM kept WHERE kind = ? AND id = ? LIMIT 1", kind, record_id)
        return dict(json.loads(found[0][0])) if found else None

    def clear(self) -> None:
        with self._lock:
            self.era += 1
            self._connection.execute("DELETE FROM kept")
            self._connection.execute("DELETE FROM runs")
            self._connection.execute("INSERT INTO runs VALUES (datetime())")
            self.run = 0

    def close(self) -> None:
        with self._lock:
            self.era += 1
            with suppress(sqlite3.Error):
                self._connection.close()

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def write(self, era: int, statement: str, *values: Any) -> None:
        """Writes at once and as a whole, unless all was cleared after the `era`."""
        with self._lock:
            if era == self.era:
                self._connection.execute(statement, values)

    def _open(self) -> None:
        """SQLite's own lock keeps a second server out; what one writes survives its death."""
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        is_new = not self._connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        if not is_new:
            self._check_version()  # before anything is written
        for setting in ("journal_mode = WAL", "synchronous = NORMAL"):
            self._connection.execute(f"PRAGMA {setting}")
        if is_new:
            setting = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}"
            self._connection.executescript(f"BEGIN IMMEDIATE; {_TABLES}; {setting}; COMMIT")
        self._check()

    def _check_version(self) -> None:
        (application,), (version,) = self._pragma("application_id"), self._pragma("user_version")
        if application != APPLICATION:
            raise WrongState(f"{self._path} is the database of another program")
        if version != VERSION:
            raise WrongState(f"{self._path} has version {version} of the sandbox's state, while this one has {VERSION}")

    def _check(self) -> None:
        """Finds damage before anything is served of it."""
        if (found := self._pragma("quick_check"))[0] != "ok":
            raise sqlite3.DatabaseError(found[0])
        for (record,) in self._connection.execute("SELECT record FROM kept"):
            if not isinstance(json.loads(record), dict):
                raise ValueError("a record is no object")

    def _pragma(self, name: str) -> tuple[Any, ...]:
        return tuple(self._connection.execute(f"PRAGMA {name}").fetchone())

    def _count_run(self) -> int:
        (earlier,) = self._connection.execute("SELECT count(*) FROM runs").fetchone()
        self._connection.execute("INSERT INTO runs VALUES (datetime())")
        return int(earlier)


class TableRecords:
    """Records of one kind and owner, which are read once: no other process changes them."""

    def __init__(self, database: Database, kind: str, owner: str) -> None:
        self._database, self._of, self._era = database, (kind, owner), database.era
        rows = database.ask(_RECORDS, *self._of)
        self._records: dict[str, Record] = {record_id: json.loads(record) for record_id, record in rows}

    def all(self) -> dict[str, Record]:
        return dict(self._records)

    def put(self, record_id: str, record: Record) -> None:
        self._records[record_id] = record
        self._database.write(self._era, _PUT, *self._of, record_id, json.dumps(record), b"")

    def delete(self, record_id: str) -> None:
        self._records.pop(record_id, None)
        self._database.write(self._era, _DELETE, *self._of, record_id)


class TableJournal:
    """What only the next run reads."""

    lasts = True

    def __init__(self, database: Database, kind: str, owner: str) -> None:
        self._database, self._of, self._era = database, (kind, owner), database.era

    def entries(self) -> list[tuple[str, Record, bytes]]:
        rows = self._database.ask(_ENTRIES, *self._of)
        return [(entry_id, json.loads(record), audio) for entry_id, record, audio in rows]

    def put(self, entry_id: str, record: Record, audio: bytes = b"") -> None:
        self._database.write(self._era, _PUT, *self._of, entry_id, json.dumps(record), audio)

    def delete(self, entry_id: str) -> None:
        self._database.write(self._era, _DELETE, *self._of, entry_id)


def _make(path: Path) -> None:
    """Makes an empty file that only its owner reads, as SQLite would not; its other files follow suit."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as failed:
        raise WrongState(f"cannot keep the state in {path.parent}: {failed.strerror}") from failed


def _wrong(path: Path, wrong: Exception) -> WrongState:
    if isinstance(wrong, sqlite3.OperationalError) and "locked" in str(wrong):
        return WrongState(f"another sandbox is using {path.parent}")
    if isinstance(wrong, sqlite3.OperationalError):
        return WrongState(f"cannot keep the state in {path}: {wrong}")
    return WrongState(f"{path} is damaged ({' '.join(str(wrong).split())}), and was left as it is")
