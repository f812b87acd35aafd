"""The way to a server, for HTTP and WebSockets alike: the route, the certificates, and the connection itself."""

from ipaddress import IPv4Address, IPv6Address, ip_address


def address_in(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a host is named by; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def bracketed(host: str) -> str:
    """The host as it stands before a port."""
    return f"[{host}]" if ":" in host else host
