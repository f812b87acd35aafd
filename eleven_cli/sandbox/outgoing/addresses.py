"""Which addresses are this machine's, in whatever spelling. No name is looked up."""

from __future__ import annotations

import socket
from ipaddress import IPv6Address, ip_address

LOCAL_ADDRESSES = ("127.0.0.1", "::1")


def loopback_addresses(host: str) -> tuple[str, ...]:
    """Gives the loopback addresses that a name or any spelling of an address stands for; none for other machines."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return LOCAL_ADDRESSES
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return ()
    addresses = tuple(str(one[4][0]) for one in found)
    return addresses if all(map(_is_loopback, addresses)) else ()


def only_this_machine(host: str) -> str:
    """Says why no connection to this host is opened."""
    return f"The sandbox opens connections to this machine only, not to {host}: --allow-network lifts that."


def _is_loopback(text: str) -> bool:
    address = ip_address(text)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
