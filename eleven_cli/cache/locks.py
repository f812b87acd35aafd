"""Who is at it: locks that end with the process, however it ends."""

import os
from pathlib import Path
from typing import BinaryIO

from eleven_cli.cache.folder import private

LOCK_NAME = "lock"


def lock(file: BinaryIO, *, shared: bool = False) -> bool:
    """Lock an open file until it is closed; False when another has it. Never waits.

    Where files cannot be locked (some network disks) everybody gets the lock: better unguarded than not at all.
    """
    try:
        import fcntl

        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        pass
    return True


def claimed(folder: Path) -> BinaryIO | None:
    """The folder's lock, held until it is closed; None when another holds it.

    Raises FileNotFoundError when the folder is not there or is just being removed, OSError when nothing can be
    written in it.
    """
    path = folder / LOCK_NAME
    file = os.fdopen(private(path, os.O_RDWR | os.O_CREAT), "r+b", buffering=0)
    try:
        if not lock(file):
            file.close()
            return None
        if not still_named(file, path):
            raise FileNotFoundError  # whoever held it removed the folder, and another has made it anew
    except BaseException:
        file.close()
        raise
    return file


def still_named(file: BinaryIO, path: Path) -> bool:
    """Whether this open file is the one of that name: it may have been removed, or another put in its place."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def in_use(path: Path) -> bool:
    """Whether another has this file locked. Raises OSError when it is not there."""
    with path.open("rb") as file:
        return not lock(file, shared=True)  # two that look at once do not take each other for users
