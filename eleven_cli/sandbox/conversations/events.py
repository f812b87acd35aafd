"""The events of a conversation: numbered, chosen by the agent's settings, and the errors that end it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from ..conversation_records.record import ConversationRecord
from ..sockets.json_socket import (
    CLOSE_INTERNAL,
    CLOSE_NORMAL,
    CLOSE_POLICY,
    CRASHED,
    Disconnected,
    ErrorFormat,
    JsonSocket,
    SessionEnd,
)

CLOSE_PROTOCOL_ERROR = 1002
TEXT_PART = "agent_chat_response_part"


class ConnectionDropped(Exception):
    """Ends a conversation by cutting the connection, without a close frame."""


def conversation_error(code: int, message: str, error_type: str, details: dict[str, Any] | None = None) -> SessionEnd:
    """Ends the conversation with an error event, then a close; without an `error_type` only with the close."""
    event = {
        "code": code,
        "message": message,
        "error_type": error_type,
        "reason": error_type.replace("_", " ").capitalize(),
        "debug_message": None,
        "details": details or {},
    }
    return SessionEnd(code, message, {"type": "error", "error_event": event} if error_type else None)


def invalid_message(message: str, error_type: str = "invalid_message") -> SessionEnd:
    """Ends the conversation for an invalid message: 1008."""
    return conversation_error(CLOSE_POLICY, message, error_type)


def idle_timeout() -> SessionEnd:
    """Ends the conversation because the caller has sent nothing for too long: 1002."""
    message = "Nothing came from the caller for too long."
    return conversation_error(CLOSE_PROTOCOL_ERROR, message, "transport_receive_timeout")


def duration_exceeded() -> SessionEnd:
    """Ends the conversation at its maximum duration: 1000."""
    message = "The conversation has reached its longest duration."
    return conversation_error(CLOSE_NORMAL, message, "max_duration_exceeded")


def _crashed(message: str) -> SessionEnd:
    return conversation_error(CLOSE_INTERNAL, message, "unknown_websocket_crash")


ERRORS = ErrorFormat(
    invalid=invalid_message,
    idle=lambda timeout_s: idle_timeout(),
    refused=lambda problem: _crashed(CRASHED),
    crashed=_crashed,
)


class EventSender:
    """Sends the events of one conversation, and records them. Once the client has disconnected, nothing is sent."""

    def __init__(self, socket: JsonSocket, allowed: Iterable[str], record: ConversationRecord) -> None:
        self._socket, self._allowed, self.record = socket, frozenset(allowed), record
        self._last_id = 0

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def mute(self) -> None:
        """Drops every further event, the last error included."""
        self._socket.muted = True

    async def send(self, event: str, wrapper: str = "", **payload: Any) -> None:
        """Sends `{"type": event, wrapper: payload}` if the agent's settings allow the event.

        The wrapper's usual name is `event` + `_event`.
        """
        self.record.note(event, payload)
        if event in self._allowed:
            with suppress(Disconnected):  # the reader of the socket reports it
                await self._socket.send({"type": event, wrapper or f"{event}_event": payload})
