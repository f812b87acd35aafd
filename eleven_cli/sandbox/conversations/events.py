"""One client's socket: JSON objects in both directions, an event counter, and the ways a conversation ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

REASON_BYTES = 123
TEXT_PART = "agent_chat_response_part"
_ALWAYS = frozenset({"error"})


@dataclass(frozen=True)
class Ending:
    """How a conversation ends: with a close, after an error event if there is an `error_type`; or cut off (`drop`).

    Code 0 stands for a client that has left.
    """

    code: int = 1000
    reason: str = ""
    error_type: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    drop: bool = False


GONE = Ending(0)


class Ended(Exception):
    """Ends the conversation from wherever it is noticed."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.reason)
        self.ending = ending


def invalid(message: str, error_type: str = "invalid_message") -> Ended:
    """A message that cannot be understood: 1008."""
    return Ended(Ending(1008, message, error_type))


class Link:
    """The socket of one conversation. Once the client has left, sending does nothing."""

    def __init__(self, socket: WebSocket, abort: Callable[[], None]) -> None:
        self._socket, self._abort = socket, abort
        self._events: frozenset[str] | None = None
        self._last_id = 0
        self.muted = False

    def allow(self, events: Iterable[str]) -> None:
        """From now on only these events are sent."""
        self._events = frozenset(events) | _ALWAYS

    def sends(self, event: str) -> bool:
        return self._events is None or event in self._events

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    async def receive(self) -> dict[str, Any]:
        """The next message. Raises Ended when the client has left, or sent something that is no JSON object."""
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise Ended(GONE)
        text = message.get("text") or message.get("bytes") or ""
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            raise invalid("The message is not JSON.") from None
        if not isinstance(content, dict):
            raise invalid("The message is not a JSON object.")
        return content

    async def send(self, event: str, wrapper: str = "", **payload: Any) -> None:
        """An event, if the agent sends it: `{"type": event, wrapper: payload}`; the wrapper's usual name is
        `event` + `_event`."""
        if self.sends(event) and not self.muted:
            content = json.dumps({"type": event, wrapper or f"{event}_event": payload}, separators=(",", ":"))
            with suppress(WebSocketDisconnect, RuntimeError):  # it has left; whoever reads the socket will see it
                await self._socket.send_text(content)

    async def end(self, ending: Ending) -> None:
        """Carry out an ending."""
        if ending.drop:
            self._abort()
        elif ending is not GONE:
            if ending.error_type:
                await self._send_error(ending)
            reason = ending.reason.encode()[:REASON_BYTES].decode(errors="ignore")
            with suppress(WebSocketDisconnect, RuntimeError):
                await self._socket.close(ending.code, reason)

    async def _send_error(self, ending: Ending) -> None:
        await self.send(
            "error",
            code=ending.code,
            message=ending.reason,
            error_type=ending.error_type,
            reason=ending.error_type.replace("_", " ").capitalize(),
            debug_message=None,
            details=ending.details,
        )
