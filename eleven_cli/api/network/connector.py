"""Connector: opens the connections to a server, for HTTP and WebSockets alike, and says why one cannot be opened."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from eleven_cli.api.network.route import Address, Certificates, Route, first_to_answer, is_loopback, resolve, route_to
from eleven_cli.errors import NotConnected, UsageError, exhausted, exhausted_now

if TYPE_CHECKING:
    import socket
    import ssl

    from eleven_cli.api.network.early import EarlyConnection
    from eleven_cli.api.network.proxy import Proxy

CONNECT_TIMEOUT_S = 10.0


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

            self._early = (
                route,
                EarlyConnection(
                    lambda: self._reach(route.host, route.port, _clock(timeout_s)),
                    lambda raw: self._secured(raw, route, timeout_s, _clock(timeout_s)),
                ),
            )

    def will_open(self) -> None:
        """Continues the early connection, because `open` will be called."""
        if self._early:
            self._early[1].will_be_taken()

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
        if route.is_tls:
            self._context(route.certificates)  # what is wrong with them is said first
        self._on_step("start")
        if route.proxy:
            raw = self._through(route, route.proxy, timeout_s, left_s)
        else:
            raw = self._direct(route, timeout_s, left_s)
        return self._secured(raw, route, timeout_s, left_s) if route.is_tls else raw

    def _direct(self, route: Route, timeout_s: float, left_s: Callable[[], float]) -> "socket.socket":
        with _our_errors(route, timeout_s, was_found=(route.host, route.port) in self._answered):
            return self._reach(route.host, route.port, left_s)

    def _through(self, route: Route, proxy: "Proxy", timeout_s: float, left_s: Callable[[], float]) -> Any:
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

    def _to_proxy(self, route: Route, proxy: "Proxy", timeout_s: float, left_s: Callable[[], float]) -> Any:
        with _our_errors(route, timeout_s, proxy=proxy):
            raw = self._reach(proxy.host, proxy.port, left_s)
            if proxy.scheme != "https":
                return raw
            with _closing_on_failure(raw):
                return self._wrapped(raw, self._context(route.certificates), proxy.host, left_s)

    def _secured(self, raw: Any, route: Route, timeout_s: float, left_s: Callable[[], float]) -> Any:
        with _closing_on_failure(raw), _our_errors(route, timeout_s):
            return self._wrapped(raw, self._context(route.certificates), route.host, left_s)

    def _reach(self, host: str, port: int, left_s: Callable[[], float]) -> "socket.socket":
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

            self._contexts[certificates] = tls_context(certificates)
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
    route: Route, timeout_s: float, *, proxy: "Proxy | None" = None, was_found: bool = False
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


def checked_base_url(url: str) -> str:
    """The URL without a trailing slash. The key may travel over https, or within this machine."""
    from urllib.parse import urlsplit

    hint = "eleven config set base_url https://api.elevenlabs.io"
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and parts.port != 0 and not (parts.query or parts.fragment)
    except ValueError:
        raise UsageError(f"not a server address: {url}", hint=hint) from None
    if parts.scheme not in ("http", "https") or not whole or not url.isprintable() or " " in url:
        raise UsageError(f"not a server address: {url}", hint=hint)
    if parts.username or parts.password:
        raise UsageError("the server address must not contain a user name or password")
    if parts.scheme == "http" and not is_loopback(url):
        raise UsageError(f"the API key is never sent over plain http: {url}", hint="use the https address")
    return url.rstrip("/")


def socket_url(base_url: str, path: str, query: Mapping[str, str | int] | Sequence[tuple[str, str]]) -> str:
    """The WebSocket address of a path on a server: https becomes wss, http ws; a base path is kept."""
    from urllib.parse import quote, urlencode

    scheme, _, rest = base_url.partition("://")
    address = f"{'wss' if scheme == 'https' else 'ws'}://{rest}{path}"
    return f"{address}?{urlencode(query, quote_via=quote)}" if query else address
