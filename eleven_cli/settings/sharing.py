"""Who else can read or replace the settings file."""

import os
import stat
from pathlib import Path

_NOBODY = 65534  # in a container, all users outside of it


def others_can_read(path: Path) -> bool:
    """Tells whether the file's group or everybody may read it."""
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def who_can_replace(path: Path) -> str:
    """Says why another user could change or replace the file, and name another server in it; "" if none could."""
    if os.name != "posix":
        return ""
    real = Path(os.path.realpath(path))
    return next(filter(None, map(_shared, (real, *real.parents))), "")


def _shared(place: Path) -> str:
    """Why another user could write the file, or put files into the folder and replace those of others; "" if none.

    A private group, as many systems make one for each user, counts as the owner.
    """
    try:
        found = place.stat()
    except OSError:
        return ""
    is_folder = stat.S_ISDIR(found.st_mode)
    if not (is_folder or stat.S_ISREG(found.st_mode)):  # /dev/null, as a file without settings
        return ""
    if found.st_uid not in (0, os.geteuid(), _NOBODY):
        return f"{place} belongs to another user"
    shared = stat.S_IWOTH | (0 if found.st_gid in (0, found.st_uid, _NOBODY) else stat.S_IWGRP)
    if not found.st_mode & shared or (is_folder and found.st_mode & stat.S_ISVTX):
        return ""
    return f"{place} can be written by others; chmod go-w {place}"
