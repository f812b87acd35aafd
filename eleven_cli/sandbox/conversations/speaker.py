"""Sends an agent's responses: as audio, with an estimate of how much the caller has heard, or as text."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Protocol

from ..sound.formats import FORMATS
from ..speech.speech_encoder import encode_speech
from ..speech.streaming import close_generator, iterate_in_threads
from ..speech.timed_audio import TimedAudio, TimedCharacter
from .events import TEXT_PART, EventSender
from .session import SessionConfig

DELTA_PAUSE_S = 0.01
SLICE_S = 0.05  # audio events are joined from slices of this length
_WORD = re.compile(r"\S+\s*|\s+")
CUT = "..."


class Speaker(Protocol):
    """Sends one response after the other."""

    @property
    def audible(self) -> bool:
        """Whether the caller is hearing the agent right now."""
        ...

    @property
    def audible_s(self) -> float:
        """For how long the caller still hears what was sent."""
        ...

    async def speak(self, text: str) -> None:
        """Sends every event of one response."""
        ...

    async def speak_parts(self, parts: AsyncIterator[str]) -> str:
        """Sends a response whose text is still arriving; gives the whole. Nothing is sent where no text comes."""
        ...

    def interrupt(self) -> tuple[str, str] | None:
        """Stops the response; gives its text and what was heard of it, None without a response."""
        ...


class TextSpeaker:
    """Sends responses as text: part by part, then as a whole."""

    audible, audible_s = False, 0.0

    def __init__(self, events: EventSender) -> None:
        self._events = events

    async def speak(self, text: str) -> None:
        await self.speak_parts(_words(text))

    async def speak_parts(self, parts: AsyncIterator[str]) -> str:
        text, event_id = "", 0
        async for part in parts:
            if not text:
                event_id = self._events.next_id()
                await self._part(event_id, "start")
            text += part
            await self._part(event_id, "delta", part)
        if text:
            await self._part(event_id, "stop")
            await self._events.send("agent_response", agent_response=text, event_id=event_id)
            await self._events.send("agent_response_complete", event_id=event_id)
        return text

    def interrupt(self) -> None:
        return None

    async def _part(self, event_id: int, kind: str, text: str = "") -> None:
        await self._events.send(TEXT_PART, "text_response_part", text=text, type=kind, event_id=event_id)


async def _words(text: str) -> AsyncIterator[str]:
    for word in _WORD.findall(text):
        yield word
        await asyncio.sleep(DELTA_PAUSE_S)


@dataclass
class _Response:
    """A response in progress: its text, when the caller began to hear it, and when each character sent is heard."""

    text: str
    began: float = 0.0
    starts: list[float] = field(default_factory=list)
    sending: bool = True

    def heard(self) -> str:
        """Gives the whole words heard so far, with dots in place of the rest."""
        elapsed = monotonic() - self.began
        count = sum(1 for start in self.starts if start <= elapsed)
        if not self.sending and count >= len(self.text.rstrip()):
            return self.text
        whole = re.match(r".*(?=\s)", self.text[:count], re.DOTALL)
        return (whole[0].rstrip() if whole else "") + CUT


class AudioSpeaker:
    """Sends audio as fast as it is synthesized; the caller plays it in real time."""

    def __init__(self, events: EventSender, session: SessionConfig) -> None:
        self._events, self._session = events, session
        format = FORMATS[session.agent.output_format]
        self._bytes_per_s = format.rate * (2 if format.codec == "pcm" else 1)
        self._response: _Response | None = None
        self._until = 0.0

    @property
    def audible(self) -> bool:
        return self._response is not None and (self._response.sending or monotonic() < self._until)

    @property
    def audible_s(self) -> float:
        return max(self._until - monotonic(), 0.0)

    async def speak(self, text: str) -> None:
        response = self._response = _Response(text, began=max(self._until, monotonic()))
        event_id = self._events.next_id()
        await self._events.send("agent_response", agent_response=text, event_id=event_id)
        parts = encode_speech(self._session.synthesis_spec(text), SLICE_S)
        min_bytes = round(self._session.agent.chunk_s * self._bytes_per_s)
        try:
            async for part in iterate_in_threads(_joined(parts, min_bytes)):
                await self._send(part, event_id, response)
                event_id = self._events.next_id()
        finally:
            response.sending = False
            close_generator(parts)
        await self._events.send("agent_response_complete", event_id=event_id)

    async def speak_parts(self, parts: AsyncIterator[str]) -> str:
        """Speaks when the whole text is there: its event has to hold it."""
        text = "".join([part async for part in parts])
        if text.strip():
            await self.speak(text)
        return text

    def interrupt(self) -> tuple[str, str] | None:
        response, was_audible = self._response, self.audible
        self._response, self._until = None, 0.0
        if (sound := self._events.record.sound) is not None:
            sound.interrupted()
        return (response.text, response.heard()) if response and was_audible else None

    async def _send(self, part: TimedAudio, event_id: int, response: _Response) -> None:
        start = max(self._until, monotonic())
        if not response.starts:
            response.began = start
        position = start - response.began
        self._until = start + len(part.audio) / self._bytes_per_s
        if (sound := self._events.record.sound) is not None:
            sound.agent_speaks(part.audio)
        response.starts += [character.start_s for character in part.characters]
        audio = base64.b64encode(part.audio).decode("ascii")
        alignment = _alignment(part.characters, position)
        await self._events.send("audio", audio_base_64=audio, event_id=event_id, **alignment)


def _joined(parts: Iterable[TimedAudio], min_bytes: int) -> Iterator[TimedAudio]:
    """Joins parts so that each has at least so many bytes of audio; the last may have fewer."""
    pending = TimedAudio(b"", [])
    for part in parts:
        pending = TimedAudio(pending.audio + part.audio, pending.characters + part.characters)
        if len(pending.audio) >= min_bytes:
            yield pending
            pending = TimedAudio(b"", [])
    if pending.audio:
        yield pending


def _alignment(characters: list[TimedCharacter], position: float) -> dict[str, Any]:
    """Gives the times of the characters from the start of their audio event, in milliseconds."""
    if not characters:
        return {}
    alignment = {
        "chars": [one.character for one in characters],
        "char_start_times_ms": [max(round(1000 * (one.start_s - position)), 0) for one in characters],
        "char_durations_ms": [round(1000 * (one.end_s - one.start_s)) for one in characters],
    }
    return {"alignment": alignment}
