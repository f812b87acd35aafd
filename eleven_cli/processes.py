"""Descriptors and environment variables, which are shared with other processes.

Node, ssh and CI runners hand over pipes and terminals with O_NONBLOCK set, where a read may find nothing yet and a
write may take only a part. The flag belongs to everyone who shares the descriptor, so it is left as it is.
"""

from __future__ import annotations

import errno
import io
import os
import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from _typeshed import ReadableBuffer, WriteableBuffer

CHUNK_BYTES = 1 << 16
BASE_URL_VARIABLE = "ELEVENLABS_BASE_URL"
KEY_VARIABLES = ("ELEVENLABS_API_KEY", "ELEVEN_API_KEY", "XI_API_KEY")
NOT_OPEN = os.O_RDONLY  # in place of a closed stdout: every write fails


class WaitingFile(io.FileIO):
    """An unbuffered file whose reads wait for data and whose writes take everything. Raises OSError."""

    def write(self, data: ReadableBuffer) -> int:
        """Write all of `data`; gives its length in bytes."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        while rest:
            count = super().write(rest)
            if count is None:
                select.select([], [self], [])
            elif count == 0:
                raise OSError(errno.EIO, "nothing could be written")
            else:
                rest = rest[count:]
        return size

    def read(self, size: int | None = -1) -> bytes:
        """Read up to `size` bytes, b"" at the end; everything without a size."""
        if size is None or size < 0:
            return self.readall()
        while (data := super().read(size)) is None:
            self._wait_for_data()
        return data

    def readall(self) -> bytes:
        """Read to the end."""
        return b"".join(iter(lambda: self.read(CHUNK_BYTES), b""))

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read into the buffer; gives the number of bytes, 0 at the end."""
        while (count := super().readinto(buffer)) is None:
            self._wait_for_data()
        return count

    def _wait_for_data(self) -> None:
        select.select([self], [], [])


def waiting_writer(descriptor: int, *, closefd: bool = True) -> BinaryIO:
    """A descriptor as a place for bytes: a write returns when all of it is written; nothing is left in a buffer."""
    return WaitingFile(descriptor, "wb", closefd=closefd)


def waiting_reader(descriptor: int, *, closefd: bool = True) -> BinaryIO:
    """A descriptor as a source of bytes, with `read1` and `peek`."""
    return io.BufferedReader(WaitingFile(descriptor, "rb", closefd=closefd), CHUNK_BYTES)


def fill_closed_descriptors() -> None:
    """Put /dev/null in place of the standard descriptors that the parent closed (`<&-`, `>&-`, `2>&-`).

    Else the next file or socket that is opened takes the number, and what is printed ends up there.
    """
    for descriptor, mode in enumerate((os.O_RDONLY, NOT_OPEN, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, mode)  # takes the lowest number that is free


def environment_for_children(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of players, tools and other child processes: without the variables that hold the key."""
    return {name: value for name, value in environ.items() if name.upper() not in KEY_VARIABLES}
