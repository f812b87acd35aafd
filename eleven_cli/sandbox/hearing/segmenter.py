"""Cutting sound into stretches of speech as it comes in; only what may still be needed is kept."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from ..sound.acoustics import FRAME, FRAME_S, SILENCE_DB, Grain, Telephone, grains, level
from .vad import HALF_SECOND, VoiceActivity, VoiceActivityDetector

BEFORE = round(0.5 / FRAME_S)  # a soft beginning may lie before what counts as speech
AFTER = round(0.24 / FRAME_S)  # and it may fade away
MAX_FRAMES = round(60 / FRAME_S)
QUIET_SEARCH = round(10 / FRAME_S)
PAUSE_DB = 10.0
BLOCK = 50 * FRAME
FAINT = 50  # a block within this range is fainter than anything that could be speech


@dataclass(frozen=True)
class Stretch:
    """Speech from frame `first` to `end`, counted from the start of the sound; `samples` begin at frame `offset`."""

    first: int
    end: int
    offset: int
    samples: array[int]

    @property
    def start_s(self) -> float:
        return self.first * FRAME_S

    @property
    def end_s(self) -> float:
        return self.end * FRAME_S

    def grains(self) -> list[Grain]:
        return grains(self.samples)


class Stretches:
    """Takes signed 16-bit mono samples of `rate` Hz, in pieces of any length."""

    def __init__(self, rate: int, detector: VoiceActivityDetector | None = None) -> None:
        self.detector = detector or VoiceActivityDetector()
        self._telephone = Telephone(rate)
        self._samples = array("h")
        self._dropped = 0  # frames from before the ones kept
        self._cut = 0  # where the last stretch that was too long was cut

    @property
    def frame(self) -> int:
        """How many frames have been heard."""
        return self.detector.frame

    @property
    def first(self) -> int:
        """The frame in which the current speech begins, or the last one began."""
        return max(self.detector.first, self._cut)

    def feed(self, pcm: bytes) -> Iterator[Stretch]:
        """The stretches that end in this piece, in order."""
        self._samples += self._telephone.feed(pcm)
        while (todo := len(self._samples) - self._position(self.frame)) >= FRAME:
            yield from self._block(min(todo, BLOCK) // FRAME)

    def rest(self) -> Iterator[Stretch]:
        """The stretch that goes on at the end of the sound."""
        if self.detector.speaking:
            yield self.current()

    def current(self) -> Stretch:
        """The speech that goes on, as far as it has been heard."""
        return self._stretch(self.first, self.detector.end)

    def _block(self, frames: int) -> Iterator[Stretch]:
        at = self._position(self.frame)
        block = self._samples[at : at + frames * FRAME]
        faint = max(block) - min(block) < FAINT
        if faint and frames >= HALF_SECOND and not self.detector.speaking:
            self.detector.pass_over(frames)
        else:
            for start in range(0, len(block), FRAME):
                yield from self._next(SILENCE_DB if faint else level(block[start : start + FRAME]))
        self._forget()

    def _next(self, loudness: float) -> Iterator[Stretch]:
        heard = self.detector.feed(loudness)
        if heard is VoiceActivity.ENDED:
            yield self._stretch(self.first, self.detector.end)
        elif self.detector.speaking and self.frame - self.first >= MAX_FRAMES:
            cut = self._quietest()
            yield self._stretch(self.first, cut)
            self._cut = cut

    def _quietest(self) -> int:
        """The best frame of the last seconds to cut at: the middle of the longest pause."""
        first = self.frame - QUIET_SEARCH
        levels = [level(self._between(frame, frame + 1)) for frame in range(first, self.frame)]
        quiet = min(levels) + PAUSE_DB
        run = longest = at = 0
        for index, loudness in enumerate(levels):
            run = run + 1 if loudness <= quiet else 0
            if run > longest:
                longest, at = run, index
        return first + at - longest // 2

    def _stretch(self, first: int, end: int) -> Stretch:
        offset = max(first - (BEFORE if first > self._cut else 0), self._dropped)
        return Stretch(first, end, offset, self._between(offset, end + AFTER))

    def _between(self, first: int, end: int) -> array[int]:
        return self._samples[self._position(first) : self._position(end)]

    def _position(self, frame: int) -> int:
        return (frame - self._dropped) * FRAME

    def _forget(self) -> None:
        keep = self.first - BEFORE if self.detector.speaking else self.frame - 2 * BEFORE
        if keep - self._dropped > 2 * BEFORE:
            del self._samples[: self._position(keep)]
            self._dropped = keep
