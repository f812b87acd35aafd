"""A service that speaks at a steady pace, to so many at once: `book_server.py SPEED PLACES`, in plain sockets.

It prints its port, then a line for every request that begins (`begun`) and, in JSON, for every one that is over, and
serves until its stdin ends. Its MP3 is silence, but every frame says which text it belongs to and which of its frames
it is: see `frames` and `stamps`.
"""

import hashlib
import json
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

CHARACTERS_PER_S = 15
FRAMES_PER_S = 44100 / 1152
FRAME_BYTES = 417
SILENT = b"\xff\xfb\x90\xc4" + bytes(17)  # header and side information of a frame without sound, mono
STAMP = struct.Struct(f">4s8sI{FRAME_BYTES - len(SILENT) - 16}x")  # in the room that the sound does not need
MARK = b"text"
TICK_S = 0.05
LAST_CHUNK = b"0\r\n\r\n"


@dataclass
class Request:
    """One request. Moments are seconds on the monotonic clock.

    who      the key it came with
    refused  there was no place for it
    whole    all of the answer was handed to the system
    """

    who: str
    text: str
    began_s: float
    ended_s: float = 0.0
    refused: bool = False
    whole: bool = False


def main() -> None:
    """Serve on a free port of 127.0.0.1 until stdin ends."""
    service = Service(speed=float(sys.argv[1]), places=int(sys.argv[2]))
    threading.Thread(target=service.serve, daemon=True).start()
    sys.stdin.read()


def digest(text: str) -> bytes:
    """By which a text is known: 8 bytes."""
    return hashlib.sha256(text.encode()).digest()[:8]


def frame_count(text: str) -> int:
    """How many frames it takes to speak a text."""
    return round(len(text) / CHARACTERS_PER_S * FRAMES_PER_S)


def frames(text: str, first: int, last: int) -> bytes:
    """Some of the frames of a text."""
    name = digest(text)
    return b"".join([SILENT + STAMP.pack(MARK, name, number) for number in range(first, last)])


def stamps(mp3: bytes) -> Iterator[tuple[bytes, int]]:
    """The digest of its text and the number of each frame."""
    if len(mp3) % FRAME_BYTES:
        raise SystemExit("the book is not made of whole frames")
    for at in range(len(SILENT), len(mp3), FRAME_BYTES):
        mark, name, number = STAMP.unpack_from(mp3, at)
        if mark != MARK:
            raise SystemExit("the book has a frame that nobody sent")
        yield name, number


class Service:
    """speed: how many times faster than it sounds; places: how many requests may be under way."""

    def __init__(self, speed: float, places: int) -> None:
        self._speed, self._places = speed, places
        self._free = threading.Semaphore(places)
        self._saying = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def serve(self) -> None:
        """For ever."""
        self._say(str(self._listener.getsockname()[1]))
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            request = _read(connection)
            if request is None:
                return
            self._say("begun")
            try:
                self._admit(connection, request)
            except OSError:
                pass  # it has gone
            finally:
                request.ended_s = time.monotonic()
                self._say(json.dumps(asdict(request)))

    def _admit(self, connection: socket.socket, request: Request) -> None:
        if not self._free.acquire(blocking=False):
            request.refused = True
            return connection.sendall(_refusal())
        try:
            self._speak(connection, request)
        finally:
            self._free.release()

    def _speak(self, connection: socket.socket, request: Request) -> None:
        connection.sendall(_head(request.text, self._places))
        total, sent = frame_count(request.text), 0
        while sent < total:
            time.sleep(TICK_S)
            due = int((time.monotonic() - request.began_s) * self._speed * FRAMES_PER_S)
            due = min(due, total)
            connection.sendall(_chunk(frames(request.text, sent, due)))
            sent = due
        connection.sendall(LAST_CHUNK)
        request.whole = True

    def _say(self, line: str) -> None:
        with self._saying:
            print(line, flush=True)


def _read(connection: socket.socket) -> Request | None:
    """The whole request; None for none."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            return None
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length, key = (re.search(rb"(?i)\n%s: *(\S+)" % name, head) for name in (b"content-length", b"xi-api-key"))
    missing = int(length[1]) - len(body) if length else 0
    while missing > 0 and (piece := connection.recv(missing)):
        body += piece
        missing -= len(piece)
    return Request(key[1].decode() if key else "", json.loads(body)["text"], time.monotonic())


def _head(text: str, places: int) -> bytes:
    lines = {
        "Content-Type": "audio/mpeg",
        "Connection": "close",
        "Transfer-Encoding": "chunked",
        "request-id": digest(text).hex(),
        "character-cost": len(text),
        "maximum-concurrent-requests": places,
    }
    return _lines("HTTP/1.1 200 OK", lines)


def _refusal() -> bytes:
    detail = {
        "type": "rate_limit_error",
        "code": "concurrent_limit_exceeded",
        "status": "too_many_concurrent_requests",
        "message": "Too many concurrent requests.",
    }
    body = json.dumps({"detail": detail}).encode()
    lines = {"Content-Type": "application/json", "Connection": "close", "Content-Length": len(body)}
    return _lines("HTTP/1.1 429 Too Many Requests", lines) + body


def _lines(first: str, others: dict[str, object]) -> bytes:
    return "\r\n".join([first, *(f"{name}: {value}" for name, value in others.items()), "\r\n"]).encode()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data) if data else b""


if __name__ == "__main__":
    main()
