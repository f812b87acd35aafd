"""Route: the way to a server, direct or through a proxy, and whose certificates count. Pure.

The environment's variables are read as requests reads them: `https_proxy` before `HTTPS_PROXY`, `all_proxy` where
neither is set, `no_proxy` for what goes direct. What lies within this machine goes direct whatever they say: a proxy
would carry the key off the machine in clear.
"""

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from eleven_cli.errors import NotConnected

CERTIFICATE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")  # by precedence
DEFAULT_PORTS = {
    "http": 80, "https": 443, "socks": 1080, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080,
}  # fmt: skip
_SECURE = {"http": False, "ws": False, "https": True, "wss": True}
_SCHEME = r"(?i)(?:([a-z][a-z0-9+.-]*):)?//"  # compiled where there is a proxy
_PLACE = r"(?i)(?:\[([0-9a-f:.]+)\]|([^\s:\[\]@\"'<>\\]+))(?::([0-9]{0,5}))?"


class Proxy(NamedTuple):
    """scheme: http, https, socks4, socks4a, socks5 or socks5h.  variable: the one that names it"""

    scheme: str
    host: str
    port: int
    variable: str
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Proxy({self.scheme}://{self.address}, {self.variable})"  # without the credentials

    @property
    def address(self) -> str:
        """Host and port: all of it that may be shown."""
        return f"{bracketed(self.host)}:{self.port}"

    @property
    def is_socks(self) -> bool:
        return self.scheme.startswith("socks")

    @property
    def has_credentials(self) -> bool:
        return bool(self.username or self.password)


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
    proxy: Proxy | None
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
    direct = is_loopback_host(host)
    proxy = None if direct else _proxy_for(host, port, environ, is_tls=is_tls)
    return Route(parts.netloc, host, port, is_tls, proxy, certificates_in(environ))


def certificates_in(environ: Mapping[str, str]) -> Certificates:
    named = next((name for name in CERTIFICATE_VARIABLES if environ.get(name)), "")
    return Certificates(environ[named], named) if named else Certificates()


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine, by its name or address alone."""
    return is_loopback_host(urlsplit(url).hostname or "")


def is_loopback_host(host: str) -> bool:
    address = _address(host)
    if address is None:
        return host == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def proxy_variable(*, is_tls: bool, environ: Mapping[str, str]) -> str:
    """The variable that names a proxy for such servers, those that go direct included; "" for none."""
    return _variable("https_proxy" if is_tls else "http_proxy", environ) or _variable("all_proxy", environ)


def _proxy_for(host: str, port: int, environ: Mapping[str, str], *, is_tls: bool) -> Proxy | None:
    variable = proxy_variable(is_tls=is_tls, environ=environ)
    exceptions = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    if not variable or any(_covers(entry, host, port) for entry in exceptions.replace(",", " ").split()):
        return None
    return proxy_at(environ[variable], variable)


def _variable(name: str, environ: Mapping[str, str]) -> str:
    """The variable of this name in small letters, else in capitals; "" for none. Empty in small letters means none."""
    found = name if name in environ else name.upper()
    return found if environ.get(found, "").strip() else ""


def proxy_at(value: str, variable: str) -> Proxy:
    """The proxy that a variable names: [SCHEME://][NAME[:PASSWORD]@]HOST[:PORT], escaped or not.

    What stands before the last @ is name and password, whatever signs they are made of. Raises NotConnected, which
    shows nothing of the value: anything in it may be a part of a password.
    """
    value = value.strip()
    before = re.match(_SCHEME, value)
    scheme = (before[1] or "http").lower() if before else "http"
    credentials, _, place = value[before.end() if before else 0 :].rpartition("@")
    found = re.fullmatch(_PLACE, re.split(r"[/?#]", place, maxsplit=1)[0])
    if scheme not in DEFAULT_PORTS:
        raise _unusable(variable, "its scheme is none of http, https, socks5, socks5h, socks4 and socks4a")
    host, port = (found[1] or found[2], int(found[3] or DEFAULT_PORTS[scheme])) if found else ("", 0)
    if not (host and host.isprintable() and 0 < port < 65536):
        raise _unusable(variable, "it holds no host and port")
    username, _, password = credentials.partition(":")
    kind = "socks5" if scheme == "socks" else scheme
    return Proxy(kind, host.lower(), port, variable, unquote(username), unquote(password))


def _unusable(variable: str, why: str) -> NotConnected:
    hint = f"set it like this, or unset it: export {variable}=http://proxy.example.com:3128"
    return NotConnected(f"the proxy cannot be used: {variable} is not a proxy's address: {why}", hint=hint)


def _covers(entry: str, host: str, port: int) -> bool:
    """Whether an entry of NO_PROXY names the host: `*`, an address, a network, or the end of a name; with or without
    a port."""
    name, wanted = _host_and_port(entry.lower())
    if wanted and wanted != str(port):
        return False
    address = _address(host)
    if name == "*":
        return True
    if address is not None:
        return _is_within(address, name)
    host, domain = host.rstrip("."), name.removeprefix("*").strip(".")
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _host_and_port(entry: str) -> tuple[str, str]:
    if found := re.fullmatch(r"\[(.+)\](?::(\d+))?", entry):
        return found[1], found[2] or ""
    name, _, port = entry.partition(":")
    return (name, port) if port.isdigit() else (entry, "")


def _is_within(address: IPv4Address | IPv6Address, network: str) -> bool:
    try:
        return address in ip_network(network, strict=False)
    except ValueError:
        return False


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
