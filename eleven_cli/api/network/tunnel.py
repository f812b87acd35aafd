"""Tunnels: a connection through a proxy, once the proxy itself is connected. Sources: RFC 9110 (CONNECT), RFC 1928."""

import base64
import socket
from collections.abc import Callable
from typing import Any

from eleven_cli.api.http import USER_AGENT
from eleven_cli.api.network import bracketed
from eleven_cli.api.network.failures import Refused
from eleven_cli.api.network.proxy import Proxy
from eleven_cli.api.network.route import resolve

MOST_HEADER_BYTES = 65536
LONGEST_REASON = 100
_MAY_PASS = (502, 503, 504)  # the proxy did not reach the server
_SOCKS_MAY_PASS = ("0x01", "0x03", "0x04", "0x05", "0x06")  # the same, by RFC 1928


def connect_through(
    raw: socket.socket, proxy: Proxy, host: str, port: int, left_s: Callable[[], float]
) -> socket.socket:
    """Have an HTTP proxy, which `raw` is connected to, connect to the host. Raises Refused and OSError.

    left_s   how many seconds are left; raises TimeoutError when there are none
    """
    raw.settimeout(left_s())
    raw.sendall(_request(proxy, f"{bracketed(host)}:{port}"))
    status, reason = 100, ""
    while 100 <= status < 200:
        status, reason = _status_in(_header(raw, left_s))
    if not 200 <= status < 300:
        raise Refused(f"{status} {reason}".strip(), wants_credentials=status == 407, may_pass=status in _MAY_PASS)
    return raw


def _request(proxy: Proxy, target: str) -> bytes:
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", f"User-Agent: {USER_AGENT}"]
    if proxy.has_credentials:
        credentials = f"{proxy.username}:{proxy.password}".encode("utf-8", "surrogateescape")
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(credentials).decode()}")
    return "\r\n".join([*lines, "", ""]).encode("idna" if not target.isascii() else "ascii")


def _header(raw: socket.socket, left_s: Callable[[], float]) -> bytes:
    """Byte by byte: what follows belongs to the tunnel."""
    header = b""
    while not header.endswith((b"\r\n\r\n", b"\n\n")):
        raw.settimeout(left_s())
        byte = raw.recv(1)
        if not byte:
            raise Refused("it closed the connection", may_pass=True)
        header += byte
        if len(header) > MOST_HEADER_BYTES:
            raise Refused("its answer has no end")
    return header


def _status_in(header: bytes) -> tuple[int, str]:
    line = header.splitlines()[0].decode("latin-1") if header.strip() else ""
    protocol, _, rest = line.partition(" ")
    status, _, reason = rest.strip().partition(" ")
    if not protocol.startswith("HTTP/") or not (status.isascii() and status.isdigit() and len(status) == 3):
        raise Refused("it does not answer as an HTTP proxy does")
    return int(status), reason.strip()[:LONGEST_REASON]


def socks_through(raw: socket.socket, proxy: Proxy, host: str, port: int, left_s: Callable[[], float]) -> socket.socket:
    """The same through a SOCKS proxy; gives the socket in place of `raw`. Raises ImportError without PySocks."""
    import socks

    kind = socks.SOCKS4 if proxy.scheme.startswith("socks4") else socks.SOCKS5
    is_named_there = proxy.scheme in ("socks4a", "socks5h")

    class Connected(socks.socksocket, _IsConnected):  # type: ignore[misc]
        pass

    through = Connected(raw.family, socket.SOCK_STREAM, fileno=raw.detach())
    try:
        credentials = (proxy.username or None, proxy.password or None)
        through.set_proxy(kind, proxy.host, proxy.port, is_named_there, *credentials)
        through.settimeout(left_s())
        through.connect((host, port))
        return socket.socket(fileno=through.detach())
    except socks.ProxyError as failed:
        raise _refused(failed) from failed
    except UnicodeError:
        raise Refused("SOCKS cannot carry this user name or password") from None
    finally:
        through.close()


class _IsConnected(socket.socket):
    """Keeps PySocks from connecting to the proxy, by the first of its addresses alone: that was done."""

    def connect(self, address: Any) -> None:
        pass


def _refused(failed: Any) -> Exception:
    """What is inside of an exception of PySocks, which wraps its own and the system's."""
    if isinstance(inside := failed.socket_err, OSError):
        return _refused(inside) if hasattr(inside, "socket_err") else inside
    code, _, words = str(failed.msg).rpartition(": ")
    wants_credentials = type(failed).__name__ == "SOCKS5AuthError"
    return Refused(words, wants_credentials=wants_credentials, may_pass=code in _SOCKS_MAY_PASS)


def addresses_for(proxy: Proxy, host: str, port: int) -> list[str]:
    """What a proxy is asked for: the name, or where it does not look names up, the addresses to try in turn."""
    if proxy.scheme not in ("socks4", "socks5"):
        return [host]
    found = resolve(host, port)
    usable = [address[0] for family, address in found if proxy.scheme == "socks5" or family == socket.AF_INET]
    return usable[:4] or [host]
