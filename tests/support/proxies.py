"""Proxies for tests, on loopback: HTTP with CONNECT, the same over TLS, SOCKS 4 and 5."""

import base64
import select
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.support.guard import GUARD_S


@dataclass
class Proxy:
    """Leads every connection to one server, whatever it was asked for.

    server    where it leads
    refusal   what is answered instead;  b"" hangs up
    wanted    NAME:PASSWORD it wants
    asked     what came: "HOST:PORT", with " as NAME:PASSWORD"
    """

    server: tuple[str, int]
    tls: ssl.SSLContext | None = None
    refusal: bytes | None = None
    wanted: str = ""
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> "Proxy":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: Any) -> None:
        with suppress(OSError, EOFError):
            client.settimeout(GUARD_S)
            with client:
                if self.tls:
                    client = self.tls.wrap_socket(client, server_side=True)
                with client:
                    self._lead(client)

    def _lead(self, client: Any) -> None:
        first = _exactly(client, 1)
        if first == b"\x16":  # TLS
            return client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        speak = {b"\5": self._socks5, b"\4": self._socks4}.get(first, self._http)
        if not speak(client, first):
            return
        with socket.create_connection(self.server) as server:
            _pump(client, server)

    def _http(self, client: Any, head: bytes) -> bool:
        while not head.endswith(b"\r\n\r\n"):
            head += _exactly(client, 1)
        target, credentials = head.split()[1].decode(), ""
        for line in head.decode().splitlines():
            if line.lower().startswith("proxy-authorization: basic "):
                credentials = base64.b64decode(line.split()[-1]).decode()
        self.asked.append(f"{target} as {credentials}" if credentials else target)
        if self.refusal is not None:
            client.sendall(self.refusal)
            return False
        if credentials != self.wanted:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n")
            return False
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return True

    def _socks5(self, client: Any, head: bytes) -> bool:
        methods, credentials = _exactly(client, _exactly(client, 1)[0]), ""
        if self.wanted and 2 not in methods:
            client.sendall(b"\5\xff")
            return False
        client.sendall(b"\5\2" if self.wanted else b"\5\0")
        if self.wanted:
            _exactly(client, 1)
            name = _exactly(client, _exactly(client, 1)[0])
            credentials = (name + b":" + _exactly(client, _exactly(client, 1)[0])).decode()
            client.sendall(b"\1\0" if credentials == self.wanted else b"\1\1")
            if credentials != self.wanted:
                return False
        kind = _exactly(client, 4)[3]
        host = _exactly(client, _exactly(client, 1)[0]).decode() if kind == 3 else _ip(_exactly(client, 4))
        port = int.from_bytes(_exactly(client, 2))
        self.asked.append(f"{host}:{port}" + (f" as {credentials}" if credentials else ""))
        code = self.refusal if self.refusal is not None else b"\0"
        client.sendall(b"\5" + code + b"\0\1\0\0\0\0\0\0")
        return code == b"\0"

    def _socks4(self, client: Any, head: bytes) -> bool:
        _, port, address = _exactly(client, 1), int.from_bytes(_exactly(client, 2)), _exactly(client, 4)
        _until_zero(client)
        host = _until_zero(client).decode() if address[:3] == b"\0\0\0" else _ip(address)
        self.asked.append(f"{host}:{port}")
        client.sendall(b"\0\x5a\0\0\0\0\0\0")
        return True


class FrontDoor(Proxy):
    """One address of two servers: `server` has the requests, `sockets` the WebSockets."""

    def __init__(self, server: tuple[str, int], sockets: tuple[str, int]) -> None:
        super().__init__(server)
        self._sockets = sockets

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def _lead(self, client: Any) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += _exactly(client, 1)
        with socket.create_connection(
            self._sockets if b"upgrade: websocket" in head.lower() else self.server
        ) as server:
            server.sendall(head)
            _pump(client, server)


def _exactly(client: Any, size: int) -> bytes:
    data = b""
    while len(data) < size:
        if not (piece := client.recv(size - len(data))):
            raise EOFError
        data += piece
    return data


def _until_zero(client: Any) -> bytes:
    data = b""
    while (byte := _exactly(client, 1)) != b"\0":
        data += byte
    return data


def _ip(address: bytes) -> str:
    return ".".join(map(str, address))


def _pump(one: Any, other: Any) -> None:
    """In one thread: two may not use a TLS connection at once."""
    while True:
        ready = [side for side in (one, other) if isinstance(side, ssl.SSLSocket) and side.pending()]
        for side in ready or select.select([one, other], [], [], GUARD_S)[0]:
            if not (data := side.recv(65536)):
                return
            (other if side is one else one).sendall(data)
