"""Sends and receives JSON objects over a WebSocket, and ends a session the way the endpoint's clients expect."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from ..http.problems import Problem, SchemaError
from ..http.requests_log import note_failure

CLOSE_NORMAL, CLOSE_POLICY, CLOSE_INTERNAL = 1000, 1008, 1011
REASON_BYTES = 123  # what fits into a close frame
CRASHED = "The sandbox itself failed."
Message = dict[str, Any]


class Disconnected(Exception):
    """The client has disconnected."""


class SessionEnd(Exception):
    """Ends a session: sends the message `error`, if there is one, then closes with `code` and `reason`."""

    def __init__(self, code: int = CLOSE_NORMAL, reason: str = "", error: Message | None = None) -> None:
        super().__init__(reason)
        self.code, self.reason, self.error = code, reason, error


@dataclass(frozen=True)
class ErrorFormat:
    """How one kind of socket reports what ends its sessions.

    invalid  a message that is not a JSON object, given as a sentence
    idle     no message within the time-out, given in seconds
    refused  what is an HTTP error elsewhere
    crashed  an error of the sandbox itself, given as a sentence
    """

    invalid: Callable[[str], SessionEnd]
    idle: Callable[[float], SessionEnd]
    refused: Callable[[Problem | SchemaError], SessionEnd]
    crashed: Callable[[str], SessionEnd]


class JsonSocket:
    """An accepted WebSocket. A message has to arrive every `idle_timeout_s`; None waits without limit."""

    def __init__(self, socket: WebSocket, errors: ErrorFormat, idle_timeout_s: float | None = None) -> None:
        self._socket, self._errors, self._idle_timeout_s = socket, errors, idle_timeout_s
        self.muted = False  # drops what is sent

    async def run(self, session: Awaitable[None]) -> None:
        """Runs a session, then closes the socket: normally, or as the exception demands that ended the session."""
        try:
            await session
            end = SessionEnd()
        except Disconnected:
            return
        except SessionEnd as raised:
            end = raised
        except (Problem, SchemaError) as problem:
            end = self._errors.refused(problem)
        except Exception as error:
            note_failure(self._socket.scope, error)
            end = self._errors.crashed(CRASHED)
        await self._end(end)

    async def receive(self) -> Message:
        """Receives a message. Raises Disconnected, and SessionEnd on a time-out or for anything but a JSON object."""
        try:
            async with asyncio.timeout(self._idle_timeout_s):  # wait_for of Python 3.11 may lose a cancellation
                frame = await self._socket.receive()
        except TimeoutError:
            raise self._errors.idle(self._idle_timeout_s or 0.0) from None
        if frame["type"] == "websocket.disconnect":
            raise Disconnected
        try:
            message = json.loads(frame.get("text") or frame.get("bytes") or "")
        except (ValueError, RecursionError):
            raise self._errors.invalid("The message is not JSON.") from None
        if not isinstance(message, dict):
            raise self._errors.invalid("The message is not a JSON object.")
        return message

    async def send(self, message: Message) -> None:
        """Sends a message. Raises Disconnected."""
        if self.muted:
            return
        try:
            await self._socket.send_text(json.dumps(message, separators=(",", ":")))
        except (WebSocketDisconnect, RuntimeError):
            raise Disconnected from None

    async def _end(self, end: SessionEnd) -> None:
        reason = end.reason.encode("utf-8", "replace")[:REASON_BYTES].decode(errors="ignore")
        with suppress(Disconnected, WebSocketDisconnect, RuntimeError):
            if end.error is not None:
                await self.send(end.error)
            await self._socket.close(end.code, reason)
