"""Detects in arriving audio when the caller begins, continues and stops to speak."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from time import monotonic

from ..hearing.memory import MEMORY
from ..hearing.recognition import recognize, recognize_prefix
from ..hearing.vad import VoiceActivity, VoiceActivityDetector
from ..sound.acoustics import FRAME_S, SILENCE_DB, SUBFRAMES, Subframe, SubframeAnalyser, frame
from ..sound.companding import ulaw_to_pcm
from ..sound.formats import FORMATS

BEFORE_S = 0.5  # a soft beginning may precede what counts as speech
AFTER_S = 0.1
TENTATIVE_S = 0.6  # between two tentative transcripts
SCORE_S = 0.1
MISSING_S = 1.0  # speech ends when no audio has arrived for so long
KEPT_S = 120.0


class SpeechEventKind(Enum):
    """What a speech event reports."""

    BEGAN = auto()
    CONTINUES = auto()
    ENDED = auto()
    NOISE = auto()  # what seemed to be speech was a steady sound
    SCORE = auto()  # how likely somebody is speaking


@dataclass(frozen=True)
class SpeechEvent:
    """Speech so far with its duration, or (`SCORE`) the probability of speech from 0 to 1."""

    kind: SpeechEventKind
    subframes: tuple[Subframe, ...] = ()
    seconds: float = 0.0
    score: float = 0.0

    def transcribe(self) -> str:
        """Gives what was said; computes for some milliseconds."""
        return recognize(self.subframes, MEMORY.all()) or f"(speech, {self.seconds:.1f} s)"

    def transcribe_so_far(self) -> str:
        """Gives the beginning of what is being said; computes for some milliseconds."""
        return recognize_prefix(self.subframes, MEMORY.all()) or "(speech)"


class SpeechEventDetector:
    """Takes audio in the agent's input format, in pieces of any length."""

    def __init__(self, input_format: str) -> None:
        format = FORMATS[input_format]
        self._analyser = SubframeAnalyser(format.rate)
        self._is_ulaw = format.codec == "ulaw"
        self._detector = VoiceActivityDetector()
        self._subframes: list[Subframe] = []
        self._dropped = 0  # subframes that are no longer kept
        self._last_audio = 0.0

    @property
    def speaking(self) -> bool:
        """Whether the caller is speaking right now."""
        return self._detector.speaking and monotonic() - self._last_audio < MISSING_S

    def feed(self, audio: bytes) -> Iterator[SpeechEvent]:
        """Gives the events of this piece, in order."""
        self._last_audio = monotonic()
        pcm = ulaw_to_pcm(audio) if self._is_ulaw else audio
        done = self._detector.frame * SUBFRAMES - self._dropped
        self._subframes += self._analyser.feed(pcm)
        for start in range(done, len(self._subframes) - SUBFRAMES + 1, SUBFRAMES):
            yield from self._next(frame(self._subframes[start : start + SUBFRAMES]).level)
        self._forget()

    def check_missing_audio(self) -> Iterator[SpeechEvent]:
        """Gives the end of speech when audio has stopped arriving."""
        if self._detector.speaking and not self.speaking:
            while self._detector.speaking:
                yield from self._silence()

    def _silence(self) -> Iterator[SpeechEvent]:
        self._subframes += [Subframe(0, 0, 0, 0)] * SUBFRAMES
        yield from self._next(SILENCE_DB)

    def _next(self, level: float) -> Iterator[SpeechEvent]:
        change = self._detector.feed(level)
        if change is not None:
            yield self._event(_KINDS[change])
        elif self._detector.speaking and self._every(TENTATIVE_S, self._detector.first):
            yield self._event(SpeechEventKind.CONTINUES)
        if self._every(SCORE_S):
            yield SpeechEvent(SpeechEventKind.SCORE, score=round(self._detector.probability, 2))

    def _every(self, seconds: float, since: int = 0) -> bool:
        return (self._detector.frame - since) % round(seconds / FRAME_S) == 0

    def _event(self, kind: SpeechEventKind) -> SpeechEvent:
        first, end = self._detector.first, self._detector.end
        margin_before, margin_after = round(BEFORE_S / FRAME_S), round(AFTER_S / FRAME_S)
        start = max((first - margin_before) * SUBFRAMES - self._dropped, 0)
        stop = max((end + margin_after) * SUBFRAMES - self._dropped, 0)
        return SpeechEvent(kind, tuple(self._subframes[start:stop]), (end - first) * FRAME_S)

    def _forget(self) -> None:
        keep_s = KEPT_S if self._detector.speaking else BEFORE_S * 2
        surplus = len(self._subframes) - round(keep_s / FRAME_S) * SUBFRAMES
        surplus -= surplus % SUBFRAMES
        if surplus > SUBFRAMES * 50:
            del self._subframes[:surplus]
            self._dropped += surplus


_KINDS = {
    VoiceActivity.BEGAN: SpeechEventKind.BEGAN,
    VoiceActivity.ENDED: SpeechEventKind.ENDED,
    VoiceActivity.NOISE: SpeechEventKind.NOISE,
}
