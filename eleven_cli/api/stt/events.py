"""Messages of the real-time transcription socket: decodes the server's into values, encodes the client's. No I/O.

Source: the contract of the real-time transcription socket, and what was observed of the live one, which differs.
"""

import base64
from typing import Any, NamedTuple

from eleven_cli.api.json_fields import objects_of, parsed, text_of

LATEST_S = 1e8  # more than three years: what is later is no time


class RealtimeWord(NamedTuple):
    """kind: word, spacing or audio_event. Times in seconds of the audio, None where the service gives none."""

    text: str
    start_s: float | None
    end_s: float | None
    kind: str = "word"
    speaker: str | None = None

    def moved(self, by_s: float) -> "RealtimeWord":
        """The same, so much later."""
        start_s, end_s = (None if time is None else time + by_s for time in (self.start_s, self.end_s))
        return self._replace(start_s=start_s, end_s=end_s)


class RealtimeEntity(NamedTuple):
    """Something named or numbered in a transcript. start, end: its characters, None where the service does not say."""

    kind: str
    text: str
    start: int | None = None
    end: int | None = None

    def moved(self, by: int) -> "RealtimeEntity":
        """The same, so many characters later."""
        start, end = (None if place is None else place + by for place in (self.start, self.end))
        return self._replace(start=start, end=end)


class SessionStarted(NamedTuple):
    session_id: str


class Partial(NamedTuple):
    """The transcript so far of what is being said; replaces the previous one."""

    text: str


class Committed(NamedTuple):
    """A final transcript. words: None where no times were requested. Silence has the text "".

    is_partway   it ends in the middle of speech, because there is a limit to how long a transcript can be
    entities     what was found in it; None where none were to be found
    edited       what an instruction made of it; None where none was given
    """

    text: str
    words: tuple[RealtimeWord, ...] | None = None
    language: str | None = None
    is_partway: bool = False
    entities: tuple[RealtimeEntity, ...] | None = None
    edited: str | None = None


class FoundEntities(NamedTuple):
    """What is named or numbered in the transcript with this text."""

    text: str
    entities: tuple[RealtimeEntity, ...]


class Redacted(NamedTuple):
    """The transcript with this text, without what was not to be read."""

    text: str
    redacted_text: str


class Edited(NamedTuple):
    """What an instruction made of the transcript with this text."""

    text: str
    edited_text: str


class ServiceWarning(NamedTuple):
    text: str


class SessionError(NamedTuple):
    """An error that ends the session. code: the service's name for it."""

    code: str
    message: str


class UnknownMessage(NamedTuple):
    """A message of an unknown type, or one that cannot be read."""

    kind: str


FollowUp = Committed | FoundEntities | Redacted | Edited
Event = SessionStarted | Partial | FollowUp | ServiceWarning | SessionError | UnknownMessage


def decode(message: str | bytes) -> Event:
    """Decodes any message; never raises."""
    try:
        value = parsed(message)
    except (ValueError, RecursionError):
        return UnknownMessage("")
    if not isinstance(value, dict):
        return UnknownMessage("")
    kind, text = text_of(value.get("message_type")), text_of(value.get("text"))
    match kind:
        case "session_started":
            return SessionStarted(text_of(value.get("session_id")))
        case "partial_transcript":
            return Partial(text)
        case "committed_transcript":
            return Committed(text)
        case "committed_transcript_with_timestamps":
            return Committed(text, _words(value.get("words")), text_of(value.get("language_code")) or None)
        case "committed_transcript_entities":
            return FoundEntities(text, tuple(map(_entity, objects_of(value.get("entities")))))
        case "redacted_transcript" if isinstance(value.get("redacted_text"), str):
            return Redacted(text, value["redacted_text"])
        case "edited_transcript" if isinstance(value.get("edited_text"), str):
            return Edited(text, value["edited_text"])
        case "warning":
            return ServiceWarning(text_of(value.get("warning")))
    if "error" in value:
        return SessionError(kind or "error", text_of(value["error"]) or text_of(value.get("message")) or kind)
    return UnknownMessage(kind)


def chunk(audio: bytes, sample_rate: int, *, commit: bool = False) -> dict[str, Any]:
    """Encodes audio; with `commit`, also the request to commit."""
    return {
        "message_type": "input_audio_chunk",
        "audio_base_64": base64.b64encode(audio).decode(),
        "commit": commit,
        "sample_rate": sample_rate,
    }


def _words(value: Any) -> tuple[RealtimeWord, ...]:
    return tuple(_word(entry) for entry in objects_of(value) if isinstance(entry.get("text"), str))


def _word(entry: dict[str, Any]) -> RealtimeWord:
    kind, speaker = text_of(entry.get("type")) or "word", text_of(entry.get("speaker_id")) or None
    return RealtimeWord(entry["text"], _time(entry.get("start")), _time(entry.get("end")), kind, speaker)


def _entity(entry: dict[str, Any]) -> RealtimeEntity:
    start, end = (place if type(place := entry.get(name)) is int else None for name in ("start_char", "end_char"))
    return RealtimeEntity(text_of(entry.get("entity_type")), text_of(entry.get("text")), start, end)


def _time(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) <= LATEST_S else None
