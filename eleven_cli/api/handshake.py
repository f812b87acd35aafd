"""Limits what a WebSocket reads: one complete response head within a deadline, then messages up to a maximum size.

Source: RFC 9110 (interim answers), RFC 6455 (the handshake, whose keys and frames websocket-client looks after).
"""

import http.client
import io
import re
import time
from collections.abc import Iterator
from typing import Any

from eleven_cli.api.http.connection import MOST_INTERIM, SWITCHING_PROTOCOLS, Answer, is_interim
from eleven_cli.api.http.encodings import decoded
from eleven_cli.api.http.refusals import beginning_of
from eleven_cli.api.http.session import ERROR_BODY_S
from eleven_cli.errors import NetworkError

MOST_HEAD_BYTES = 65536
MOST_MESSAGE_BYTES = 32 << 20  # half an hour of speech in one of them
CHUNK_BYTES = 16384
_STATUS_LINE = re.compile(rb"HTTP/[0-9.]+ ([0-9]{3})\b")


class Declined(Exception):
    """The answer to the handshake is another one than yes.

    body   as much of it as is worth reading: websocket-client hangs up before anybody else could read it
    """

    def __init__(self, raw: Any, head: bytes) -> None:
        self._answer = Answer(_Replayed(raw, head), method="GET")
        self._answer.begin()
        self.status = self._answer.status
        self.headers = {name.lower(): value for name, value in self._answer.getheaders()}
        super().__init__(f"status {self.status}")
        raw.settimeout(ERROR_BODY_S)
        self.body = beginning_of(self._chunks())

    def _chunks(self) -> Iterator[bytes]:
        chunks: Iterator[bytes] = iter(lambda: self._answer.read1(CHUNK_BYTES), b"")
        encodings = self.headers.get("content-encoding", "")
        try:
            yield from decoded(chunks, encodings, "the server") if encodings else chunks
        except (http.client.HTTPException, OSError, ValueError) as lost:
            raise NetworkError(f"the connection was lost: {lost}") from lost


class TooLarge(OSError):
    """A message without end."""

    def __init__(self) -> None:
        super().__init__(f"a message of more than {MOST_MESSAGE_BYTES >> 20} MB")


class Wire:
    """A connected socket for websocket-client, whose answer to the handshake comes in time or not at all.

    wait_s   how long the whole head may take
    """

    def __init__(self, raw: Any, wait_s: float) -> None:
        self._raw, self._until = raw, time.monotonic() + wait_s
        self._head: io.BytesIO | None = None
        self._received = 0
        self.head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def begin_message(self) -> None:
        """The last one is complete."""
        self._received = 0

    def recv(self, count: int) -> bytes:
        """Raises Declined, HTTPException and TimeoutError in the handshake, TooLarge after it."""
        if self._head is None:
            self._head = io.BytesIO(self._accepted())
        if of_head := self._head.read(count):
            return of_head
        if self._received > MOST_MESSAGE_BYTES:
            raise TooLarge
        data: bytes = self._raw.recv(count)
        self._received += len(data)
        return data

    def _accepted(self) -> bytes:
        self.head = _final_head(self._raw, self._until)
        if _status(self.head) != SWITCHING_PROTOCOLS:
            raise Declined(self._raw, self.head)
        return self.head


def _final_head(raw: Any, until: float) -> bytes:
    for _ in range(MOST_INTERIM):
        head = _one_head(raw, until)
        if not is_interim(_status(head)):
            return head
    raise http.client.HTTPException("interim answers without end")


def _one_head(raw: Any, until: float) -> bytes:
    """Byte by byte: what follows is the first message, and websocket-client's."""
    head = b""
    while not head.endswith((b"\r\n\r\n", b"\n\n")):
        if (left_s := until - time.monotonic()) <= 0:
            raise TimeoutError
        raw.settimeout(left_s)
        byte = raw.recv(1)
        if not byte:
            raise http.client.IncompleteRead(head)
        head += byte
        if len(head) > MOST_HEAD_BYTES:
            raise http.client.HTTPException("its head has no end")
    return head


def _status(head: bytes) -> int:
    found = _STATUS_LINE.match(head)
    if not found:
        raise http.client.BadStatusLine(head[:80].decode("latin-1"))
    return int(found[1])


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
