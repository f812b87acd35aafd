"""Open files that have a path: /dev/stderr, /dev/fd/3, /proc/self/fd/3, and links to these.

Opening such a path would start the file behind it from the beginning; it means the open file itself, at its position.
"""

import os
import re
from contextlib import suppress

MOST_LINKS = 40
STANDARD = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_FOLDER = re.compile(r"(/proc/\d+)(?:/task/\d+)?/fd")


def descriptor_of(path: str) -> int | None:
    """The number of the open file of this process that the path names; None for every other path."""
    place = _place_of(path)
    if place is None:
        return None
    process, number = place
    if process in ("/dev", os.path.realpath("/proc/self")):
        return number
    with suppress(OSError):  # what a shell opened with `exec 3>file` and handed on
        if os.path.samestat(os.stat(f"{process}/fd/{number}"), os.fstat(number)):
            return number
    return None


def is_stdout(path: str) -> bool:
    """Whether it is "-", or another name of standard output."""
    return path == "-" or descriptor_of(path) == 1


def is_descriptor(path: str) -> bool:
    """Whether a path names an open file, of this process or another."""
    return _place_of(path) is not None


def is_direct(path: str) -> bool:
    """Whether a path names a device, a pipe, or an open file: what is written there is gone, and replaces nothing."""
    return is_descriptor(path) or (os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path))


def opened_descriptor(path: str) -> int | None:
    """A new descriptor of the open file that the path names, for writing; None for every other path.

    That of another process is appended to. Raises OSError.
    """
    if (number := descriptor_of(path)) is not None:
        return os.dup(number)
    return os.open(path, os.O_WRONLY | os.O_APPEND) if is_descriptor(path) else None


def access_mode(descriptor: int) -> int:
    """O_RDONLY, O_WRONLY or O_RDWR, and O_APPEND. Raises OSError."""
    try:
        import fcntl
    except ImportError:  # Windows
        return os.O_WRONLY
    return fcntl.fcntl(descriptor, fcntl.F_GETFL) & (os.O_ACCMODE | os.O_APPEND)


def _place_of(path: str) -> tuple[str, int] | None:
    """Whose open file it is (/dev for ours, or /proc/PID) and its number."""
    for _ in range(MOST_LINKS):
        if (number := STANDARD.get(os.path.normpath(path))) is not None:
            return "/dev", number  # even where nothing has made these links
        folder, name = os.path.split(os.path.abspath(path))
        if folder != "/dev/fd":
            folder = os.path.realpath(folder)
        found = _FOLDER.fullmatch(folder)
        if name.isdecimal() and name.isascii() and (found or folder == "/dev/fd"):
            return found[1] if found else "/dev", int(name)
        try:
            path = os.path.join(folder, os.readlink(os.path.join(folder, name)))
        except OSError:
            return None
    return None
