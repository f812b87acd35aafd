"""Lists and removes the jobs that were not finished."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eleven_cli.errors import ElevenError
from eleven_cli.files.folders import cache_folder, unlink
from eleven_cli.files.locks import LOCK_NAME, acquire_folder, is_locked
from eleven_cli.files.part import write_private

ABOUT = "about.json"
SUFFIX = ".piece"
ABANDONED_S = 30 * 24 * 3600.0


@dataclass(frozen=True)
class UnfinishedJob:
    """A long text that stopped half-way, or is being made.

    what      its name, "" without one
    pieces    how many have arrived; `total` how many there will be, None if unknown
    bytes     of audio
    changed   when the last piece arrived, or it was last resumed
    running   whether a process is working on it
    """

    what: str
    pieces: int
    total: int | None
    bytes: int
    changed: datetime
    running: bool
    path: Path


def jobs_folder() -> Path:
    """Where the jobs are; it need not exist."""
    return cache_folder() / "jobs"


def unfinished_jobs(folder: Path | None = None) -> list[UnfinishedJob]:
    """All of them, the oldest first."""
    found = []
    for path in _folders(folder or jobs_folder()):
        with suppress(OSError):  # finished just now
            found.append(_described(path))
    return sorted(found, key=lambda job: job.changed)


def remove_job(path: Path) -> bool:
    """Removes a job; False while a process works on it. Raises ElevenError if that fails."""
    try:
        lock = acquire_folder(path)
        if lock is None:
            return False
        with lock:
            empty(path)
    except FileNotFoundError:  # finished just now
        return True
    except OSError as failed:
        raise ElevenError(f"cannot remove {path}: {failed.strerror or failed}") from failed
    return True


def remove_abandoned(folder: Path) -> None:
    """Remove the jobs in which nothing has happened for 30 days."""
    for path in _folders(folder):
        with suppress(OSError, ElevenError):
            if path.stat().st_mtime < time.time() - ABANDONED_S:
                remove_job(path)


def write_about(folder: Path, about: Mapping[str, object]) -> None:
    """Writes what the job in this folder is, and marks it as resumed now. Raises OSError."""
    write_private(folder / ABOUT, json.dumps(about).encode())  # a new file: it shows that pieces can be added too
    os.utime(folder)


def empty(folder: Path) -> None:
    """Remove a job's folder; the caller has its lock. Raises OSError.

    The lock goes last: a process that takes a new one finds nothing that is about to be removed.
    """
    for path in folder.iterdir():
        if path.name != LOCK_NAME:
            unlink(path)
    unlink(folder / LOCK_NAME)
    with suppress(OSError):  # taken over just now
        folder.rmdir()


def _folders(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from [path for path in folder.iterdir() if path.is_dir()]


def _described(path: Path) -> UnfinishedJob:
    about = _about(path)
    sizes = [piece.stat().st_size for piece in path.glob(f"*{SUFFIX}")]
    total = about.get("pieces")
    return UnfinishedJob(
        what=str(about.get("what", "")),
        pieces=len(sizes),
        total=total if isinstance(total, int) else None,
        bytes=sum(sizes),
        changed=datetime.fromtimestamp(int(path.stat().st_mtime), UTC),
        running=(path / LOCK_NAME).exists() and is_locked(path / LOCK_NAME),
        path=path,
    )


def _about(path: Path) -> dict[str, Any]:
    try:
        value = json.loads((path / ABOUT).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
