"""Which names and addresses are this machine's. No name is looked up."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

LOCAL_ADDRESSES = ("127.0.0.1", "::1")


def is_this_machine(host: str) -> bool:
    """Tells whether a name or an address is of the loopback interface."""
    return _is_local_name(host) or _is_loopback(host)


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """Gives the address that a host is written as; None for a name. One of IPv4 within IPv6 is that of IPv4."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def loopback_addresses(host: str) -> tuple[str, ...]:
    """Gives the loopback addresses that a name or any spelling of an address stands for; none for other machines."""
    if _is_local_name(host):
        return LOCAL_ADDRESSES
    spelled = host.strip("[]").rstrip(".")
    try:
        found = socket.getaddrinfo(spelled, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return ()
    addresses = tuple(str(one[4][0]) for one in found)
    return addresses if all(map(_is_loopback, addresses)) else ()


def only_this_machine(host: str) -> str:
    """Says why no connection to this host is opened."""
    return f"The sandbox opens connections to this machine only, not to {host}: --allow-network lifts that."


def _is_local_name(host: str) -> bool:
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")


def _is_loopback(host: str) -> bool:
    address = address_of(host)
    return address is not None and address.is_loopback
