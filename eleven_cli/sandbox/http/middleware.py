"""Middleware for every request: adds a trace id, and logs the request when it has ended, and what fails within."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Callable
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..sockets.json_socket import Disconnected
from ..state.entropy import REQUESTS, new_hex
from .requests_log import (
    FAILURE,
    BackgroundFailure,
    Log,
    ServedRequest,
    SocketMessage,
    json_or_none,
    key_of,
    note_failure,
    query_of,
    unknown_fields,
)

LOGGER = logging.getLogger("eleven.sandbox")
REGION = "sandbox"
CONTROL = "/sandbox/"  # the sandbox's own routes
RESPONSE_STARTS = ("http.response.start", "websocket.http.response.start")
LOGGED_BODY_BYTES = 1_000_000
LOST = {"http": 499, "websocket": 1006}  # the codes of a connection that is lost
FORM, FORM_FIELDS = "form", "form_fields"


def is_for_service(scope: Scope) -> bool:
    """Tells whether it is a request, and not one to control the sandbox."""
    return scope["type"] in ("http", "websocket") and not scope["path"].startswith(CONTROL)


def trace_requests(app: ASGIApp) -> ASGIApp:
    """Gives every request a trace id, and every answer the headers with trace id and region."""

    async def traced_app(scope: Scope, receive: Receive, send: Send) -> None:
        trace_id = scope["trace_id"] = new_hex(REQUESTS)

        async def send_traced(message: Message) -> None:
            if message["type"] in RESPONSE_STARTS:
                MutableHeaders(scope=message).update({"x-trace-id": trace_id, "x-region": REGION})
            await send(message)

        await app(scope, receive, send_traced)

    return traced_app


def log_requests(app: ASGIApp, log: Log) -> ASGIApp:
    """Calls `log` with every request when it has ended, and with every message of a WebSocket."""

    async def logged_app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await app(scope, receive, send)
        exchange = _Exchange(scope, receive, send, log)
        try:
            await app(scope, exchange.receive, exchange.send)
        finally:
            log(exchange.served())

    return logged_app


def contain_failures(app: ASGIApp) -> ASGIApp:
    """Notes what fails within the sandbox; where the client has been told, its connection stays open."""

    async def contained_app(scope: Scope, receive: Receive, send: Send) -> None:
        answered = False

        async def send_watched(message: Message) -> None:
            nonlocal answered
            await send(message)
            answered = message["type"] == "http.response.body" and not message.get("more_body", False)

        try:
            await app(scope, receive, send_watched)
        except ClientDisconnect:
            raise
        except Exception as error:
            note_failure(scope, error)
            if not answered:
                raise

    return contained_app


def report_failures(app: ASGIApp) -> ASGIApp:
    """Gives Python's logging what fails within a sandbox that has no log, so that a test shows it."""

    async def reporting_app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        finally:
            if failure := scope.get(FAILURE):
                LOGGER.error("%s %s failed:\n%s", scope.get("method", "WS"), scope["path"], failure)

    return reporting_app


def background_failures(log: Log | None) -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """Gives an event loop's handler of failures in tasks that are not awaited; clients that leave are no failures."""

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error, task = context.get("exception"), context.get("future")
        if (
            error is None
            or isinstance(error, ClientDisconnect | Disconnected)
            or (isinstance(error, OSError) and task is None)
        ):
            return
        name = getattr(task.get_coro(), "__qualname__", "") if isinstance(task, asyncio.Task) else context["message"]
        failed = BackgroundFailure(str(name), "".join(traceback.format_exception(error)))
        if log is None:
            LOGGER.error("%s failed:\n%s", failed.task, failed.failure)
        else:
            log(failed)

    return handle


class _Exchange:
    """One request and its answer, or one WebSocket; what passes through is counted."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, log: Log) -> None:
        self._scope, self._receive, self._send, self._log = scope, receive, send, log
        self._began = time.monotonic()
        self._status = LOST[scope["type"]]
        self._received = self._sent = 0
        self._body = bytearray()

    async def receive(self) -> Message:
        message = await self._receive()
        self._close(message)
        data = message.get("body") or message.get("text") or message.get("bytes") or b""
        self._received += len(data)
        if message["type"] == "websocket.receive":
            self._log(SocketMessage(self._scope["trace_id"], self._scope["path"], "client", data))
        elif message["type"] == "http.request" and len(self._body) + len(data) <= LOGGED_BODY_BYTES:
            self._body += data
        return message

    async def send(self, message: Message) -> None:
        await self._send(message)
        if message["type"] in RESPONSE_STARTS:
            self._status = message["status"]
        self._close(message)
        data = message.get("body") or message.get("text") or message.get("bytes") or b""
        self._sent += len(data)
        if message["type"] == "websocket.send":
            self._log(SocketMessage(self._scope["trace_id"], self._scope["path"], "sandbox", data))

    def served(self) -> ServedRequest:
        scope = self._scope
        method = scope["method"] if scope["type"] == "http" else "WS"
        body = json_or_none(bytes(self._body))
        fields = body if isinstance(body, dict) else scope.get(FORM_FIELDS, ())
        return ServedRequest(
            method,
            scope["path"],
            self._status,
            time.monotonic() - self._began,
            self._received,
            self._sent,
            trace_id=scope.get("trace_id", ""),
            key=key_of(scope),
            query=query_of(scope),
            body=body if body is not None else dict.fromkeys(fields, "(form)") or None,
            unknown=unknown_fields(method, scope, fields),
            failure=scope.get(FAILURE, ""),
        )

    def _close(self, message: Message) -> None:
        """Takes over the code of a message that closes a WebSocket."""
        if message["type"] in ("websocket.close", "websocket.disconnect") and self._status in (1005, 1006):
            self._status = int(message.get("code") or 1000)
