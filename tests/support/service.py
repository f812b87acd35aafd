"""A server for tests that does exactly as it is told, over real sockets: also what no honest server would do."""

import json
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.guard import GUARD_S

Reply = Callable[["Exchange"], None]
MP3_FRAME = b"\xff\xfb\x90\x64" + bytes(413)  # 26 ms of silence at 44.1 kHz and 128 kbit/s


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Exchange:
    """One request, and the ways to answer it piece by piece."""

    request: Request
    handler: BaseHTTPRequestHandler
    released: threading.Event

    def head(self, status: int = 200, **headers: str) -> None:
        self.handler.send_response(status)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        self.handler.wfile.flush()

    def body(self, data: bytes) -> None:
        self.handler.wfile.write(data)
        self.handler.wfile.flush()

    def chunk(self, data: bytes) -> None:
        self.body(b"%x\r\n%s\r\n" % (len(data), data))

    def last_chunk(self) -> None:
        self.body(b"0\r\n\r\n")

    def drop(self) -> None:
        """Break the connection so that the other side gets a reset."""
        self.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.handler.connection.close()

    def until_released(self) -> None:
        """Stall until the test says so, or ends."""
        self.released.wait(30)

    def until_hung_up(self) -> bool:
        """Wait until the client closes the connection; False when it does not."""
        self.handler.connection.settimeout(GUARD_S)
        try:
            return self.handler.connection.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False


@dataclass
class Service:
    """Answers with what was set for a path, by default everything with 404; `requests` holds what came."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Service":
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                service._answer(self)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *args: object) -> None:
                pass  # clients that leave are part of the tests

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def on(self, path: str, *replies: Reply) -> None:
        """The replies for a path, one request after the other; the last one goes on for ever."""
        self.replies[path] = list(replies)

    def on_speech(self, *replies: Reply) -> None:
        """The replies to every request for speech."""
        self.on("speech", *replies)

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
        self.requests.append(request)
        handler.close_connection = True
        self._reply(Exchange(request, handler, self.released))

    def _reply(self, exchange: Exchange) -> None:
        path = exchange.request.path
        key = "speech" if path.startswith("/v1/text-to-speech/") else path
        replies = self.replies.get(key, [json_reply({"detail": "Not Found"}, status=404)])
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        reply(exchange)


def json_reply(value: Any, status: int = 200, **headers: str) -> Reply:
    data = json.dumps(value).encode()
    return raw_reply(data, status, content_type="application/json", **headers)


def raw_reply(data: bytes, status: int = 200, **headers: str) -> Reply:
    def reply(exchange: Exchange) -> None:
        exchange.head(status, content_length=str(len(data)), **headers)
        exchange.body(data)

    return reply


def audio_reply(chunks: Iterable[bytes], **headers: str) -> Reply:
    pieces = list(chunks)

    def reply(exchange: Exchange) -> None:
        exchange.head(content_type="audio/mpeg", transfer_encoding="chunked", **headers)
        for piece in pieces:
            exchange.chunk(piece)
        exchange.last_chunk()

    return reply


def error_reply(status: int, code: str, message: str, *, legacy: str = "", kind: str = "", **headers: str) -> Reply:
    detail = {"type": kind, "code": code, "message": message, "status": legacy or code, "request_id": "req_42"}
    return json_reply({"detail": detail}, status, **headers)


def spoken(service):
    """The requests for speech, which cost something."""
    return [request for request in service.requests if request.method == "POST"]


def spoken_by(service):
    """By requests: a socket that was tried before is a GET."""
    return [request.json["text"] for request in service.requests if request.method == "POST"]
