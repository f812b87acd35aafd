"""The connections of clients: one that sends no request is closed, and idle ones make room for others."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_TIMEOUT_S = 10.0
OTHER_FILES = 256  # what the server opens apart from connections
FEWEST_CONNECTIONS = 64
TOO_SLOW = b'{"detail":"The request did not arrive in time."}'


class Connection(H11Protocol):
    """A client has `HEADER_TIMEOUT_S` for the headers of a request, from the connection or their first byte on."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.accepted = self.loop.time()
        self._header_timer: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        """Whether no request is being read or answered."""
        return self.conn.their_state is h11.IDLE

    @property
    def can_go(self) -> bool:
        """Whether it is idle and stays: one that was closed in this turn of the loop is still among the others."""
        return self.is_idle and not self.transport.is_closing()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._time_headers()
        if len(self.connections) > connection_limit():
            self._close_the_oldest()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.is_idle:
            self._time_headers()
        else:
            self._stop_timer()

    def _time_headers(self) -> None:
        if self._header_timer is None:
            self._header_timer = self.loop.call_later(HEADER_TIMEOUT_S, self._refuse)

    def _stop_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _refuse(self) -> None:
        if self.conn.our_state is h11.IDLE and not self.transport.is_closing():
            headers = [("content-type", "application/json"), ("connection", "close")]
            answer = h11.Response(status_code=408, headers=headers, reason=b"Request Timeout")
            for event in (answer, h11.Data(data=TOO_SLOW), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _close_the_oldest(self) -> None:
        idle = [one for one in self.connections if isinstance(one, Connection) and one is not self and one.can_go]
        if idle:
            min(idle, key=lambda one: one.accepted).transport.abort()


def connection_limit() -> int:
    """Gives how many connections there may be before idle ones are closed: as many as there are file descriptors."""
    try:
        import resource
    except ImportError:  # Windows, whose sockets are no file descriptors
        return 10_000
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 10_000 if files == resource.RLIM_INFINITY else max(files - OTHER_FILES, FEWEST_CONNECTIONS)
