"""Limits what a WebSocket reads: one complete response head within a deadline, then messages up to a maximum size.

Source: RFC 9110 (interim answers), RFC 6455 (the handshake, whose keys and frames websocket-client looks after).
"""

import io
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from eleven_cli.api.http import MOST_INTERIM, SWITCHING_PROTOCOLS, is_interim

MOST_HEAD_BYTES = 65536
MOST_MESSAGE_BYTES = 32 << 20  # half an hour of speech in one of them
_STATUS_LINE = re.compile(rb"HTTP/[0-9.]+ ([0-9]{3})\b")


class Declined(Exception):
    """The answer to the handshake is another one than yes.

    body   as much of it as is worth reading: websocket-client hangs up before anybody else could read it
    """

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"status {status}")
        self.status, self.headers, self.body = status, headers, body


class CutOff(Exception):
    """The server hung up within its answer."""


class TooLarge(OSError):
    """A message without end."""

    def __init__(self) -> None:
        super().__init__(f"a message of more than {MOST_MESSAGE_BYTES >> 20} MB")


class Wire:
    """A connected socket for websocket-client, whose answer to the handshake comes in time or not at all.

    wait_s         how long the whole head may take
    read_declined  reads the rest of an answer that is another one than yes, after its head
    """

    def __init__(self, raw: Any, wait_s: float, read_declined: Callable[[Any, bytes], Declined]) -> None:
        self._raw, self._until, self._read_declined = raw, time.monotonic() + wait_s, read_declined
        self._head: io.BytesIO | None = None
        self._received = 0
        self.head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def begin_message(self) -> None:
        """The last one is complete."""
        self._received = 0

    def recv(self, count: int) -> bytes:
        """Raises Declined, CutOff, TimeoutError and ValueError in the handshake, TooLarge after it.

        ValueError is for what no web server answers.
        """
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
            raise self._read_declined(self._raw, self.head)
        return self.head


def _final_head(raw: Any, until: float) -> bytes:
    for _ in range(MOST_INTERIM):
        head = _one_head(raw, until)
        if not is_interim(_status(head)):
            return head
    raise ValueError("interim answers without end")


def _one_head(raw: Any, until: float) -> bytes:
    """Byte by byte: what follows is the first message, and websocket-client's."""
    head = b""
    while not head.endswith((b"\r\n\r\n", b"\n\n")):
        if (left_s := until - time.monotonic()) <= 0:
            raise TimeoutError
        raw.settimeout(left_s)
        byte = raw.recv(1)
        if not byte:
            raise CutOff(f"after {len(head)} bytes")
        head += byte
        if len(head) > MOST_HEAD_BYTES:
            raise ValueError("its head has no end")
    return head


def _status(head: bytes) -> int:
    found = _STATUS_LINE.match(head)
    if not found:
        raise ValueError(f"no status: {head[:80]!r}")
    return int(found[1])
