"""A service for tests that takes uploads: in chunks too, and with an eye on how far they are. It can also answer before
all has come."""

import io
import re
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.support.guard import GUARD_S
from tests.support.service import Exchange, Request, Service


@dataclass
class Receiver(Service):
    """hasty     answers after so many bytes of the body, if set; what is left is never read
    arrived   how many bytes of the body of the current request are here
    """

    hasty: int | None = None
    arrived: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int) -> None:
        """Until so many bytes of a body are here."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.arrived >= count, GUARD_S), f"only {self.arrived} bytes came"

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = b"".join(self._body(handler))
        handler.rfile = io.BytesIO(body)
        handler.headers["x-was-chunked"] = "yes" if "content-length" not in handler.headers else "no"
        del handler.headers["content-length"]
        handler.headers["content-length"] = str(len(body))
        super()._answer(handler)

    def _body(self, handler: BaseHTTPRequestHandler):  # type: ignore[no-untyped-def]
        with self.changed:
            self.arrived = 0
        for piece in _pieces(handler):
            with self.changed:
                self.arrived += len(piece)
                self.changed.notify_all()
            yield piece
            if self.hasty is not None and self.arrived >= self.hasty:
                return


def _pieces(handler: BaseHTTPRequestHandler):  # type: ignore[no-untyped-def]
    if "content-length" in handler.headers:
        left = int(handler.headers["content-length"])
        while left and (data := handler.rfile.read1(min(left, 65536))):  # type: ignore[attr-defined]
            left -= len(data)
            yield data
        return
    if "transfer-encoding" not in handler.headers:
        return
    while size := int(handler.rfile.readline() or b"0", 16):
        yield handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()


@dataclass(frozen=True)
class Part:
    name: str
    value: bytes
    file_name: str | None
    media_type: str | None


def parts_of(request: Request) -> list[Part]:
    """The parts of a multipart form, read strictly."""
    boundary = request.headers["content-type"].removeprefix("multipart/form-data; boundary=").encode()
    first, *parts, last = (b"\r\n" + request.body).split(b"\r\n--" + boundary)
    assert (first, last) == (b"", b"--\r\n")
    return [_part(part) for part in parts]


def form_of(request: Request) -> dict[str, str]:
    """The fields but for the file."""
    return {part.name: part.value.decode() for part in parts_of(request) if part.file_name is None}


def file_of(request: Request) -> Part:
    (file,) = (part for part in parts_of(request) if part.file_name is not None)
    return file


def _part(data: bytes) -> Part:
    head, _, value = data.partition(b"\r\n\r\n")
    text = head.decode()
    name = re.search(r'; name="([^"]*)"', text)
    file_name = re.search(r'; filename="([^"]*)"', text)
    media_type = re.search(r"\r\nContent-Type: (.*)", text)
    assert text.startswith("\r\nContent-Disposition: form-data; ")
    assert name
    return Part(name[1], value, file_name and file_name[1], media_type and media_type[1])


def resetting(status: int, body: bytes, content_type: str = "application/json"):  # type: ignore[no-untyped-def]
    """Answers, and hangs up with what was not read: the other side gets a reset.

    Without Nagle's delay, for what the kernel has not sent by then is dropped.
    """
    head = f"HTTP/1.1 {status} Refused\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"

    def reply(exchange: Exchange) -> None:
        exchange.handler.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        exchange.body(head.encode() + body)
        exchange.handler.connection.close()

    return reply
