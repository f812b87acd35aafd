"""Conversations that were had (/v1/convai/conversations …)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from eleven_cli.api.client import Client, path_to
from eleven_cli.api.json_fields import number, object_of, objects_of, text_of, unix_time, whole_number
from eleven_cli.api.paging import each_entry
from eleven_cli.api.tts.speech import SpeechResponse
from eleven_cli.errors import ElevenError

PATH = "/v1/convai/conversations"
PAGE_SIZE = 100
AUDIO_FORMAT = "mp3_44100_128"
FEEDBACK = ("like", "dislike")


@dataclass(frozen=True)
class ConversationSummary:
    """One conversation of a list; unknown members are "" or None. started_at: seconds since 1970."""

    conversation_id: str
    agent_id: str
    agent: str
    started_at: int | None
    duration_s: int | None
    messages: int | None
    status: str
    successful: str
    title: str


class SpokenTurn(NamedTuple):
    """What one side said, or a tool that was called or has answered.

    at_s       when, in seconds from the beginning; None when not told
    original   of an agent that was interrupted: what it would have said, "" otherwise
    tool       its name, "" for what was said
    """

    role: str
    text: str
    at_s: float | None
    original: str = ""
    tool: str = ""


class ConversationLog(NamedTuple):
    """A whole conversation. answer: as the service put it; duration_s: None when not told."""

    answer: dict[str, Any]
    turns: tuple[SpokenTurn, ...]
    status: str
    agent: str
    started_at: int | None
    duration_s: float | None


def each_conversation(
    client: Client, *, agent_id: str = "", after: int | None = None, before: int | None = None, page_size: int
) -> Iterator[ConversationSummary]:
    """The newest first, page after page. after, before: when they began, in seconds since 1970."""
    wanted = {"agent_id": agent_id or None, "call_start_after_unix": after, "call_start_before_unix": before}
    query = {"page_size": page_size, **{name: value for name, value in wanted.items() if value is not None}}
    fields = {"listed": "conversations", "by": "conversation_id", "token": "next_cursor", "sent_as": "cursor"}
    yield from map(_summary, each_entry(client, PATH, query, **fields, kind="conversations"))


def conversation_log(client: Client, conversation_id: str) -> ConversationLog:
    """The conversation with this id. Raises NotFound."""
    answer = client.json("GET", _path(conversation_id))
    if not isinstance(answer, dict) or not isinstance(answer.get("transcript"), list):
        raise ElevenError("the service sent something that is not a conversation")
    facts = object_of(answer.get("metadata"))
    return ConversationLog(
        answer,
        tuple(turn for entry in objects_of(answer["transcript"]) for turn in _turns(entry)),
        text_of(answer.get("status")),
        text_of(answer.get("agent_name")) or text_of(answer.get("agent_id")),
        unix_time(facts.get("start_time_unix_secs")),
        number(facts.get("call_duration_secs")),
    )


def conversation_audio(client: Client, conversation_id: str) -> SpeechResponse:
    """Its sound, an MP3. Raises NotFound where there is none, or not yet."""
    stream = client.stream("GET", f"{_path(conversation_id)}/audio", accept="audio/mpeg")
    return SpeechResponse.of(stream, AUDIO_FORMAT)


def delete_conversation(client: Client, conversation_id: str) -> None:
    client.do("DELETE", _path(conversation_id))


def send_feedback(client: Client, conversation_id: str, feedback: str | None) -> None:
    """One of FEEDBACK; None takes it back."""
    client.do("POST", f"{_path(conversation_id)}/feedback", json={"feedback": feedback})


def _path(conversation_id: str) -> str:
    return path_to(PATH, conversation_id, "conversation")


def _summary(entry: dict[str, Any]) -> ConversationSummary:
    agent_id = text_of(entry.get("agent_id"))
    return ConversationSummary(
        conversation_id=entry["conversation_id"],
        agent_id=agent_id,
        agent=text_of(entry.get("agent_name")) or agent_id,
        started_at=unix_time(entry.get("start_time_unix_secs")),
        duration_s=whole_number(entry.get("call_duration_secs")),
        messages=whole_number(entry.get("message_count")),
        status=text_of(entry.get("status")),
        successful=text_of(entry.get("call_successful")),
        title=text_of(entry.get("call_summary_title")),
    )


def _turns(entry: dict[str, Any]) -> Iterator[SpokenTurn]:
    role, at_s = text_of(entry.get("role")), number(entry.get("time_in_call_secs"))
    said, original = text_of(entry.get("message")), text_of(entry.get("original_message"))
    if said or original:
        yield SpokenTurn(role, said, at_s, original if original != said else "")
    for call in objects_of(entry.get("tool_calls")):
        yield SpokenTurn(role, text_of(call.get("params_as_json")), at_s, tool=text_of(call.get("tool_name")) or "tool")
    for result in objects_of(entry.get("tool_results")):
        value = text_of(result.get("result_value"))
        yield SpokenTurn("tool", value, at_s, tool=text_of(result.get("tool_name")) or "tool")
