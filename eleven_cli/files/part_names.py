"""The names of files that are being written: `NAME.part`, one for each process, and those that dead processes left."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from eleven_cli.files.locks import still_named, try_lock
from eleven_cli.processes import WaitingFile

PART = ".part"
USUAL_NAME_BYTES = 255


def part_of(path: str | Path) -> Path:
    """Where a file is collected, unless another process is collecting it."""
    return _beside(Path(os.path.realpath(path)), PART)


def open_beside(final: Path, mode: int) -> tuple[Path, BinaryIO]:
    """An open file beside the final one that only we write; the usual name if possible."""
    usual = _beside(final, PART)
    if file := _created(usual, mode) or _taken(usual):
        return usual, file
    for path, file in _stale_parts(final):
        return path, file
    own = _beside(final, f".{os.getpid()}{PART}")
    while (file := _created(own, mode)) is None:
        own = _beside(final, f".{os.urandom(4).hex()}{PART}")
    return own, file


def remove_stale_parts(final: str | Path) -> None:
    """Remove the other parts of this file, of processes that are gone."""
    for path, file in _stale_parts(Path(os.path.realpath(final))):
        with suppress(OSError), file:
            path.unlink()


def remove_parts_in(folder: Path, *, before: float) -> None:
    """Remove what was left unfinished before that time in a folder of ours by processes that are gone."""
    with suppress(OSError):
        for name in os.listdir(folder):
            path = folder / name
            with suppress(OSError):
                if name.endswith(PART) and path.lstat().st_mtime <= before and (file := _taken(path)):
                    with file:
                        path.unlink()


def _created(path: Path, mode: int) -> BinaryIO | None:
    """A new file, locked where that is possible; None when there is one of that name."""
    try:
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return None
    file = WaitingFile(number, "r+b")
    if try_lock(file) != "busy" and still_named(file, path):
        return file
    file.close()  # a clean-up took it for a dead process's before it was locked
    return None


def _taken(path: Path) -> BinaryIO | None:
    """A file that a dead process left, locked; None for what may be in use, or is not a regular file of ours.

    Another user's, in a folder that all may write, could be altered meanwhile, and we could not rename it.
    """
    with suppress(OSError):
        number = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        file = WaitingFile(number, "r+b")
        facts = os.fstat(number)
        plain = stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1 and facts.st_uid == os.geteuid()
        if plain and try_lock(file) == "held" and still_named(file, path):
            return file
        file.close()
    return None


def _stale_parts(final: Path) -> Iterator[tuple[Path, BinaryIO]]:
    own = _beside(final, f".{os.getpid()}{PART}").name
    pattern = re.compile(re.escape(own.removesuffix(f"{os.getpid()}{PART}")) + r"(\d{1,10}|[0-9a-f]{8})\.part")
    with suppress(OSError):
        for name in filter(pattern.fullmatch, os.listdir(final.parent)):
            if file := _taken(final.with_name(name)):
                yield final.with_name(name), file


def _beside(final: Path, suffix: str) -> Path:
    """The final name with a suffix, cut to what a file system takes."""
    try:
        most = os.pathconf(final.parent, "PC_NAME_MAX")
    except (OSError, ValueError, AttributeError):
        most = USUAL_NAME_BYTES
    name = os.fsencode(final.name)[: most - len(suffix)]
    return final.with_name(os.fsdecode(name) + suffix)
