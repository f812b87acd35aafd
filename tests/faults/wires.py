"""Ways in which a service treats a request, and how it words a refusal."""

import json
import socket
from collections.abc import Mapping

from tests.faults.lines import Line, SocketLine
from tests.faults.service import Wire, honestly


def after_accepting(then: Wire) -> Wire:
    return lambda line: (line.accept(), then(line))


def after_a_part(then: Wire) -> Wire:
    """When the first part of the result has arrived."""
    return lambda line: (line.accept(), line.begin(), then(line))


def saying(data: bytes, then: Wire = Line.hang_up) -> Wire:
    """Something else than an answer."""
    return lambda line: (line.raw(data), then(line))


def within(data: bytes) -> Wire:
    """Something else in the middle of the answer."""
    return after_a_part(saying(data))


def other_body(body: bytes, media_type: str) -> Wire:
    """A success that is none."""

    def wire(line: Line) -> None:
        line.exchange.head(200, content_length=str(len(body)), content_type=media_type)
        line.raw(body)

    return wire


def compressed_falsely(line: Line) -> None:
    line.accept(content_encoding="gzip")
    line.begin()
    line.finish()


def promising(size: int) -> Wire:
    """So many bytes are promised, and others sent."""

    def wire(line: Line) -> None:
        line.exchange.head(200, content_type=line.media_type, content_length=str(size))
        line.exchange.chunk = line.exchange.body  # type: ignore[method-assign]
        line.begin()
        line.hang_up()

    return wire


def with_length(length: str) -> Wire:
    """An honest body, and a length that is none, or another one."""

    def wire(line: Line) -> None:
        line.exchange.head(200, content_type=line.media_type, content_length=length)
        line.exchange.chunk = line.exchange.body  # type: ignore[method-assign]
        line.exchange.last_chunk = lambda: None  # type: ignore[method-assign]
        line.begin()
        line.finish()
        line.hang_up()

    return wire


def with_more(data: bytes) -> Wire:
    """Honestly, but something comes after it."""
    return lambda line: (honestly(line), line.raw(data))


def in_bytes(line: Line) -> None:
    """Honestly, but each byte by itself."""
    send = line.exchange.body
    line.exchange.handler.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.exchange.body = lambda data: [send(data[at : at + 1]) for at in range(len(data))]  # type: ignore
    honestly(line)


def after_interim_answers(line: Line) -> None:
    line.raw(b"HTTP/1.1 102 Processing\r\n\r\n" * 3)
    honestly(line)


def closing(code: int) -> Wire:
    """A WebSocket that is closed with this code after the first part."""
    return after_a_part(lambda line: line.close(code, "Because.") if isinstance(line, SocketLine) else None)


def adding(frame: bytes) -> Wire:
    """Something more between the parts of an honest answer."""
    return after_a_part(lambda line: (line.raw(frame), line.finish()))


def held(line: Line) -> None:
    """Nothing before the run says so."""
    line.until_released()
    honestly(line)


def released(line: Line) -> None:
    """The first part; the rest when the run says so."""
    line.accept()
    line.begin()
    line.until_released()
    line.finish()


def refusing(status: int, body: bytes = b"", times: int = 1_000, **headers: str) -> Wire:
    return lambda line: line.refuse(status, body, **headers) if line.number <= times else honestly(line)


def detail(value: object) -> bytes:
    """A refusal's body, as the service wraps what it has to say."""
    return json.dumps({"detail": value}).encode()


SENTENCE = "It cannot be done."
BUSY = detail({"code": "system_busy", "message": "Too busy."})
PAGE = b"<html><head><title>Oh</title></head>\n<body>Log in to this network</body></html>"
SHAPES: Mapping[str, tuple[bytes, str]] = {
    "object": (detail({"type": "t", "code": "refused", "message": SENTENCE, "request_id": "r"}), "application/json"),
    "older object": (detail({"status": "refused", "message": SENTENCE}), "application/json"),
    "sentence": (detail(SENTENCE), "application/json"),
    "list": (detail([{"loc": ["body", "x"], "msg": SENTENCE, "type": "missing"}]), "application/json"),
    "list of anything": (detail([None, 1, "x", {"loc": 5, "msg": [SENTENCE]}]), "application/json"),
    "message": (json.dumps({"message": SENTENCE}).encode(), "application/json"),
    "error": (json.dumps({"error": {"message": SENTENCE, "code": 7}}).encode(), "application/json"),
    "wrong types": (detail({"message": {"a": 1}, "code": 5, "status": []}), "application/json"),
    "null": (b"null", "application/json"),
    "nothing": (b"", "application/json"),
    "half of it": (b'{"detail": {"mess', "application/json"),
    "page": (PAGE, "text/html"),
    "bytes": (bytes(range(256)) * 4, "application/octet-stream"),
    "lines": (detail({"message": "One.\nerror: two\r\n\x1b[2J\thint: three", "code": "refused"}), "application/json"),
    "megabytes": (detail({"message": "x" * 3_000_000}), "application/json"),
    "nested": (b"[" * 100_000, "application/json"),
}
STATUSES = (
    *(400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 413, 415, 418, 422, 423, 425, 426, 428, 429, 431, 451),
    *(500, 501, 502, 503, 504, 507, 520, 522, 529, 599),
)
