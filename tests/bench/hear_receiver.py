"""A service that takes recordings as fast as they come and transcribes none: plain sockets, a process of its own.

Run as a program it prints its port, serves until its stdin is closed, and needs nothing but the standard library. For
each upload it prints a line: how many bytes of a body came, and how many seconds passed from the first to the last.
"""

import re
import socket
import sys
import threading
import time
from contextlib import suppress

BUFFER_BYTES = 1 << 20
TRANSCRIPT = b'{"language_code":"eng","language_probability":1.0,"text":"Heard.","words":[]}'
SOUND = b"\xff\xfb\x90\x64".ljust(417, b"\0")  # a frame of silent MP3


def main() -> None:
    """Serve on a free port of 127.0.0.1 until stdin ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=(listener,), daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()


def _serve(listener: socket.socket) -> None:
    buffer = bytearray(BUFFER_BYTES)
    while True:
        connection, _ = listener.accept()
        with connection, suppress(ConnectionError):
            head, _, body = _request(connection).partition(b"\r\n\r\n")
            if b"100-continue" in head:  # curl would wait a second for it
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            started = time.monotonic()
            length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
            count = _rest(connection, buffer, body, int(length[1]) if length else None)
            print(count, time.monotonic() - started, flush=True)
            if b"/speech-to-text" in head:
                _answer(connection, "application/json", TRANSCRIPT)
            else:
                _answer(connection, "audio/mpeg", SOUND)


def _request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("hung up before asking")
        request += piece
    return request


def _rest(connection: socket.socket, buffer: bytearray, body: bytes, length: int | None) -> int:
    """Take the body, and say how long it was; without a length it comes in chunks, whose frames count too."""
    count, end = len(body), body[-5:]
    while (count < length if length is not None else end != b"0\r\n\r\n") and (size := connection.recv_into(buffer)):
        count += size
        end = (end + buffer[max(size - 5, 0) : size])[-5:]
    return count


def _answer(connection: socket.socket, media_type: str, body: bytes) -> None:
    fields = [f"Content-Type: {media_type}", f"Content-Length: {len(body)}", "Connection: close"]
    connection.sendall("\r\n".join(["HTTP/1.1 200 OK", *fields, "", ""]).encode() + body)


if __name__ == "__main__":
    main()
