"""What has been said in a live session and not been committed yet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from anyio import to_thread

from ..hearing.memory import MEMORY
from ..hearing.segmenter import Stretch, Stretches
from ..hearing.transcription import JITTER_S, Word, speech, words
from ..sound.acoustics import FRAME_S
from .query import Terms

LEAST_S = 0.1


class Hearing:
    """Takes the session's sound, and puts into words what stands between two commits.

    Words are found in whole stretches of speech, whatever was committed in their midst; their times, which count from
    the start of the session, tell which of them are new.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._ear = Stretches(terms.rate, terms.detector())
        self._ended: list[asyncio.Future[list[Word]]] = []
        self._spoken = 0  # frames of speech in the stretches that have ended
        self._committed = 0  # the frame up to which all is committed
        self._told_s = -1.0  # when the last word began that was told

    @property
    def speaking(self) -> bool:
        return self._ear.detector.speaking

    @property
    def frame(self) -> int:
        return self._ear.frame

    def feed(self, pcm: bytes) -> None:
        for stretch in self._ear.feed(pcm):
            self._spoken += stretch.end - stretch.first
            self._ended.append(asyncio.ensure_future(_transcribed(stretch)))

    def is_over(self) -> bool:
        """Whether speech has been followed by the silence after which the session commits by itself."""
        end = self._ear.detector.end
        spoken = self._spoken + (end - self._ear.first if self.speaking else 0)
        enough = spoken * FRAME_S * 1000 >= self._terms.numbers["min_speech_duration_ms"]
        silent_s = (self.frame - end) * FRAME_S
        return enough and end > self._committed and silent_s >= self._terms.silence_s - FRAME_S / 2

    async def so_far(self) -> list[Word]:
        """The words not committed yet of what may go on."""
        return await self._words(goes_on=True)

    async def commit(self) -> list[Word]:
        """The words not committed yet, which they are from now on."""
        said = await self._words(goes_on=False)
        self._ended.clear()
        self._spoken, self._committed = 0, self.frame
        if said:
            self._told_s = said[-1].start_s if said[-1].known else said[-1].end_s
        return said

    def stop(self) -> None:
        for future in self._ended:
            future.cancel()

    async def _words(self, *, goes_on: bool) -> list[Word]:
        current = self._ear.current() if self.speaking else None
        said = [word for future in list(self._ended) for word in await asyncio.shield(future)]
        if current is not None:
            said += await _transcribed(current, goes_on=goes_on)
        return self._new(said)

    def _new(self, said: Sequence[Word]) -> list[Word]:
        new: list[Word] = []
        for word in said:
            if word.known and word.start_s > self._told_s + JITTER_S:
                new.append(word)
            elif not word.known and word.end_s - max(word.start_s, self._told_s) >= LEAST_S:
                new.append(speech(max(word.start_s, self._told_s), word.end_s))
        return new


async def _transcribed(stretch: Stretch, *, goes_on: bool = False) -> list[Word]:
    return await to_thread.run_sync(lambda: words(stretch, MEMORY.all(), goes_on=goes_on))
