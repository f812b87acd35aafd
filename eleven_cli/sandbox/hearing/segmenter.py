"""Splits arriving audio into segments of speech; keeps only what may still be needed."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from ..sound.acoustics import FRAME_S, FRAME_SAMPLES, SILENCE_DB, NarrowbandResampler, Subframe, level_db, subframes
from .vad import HALF_SECOND, VoiceActivity, VoiceActivityDetector

BEFORE = round(0.5 / FRAME_S)  # a soft beginning may precede what counts as speech
AFTER = round(0.24 / FRAME_S)  # and a soft ending may follow it
MAX_FRAMES = round(60 / FRAME_S)
QUIET_SEARCH = round(10 / FRAME_S)
PAUSE_DB = 10.0
BLOCK = 50 * FRAME_SAMPLES
FAINT = 50  # a block whose samples lie within this range is too faint for speech


@dataclass(frozen=True)
class SpeechSegment:
    """Speech from frame `first` to `end`, counted from the start of the audio; `samples` begin at frame `offset`."""

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

    def subframes(self) -> list[Subframe]:
        return subframes(self.samples)


class SpeechSegmenter:
    """Takes signed 16-bit mono samples of `rate` Hz, in pieces of any length; speech of a minute is cut at a pause."""

    def __init__(self, rate: int, detector: VoiceActivityDetector | None = None) -> None:
        self.detector = detector or VoiceActivityDetector()
        self._resampler = NarrowbandResampler(rate)
        self._samples = array("h")
        self._dropped = 0  # frames that are no longer kept
        self._cut = 0  # where the last segment of more than a minute was cut

    @property
    def frame(self) -> int:
        """The number of frames so far."""
        return self.detector.frame

    @property
    def first(self) -> int:
        """The first frame of the current or last segment."""
        return max(self.detector.first, self._cut)

    def feed(self, pcm: bytes) -> Iterator[SpeechSegment]:
        """Gives the segments that end in this piece, in order."""
        self._samples += self._resampler.feed(pcm)
        while (todo := len(self._samples) - self._position(self.frame)) >= FRAME_SAMPLES:
            yield from self._block(min(todo, BLOCK) // FRAME_SAMPLES)

    def flush(self) -> Iterator[SpeechSegment]:
        """Gives the segment that is incomplete at the end of the audio."""
        if self.detector.speaking:
            yield self.current()

    def current(self) -> SpeechSegment:
        """Gives the segment that is still incomplete."""
        return self._segment(self.first, self.detector.end)

    def _block(self, frames: int) -> Iterator[SpeechSegment]:
        at = self._position(self.frame)
        block = self._samples[at : at + frames * FRAME_SAMPLES]
        faint = max(block) - min(block) < FAINT
        if faint and frames >= HALF_SECOND and not self.detector.speaking:
            self.detector.pass_over(frames)
        else:
            for start in range(0, len(block), FRAME_SAMPLES):
                yield from self._next(SILENCE_DB if faint else level_db(block[start : start + FRAME_SAMPLES]))
        self._forget()

    def _next(self, loudness: float) -> Iterator[SpeechSegment]:
        change = self.detector.feed(loudness)
        if change is VoiceActivity.ENDED:
            yield self._segment(self.first, self.detector.end)
        elif self.detector.speaking and self.frame - self.first >= MAX_FRAMES:
            cut = self._quietest()
            yield self._segment(self.first, cut)
            self._cut = cut

    def _quietest(self) -> int:
        """Finds the best frame of the last seconds to cut at: the middle of the longest pause."""
        first = self.frame - QUIET_SEARCH
        levels = [level_db(self._between(frame, frame + 1)) for frame in range(first, self.frame)]
        quiet = min(levels) + PAUSE_DB
        run = longest = at = 0
        for index, loudness in enumerate(levels):
            run = run + 1 if loudness <= quiet else 0
            if run > longest:
                longest, at = run, index
        return first + at - longest // 2

    def _segment(self, first: int, end: int) -> SpeechSegment:
        offset = max(first - (BEFORE if first > self._cut else 0), self._dropped)
        return SpeechSegment(first, end, offset, self._between(offset, end + AFTER))

    def _between(self, first: int, end: int) -> array[int]:
        return self._samples[self._position(first) : self._position(end)]

    def _position(self, frame: int) -> int:
        return (frame - self._dropped) * FRAME_SAMPLES

    def _forget(self) -> None:
        keep = self.first - BEFORE if self.detector.speaking else self.frame - 2 * BEFORE
        if keep - self._dropped > 2 * BEFORE:
            del self._samples[: self._position(keep)]
            self._dropped = keep
