"""Connector: opens the connections to a server, for HTTP and WebSockets alike, and says why one cannot be opened.

Of a host's addresses the one counts that answers first. Source: RFC 8305 (happy eyeballs).
"""

import errno
import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

from eleven_cli.api.network.route import Certificates, Proxy, Route, route_to
from eleven_cli.errors import NotConnected, exhausted, exhausted_now

if TYPE_CHECKING:
    import ssl

    from eleven_cli.api.network.early import EarlyConnection

HEAD_START_S = 0.25  # of an address before the next one
_OPTIONS = (
    ("IPPROTO_TCP", "TCP_NODELAY", 1),
    ("SOL_SOCKET", "SO_KEEPALIVE", 1),  # a peer that is gone is noticed, however long an answer may take
    ("IPPROTO_TCP", "TCP_KEEPIDLE", 30),
    ("IPPROTO_TCP", "TCP_KEEPINTVL", 10),
    ("IPPROTO_TCP", "TCP_KEEPCNT", 3),
)
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)  # of a whole family, mostly

OVERSLEPT_S = 0.5  # by so much no wait is too long in a process that runs

Address = tuple[int, Any]  # family, and what `connect` takes


class _Unhurried:
    """A socket whose time-outs do not count a time in which this process was stopped: who did not listen heard nothing,
    and the answer may be there, or come at once."""

    gettimeout: Any

    def recv(self, *args: Any, **options: Any) -> bytes:
        return self._heard(super().recv, *args, **options)  # type: ignore[misc,no-any-return]

    def recv_into(self, *args: Any, **options: Any) -> int:
        return self._heard(super().recv_into, *args, **options)  # type: ignore[misc,no-any-return]

    def _heard(self, receive: Callable[..., Any], *args: Any, **options: Any) -> Any:
        while True:
            began = time.monotonic()
            try:
                return receive(*args, **options)
            except TimeoutError:
                if time.monotonic() - began < (self.gettimeout() or 0.0) + OVERSLEPT_S:
                    raise


class UnhurriedSocket(_Unhurried, socket.socket):
    """A socket of the system."""


@cache
def _tls_socket_class() -> "type[ssl.SSLSocket]":
    import ssl

    class UnhurriedTLS(_Unhurried, ssl.SSLSocket):
        pass

    return UnhurriedTLS


class Connector:
    """Opens connections as the environment's variables say; from any thread.

    What it has found out stays: TLS contexts and sessions, which address of a host answered, and that a host's name can
    be found.

    on_step   is told what was just done: "start", then "dns", "tcp", "proxy" and "tls"
    """

    def __init__(self, environ: Mapping[str, str], on_step: Callable[[str], None] = lambda step: None) -> None:
        self._environ, self._on_step = environ, on_step
        self._contexts: dict[Certificates, ssl.SSLContext] = {}
        self._sessions: dict[tuple[ssl.SSLContext, str], ssl.SSLSession] = {}
        self._answered: dict[tuple[str, int], Address] = {}
        self._early: tuple[Route, EarlyConnection] | None = None

    def open_early(self, url: str, timeout_s: float) -> None:
        """Begin to open a connection to this server; the first `open` gets it. Not where that is this machine, which
        is near, or lies behind a proxy, which may refuse and then be asked once more. Raises NotConnected."""
        route = self.route_to(url)
        if route.is_tls and not route.proxy and not route.is_loopback:
            from eleven_cli.api.network.early import EarlyConnection

            self._early = route, EarlyConnection(lambda: self._opened(route, timeout_s))

    def route_to(self, url: str) -> Route:
        """Raises NotConnected for a proxy that cannot be used."""
        return route_to(url, self._environ)

    def open(self, url: str, timeout_s: float) -> Any:
        """A socket connected to the server of an http, https, ws or wss URL, through TLS where the URL says so.

        timeout_s   for all of it: proxy and TLS, too
        Raises NotConnected.
        """
        route = self.route_to(url)
        if self._early and self._early[0].leads_as(route):
            with _our_errors(route, timeout_s):
                if early := self._early[1].take(timeout_s):
                    return early
        return self._opened(route, timeout_s)

    def closing(self, raw: Any) -> None:
        """Keep of a connection, before it is closed, what the next one to the same server can resume TLS with."""
        if session := getattr(raw, "session", None):
            self._sessions[raw.context, raw.server_hostname] = session

    def _opened(self, route: Route, timeout_s: float) -> Any:
        left_s = _clock(timeout_s)
        context = self._context(route.certificates) if route.is_tls else None
        self._on_step("start")
        if route.proxy:
            raw = self._through(route, route.proxy, timeout_s, left_s)
        else:
            raw = self._direct(route, timeout_s, left_s)
        return self._secured(raw, route, context, timeout_s, left_s) if context else raw

    def _direct(self, route: Route, timeout_s: float, left_s: Callable[[], float]) -> socket.socket:
        with _our_errors(route, timeout_s, was_found=(route.host, route.port) in self._answered):
            return self._reach(route.host, route.port, left_s)

    def _through(self, route: Route, proxy: Proxy, timeout_s: float, left_s: Callable[[], float]) -> Any:
        """By each of the addresses in turn, where the proxy is not given the name."""
        from eleven_cli.api.network.tunnel import addresses_for, connect_through, socks_through

        raw = self._to_proxy(route, proxy, timeout_s, left_s)
        with _closing_on_failure(raw), _our_errors(route, timeout_s):
            targets = addresses_for(proxy, route.host, route.port)
        through = socks_through if proxy.is_socks else connect_through
        while True:
            target = targets.pop(0)
            try:
                with _closing_on_failure(raw), _our_errors(route, timeout_s, proxy=proxy):
                    tunnel = through(raw, proxy, target, route.port, left_s)
                    self._on_step("proxy")
                    return tunnel
            except NotConnected as failed:
                if not (failed.may_pass and targets):
                    raise
            raw = self._to_proxy(route, proxy, timeout_s, left_s)

    def _to_proxy(self, route: Route, proxy: Proxy, timeout_s: float, left_s: Callable[[], float]) -> Any:
        with _our_errors(route, timeout_s, proxy=proxy):
            raw = self._reach(proxy.host, proxy.port, left_s)
            if proxy.scheme != "https":
                return raw
            with _closing_on_failure(raw):
                return self._wrapped(raw, self._context(route.certificates), proxy.host, left_s)

    def _secured(
        self, raw: Any, route: Route, context: "ssl.SSLContext", timeout_s: float, left_s: Callable[[], float]
    ) -> Any:
        with _closing_on_failure(raw), _our_errors(route, timeout_s):
            return self._wrapped(raw, context, route.host, left_s)

    def _reach(self, host: str, port: int, left_s: Callable[[], float]) -> socket.socket:
        addresses = resolve(host, port)
        self._on_step("dns")
        addresses.sort(key=lambda address: address != self._answered.get((host, port)))
        raw, self._answered[host, port] = first_to_answer(addresses, left_s())
        self._on_step("tcp")
        raw.settimeout(left_s())
        return raw

    def _wrapped(self, raw: Any, context: "ssl.SSLContext", host: str, left_s: Callable[[], float]) -> Any:
        import ssl

        raw.settimeout(left_s())
        secured: Any
        if isinstance(raw, ssl.SSLSocket):
            from eleven_cli.api.network.nested_tls import NestedTLS

            secured = NestedTLS(raw, context, host)
        else:
            secured = context.wrap_socket(raw, server_hostname=host, session=self._sessions.get((context, host)))
        self._on_step("tls")
        return secured

    def _context(self, certificates: Certificates) -> "ssl.SSLContext":
        if certificates not in self._contexts:
            from eleven_cli.api.network.certificates import tls_context

            context = self._contexts[certificates] = tls_context(certificates)
            context.sslsocket_class = _tls_socket_class()
        return self._contexts[certificates]


def _clock(timeout_s: float) -> Callable[[], float]:
    """How many seconds are left of so many; raises TimeoutError when there are none."""
    deadline = time.monotonic() + timeout_s

    def left_s() -> float:
        if (left := deadline - time.monotonic()) <= 0:
            raise TimeoutError("timed out")
        return left

    return left_s


@contextmanager
def _our_errors(
    route: Route, timeout_s: float, *, proxy: Proxy | None = None, was_found: bool = False
) -> Iterator[None]:
    """The system's errors on the way to the server, or to the proxy, as NotConnected."""
    try:
        yield
    except (OSError, ValueError, ImportError) as failed:  # for a name that no certificate can be for; without PySocks
        _refuse_if_exhausted(failed)
        from eleven_cli.api.network.failures import not_connected

        raise not_connected(failed, route, timeout_s, proxy=proxy, was_found=was_found) from failed


def _refuse_if_exhausted(failed: Exception) -> None:
    """Neither the network nor the server is to blame where this process can open nothing more."""
    if (out := exhausted(failed) or exhausted_now()) is not None:
        raise out from failed


@contextmanager
def _closing_on_failure(raw: Any) -> Iterator[None]:
    try:
        yield
    except BaseException:
        raw.close()
        raise


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
            raw = UnhurriedSocket(family, socket.SOCK_STREAM)
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
