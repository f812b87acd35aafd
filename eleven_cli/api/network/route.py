"""Route: the way to a server, direct or through a proxy, whose certificates count, and which of the addresses at its
end is taken.

The environment's variables are read as requests reads them: `https_proxy` before `HTTPS_PROXY`, `all_proxy` where
neither is set, `no_proxy` for what goes direct. What lies within this machine goes direct whatever they say: a proxy
would carry the key off the machine in clear. Of a host's addresses the one counts that answers first (RFC 8305, happy
eyeballs).
"""

import errno
import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from eleven_cli.api.network import address_in

if TYPE_CHECKING:
    from eleven_cli.api.network.proxy import Proxy

CERTIFICATE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")  # by precedence
HEAD_START_S = 0.25  # of an address before the next one
_SECURE = {"http": False, "ws": False, "https": True, "wss": True}

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


class Certificates(NamedTuple):
    """A file or a folder of certificate authorities, and the variable that names it; "" for those of certifi."""

    path: str = ""
    variable: str = ""


class Route(NamedTuple):
    """server: the address as it is shown.  proxy: None for the direct way"""

    server: str
    host: str
    port: int
    is_tls: bool
    proxy: "Proxy | None"
    certificates: Certificates

    @property
    def is_loopback(self) -> bool:
        return is_loopback_host(self.host)

    def leads_as(self, other: "Route") -> bool:
        """Whether it leads to the same server, whichever protocol is spoken there."""
        return self._replace(server="") == other._replace(server="")

    @property
    def words(self) -> str:
        """What of it came from the environment, for a trace; "" for nothing."""
        proxy = f"through the proxy {self.proxy.address} ({self.proxy.variable})" if self.proxy else ""
        named = self.certificates.variable if self.is_tls else ""
        return ", ".join(filter(None, [proxy, f"certificates of {self.certificates.path} ({named})" if named else ""]))


def route_to(url: str, environ: Mapping[str, str]) -> Route:
    """The way to the server of an http, https, ws or wss URL. Raises NotConnected for a proxy that cannot be used."""
    parts = urlsplit(url)
    host, is_tls = parts.hostname or "", _SECURE[parts.scheme]
    port = parts.port or (443 if is_tls else 80)
    variable = "" if is_loopback_host(host) else proxy_variable(is_tls=is_tls, environ=environ)
    proxy = None
    if variable:
        from eleven_cli.api.network.proxy import proxy_for

        proxy = proxy_for(host, port, variable, environ)
    return Route(parts.netloc, host, port, is_tls, proxy, certificates_in(environ))


def proxy_variable(*, is_tls: bool, environ: Mapping[str, str]) -> str:
    """The variable that names a proxy for such servers, those that go direct included; "" for none."""
    return _variable("https_proxy" if is_tls else "http_proxy", environ) or _variable("all_proxy", environ)


def _variable(name: str, environ: Mapping[str, str]) -> str:
    """The variable of this name in small letters, else in capitals; "" for none. Empty in small letters means none."""
    found = name if name in environ else name.upper()
    return found if environ.get(found, "").strip() else ""


def certificates_in(environ: Mapping[str, str]) -> Certificates:
    named = next((name for name in CERTIFICATE_VARIABLES if environ.get(name)), "")
    return Certificates(environ[named], named) if named else Certificates()


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine, by its name or address alone."""
    return is_loopback_host(urlsplit(url).hostname or "")


def is_loopback_host(host: str) -> bool:
    address = address_in(host)
    if address is None:
        return host == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


class Unhurried:
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


class UnhurriedSocket(Unhurried, socket.socket):
    """A socket of the system."""


def resolve(host: str, port: int) -> list[Address]:
    """The addresses of a host, in the system's order but with the families taking turns. Raises OSError."""
    # as bytes it is not taken for a name in another script, whose codec costs a millisecond to load
    name = host.encode() if host.isascii() else host
    try:
        found = socket.getaddrinfo(name, port, 0, socket.SOCK_STREAM)
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
