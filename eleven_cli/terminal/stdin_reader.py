"""Reads stdin while it is still being written, with time-outs."""

import queue
import threading
from collections.abc import Callable
from typing import TextIO

from eleven_cli.errors import ElevenError

CHUNK_BYTES = 65536
MOST_WAITING = 16  # chunks; a writer that is faster than the voice has to wait


class StdinReader:
    """Reads a stream on a thread, because `select` on a pipe is not portable."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._chunks: queue.Queue[bytes | OSError] = queue.Queue(MOST_WAITING)
        self._closed = False
        threading.Thread(target=self._read, daemon=True).start()

    def get(self, timeout_s: float) -> bytes | None:
        """The next bytes, b"" at the end; None when there were none in time."""
        if self._closed:
            return b""
        try:
            chunk = self._chunks.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if isinstance(chunk, OSError):
            raise cannot_read(chunk)
        return chunk

    def close(self) -> None:
        """Take what follows as the end; every waiting thread sees it."""
        self._closed = True

    def _piece(self) -> bytes:
        """The next bytes, b"" at the end."""
        return self._stream.buffer.read1(CHUNK_BYTES)  # type: ignore[attr-defined,no-any-return]

    def _read(self) -> None:
        try:
            while chunk := self._piece():
                self._chunks.put(chunk)
            self._chunks.put(b"")
        except (OSError, ValueError) as failed:
            self._chunks.put(failed if isinstance(failed, OSError) else OSError(str(failed)))


class TypedText(StdinReader):
    """The same of what a person types, line by line, up to Ctrl+D.

    read_line  gives a line without its end, and raises EOFError
    """

    def __init__(self, stream: TextIO, read_line: Callable[[], str]) -> None:
        self._read_line = read_line
        super().__init__(stream)

    def _piece(self) -> bytes:
        try:
            return self._read_line().encode("utf-8", "replace") + b"\n"
        except EOFError:
            return b""


def cannot_read(failed: OSError) -> ElevenError:
    """What to say when reading standard input failed for a reason of the system's."""
    return ElevenError(f"cannot read standard input: {failed.strerror or failed}", code="read_failed")
