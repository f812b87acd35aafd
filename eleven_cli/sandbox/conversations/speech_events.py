"""What an agent hears: audio as it arrives, cut into stretches of speech, and put into words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from time import monotonic

from ..hearing.memory import MEMORY
from ..hearing.recognition import recognise, recognise_beginning
from ..hearing.vad import Detector, Heard
from ..sound.acoustics import FRAME_S, GRAINS, SILENCE_DB, Analyser, Grain, frame, ulaw_to_pcm
from ..sound.codecs import FORMATS

BEFORE_S = 0.5  # a soft beginning may lie before what counts as speech
AFTER_S = 0.1
SO_FAR_S = 0.6  # between two tentative transcripts
SCORE_S = 0.1
MISSING_S = 1.0  # without audio for so long, nobody is speaking any more
KEPT_S = 120.0


class Change(Enum):
    """What a Sound is about."""

    BEGAN = auto()
    GOES_ON = auto()
    ENDED = auto()
    NOISE = auto()
    SCORE = auto()


@dataclass(frozen=True)
class Sound:
    """Something that was noticed: a stretch of speech with its length, or how likely somebody is speaking."""

    change: Change
    grains: tuple[Grain, ...] = ()
    seconds: float = 0.0
    score: float = 0.0

    def words(self) -> str:
        """What was said; takes some milliseconds of computing."""
        return recognise(self.grains, MEMORY.all()) or f"(speech, {self.seconds:.1f} s)"

    def words_so_far(self) -> str:
        return recognise_beginning(self.grains, MEMORY.all()) or "(speech)"


class Ear:
    """Takes audio in the agent's input format, in pieces of any length."""

    def __init__(self, input_format: str) -> None:
        format = FORMATS[input_format]
        self._analyser = Analyser(format.rate)
        self._is_ulaw = format.codec == "ulaw"
        self._detector = Detector()
        self._grains: list[Grain] = []
        self._dropped = 0  # grains from before the ones kept
        self._last_audio = 0.0

    @property
    def speaking(self) -> bool:
        """Whether the caller is speaking right now."""
        return self._detector.speaking and monotonic() - self._last_audio < MISSING_S

    def feed(self, audio: bytes) -> Iterator[Sound]:
        """What is noticed in this piece, in order."""
        self._last_audio = monotonic()
        pcm = ulaw_to_pcm(audio) if self._is_ulaw else audio
        done = self._detector.frame * GRAINS - self._dropped
        self._grains += self._analyser.feed(pcm)
        for start in range(done, len(self._grains) - GRAINS + 1, GRAINS):
            yield from self._next(frame(self._grains[start : start + GRAINS]).level)
        self._forget()

    def missing(self) -> Iterator[Sound]:
        """To be asked now and then: the end of a speech after which no more audio comes."""
        if self._detector.speaking and not self.speaking:
            while self._detector.speaking:
                yield from self._silence()

    def _silence(self) -> Iterator[Sound]:
        self._grains += [Grain(0, 0, 0, 0)] * GRAINS
        yield from self._next(SILENCE_DB)

    def _next(self, level: float) -> Iterator[Sound]:
        heard = self._detector.feed(level)
        if heard is not None:
            yield self._sound(_CHANGES[heard])
        elif self._detector.speaking and self._every(SO_FAR_S, self._detector.first):
            yield self._sound(Change.GOES_ON)
        if self._every(SCORE_S):
            yield Sound(Change.SCORE, score=round(self._detector.probability, 2))

    def _every(self, seconds: float, since: int = 0) -> bool:
        return (self._detector.frame - since) % round(seconds / FRAME_S) == 0

    def _sound(self, change: Change) -> Sound:
        first, end = self._detector.first, self._detector.end
        margin_before, margin_after = round(BEFORE_S / FRAME_S), round(AFTER_S / FRAME_S)
        start = max((first - margin_before) * GRAINS - self._dropped, 0)
        stop = max((end + margin_after) * GRAINS - self._dropped, 0)
        return Sound(change, tuple(self._grains[start:stop]), (end - first) * FRAME_S)

    def _forget(self) -> None:
        keep_s = KEPT_S if self._detector.speaking else BEFORE_S * 2
        surplus = len(self._grains) - round(keep_s / FRAME_S) * GRAINS
        surplus -= surplus % GRAINS
        if surplus > GRAINS * 50:
            del self._grains[:surplus]
            self._dropped += surplus


_CHANGES = {Heard.BEGAN: Change.BEGAN, Heard.ENDED: Change.ENDED, Heard.NOISE: Change.NOISE}
