"""Remembers what the sandbox has said, as fingerprints, so that it is recognized."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from ..sound.acoustics import FRAME_S, SILENCE_DB, Frame, Subframe, SubframeAnalyser, frames
from ..sound.synthesis import SynthesizedSegment
from .fingerprints import SHARED, Fingerprints
from .recognition import EDGE_DB, Fingerprint, Sentence

MAX_S = 60.0
MAX_FINGERPRINTS = 10
_WORD = re.compile(r"\S+")


class FingerprintRecorder:
    """Records one utterance while it is synthesized; `save` remembers it, as often as it is said.

    A long one is split into fingerprints of about a minute; ten of them are remembered at most.
    """

    def __init__(self, voice: str, language: str, rate: int) -> None:
        self._voice, self._language, self._rate = voice, language, rate
        self._recorded: list[Fingerprint] = []
        self._subframes: list[Subframe] = []
        self._texts: list[tuple[str, int, int, list[int]]] = []
        self._analyser: SubframeAnalyser | None = None
        self._begin(0.0)

    def add(self, segment: SynthesizedSegment) -> None:
        """Adds the next segment."""
        if (segment.times[0] - self._start) / self._rate > MAX_S:
            self.save()
            self._begin(segment.times[0])
        if len(self._recorded) >= MAX_FINGERPRINTS:
            return
        if self._analyser is None:
            self._analyser = SubframeAnalyser(self._rate)
        self._subframes += self._analyser.feed(segment.pcm)
        text, times = segment.heard or (segment.text, segment.times)
        if not segment.is_tag and text.strip():
            start, end = segment.times[0], segment.times[0] + len(segment.pcm) / 2
            words = [self._frame(times[word.start()]) for word in _WORD.finditer(text)]
            self._texts.append((" ".join(text.split()), self._frame(start), self._frame(end), words))

    def save(self) -> None:
        """Remembers the utterance; never fails. A known one becomes the newest."""
        recorded, texts = frames(self._subframes), self._texts
        self._subframes, self._texts, self._analyser = [], [], None  # a resampler takes megabytes
        if sentences := [found for text in texts if (found := locate_sentence(recorded, *text))]:
            self._recorded.append(Fingerprint(self._voice, self._language, tuple(sentences), tuple(recorded)))
        for fingerprint in self._recorded:
            MEMORY.add(fingerprint)

    def _begin(self, start: float) -> None:
        self._start = start
        self._analyser = None

    def _frame(self, sample: float) -> int:
        return int((sample - self._start) / self._rate / FRAME_S)


def store_fingerprint(voice: str, language: str, sentences: Sequence[Sentence], recorded: Sequence[Frame]) -> None:
    """Remembers an utterance, unless it has no sentences."""
    if sentences:
        MEMORY.add(Fingerprint(voice, language, tuple(sentences), tuple(recorded)))


def locate_sentence(
    recorded: Sequence[Frame], text: str, first: int, last: int, words: Iterable[int]
) -> Sentence | None:
    """Gives the sentence between two frames without the silence around it; None when there is only silence."""
    first, last = max(first, 0), min(last, len(recorded))
    loudest = max((frame.level for frame in recorded[first:last]), default=SILENCE_DB)
    loud = [at for at in range(first, last) if recorded[at].level > max(loudest - EDGE_DB, SILENCE_DB)]
    return Sentence(text, loud[0], loud[-1] + 1, tuple(words)) if loud else None


class _Memory:
    """The fingerprints of the server that a request is made to; outside of one, those that a user's runs share."""

    def __init__(self) -> None:
        self._current: ContextVar[Fingerprints] = ContextVar("fingerprints", default=SHARED)

    def add(self, fingerprint: Fingerprint) -> None:
        self._current.get().add(fingerprint)

    def all(self) -> list[Fingerprint]:
        """Gives every fingerprint, the newest first."""
        return self._current.get().all()

    @contextmanager
    def of(self, fingerprints: Fingerprints) -> Iterator[None]:
        """Remembers there, in the block and in what is begun there."""
        token = self._current.set(fingerprints)
        try:
            yield
        finally:
            self._current.reset(token)


MEMORY = _Memory()
