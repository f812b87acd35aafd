"""The answer to a WebSocket's handshake where it is another one than yes: read as that of a request is."""

import io
from collections.abc import Iterator
from http.client import HTTPException, IncompleteRead
from typing import Any

from eleven_cli.api.http.connection import Answer
from eleven_cli.api.http.encodings import decoded
from eleven_cli.api.http.refusals import beginning_of
from eleven_cli.api.http.session import ERROR_BODY_S
from eleven_cli.api.sockets.wire import CutOff, Declined
from eleven_cli.errors import NetworkError

CHUNK_BYTES = 16384


def read_declined(raw: Any, head: bytes) -> Declined:
    """Reads the rest of the answer that begins with that head. Raises CutOff, and ValueError if it is not HTTP."""
    answer = Answer(_Replayed(raw, head), method="GET")
    try:
        answer.begin()
    except IncompleteRead as failed:
        raise CutOff(str(failed)) from failed
    except HTTPException as failed:
        raise ValueError(str(failed)) from failed
    headers = {name.lower(): value for name, value in answer.getheaders()}
    raw.settimeout(ERROR_BODY_S)
    return Declined(answer.status, headers, beginning_of(_chunks(answer, headers.get("content-encoding", ""))))


def _chunks(answer: Answer, encodings: str) -> Iterator[bytes]:
    chunks: Iterator[bytes] = iter(lambda: answer.read1(CHUNK_BYTES), b"")
    try:
        yield from decoded(chunks, encodings, "the server") if encodings else chunks
    except (HTTPException, OSError, ValueError) as lost:
        raise NetworkError(f"the connection was lost: {lost}") from lost


class _Replayed(io.RawIOBase):
    """A socket, as far as http.client needs one, that gives what was read of it once more."""

    def __init__(self, raw: Any, first: bytes) -> None:
        self._raw, self._first = raw, io.BytesIO(first)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._first.read(len(buffer)) or self._raw.recv(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def gettimeout(self) -> float | None:
        timeout: float | None = self._raw.gettimeout()
        return timeout

    def settimeout(self, seconds: float | None) -> None:
        self._raw.settimeout(seconds)
