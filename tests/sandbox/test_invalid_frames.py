"""WebSocket clients that break the protocol: closed with the code for it, while others are served."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest

from eleven_cli.sandbox.server_thread import MAX_MESSAGE_BYTES

from .conftest import HARPER, Api

CONVERSATION = "/v1/convai/conversation?agent_id=agent_sandbox_chat"
SOCKETS = {
    "conversation": CONVERSATION,
    "speech": f"/v1/text-to-speech/{HARPER}/stream-input",
    "contexts": f"/v1/text-to-speech/{HARPER}/multi-stream-input",
    "dialogue": "/v1/text-to-dialogue/stream-input",
    "realtime": "/v1/speech-to-text/realtime",
}
PATIENCE_S = 30.0
FIN, RSV1, RSV2, RSV3 = 0x80, 0x40, 0x20, 0x10
MORE, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
PROTOCOL_ERROR, INVALID_DATA, TOO_BIG, CLOSE_POLICY = 1002, 1007, 1009, 1008


def frame(
    opcode: int, payload: bytes = b"", *, flags: int = FIN, mask: bool = True, length: int | None = None
) -> bytes:
    """One frame; `length` is what its header says, where that is wrong. A mask of zeros changes nothing."""
    said = len(payload) if length is None else length
    bit = 0x80 * mask
    if said < 126:
        size = bytes([bit | said])
    else:
        size = struct.pack(">BH", bit | 126, said) if said < 65536 else struct.pack(">BQ", bit | 127, said)
    return bytes([flags | opcode]) + size + bytes(4 * mask) + payload


INVALID = {
    "not masked": (frame(TEXT, b"{}", mask=False), PROTOCOL_ERROR),
    "first reserved bit": (frame(TEXT, b"{}", flags=FIN | RSV1), PROTOCOL_ERROR),
    "second reserved bit": (frame(TEXT, b"{}", flags=FIN | RSV2), PROTOCOL_ERROR),
    "third reserved bit": (frame(PING, flags=FIN | RSV3), PROTOCOL_ERROR),
    "opcode 3": (frame(3, b"{}"), PROTOCOL_ERROR),
    "opcode 11": (frame(11), PROTOCOL_ERROR),
    "opcode 15": (frame(15, b"{}"), PROTOCOL_ERROR),
    "long ping": (frame(PING, bytes(126)), PROTOCOL_ERROR),
    "long close": (frame(CLOSE, struct.pack(">H", 1000) + b"x" * 124), PROTOCOL_ERROR),
    "ping in fragments": (frame(PING, b"x", flags=0), PROTOCOL_ERROR),
    "continuation of nothing": (frame(MORE, b"{}"), PROTOCOL_ERROR),
    "message within a message": (frame(TEXT, b"{", flags=0) + frame(TEXT, b"}"), PROTOCOL_ERROR),
    "no UTF-8": (frame(TEXT, b'{"text": "\xff"}'), INVALID_DATA),
    "half a character": (frame(TEXT, '"ü'.encode()[:2], flags=0) + frame(MORE, b'"'), INVALID_DATA),
    "close of one byte": (frame(CLOSE, b"\x03"), PROTOCOL_ERROR),
    "close with code 999": (frame(CLOSE, struct.pack(">H", 999)), PROTOCOL_ERROR),
    "close with code 1005": (frame(CLOSE, struct.pack(">H", 1005)), PROTOCOL_ERROR),
    "close with code 5000": (frame(CLOSE, struct.pack(">H", 5000)), PROTOCOL_ERROR),
    "close without UTF-8": (frame(CLOSE, struct.pack(">H", 1000) + b"\xff"), INVALID_DATA),
    "length of 2^62": (frame(TEXT, b"{}", length=2**62), TOO_BIG),
    "length of 2^63": (frame(TEXT, b"{}", length=2**63), TOO_BIG),
    "too long a message": (frame(TEXT, b"{}", length=MAX_MESSAGE_BYTES + 1), TOO_BIG),
}


@contextmanager
def upgraded(base: str, path: str) -> Iterator[socket.socket]:
    """A bare socket after the handshake."""
    address = urlsplit(base)
    with socket.create_connection((address.hostname, address.port), timeout=PATIENCE_S) as client:
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        client.sendall(f"{head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {'x' * 22}==\r\n\r\n".encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += client.recv(1)
        assert answer.startswith(b"HTTP/1.1 101 "), answer
        yield client


def close_code(client: socket.socket) -> int | None:
    """The code that the server closes with; None where it only cuts the connection."""
    received = b""
    while True:
        try:
            data = client.recv(65536)
        except ConnectionError:
            data = b""
        received += data
        while (found := taken(received)) is not None:
            opcode, payload, received = found
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big")
        if not data:
            return None


def taken(received: bytes) -> tuple[int, bytes, bytes] | None:
    """The first frame and what follows it."""
    if len(received) < 2:
        return None
    start, length = 2, received[1]
    if length >= 126:
        start = 4 if length == 126 else 10
        length = int.from_bytes(received[2:start], "big")
    if len(received) < start + length:
        return None
    return received[0] & 15, received[start : start + length], received[start + length :]


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_frame_closes_the_connection(api: Api, name: str) -> None:
    data, code = INVALID[name]
    with upgraded(api.base, CONVERSATION) as client:
        client.sendall(data)
        assert close_code(client) == code
    assert api.get("/v1/models").status_code == 200


@pytest.mark.parametrize("path", SOCKETS.values(), ids=SOCKETS)
def test_every_socket_refuses_what_is_no_frame(api: Api, path: str) -> None:
    with upgraded(api.base, path) as client:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert close_code(client) == PROTOCOL_ERROR
    assert api.get("/v1/models").status_code == 200


@pytest.mark.parametrize("path", SOCKETS.values(), ids=SOCKETS)
def test_fragments_without_an_end_are_too_big(api: Api, path: str) -> None:
    piece = bytes(1024 * 1024)
    with upgraded(api.base, path) as client:
        with suppress(ConnectionError):  # it may be closed meanwhile
            client.sendall(frame(BINARY, piece, flags=0))
            for _ in range(2 * MAX_MESSAGE_BYTES // len(piece)):
                client.sendall(frame(MORE, piece, flags=0))
        assert close_code(client) in (TOO_BIG, None)
    assert api.get("/v1/models").status_code == 200


@pytest.mark.parametrize("path", SOCKETS.values(), ids=SOCKETS)
@pytest.mark.parametrize("start", [b"", b"\x81", frame(TEXT, b'{"te', length=100)], ids=["nothing", "byte", "part"])
@pytest.mark.parametrize("how", ["reset", "half-closed"])
def test_a_client_that_vanishes_within_a_frame(api: Api, path: str, start: bytes, how: str) -> None:
    with upgraded(api.base, path) as client:
        client.sendall(start)
        if how == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            client.shutdown(socket.SHUT_WR)
            assert close_code(client) in (None, 1005, 1006, PROTOCOL_ERROR)
    assert api.get("/v1/models").status_code == 200


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Sec-WebSocket-Version: 12\r\nSec-WebSocket-Key: xxxxxxxxxxxxxxxxxxxxxx==", 426),
        ("Sec-WebSocket-Version: 13", 400),
        ("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short", 400),
        ("Sec-WebSocket-Key: xxxxxxxxxxxxxxxxxxxxxx==", 426),
    ],
    ids=["version", "no-key", "key", "no-version"],
)
def test_an_invalid_handshake(api: Api, header: str, status: int) -> None:
    address = urlsplit(api.base)
    with socket.create_connection((address.hostname, address.port), timeout=PATIENCE_S) as client:
        head = f"GET {CONVERSATION} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        client.sendall(f"{head}{header}\r\n\r\n".encode())
        answer = client.recv(65536)
    assert answer.startswith(b"HTTP/1.1 "), answer
    assert int(answer.split()[1]) in (400, status)
    assert b"Traceback" not in answer


@pytest.mark.parametrize("path", SOCKETS.values(), ids=SOCKETS)
def test_a_binary_message_that_is_not_json(api: Api, path: str) -> None:
    with upgraded(api.base, path) as client:
        client.sendall(frame(BINARY, bytes(range(256))))
        assert close_code(client) in (1000, CLOSE_POLICY)
    assert api.get("/v1/models").status_code == 200
