"""The cache: without it everything is paid for again, and what was chosen or left unfinished is forgotten."""

import os
import shutil
from pathlib import Path

from eleven_cli.commands.doctor.diagnosis import Diagnosis
from eleven_cli.files.folders import NoHome, cache_folder

LEAST_FREE_BYTES = 20 << 20  # a chapter of a book
ELSEWHERE = "export XDG_CACHE_HOME=FOLDER"


def cache() -> Diagnosis:
    found = Diagnosis()
    try:
        folder = cache_folder()
    except NoHome as failed:
        found.fact("cache", "none: there is no home folder", cache=None)
        found.warn(failed.message, hint=failed.hint)
        return found
    there = folder
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    found.fact("cache", str(folder), cache={"path": str(folder), "exists": there == folder})
    if why := _unusable(there):
        found.warn(f"nothing can be kept in {folder}: {why}", hint=f"choose another folder: {ELSEWHERE}")
    elif (free := shutil.disk_usage(there).free) < LEAST_FREE_BYTES:
        said = f"the disk of {folder} is full: {free >> 20} MB are free"
        found.warn(said, hint=f"eleven cache clear, or choose another folder: {ELSEWHERE}")
    return found


def _unusable(there: Path) -> str:
    """Why no file can be made in this folder; "" where it can."""
    if not there.is_dir():
        return f"{there} is not a folder"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"{there} cannot be written"
    return ""
