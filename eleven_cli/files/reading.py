"""Files that are read whole, and so have to end: /dev/zero does not."""

from typing import BinaryIO

from eleven_cli.errors import UsageError

MOST_BYTES = 256 << 20


def content_of(path: str) -> bytes:
    """All of a file. Raises UsageError where it cannot be read, or is too large."""
    try:
        with open(path, "rb") as file:
            return rest_of(file, path)
    except OSError as failed:
        raise UsageError(f"cannot read {path}: {failed.strerror or failed}") from failed


def rest_of(file: BinaryIO, name: str) -> bytes:
    """What is left of an open file. Raises UsageError where that is too large."""
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UsageError(f"{name} is larger than {MOST_BYTES >> 20} MB")
    return content
