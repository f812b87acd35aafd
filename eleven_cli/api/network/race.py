"""A TCP connection to whichever of a host's addresses answers first. Source: RFC 8305 (happy eyeballs)."""

import errno
import os
import selectors
import socket
import time
from collections import deque
from itertools import chain, zip_longest
from typing import Any

HEAD_START_S = 0.25  # of an address before the next one
_OPTIONS = (
    ("IPPROTO_TCP", "TCP_NODELAY", 1),
    ("SOL_SOCKET", "SO_KEEPALIVE", 1),  # a peer that is gone is noticed, however long an answer may take
    ("IPPROTO_TCP", "TCP_KEEPIDLE", 30),
    ("IPPROTO_TCP", "TCP_KEEPINTVL", 10),
    ("IPPROTO_TCP", "TCP_KEEPCNT", 3),
)
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)  # of a whole family, mostly

Address = tuple[int, Any]  # family, and what `connect` takes


def resolve(host: str, port: int) -> list[Address]:
    """The addresses of a host, in the system's order but with the families taking turns. Raises OSError."""
    try:
        found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    except UnicodeError as failed:  # a label that is empty or too long
        raise socket.gaierror(socket.EAI_NONAME, "not a host's name") from failed
    addresses = list(dict.fromkeys((family, address) for family, _, _, _, address in found))
    first = [one for one in addresses if one[0] == addresses[0][0]]
    others = [one for one in addresses if one[0] != addresses[0][0]]
    return [one for one in chain(*zip_longest(first, others)) if one]


def first_to_answer(addresses: list[Address], timeout_s: float) -> tuple[socket.socket, Address]:
    """Begin with the first address; when it has failed, or after a short while, try the next one, too. Gives the
    connection and its address; nothing is sent on any. Raises OSError, TimeoutError when none answers in time."""
    with _Race(addresses, timeout_s) as race:
        return race.winner()


class _Race:
    def __init__(self, addresses: list[Address], timeout_s: float) -> None:
        self._to_try = deque(addresses)
        self._next_at = time.monotonic()
        self._deadline = self._next_at + timeout_s
        self._running = selectors.DefaultSelector()
        self._failed = OSError(errno.ENETUNREACH, "the host has no address")

    def __enter__(self) -> "_Race":
        return self

    def __exit__(self, *exc: object) -> None:
        for key in list(self._running.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._running.close()

    def winner(self) -> tuple[socket.socket, Address]:
        while self._to_try or self._running.get_map():
            if self._to_try and (time.monotonic() >= self._next_at or not self._running.get_map()):
                self._begin(*self._to_try.popleft())
            for key, _ in self._running.select(self._patience_s()):
                raw: Any = key.fileobj
                self._running.unregister(raw)
                if not (error := raw.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)):
                    return raw, key.data
                self._give_up(raw, OSError(error, os.strerror(error)))
            if time.monotonic() >= self._deadline:
                raise TimeoutError("timed out")
        raise self._failed

    def _begin(self, family: int, address: Any) -> None:
        self._next_at = time.monotonic() + HEAD_START_S
        try:
            raw = socket.socket(family, socket.SOCK_STREAM)
        except OSError as failed:  # a family that this system does not have
            return self._give_up(None, failed)
        try:
            _set_options(raw)
            raw.setblocking(False)
            raw.connect(address)
        except BlockingIOError:
            pass
        except OSError as failed:
            return self._give_up(raw, failed)
        except BaseException:
            raw.close()
            raise
        self._running.register(raw, selectors.EVENT_WRITE, (family, address))

    def _give_up(self, raw: socket.socket | None, failed: OSError) -> None:
        self._next_at = time.monotonic()
        if self._failed.errno in _NO_WAY:  # what another address says tells more
            self._failed = failed
        if raw is not None:
            raw.close()

    def _patience_s(self) -> float:
        if not self._running.get_map():
            return 0.0
        until = min(self._next_at, self._deadline) if self._to_try else self._deadline
        return max(0.0, until - time.monotonic())


def _set_options(raw: socket.socket) -> None:
    for level, name, value in _OPTIONS:
        if hasattr(socket, name):
            raw.setsockopt(getattr(socket, level), getattr(socket, name), value)
