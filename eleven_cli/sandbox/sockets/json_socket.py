"""One client's socket: JSON objects in both directions, a time-out, and the ways a session ends."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from ..http.problems import Malformed, Problem

POLICY, INTERNAL = 1008, 1011
REASON_BYTES = 123


class Gone(Exception):
    """The client has left."""


class Failure(Exception):
    """Ends a session: a message that says why, then a close with the `code`."""

    def __init__(self, error: str, message: str, *, code: int = POLICY, param: str | None = None) -> None:
        super().__init__(message)
        self.code, self.param = code, param
        self.body: dict[str, Any] = {"message": message, "error": error, "code": code}


def failure(error: Problem | Malformed) -> Failure:
    """What is an HTTP answer elsewhere, as the end of a session."""
    if isinstance(error, Problem):
        return Failure(error.status, str(error), param=error.param)
    faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.faults]
    return Failure("invalid_parameters", "; ".join(faults), param=str(error.faults[0]["loc"][-1]))


class Channel:
    """An accepted socket. `idle_s` is how long the client may keep silent; with `names_param` errors name a field."""

    def __init__(self, socket: WebSocket, idle_s: float, *, names_param: bool = False) -> None:
        self._socket, self._idle_s, self._names_param = socket, idle_s, names_param

    async def receive(self) -> dict[str, Any]:
        """The next message. Raises Gone, and Failure for silence or anything that is no JSON object."""
        try:
            message = await asyncio.wait_for(self._socket.receive(), self._idle_s)
        except TimeoutError:
            raise _too_silent(self._idle_s) from None
        if message["type"] == "websocket.disconnect":
            raise Gone
        try:
            content = json.loads(message.get("text") or message.get("bytes") or "")
        except (ValueError, RecursionError):
            raise Failure("malformed_json", "The message is not JSON.") from None
        if not isinstance(content, dict):
            raise Failure("malformed_json", "The message is not a JSON object.")
        return content

    async def send(self, message: dict[str, Any]) -> None:
        """Raises Gone when the client has left."""
        try:
            await self._socket.send_text(json.dumps(message, separators=(",", ":")))
        except (WebSocketDisconnect, RuntimeError):
            raise Gone from None

    async def fail(self, failure: Failure) -> None:
        """The message, then the close."""
        named = {"param": failure.param} if self._names_param and failure.param else {}
        with suppress(Gone):
            await self.send({**failure.body, **named})
            await self.close(failure.code, str(failure))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        short = reason.encode("utf-8", "replace")[:REASON_BYTES].decode(errors="ignore")
        with suppress(WebSocketDisconnect, RuntimeError):
            await self._socket.close(code, short)


def _too_silent(idle_s: float) -> Failure:
    message = f"Have not received a new text input within the timeout of {idle_s:.1f} seconds."
    return Failure("input_timeout_exceeded", f"{message} Streaming input terminated.")
