"""What an upload sends: files, and what is still arriving, each as bytes that can be read more than once."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from eleven_cli.errors import ElevenError

CHUNK_BYTES = 65536
KEPT_IN_MEMORY_BYTES = 1 << 20


class Body(Protocol):
    """Bytes that can be read more than once. size: None while it is unknown."""

    @property
    def size(self) -> int | None: ...

    def chunks(self) -> Iterator[bytes]:
        """All of them, from the beginning each time."""

    def complete(self) -> None:
        """Wait for what is still to come; `size` is known then."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class FilePart:
    """A file to send: its bytes, what it is called, of what type it is, and the name of its part of a form, where that
    is not the one of all files."""

    body: Body
    name: str
    media_type: str
    part: str = ""


class FileBody:
    """An open file from `start` to `end`, with `head` before it; reading leaves the file's own position alone."""

    def __init__(self, file: BinaryIO, start: int, end: int, name: str, head: bytes = b"") -> None:
        self._file, self._start, self._end, self._name, self._head = file, start, end, name, head

    @property
    def size(self) -> int:
        return len(self._head) + self._end - self._start

    def chunks(self) -> Iterator[bytes]:
        """Raises ElevenError when the file has become shorter, or cannot be read."""
        yield from filter(None, [self._head])
        at = self._start
        while at < self._end:
            try:
                chunk = os.pread(self._file.fileno(), min(CHUNK_BYTES, self._end - at), at)
            except OSError as failed:
                raise _unreadable(self._name, failed) from failed
            if not chunk:
                raise ElevenError(f"{self._name} became shorter while it was being sent", code="read_failed")
            at += len(chunk)
            yield chunk

    def complete(self) -> None:
        pass

    def close(self) -> None:
        pass


class SpooledBody:
    """Bytes as they arrive, kept in a temporary file.

    head      gives what stands before them, for their number (None while it is unknown); its length never changes
    expected  how many will come, where that is known
    """

    def __init__(
        self,
        arriving: Iterable[bytes],
        head: Callable[[int | None], bytes] = lambda size: b"",
        expected: int | None = None,
    ) -> None:
        self._arriving, self._head, self._expected = iter(arriving), head, expected
        self._kept = tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY_BYTES, prefix="eleven-")  # noqa: SIM115
        self._bytes, self._ended = 0, False

    @property
    def size(self) -> int | None:
        size = self._bytes if self._ended else self._expected
        return None if size is None else len(self._head(size)) + size

    def chunks(self) -> Iterator[bytes]:
        """Raises ElevenError when they cannot be kept, and what reading them raises."""
        at = 0
        yield from filter(None, [self._head(self._bytes if self._ended else self._expected)])
        while chunk := self._kept_at(at) or self._next():
            at += len(chunk)
            yield chunk

    def complete(self) -> None:
        while self._next():
            pass

    def close(self) -> None:
        self._kept.close()

    def _kept_at(self, at: int) -> bytes:
        if at >= self._bytes:
            return b""
        self._kept.seek(at)
        return self._kept.read(CHUNK_BYTES)

    def _next(self) -> bytes:
        """The next that arrives; b"" at the end."""
        chunk = next(self._arriving, b"")
        self._ended = not chunk
        try:
            self._kept.seek(self._bytes)
            self._kept.write(chunk)
        except OSError as failed:
            raise _not_kept(failed) from failed
        self._bytes += len(chunk)
        return chunk


def _unreadable(name: str, failed: OSError) -> ElevenError:
    return ElevenError(f"cannot read {name}: {failed.strerror or failed}", code="read_failed")


def _not_kept(failed: OSError) -> ElevenError:
    hint = "choose a folder with more room: export TMPDIR=FOLDER"
    return ElevenError(f"cannot buffer the input: {failed.strerror or failed}", hint=hint, code="write_failed")
