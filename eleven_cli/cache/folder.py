"""Where the cache is, and folders in it that only their owner can read."""

import errno
import os
from pathlib import Path


def cache_folder() -> Path:
    """The program's folder in the user's cache; it need not exist."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("eleven", appauthor=False))


def made(folder: Path) -> Path:
    """The folder, made with mode 0700 where it is missing, and so are those above it. Raises OSError."""
    if not folder.is_dir():
        made(folder.parent)
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except FileExistsError:  # "File exists" would explain nothing
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from None
    return folder


def private(path: str | Path, flags: int) -> int:
    """An `opener` of files that only their owner can read."""
    return os.open(path, flags, 0o600)


def removed(path: Path) -> int:
    """Remove a file; gives the bytes that are free now, 0 when it was gone already. Raises OSError."""
    try:
        size = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size
