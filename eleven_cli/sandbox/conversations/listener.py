"""Turns the caller's audio into interruptions, tentative transcripts and turns."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from anyio import to_thread

from .events import EventSender, invalid_message
from .speech_events import SpeechEvent, SpeechEventDetector, SpeechEventKind

SLICE_BYTES = 20_000  # more at a time would block other conversations

Interrupt = Callable[[], Awaitable[None]]
Respond = Callable[[Callable[[], Awaitable[str]]], None]


class Listener:
    """Listens to the caller of one conversation.

    interrupt  called when the caller begins to speak
    respond    called when the caller has finished, with a function that transcribes what they said
    """

    def __init__(self, events: EventSender, input_format: str, interrupt: Interrupt, respond: Respond) -> None:
        self._events, self._interrupt, self._respond = events, interrupt, respond
        self._detector = SpeechEventDetector(input_format)
        self._speech_id = 0
        self._tentative = ""
        self._transcription: asyncio.Task[None] | None = None

    @property
    def speaking(self) -> bool:
        return self._detector.speaking

    async def feed(self, chunk: Any) -> None:
        """Feeds a chunk of audio in Base64. Raises SessionEnd for anything else."""
        try:
            audio = base64.b64decode(chunk, validate=True)
        except (binascii.Error, ValueError, TypeError):
            raise invalid_message("user_audio_chunk is not Base64.") from None
        if (sound := self._events.record.sound) is not None:
            sound.user_spoke(audio)
        for start in range(0, len(audio), SLICE_BYTES):
            for event in self._detector.feed(audio[start : start + SLICE_BYTES]):
                await self._handle(event)
            await asyncio.sleep(0)

    async def check_missing_audio(self) -> None:
        """Ends the caller's turn when audio has stopped arriving; has to be called regularly."""
        for event in self._detector.check_missing_audio():
            await self._handle(event)

    def stop(self) -> None:
        if self._transcription is not None:
            self._transcription.cancel()

    async def _handle(self, event: SpeechEvent) -> None:
        if event.kind is SpeechEventKind.SCORE:
            await self._events.send("vad_score", vad_score=event.score)
        elif event.kind is SpeechEventKind.BEGAN:
            await self._interrupt()
            self._speech_id, self._tentative = self._events.next_id(), ""
        elif event.kind is SpeechEventKind.CONTINUES and (self._transcription is None or self._transcription.done()):
            self._transcription = asyncio.ensure_future(self._transcribe_so_far(event, self._speech_id))
        elif event.kind is SpeechEventKind.ENDED:
            event_id, self._speech_id = self._speech_id, 0
            self._respond(partial(self._transcribe, event, event_id))
        elif event.kind is SpeechEventKind.NOISE:
            self._speech_id = 0

    async def _transcribe_so_far(self, event: SpeechEvent, event_id: int) -> None:
        words = await to_thread.run_sync(event.transcribe_so_far)
        if event_id == self._speech_id and words != self._tentative:
            self._tentative = words
            wrapper = "tentative_user_transcription_event"
            await self._events.send("tentative_user_transcript", wrapper, user_transcript=words, event_id=event_id)

    async def _transcribe(self, event: SpeechEvent, event_id: int) -> str:
        words = await to_thread.run_sync(event.transcribe)
        wrapper = "user_transcription_event"
        await self._events.send("user_transcript", wrapper, user_transcript=words, event_id=event_id)
        return words
