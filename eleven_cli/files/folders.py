"""The user's folders for settings and cache, and files in them that only their owner can read."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

from eleven_cli.errors import ElevenError


class NoHome(ElevenError, OSError):
    """The user's folders are unknown: neither HOME nor a password entry (a container with a bare uid, say).

    An OSError, too: to a cache it is a folder that cannot be used.
    """

    default_code = "no_home"


def cache_folder() -> Path:
    """The program's folder in the user's cache; it need not exist. Raises NoHome."""
    import platformdirs

    return _folder(platformdirs.user_cache_dir, "cache", "XDG_CACHE_HOME")


def config_folder() -> Path:
    """The folder of the settings; it need not exist. Raises NoHome."""
    import platformdirs

    return _folder(platformdirs.user_config_dir, "settings", "ELEVEN_CONFIG")


def ensure_dir(folder: Path) -> Path:
    """The folder, made with mode 0700 where it is missing, and so are those above it. Raises OSError."""
    if not folder.is_dir():
        ensure_dir(folder.parent)
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except FileExistsError:  # "File exists" would explain nothing
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from None
    return folder


def open_private(path: str | Path, flags: int) -> int:
    """An `opener` of files that only their owner can read."""
    return os.open(path, flags, 0o600)


def unlink(path: Path) -> int:
    """Remove a file; gives the bytes that are free now, 0 when it was gone already. Raises OSError."""
    try:
        size = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size


def _folder(find: Callable[..., str], what: str, variable: str) -> Path:
    try:
        folder = Path(find("eleven", appauthor=False))
    except RuntimeError:
        folder = Path("~")
    if not folder.is_absolute():  # older platformdirs give "~/.cache" where there is no home
        raise NoHome(f"there is no home folder for the {what}", hint=f"set HOME or {variable}")
    return folder
