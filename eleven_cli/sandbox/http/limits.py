"""Bounds what a request may send, and how long it may pause while it does."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import Problem

MAX_BODY_BYTES = 32 * 1024 * 1024
BODY_PAUSE_S = 30.0
LIMIT = "body_limit"


def bounded(app: ASGIApp) -> ASGIApp:
    """Refuses what is larger than `MAX_BODY_BYTES`, or than an endpoint allows by `allow_body`, while it arrives."""

    async def bounded_app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await app(scope, receive, send)
        received, complete = 0, False
        announced = _length(Headers(scope=scope))

        async def receive_bounded() -> Message:
            nonlocal received, complete
            if complete:
                return await receive()
            limit = scope.get(LIMIT, MAX_BODY_BYTES)
            if announced > limit:
                raise _too_large(limit)
            try:
                async with asyncio.timeout(BODY_PAUSE_S):
                    message = await receive()
            except TimeoutError:
                raise Problem(408, "request_timeout", "The body of the request did not arrive in time.") from None
            received += len(message.get("body", b""))
            if received > limit:
                raise _too_large(limit)
            complete = not message.get("more_body", False)
            return message

        await app(scope, receive_bounded, send)

    return bounded_app


def allow_body(scope: Any, limit_bytes: int) -> None:
    """Sets how large the body of this request may be."""
    scope[LIMIT] = limit_bytes


def _length(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


def _too_large(limit: int) -> Problem:
    return Problem(413, "request_too_large", f"The request is larger than the {limit:,} bytes that are allowed here.")
