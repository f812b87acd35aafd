"""Proxy: what a variable names as one, and what goes direct all the same. Pure."""

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import NamedTuple
from urllib.parse import unquote

from eleven_cli.api.network import address_in, bracketed
from eleven_cli.errors import NotConnected

DEFAULT_PORTS = {
    "http": 80, "https": 443, "socks": 1080, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080,
}  # fmt: skip
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


def proxy_for(host: str, port: int, variable: str, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy that a variable names, on the way to a host; None where `no_proxy` excepts it. Raises NotConnected."""
    exceptions = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    if any(_covers(entry, host, port) for entry in exceptions.replace(",", " ").split()):
        return None
    return proxy_at(environ[variable], variable)


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
    address = address_in(host)
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
