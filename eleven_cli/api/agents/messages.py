"""Messages of a conversation's socket: decodes the server's into events, encodes the client's. No I/O.

Each message becomes a value: a message of an unknown type is an `UnknownEvent`, one that cannot be read an
`UnreadableEvent`.
"""

import base64
from dataclasses import asdict
from typing import Any

from eleven_cli.api.agents.events import (
    AgentComplete,
    AgentCorrected,
    AgentPart,
    AgentSaid,
    AgentTyping,
    Audio,
    ContextUsed,
    ErrorEvent,
    Event,
    GuardrailTriggered,
    Interrupted,
    Ping,
    QueueStatus,
    RawEvent,
    Started,
    UnknownEvent,
    UnreadableEvent,
    UserSaid,
    UserSaying,
    VoiceActivity,
)
from eleven_cli.api.agents.tool_events import (
    McpConnected,
    McpToolCalled,
    ToolAnswered,
    ToolAnsweredInFull,
    ToolCalled,
    ToolRequested,
)
from eleven_cli.api.json_fields import object_of, parsed

_RAW = {
    "agent_response_metadata": "agent_response_metadata_event",
    "agent_reasoning_response_part": "reasoning_response_part",
    "asr_initiation_metadata": "asr_initiation_metadata_event",
    "rich_content": "rich_content",
    "internal_turn_probability": "turn_probability_internal_event",
    "internal_tentative_agent_response": "tentative_agent_response_internal_event",
    "external_agent_connected": "external_agent_connected_event",
    "external_agent_disconnected": "external_agent_disconnected_event",
    "dtmf_request": "dtmf_request",
}
_CLASSES: list[type[Event]] = [
    Started, Ping, Audio, UserSaid, UserSaying, AgentSaid, AgentCorrected, AgentPart, AgentComplete, Interrupted,
    ToolCalled, ToolRequested, ToolAnswered, ToolAnsweredInFull, McpToolCalled, McpConnected, VoiceActivity,
    ContextUsed, AgentTyping, QueueStatus, GuardrailTriggered, ErrorEvent,
]  # fmt: skip
_BY_TYPE = {cls.TYPE: cls for cls in _CLASSES}
_BY_TYPE["client_error"] = ErrorEvent  # the newer documents' name for it
SHOWN_OF_THE_UNREADABLE = 200


def decode(message: str | bytes) -> Event:
    """Decodes any frame; never raises."""
    if isinstance(message, bytes):
        return UnreadableEvent(f"{len(message)} bytes of binary data")
    try:
        data = parsed(message)
    except (ValueError, RecursionError):
        return UnreadableEvent(message[:SHOWN_OF_THE_UNREADABLE])
    kind = data.get("type") if isinstance(data, dict) else None
    if not isinstance(kind, str):
        return UnreadableEvent(message[:SHOWN_OF_THE_UNREADABLE])
    if cls := _BY_TYPE.get(kind):
        return cls.read(_body(data, cls.WRAPPER))
    if kind in _RAW:
        return RawEvent(kind, _body(data, _RAW[kind]))
    return UnknownEvent(kind, _body(data, ""))


def as_json(event: Event) -> dict[str, Any]:
    """Gives an event as one flat JSON object, for logs; of audio, its length instead of the data."""
    if isinstance(event, RawEvent):
        return {"type": event.type, **event.members}
    members = asdict(event)
    if isinstance(event, Audio):
        members["bytes"] = len(members.pop("data"))
    return {"type": event.TYPE or "unreadable", **members}


def _body(data: dict[str, Any], wrapper: str) -> dict[str, Any]:
    """The members: in their wrapper, or, as some servers send errors, beside the type."""
    body = data[wrapper] if wrapper in data else {name: value for name, value in data.items() if name != "type"}
    return object_of(body)


def initiation(
    *, override: dict[str, Any], variables: dict[str, str], user_id: str | None, version: str
) -> dict[str, Any]:
    """The first message. `override` as the API nests it; empty parts are left out."""
    message = {
        "type": "conversation_initiation_client_data",
        "conversation_config_override": override,
        "dynamic_variables": variables,
        "user_id": user_id,
        "source_info": {"source": "eleven-cli", "version": version},
    }
    return {name: value for name, value in message.items() if value}


def user_audio(data: bytes) -> dict[str, Any]:
    return {"user_audio_chunk": base64.b64encode(data).decode("ascii")}


def pong(event_id: int | None) -> dict[str, Any]:
    return {"type": "pong", "event_id": event_id}


def user_message(text: str) -> dict[str, Any]:
    return {"type": "user_message", "text": text}


def user_activity() -> dict[str, Any]:
    return {"type": "user_activity"}


def tool_result(call_id: str, result: str, *, is_error: bool) -> dict[str, Any]:
    return {"type": "client_tool_result", "tool_call_id": call_id, "result": result, "is_error": is_error}


def mcp_approval(call_id: str, *, is_approved: bool) -> dict[str, Any]:
    return {"type": "mcp_tool_approval_result", "tool_call_id": call_id, "is_approved": is_approved}
