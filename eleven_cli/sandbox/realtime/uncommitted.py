"""Transcribes the audio of a live session between two commits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from anyio import to_thread

from ..hearing.memory import MEMORY
from ..hearing.segmenter import SpeechSegment, SpeechSegmenter
from ..hearing.transcription import JITTER_S, Word, transcribe, unrecognized
from ..sound.acoustics import FRAME_S
from .query import RealtimeQuery

MIN_UNRECOGNIZED_S = 0.1


class UncommittedAudio:
    """Collects the session's audio, and transcribes what was not committed.

    Segments of speech are transcribed as a whole, even if a commit fell into them; the times of the words, which count
    from the start of the session, tell which are new.
    """

    def __init__(self, query: RealtimeQuery) -> None:
        self._query = query
        self._segmenter = SpeechSegmenter(query.rate, query.detector())
        self._ended: list[asyncio.Future[list[Word]]] = []
        self._spoken = 0  # frames of speech in complete segments
        self._committed = 0  # the frame up to which everything is committed
        self._last_word_s = -1.0  # when the last committed word began

    @property
    def speaking(self) -> bool:
        return self._segmenter.detector.speaking

    @property
    def frame(self) -> int:
        return self._segmenter.frame

    def feed(self, pcm: bytes) -> None:
        for segment in self._segmenter.feed(pcm):
            self._spoken += segment.end - segment.first
            self._ended.append(asyncio.ensure_future(_transcribed(segment)))

    def is_over(self) -> bool:
        """Tells whether speech has been followed by the silence after which the VAD commits."""
        end = self._segmenter.detector.end
        spoken = self._spoken + (end - self._segmenter.first if self.speaking else 0)
        enough = spoken * FRAME_S * 1000 >= self._query.numbers["min_speech_duration_ms"]
        silent_s = (self.frame - end) * FRAME_S
        return enough and end > self._committed and silent_s >= self._query.silence_s - FRAME_S / 2

    async def so_far(self) -> list[Word]:
        """Gives the uncommitted words of speech that may continue."""
        return await self._words(continues=True)

    async def commit(self) -> list[Word]:
        """Gives the uncommitted words, and commits them."""
        words = await self._words(continues=False)
        self._ended.clear()
        self._spoken, self._committed = 0, self.frame
        if words:
            self._last_word_s = words[-1].start_s if words[-1].known else words[-1].end_s
        return words

    def stop(self) -> None:
        for future in self._ended:
            future.cancel()

    async def _words(self, *, continues: bool) -> list[Word]:
        current = self._segmenter.current() if self.speaking else None
        words = [word for future in list(self._ended) for word in await asyncio.shield(future)]
        if current is not None:
            words += await _transcribed(current, continues=continues)
        return self._new(words)

    def _new(self, words: Sequence[Word]) -> list[Word]:
        new: list[Word] = []
        for word in words:
            if word.known and word.start_s > self._last_word_s + JITTER_S:
                new.append(word)
            elif not word.known and word.end_s - max(word.start_s, self._last_word_s) >= MIN_UNRECOGNIZED_S:
                new.append(unrecognized(max(word.start_s, self._last_word_s), word.end_s))
        return new


async def _transcribed(segment: SpeechSegment, *, continues: bool = False) -> list[Word]:
    return await to_thread.run_sync(lambda: transcribe(segment, MEMORY.all(), continues=continues))
