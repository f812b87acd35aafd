"""From the caller's audio to turns: interruptions when they begin to speak, transcripts while they do and after."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from anyio import to_thread

from .events import EventSender, invalid
from .speech_events import Change, Ear, Sound

SLICE_BYTES = 20_000  # more at a time would keep other conversations waiting

Interrupt = Callable[[], Awaitable[None]]
Said = Callable[[Callable[[], Awaitable[str]]], None]


class Hearing:
    """Listens for one conversation.

    `interrupt` is called when the caller begins to speak, `said` with the way to the words when they have finished.
    """

    def __init__(self, events: EventSender, input_format: str, interrupt: Interrupt, said: Said) -> None:
        self._events, self._interrupt, self._said = events, interrupt, said
        self._ear = Ear(input_format)
        self._speech_id = 0
        self._guessed = ""
        self._guess: asyncio.Task[None] | None = None

    @property
    def speaking(self) -> bool:
        return self._ear.speaking

    async def listen(self, chunk: Any) -> None:
        """The next piece of audio in Base64; raises SessionEnd when it is none."""
        try:
            audio = base64.b64decode(chunk, validate=True)
        except (binascii.Error, ValueError, TypeError):
            raise invalid("user_audio_chunk is not Base64.") from None
        for start in range(0, len(audio), SLICE_BYTES):
            for sound in self._ear.feed(audio[start : start + SLICE_BYTES]):
                await self._notice(sound)
            await asyncio.sleep(0)

    async def look(self) -> None:
        """To be called now and then: notices when the audio has stopped coming."""
        for sound in self._ear.missing():
            await self._notice(sound)

    def stop(self) -> None:
        if self._guess is not None:
            self._guess.cancel()

    async def _notice(self, sound: Sound) -> None:
        if sound.change is Change.SCORE:
            await self._events.send("vad_score", vad_score=sound.score)
        elif sound.change is Change.BEGAN:
            await self._interrupt()
            self._speech_id, self._guessed = self._events.next_id(), ""
        elif sound.change is Change.GOES_ON and (self._guess is None or self._guess.done()):
            self._guess = asyncio.ensure_future(self._transcribe_so_far(sound, self._speech_id))
        elif sound.change is Change.ENDED:
            event_id, self._speech_id = self._speech_id, 0
            self._said(partial(self._transcribe, sound, event_id))
        elif sound.change is Change.NOISE:
            self._speech_id = 0

    async def _transcribe_so_far(self, sound: Sound, event_id: int) -> None:
        words = await to_thread.run_sync(sound.words_so_far)
        if event_id == self._speech_id and words != self._guessed:
            self._guessed = words
            wrapper = "tentative_user_transcription_event"
            await self._events.send("tentative_user_transcript", wrapper, user_transcript=words, event_id=event_id)

    async def _transcribe(self, sound: Sound, event_id: int) -> str:
        words = await to_thread.run_sync(sound.words)
        wrapper = "user_transcription_event"
        await self._events.send("user_transcript", wrapper, user_transcript=words, event_id=event_id)
        return words
