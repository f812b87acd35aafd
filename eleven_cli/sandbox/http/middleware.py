"""Middleware for every request: refuses other hosts, adds a trace id, and logs the request when it has ended."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import Problem

REGION = "sandbox"
LONGEST_PATH = 200
LOCAL_NAMES = ("localhost", "::1")
RESPONSE_STARTS = ("http.response.start", "websocket.http.response.start")


class ServedRequest(NamedTuple):
    """A request that has ended.

    method   GET, POST …, or WS for a WebSocket
    path     without its query, which may carry tokens
    status   of the answer; of a WebSocket the code that it was closed with
    """

    method: str
    path: str
    status: int
    seconds: float

    def line(self) -> str:
        """Formats the request as one line: `POST /v1/text-to-speech/… 200 34 ms`."""
        return f"{self.method} {self.path[:LONGEST_PATH]} {self.status} {self.seconds * 1000:.0f} ms"


def local_only(app: ASGIApp) -> ASGIApp:
    """Refuses with 403 a request to another host name, or from a page of another host.

    Any web page can make a browser send requests to this machine, and any host name can resolve to it.
    """

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and (refusal := _refusal(Headers(scope=scope))):
            await refusal.response(scope["trace_id"])(scope, receive, send)
        else:
            await app(scope, receive, send)

    return guarded


def trace_requests(app: ASGIApp) -> ASGIApp:
    """Gives every request a trace id, and every answer the headers with trace id and region."""

    async def traced_app(scope: Scope, receive: Receive, send: Send) -> None:
        trace_id = scope["trace_id"] = secrets.token_hex(16)

        async def send_traced(message: Message) -> None:
            if message["type"] in RESPONSE_STARTS:
                MutableHeaders(scope=message).update({"x-trace-id": trace_id, "x-region": REGION})
            await send(message)

        await app(scope, receive, send_traced)

    return traced_app


def log_requests(app: ASGIApp, log: Callable[[ServedRequest], None]) -> ASGIApp:
    """Calls `log` with every request when it has ended."""

    async def logged_app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await app(scope, receive, send)
        began, status = (
            time.monotonic(),
            499 if scope["type"] == "http" else 1006,
        )  # the codes of a connection that is lost

        async def send_seen(message: Message) -> None:
            nonlocal status
            await send(message)
            status = message["status"] if message["type"] in RESPONSE_STARTS else _close_code(message, status)

        async def receive_seen() -> Message:
            nonlocal status
            message = await receive()
            status = _close_code(message, status)
            return message

        try:
            await app(scope, receive_seen, send_seen)
        finally:
            method = scope["method"] if scope["type"] == "http" else "WS"
            log(ServedRequest(method, scope["path"], status, time.monotonic() - began))

    return logged_app


def _close_code(message: Message, before: int) -> int:
    """Gives the close code of a message that closes a WebSocket."""
    closes = message["type"] in ("websocket.close", "websocket.disconnect") and before in (1005, 1006)
    return int(message.get("code") or 1000) if closes else before


def _refusal(headers: Headers) -> Problem | None:
    if not all(map(_is_local, headers.getlist("host"))):
        return _not_local(f"The sandbox answers to 127.0.0.1 and localhost only, not to {headers['host']}.")
    if not all(map(_is_local_page, headers.getlist("origin"))):
        return _not_local(f"The sandbox answers pages of this machine only, not those of {headers['origin']}.")
    return None


def _not_local(message: str) -> Problem:
    return Problem(403, "not_this_machine", message)


def _is_local(host: str) -> bool:
    return _is_local_page(f"http://{host}")


def _is_local_page(origin: str) -> bool:
    try:
        name = urlsplit(origin).hostname or ""
    except ValueError:
        return False
    return name in LOCAL_NAMES or name.endswith(".localhost") or _is_loopback(name.split("."))


def _is_loopback(parts: Iterable[str]) -> bool:
    numbers = list(parts)
    return len(numbers) == 4 and numbers[0] == "127" and all(part.isascii() and part.isdigit() for part in numbers)
