"""What can happen in a conversation, as frozen values: one class for each type of message of the server.

Source: the contract of the agents' socket. A member that is missing or of the wrong kind has its empty value.
"""

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

from eleven_cli.api.json_fields import bytes_of, value_of_kind


@dataclass(frozen=True)
class Event:
    """A message of the server. TYPE is its name on the wire, WRAPPER where its members are."""

    TYPE: ClassVar[str] = ""
    WRAPPER: ClassVar[str] = ""

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        """The event from its members; members that the class does not have are ignored."""
        kinds = {item.name: item.type for item in fields(cls)}
        known = {name: value_of_kind(kind, body.get(name)) for name, kind in kinds.items()}
        return cls(**{name: value for name, value in known.items() if value is not None})


@dataclass(frozen=True)
class Started(Event):
    """The conversation has begun. Formats as in pcm_16000, ulaw_8000."""

    TYPE, WRAPPER = "conversation_initiation_metadata", "conversation_initiation_metadata_event"
    conversation_id: str = ""
    agent_output_audio_format: str = "pcm_16000"
    user_input_audio_format: str = "pcm_16000"


@dataclass(frozen=True)
class Ping(Event):
    """Answered by the conversation itself. ping_ms: the last round trip, None when not measured."""

    TYPE, WRAPPER = "ping", "ping_event"
    event_id: int | None = None
    ping_ms: float | None = None


@dataclass(frozen=True)
class Audio(Event):
    """The agent's voice. data: raw samples in the agent's output format."""

    TYPE, WRAPPER = "audio", "audio_event"
    data: bytes = field(default=b"", repr=False)
    event_id: int | None = None
    is_final: bool = False

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        data = bytes_of(body.get("audio_base_64"))
        return cls(data, value_of_kind(int | None, body.get("event_id")), body.get("is_final") is True)


@dataclass(frozen=True)
class UserSaid(Event):
    """What the user said in a turn."""

    TYPE, WRAPPER = "user_transcript", "user_transcription_event"
    user_transcript: str = ""
    event_id: int | None = None


@dataclass(frozen=True)
class UserSaying(Event):
    """The transcript so far; replaced by the next one."""

    TYPE, WRAPPER = "tentative_user_transcript", "tentative_user_transcription_event"
    user_transcript: str = ""
    event_id: int | None = None


@dataclass(frozen=True)
class AgentSaid(Event):
    """The whole text of a turn, also the part that an interruption may yet cut off."""

    TYPE, WRAPPER = "agent_response", "agent_response_event"
    agent_response: str = ""
    event_id: int | None = None
    response_id: str = ""


@dataclass(frozen=True)
class AgentCorrected(Event):
    """What the agent really said of an interrupted turn."""

    TYPE, WRAPPER = "agent_response_correction", "agent_response_correction_event"
    original_agent_response: str = ""
    corrected_agent_response: str = ""
    event_id: int | None = None
    response_id: str = ""


@dataclass(frozen=True)
class AgentPart(Event):
    """A piece of a turn's text as it comes into being. part: start, delta or stop."""

    TYPE, WRAPPER = "agent_chat_response_part", "text_response_part"
    text: str = ""
    part: str = ""
    event_id: int | None = None
    response_id: str = ""

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        return super().read({**body, "part": body.get("type")})


@dataclass(frozen=True)
class AgentComplete(Event):
    """The text of the turn is complete, and so is what was answered."""

    TYPE, WRAPPER = "agent_response_complete", "agent_response_complete_event"
    event_id: int | None = None


@dataclass(frozen=True)
class Interrupted(Event):
    """The user spoke: audio up to and including event_id is not to be played (old servers send no id)."""

    TYPE, WRAPPER = "interruption", "interruption_event"
    event_id: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class VoiceActivity(Event):
    """How likely it is that the user is speaking, from 0 to 1."""

    TYPE, WRAPPER = "vad_score", "vad_score_event"
    vad_score: float | None = None


@dataclass(frozen=True)
class ContextUsed(Event):
    """How much of what the agent's model can bear in mind is used."""

    TYPE, WRAPPER = "context_usage", "context_usage_event"
    model: str = ""
    context_tokens: int | None = None
    context_limit_tokens: int | None = None
    event_id: int | None = None


@dataclass(frozen=True)
class AgentTyping(Event):
    """The agent is about to write, or has stopped."""

    TYPE, WRAPPER = "agent_typing", "agent_typing_event"
    is_typing: bool = False
    duration_ms: float | None = None


@dataclass(frozen=True)
class QueueStatus(Event):
    """status: waiting, admitted or timed_out."""

    TYPE, WRAPPER = "queue_status", "queue_status_event"
    status: str = ""


@dataclass(frozen=True)
class GuardrailTriggered(Event):
    """The agent was kept from saying something; guardrail_name says by which rule."""

    TYPE, WRAPPER = "guardrail_triggered", "guardrail_triggered_event"
    guardrail_name: str = ""


@dataclass(frozen=True)
class ErrorEvent(Event):
    """An error that the server reports; a close usually follows. code: the close code."""

    TYPE, WRAPPER = "error", "error_event"
    code: int | None = None
    message: str = ""
    error_type: str = ""
    reason: str = ""
    debug_message: str = ""

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        return super().read({"error_type": body.get("error_name"), **_without_nulls(body)})


@dataclass(frozen=True)
class RawEvent(Event):
    """An event of a known type whose members are passed on as they are: nothing here depends on them."""

    type: str = ""
    members: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class UnknownEvent(RawEvent):
    """A message of an unknown type."""


@dataclass(frozen=True)
class UnreadableEvent(Event):
    """A frame that is not a message: broken JSON, or binary. text: its beginning."""

    text: str = ""


def _without_nulls(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
