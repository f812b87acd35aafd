"""How an agent answers: spoken, with a notion of how much has been heard by now, or written."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Protocol

from ..sound.codecs import FORMATS
from ..speech.speech import Chunk, Timed, chunks, close, pulled
from .events import TEXT_PART, EventSender
from .session import Session

DELTA_PAUSE_S = 0.01
SLICE_S = 0.05  # audio events are made of slices this long
_WORD = re.compile(r"\S+\s*|\s+")
CUT = "..."


class Mouth(Protocol):
    """Says texts one after the other."""

    @property
    def audible(self) -> bool:
        """Whether the caller is hearing the agent right now."""
        ...

    async def say(self, text: str) -> None:
        """Send everything that belongs to one response."""
        ...

    def cut_short(self) -> tuple[str, str] | None:
        """Fall silent: what was being said, and what had been heard of it; None when nothing was."""
        ...


class Writer:
    """Text-only: the response word by word, then as a whole."""

    audible = False

    def __init__(self, events: EventSender) -> None:
        self._events = events

    async def say(self, text: str) -> None:
        event_id = self._events.next_id()
        await self._part(event_id, "start")
        for word in _WORD.findall(text):
            await self._part(event_id, "delta", word)
            await asyncio.sleep(DELTA_PAUSE_S)
        await self._part(event_id, "stop")
        await self._events.send("agent_response", agent_response=text, event_id=event_id)
        await self._events.send("agent_response_complete", event_id=event_id)

    def cut_short(self) -> None:
        return None

    async def _part(self, event_id: int, kind: str, text: str = "") -> None:
        await self._events.send(TEXT_PART, "text_response_part", text=text, type=kind, event_id=event_id)


@dataclass
class _Saying:
    """A response under way: its text, when the caller began to hear it, and when each character sent is heard."""

    text: str
    began: float = 0.0
    starts: list[float] = field(default_factory=list)
    sending: bool = True

    def heard(self) -> str:
        """The whole words heard by now, with dots where the rest is missing."""
        elapsed = monotonic() - self.began
        count = sum(1 for start in self.starts if start <= elapsed)
        if not self.sending and count >= len(self.text.rstrip()):
            return self.text
        whole = re.match(r".*(?=\s)", self.text[:count], re.DOTALL)
        return (whole[0].rstrip() if whole else "") + CUT


class Speaker:
    """Sends audio as fast as it is synthesised; the caller plays it in real time."""

    def __init__(self, events: EventSender, session: Session) -> None:
        self._events, self._session = events, session
        format = FORMATS[session.agent.output_format]
        self._bytes_per_s = format.rate * (2 if format.codec == "pcm" else 1)
        self._saying: _Saying | None = None
        self._until = 0.0

    @property
    def audible(self) -> bool:
        return self._saying is not None and (self._saying.sending or monotonic() < self._until)

    async def say(self, text: str) -> None:
        saying = self._saying = _Saying(text, began=max(self._until, monotonic()))
        event_id = self._events.next_id()
        await self._events.send("agent_response", agent_response=text, event_id=event_id)
        parts = chunks(self._session.job(text), SLICE_S)
        try:
            async for chunk in pulled(_joined(parts, round(self._session.agent.chunk_s * self._bytes_per_s))):
                await self._send(chunk, event_id, saying)
                event_id = self._events.next_id()
        finally:
            saying.sending = False
            close(parts)
        await self._events.send("agent_response_complete", event_id=event_id)

    def cut_short(self) -> tuple[str, str] | None:
        saying, was_audible = self._saying, self.audible
        self._saying, self._until = None, 0.0
        return (saying.text, saying.heard()) if saying and was_audible else None

    async def _send(self, chunk: Chunk, event_id: int, saying: _Saying) -> None:
        start = max(self._until, monotonic())
        if not saying.starts:
            saying.began = start
        position = start - saying.began
        self._until = start + len(chunk.audio) / self._bytes_per_s
        saying.starts += [character[1] for character in chunk.characters]
        audio = base64.b64encode(chunk.audio).decode("ascii")
        alignment = _alignment(chunk.characters, position)
        await self._events.send("audio", audio_base_64=audio, event_id=event_id, **alignment)


def _joined(parts: Iterable[Chunk], least_bytes: int) -> Iterator[Chunk]:
    """Chunks of at least that many bytes of audio, but for the last."""
    waiting = Chunk(b"", [])
    for part in parts:
        waiting = Chunk(waiting.audio + part.audio, waiting.characters + part.characters)
        if len(waiting.audio) >= least_bytes:
            yield waiting
            waiting = Chunk(b"", [])
    if waiting.audio:
        yield waiting


def _alignment(characters: list[Timed], position: float) -> dict[str, Any]:
    """The times of the characters from the beginning of their audio event, in milliseconds."""
    if not characters:
        return {}
    alignment = {
        "chars": [character for character, *_ in characters],
        "char_start_times_ms": [max(round(1000 * (start - position)), 0) for _, start, *_ in characters],
        "char_durations_ms": [round(1000 * (end - start)) for _, start, end, _ in characters],
    }
    return {"alignment": alignment}
