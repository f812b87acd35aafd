"""Advisory file locks; the system releases them when the process ends, however it ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Literal

from eleven_cli.errors import ExitStack
from eleven_cli.files.folders import open_private

LOCK_NAME = "lock"

State = Literal["held", "busy", "unsupported"]


def try_lock(file: BinaryIO, *, shared: bool = False) -> State:
    """Lock an open file until it is closed, without waiting; "unsupported" where files cannot be locked (some network
    and FUSE file systems)."""
    try:
        import fcntl

        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return "busy"
    except (ImportError, OSError):  # Windows; ENOLCK, ENOTSUP, ENOSYS …
        return "unsupported"
    return "held"


def acquire(file: BinaryIO, *, shared: bool = False) -> bool:
    """Lock an open file until it is closed; False when another has it. Never waits.

    Where files cannot be locked everybody gets the lock: better unguarded than not at all.
    """
    return try_lock(file, shared=shared) != "busy"


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """One process at a time: two that read, change and write at the same time would lose a change."""
    with ExitStack() as opened:
        with suppress(ImportError, OSError):  # better unguarded than not at all
            import fcntl

            handle = os.open(folder, os.O_RDONLY)
            opened.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def acquire_folder(folder: Path) -> BinaryIO | None:
    """The folder's lock, held until it is closed; None when another holds it.

    Raises FileNotFoundError when the folder is not there or is just being removed, OSError when nothing can be
    written in it.
    """
    path = folder / LOCK_NAME
    file = os.fdopen(open_private(path, os.O_RDWR | os.O_CREAT), "r+b", buffering=0)
    try:
        if not acquire(file):
            file.close()
            return None
        if not still_named(file, path):
            raise FileNotFoundError  # its holder removed the folder, and another process has made it again
    except BaseException:
        file.close()
        raise
    return file


def still_named(file: BinaryIO, path: Path) -> bool:
    """Whether this open file is the one of that name: it may have been removed, or another put in its place."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.lstat())
    except FileNotFoundError:
        return False


def is_locked(path: Path) -> bool:
    """Whether another has this file locked. Raises OSError when it is not there."""
    with path.open("rb") as file:
        return not acquire(file, shared=True)  # two that look at the same time do not take each other for users
