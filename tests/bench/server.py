"""The service of the benchmark: plain sockets, so that it is never what is being measured.

Run as a program, `server.py ADDRESS [CERTIFICATE]`, it prints its port, serves until its stdin is closed, and needs
nothing but the standard library. The voice in the path says what is wanted: `bytes` and fifteen digits for so many
bytes at once, GAP_CHUNKED and GAP_LENGTH for records with pauses; any other voice gets one short answer.
"""

import re
import socket
import ssl
import struct
import sys
import threading
import time
from contextlib import suppress

RECORDS = 40
RECORD_BYTES = 100
PAUSE_S = 0.020
FRAME_BYTES = 417  # 26 ms of MP3: the least that a player could begin with
CHUNK_BYTES = 65536
SYNC = b"\xff\xfb\x90\x64"  # how MP3 begins
STAMP = struct.Struct(f">4sq{RECORD_BYTES - 12}x")  # the sync bytes, then when it was sent: monotonic nanoseconds
LAST_CHUNK = b"0\r\n\r\n"
SHORT, GAP_CHUNKED, GAP_LENGTH = "short000000000000000", "gapchunked0000000000", "gaplength00000000000"  # ids have 20


def main() -> None:
    """Serve on a free port of the address until stdin ends; with TLS where a certificate and its key are given."""
    address, *certificate = sys.argv[1:]
    listener = socket.create_server((address, 0))
    threading.Thread(target=_serve, args=(listener, _tls(*certificate)), daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()


def delays_ms(pieces: list[tuple[int, bytes]]) -> list[float]:
    """How long each record was on its way. `pieces` are what came out of a program, each with its time in ns."""
    delays, left = [], b""
    for arrived_ns, piece in pieces:
        left += piece
        while len(left) >= RECORD_BYTES:
            _, sent_ns = STAMP.unpack(left[:RECORD_BYTES])
            delays.append((arrived_ns - sent_ns) / 1e6)
            left = left[RECORD_BYTES:]
    return delays


def many_bytes(count: int) -> str:
    """The voice that speaks so many bytes."""
    return f"bytes{count:015d}"


def _tls(certificate: str = "") -> ssl.SSLContext | None:
    if not certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _serve(listener: socket.socket, tls: ssl.SSLContext | None) -> None:
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, suppress(ConnectionError):
            secured = tls.wrap_socket(connection, server_side=True) if tls else connection
            with secured:
                _answer(secured, _voice_asked_for(secured))


def _voice_asked_for(connection: socket.socket) -> str:
    """Reads the whole request: closing with something unread would reset the connection."""
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("hung up before asking")
        request += piece
    head, _, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
    missing = int(length[1]) - len(body) if length else 0
    while missing > 0 and (piece := connection.recv(missing)):
        missing -= len(piece)
    found = re.match(rb"POST /v1/text-to-speech/([^/?]+)", head)
    return found[1].decode() if found else ""


def _answer(connection: socket.socket, voice: str) -> None:
    if voice == GAP_LENGTH:
        connection.sendall(_head(f"Content-Length: {RECORDS * RECORD_BYTES}"))
        _send_records(connection, chunked=False)
    elif voice == GAP_CHUNKED:
        connection.sendall(_head("Transfer-Encoding: chunked"))
        _send_records(connection, chunked=True)
    elif voice.startswith("bytes"):
        _send_bytes(connection, int(voice.removeprefix("bytes")))
    else:
        frame = SYNC.ljust(FRAME_BYTES, b"\0")
        connection.sendall(_head("Transfer-Encoding: chunked") + _chunk(frame) + LAST_CHUNK)


def _send_records(connection: socket.socket, *, chunked: bool) -> None:
    for number in range(RECORDS):
        time.sleep(PAUSE_S if number else 0)
        record = STAMP.pack(SYNC, time.monotonic_ns())
        connection.sendall(_chunk(record) if chunked else record)
    if chunked:
        connection.sendall(LAST_CHUNK)


def _send_bytes(connection: socket.socket, count: int) -> None:
    chunk = _chunk(SYNC.ljust(CHUNK_BYTES, b"\0"))
    block = chunk * 16
    connection.sendall(_head("Transfer-Encoding: chunked"))
    blocks, chunks = divmod(count // CHUNK_BYTES, 16)
    for _ in range(blocks):
        connection.sendall(block)
    connection.sendall(chunk * chunks + LAST_CHUNK)


def _head(framing: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nConnection: close\r\n{framing}\r\n\r\n".encode()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


if __name__ == "__main__":
    main()
