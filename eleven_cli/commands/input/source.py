"""Source: a file, or a pipe that is read as it arrives."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from shlex import quote
from typing import BinaryIO

from eleven_cli.api.http.bodies import CHUNK_BYTES
from eleven_cli.errors import ElevenError, UsageError
from eleven_cli.terminal import Terminal

STDIN = "standard input"
NO_LIMIT = 1 << 62


class Source:
    """A stream of bytes with look-ahead.

    name  the name for messages
    file  a whole file with the positions of its start and its end; None for a pipe
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name, self._stream, self._most_bytes = name, stream, NO_LIMIT
        self._seen = b""
        self._read_bytes = 0
        self.file = _whole_file(stream)

    @property
    def size(self) -> int | None:
        """The number of bytes; None for a pipe."""
        return self.file[2] - self.file[1] if self.file else None

    def refuse_more_than(self, most_bytes: int) -> None:
        """Raise UsageError if there are more bytes: at once for a file, while reading for a pipe."""
        self._most_bytes = most_bytes
        self._check(self.size or 0)

    def close(self) -> None:
        self._stream.close()

    def peek(self, size: int) -> bytes:
        """Give the next `size` bytes without reading them; fewer only at the end."""
        while len(self._seen) < size and (data := self._some()):
            self._seen += data
        return self._seen[:size]

    def read(self, size: int) -> bytes:
        """Read `size` bytes, fewer only at the end."""
        data = self.peek(size)
        self._seen = self._seen[size:]
        self._read_bytes += len(data)
        return data

    def read1(self, size: int) -> bytes:
        """Read at most `size` bytes as they arrive; b"" at the end."""
        self.peek(1)
        return self.read(min(size, len(self._seen)))

    def glance(self, least: int) -> bytes:
        """Give all bytes that have arrived, at least `least`, without reading them; fewer only at the end."""
        self.peek(least)
        return self._seen

    @property
    def whole_file(self) -> BinaryIO | None:
        """The file, if reading began at its start; None for a pipe."""
        return None if self.file is None or self.file[1] else self.file[0]

    def put_back(self, data: bytes) -> None:
        """Unread the bytes that were read last."""
        self._seen = data + self._seen
        self._read_bytes -= len(data)

    def chunks(self) -> Iterator[bytes]:
        """Read the rest as it arrives. Raises UsageError if it is too much."""
        while data := self._seen or self._some():
            self._seen = b""
            self._read_bytes += len(data)
            self._check(self._read_bytes)
            yield data

    @property
    def position(self) -> int:
        """The number of bytes that were read."""
        return self._read_bytes

    def _some(self) -> bytes:
        try:
            return self._stream.read1(CHUNK_BYTES)  # type: ignore[attr-defined,no-any-return]
        except OSError as failed:
            raise ElevenError(f"cannot read {self.name}: {failed.strerror or failed}", code="read_failed") from failed

    @property
    def number(self) -> int | None:
        """The descriptor of a whole file; None for a pipe."""
        return self.file[0].fileno() if self.file else None

    def _check(self, size: int) -> None:
        if size > self._most_bytes:
            most, has = (f"{count / 1e6:,.0f} MB" for count in (self._most_bytes, size))
            has = f"has {has}" if self.file else "has more"
            hint = "compress it first: ffmpeg -i FILE -b:a 128k smaller.mp3"
            raise UsageError(f"{self.name} is too large: the service takes {most}, and it {has}", hint=hint)


def source_of(terminal: Terminal, file: str | None, *, example: str, what: str = "audio") -> Source:
    """Open FILE, or stdin for `-` and without FILE. Raises UsageError if there is nothing to read."""
    if file not in (None, "-"):
        return Source(_opened(str(file)), str(file))
    stdin = terminal.stdin_bytes
    if stdin is None:
        raise UsageError(f"no {what}: standard input is a terminal", hint=example)
    return Source(stdin, STDIN)


def _opened(path: str) -> BinaryIO:
    try:
        if os.path.isdir(path):
            raise IsADirectoryError(21, "Is a directory")
        return open(path, "rb")
    except (OSError, ValueError) as failed:
        hint = f"download it first: curl -sSLO {quote(path)}" if path.startswith(("http://", "https://")) else ""
        raise UsageError(f"cannot read {path}: {getattr(failed, 'strerror', '') or failed}", hint=hint) from failed


def _whole_file(stream: BinaryIO) -> tuple[BinaryIO, int, int] | None:
    with suppress(OSError, ValueError):  # a stream without a number, or one that cannot tell
        facts = os.fstat(stream.fileno())
        if stat.S_ISREG(facts.st_mode):
            start = stream.tell()
            return stream, start, max(facts.st_size, start)
    return None
