"""Makes converted audio recognizable: gives it the fingerprints of what was recognized in the original."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from ..hearing.memory import MEMORY, locate_sentence, store_fingerprint
from ..hearing.recognition import Match, Matcher, Sentence
from ..hearing.segmenter import AFTER, BEFORE, SpeechSegment, SpeechSegmenter
from ..hearing.transcription import match_spans
from ..sound.acoustics import FRAME_SAMPLES, Frame, NarrowbandResampler, frames, subframes

KEPT = 6000  # frames of converted audio
MARGIN = 8


class FingerprintTransfer:
    """Takes original and converted audio side by side, and remembers the converted one.

    `voice` is the voice of the converted audio; None when it has not changed.
    """

    def __init__(self, rate: int, voice: str | None) -> None:
        self._voice = voice
        self._segmenter = SpeechSegmenter(rate)
        self._resampler = NarrowbandResampler(rate)
        self._samples = array("h")
        self._dropped = 0
        self._waiting: list[SpeechSegment] = []

    def feed_original(self, pcm: bytes) -> None:
        self._waiting += self._segmenter.feed(pcm)

    def feed_converted(self, pcm: bytes) -> None:
        self._samples += self._resampler.feed(pcm)
        heard = self._dropped + len(self._samples) // FRAME_SAMPLES
        while self._waiting and self._waiting[0].end + BEFORE <= heard:
            self._learn(self._waiting.pop(0))
        if (surplus := heard - self._dropped - KEPT) > BEFORE:
            del self._samples[: surplus * FRAME_SAMPLES]
            self._dropped += surplus

    def finish(self) -> None:
        for segment in (*self._waiting, *self._segmenter.flush()):
            self._learn(segment)

    def _learn(self, segment: SpeechSegment) -> None:
        first = max(segment.offset, self._dropped)
        start, end = (first - self._dropped) * FRAME_SAMPLES, (segment.end + BEFORE - self._dropped) * FRAME_SAMPLES
        heard = frames(subframes(self._samples[start:end]))
        for found in match_spans(Matcher(segment.subframes()), MEMORY.all()):
            if found.match is not None:
                self._remember(found.match, heard, segment.offset - first)

    def _remember(self, match: Match, heard: list[Frame], shift: int) -> None:
        if match.end < match.sentences[-1].end:
            return  # only its beginning was heard
        start = max(match.sentences[0].start + match.offset + shift - BEFORE, 0)
        offset = match.offset + shift - start
        parts = [found for one in _with_margins(match.sentences) if (found := _moved(one, offset, heard[start:]))]
        if parts:
            said, kept = match.utterance, heard[start : start + parts[-1].end + AFTER]
            store_fingerprint(self._voice or said.voice, said.language, parts, kept)


def _with_margins(parts: Sequence[Sentence]) -> Iterator[Sentence]:
    """Extends the sentences into the silence around them, because filters blur where speech begins and ends."""
    for index, one in enumerate(parts):
        before = one.start - parts[index - 1].end if index else 2 * MARGIN
        after = parts[index + 1].start - one.end if index + 1 < len(parts) else 2 * MARGIN
        start, end = one.start - min(max(before, 0) // 2, MARGIN), one.end + min(max(after, 0) // 2, MARGIN)
        yield Sentence(one.text, start, end, one.words)


def _moved(one: Sentence, offset: int, heard: list[Frame]) -> Sentence | None:
    return locate_sentence(heard, one.text, one.start + offset, one.end + offset, [word + offset for word in one.words])
