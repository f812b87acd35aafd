"""Connector: opens the connections to a server, for HTTP and WebSockets alike, and says why one cannot be opened."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from eleven_cli.api.network.failures import proxy_errors, server_errors
from eleven_cli.api.network.route import Certificates, Proxy, Route, route_to
from eleven_cli.errors import NotConnected

if TYPE_CHECKING:
    import socket
    import ssl

    from eleven_cli.api.network.race import Address


class Connector:
    """Opens connections as the environment's variables say; from any thread.

    What it has found out stays: TLS contexts, which address of a host answered, and that a host's name can be found.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._contexts: dict[Certificates, ssl.SSLContext] = {}
        self._answered: dict[tuple[str, int], Address] = {}

    def route_to(self, url: str) -> Route:
        """Raises NotConnected for a proxy that cannot be used."""
        return route_to(url, self._environ)

    def open(self, url: str, timeout_s: float) -> Any:
        """A socket connected to the server of an http, https, ws or wss URL, through TLS where the URL says so.

        timeout_s   for all of it: proxy and TLS, too
        Raises NotConnected.
        """
        route, left_s = self.route_to(url), _clock(timeout_s)
        context = self._context(route.certificates) if route.is_tls else None
        if route.proxy:
            raw = self._through(route, route.proxy, timeout_s, left_s)
        else:
            raw = self._direct(route, timeout_s, left_s)
        return self._secured(raw, route, context, timeout_s, left_s) if context else raw

    def _direct(self, route: Route, timeout_s: float, left_s: Callable[[], float]) -> "socket.socket":
        with server_errors(route, timeout_s, was_found=(route.host, route.port) in self._answered):
            return self._reach(route.host, route.port, left_s)

    def _through(self, route: Route, proxy: Proxy, timeout_s: float, left_s: Callable[[], float]) -> Any:
        """By each of the addresses in turn, where the proxy is not given the name."""
        from eleven_cli.api.network.tunnel import addresses_for, connect_through, socks_through

        raw = self._to_proxy(route, proxy, timeout_s, left_s)
        with _closing_on_failure(raw), server_errors(route, timeout_s):
            targets = addresses_for(proxy, route.host, route.port)
        through = socks_through if proxy.is_socks else connect_through
        while True:
            target = targets.pop(0)
            try:
                with _closing_on_failure(raw), proxy_errors(route, proxy, timeout_s):
                    return through(raw, proxy, target, route.port, left_s)
            except NotConnected as failed:
                if not (failed.may_pass and targets):
                    raise
            raw = self._to_proxy(route, proxy, timeout_s, left_s)

    def _to_proxy(self, route: Route, proxy: Proxy, timeout_s: float, left_s: Callable[[], float]) -> Any:
        with proxy_errors(route, proxy, timeout_s):
            raw = self._reach(proxy.host, proxy.port, left_s)
            if proxy.scheme != "https":
                return raw
            with _closing_on_failure(raw):
                return self._wrapped(raw, self._context(route.certificates), proxy.host, left_s)

    def _secured(
        self, raw: Any, route: Route, context: "ssl.SSLContext", timeout_s: float, left_s: Callable[[], float]
    ) -> Any:
        with _closing_on_failure(raw), server_errors(route, timeout_s):
            return self._wrapped(raw, context, route.host, left_s)

    def _reach(self, host: str, port: int, left_s: Callable[[], float]) -> "socket.socket":
        from eleven_cli.api.network.race import first_to_answer, resolve

        addresses = resolve(host, port)
        addresses.sort(key=lambda address: address != self._answered.get((host, port)))
        raw, self._answered[host, port] = first_to_answer(addresses, left_s())
        raw.settimeout(left_s())
        return raw

    def _wrapped(self, raw: Any, context: "ssl.SSLContext", host: str, left_s: Callable[[], float]) -> Any:
        import ssl

        raw.settimeout(left_s())
        if isinstance(raw, ssl.SSLSocket):
            from eleven_cli.api.network.nested_tls import NestedTLS

            return NestedTLS(raw, context, host)
        return context.wrap_socket(raw, server_hostname=host)

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
def _closing_on_failure(raw: Any) -> Iterator[None]:
    try:
        yield
    except BaseException:
        raw.close()
        raise
