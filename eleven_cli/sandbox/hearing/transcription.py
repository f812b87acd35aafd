"""Transcribes a segment of speech: tries whole utterances first, then sentences between pauses, then a beginning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..sound.acoustics import FRAME_S, Frame
from .recognition import EDGE_DB, Fingerprint, Match, Matcher
from .segmenter import SpeechSegment

PAUSE = round(0.12 / FRAME_S)  # frames of silence that may separate two utterances
MAX_RUN = round(20 / FRAME_S)
MARGIN = 10  # frames
MIN_UNRECOGNIZED_S = 0.3  # shorter sounds between recognized words are not speech
JITTER_S = 0.04


class Word(NamedTuple):
    """A word and when it is heard, in seconds from the start of the audio.

    `voice`, and the `language` it spoke, are "" for an unrecognized one.
    """

    text: str
    start_s: float
    end_s: float
    voice: str
    language: str = ""

    @property
    def known(self) -> bool:
        return bool(self.voice)


class SpeechSpan(NamedTuple):
    """Frames `first` to `end` between two pauses; `start` and `stop` extend them by a margin.

    The margin covers the soft edges of a sentence beside a louder one.
    """

    first: int
    end: int
    start: int
    stop: int


class SpanMatch(NamedTuple):
    """Frames `first` to `end` of a segment, and what was recognized there."""

    first: int
    end: int
    match: Match | None


def unrecognized(start_s: float, end_s: float) -> Word:
    """Gives the placeholder for unrecognized speech."""
    return Word(f"(speech, {max(end_s - start_s, 0.1):.1f} s)", start_s, end_s, "")


def transcribe(segment: SpeechSegment, known: Sequence[Fingerprint], *, continues: bool = False) -> list[Word]:
    """Gives the words of a segment, in order; computes for some milliseconds."""
    matcher = Matcher(segment.subframes())
    found = match_spans(matcher, known, continues=continues)
    if not any(one.match for one in found):
        return [unrecognized(segment.start_s, segment.end_s)]
    return [word for one in found for word in _words(one, matcher.frames, segment.offset)]


def match_spans(matcher: Matcher, known: Sequence[Fingerprint], *, continues: bool = False) -> list[SpanMatch]:
    """Gives the spans of a segment; none of an empty one."""
    spans = _between_pauses(matcher.frames)
    if not spans:
        return []
    first, end = spans[0].start, spans[-1].stop
    whole = matcher.find_prefix(known, first, end) if continues else None
    whole = (
        whole or matcher.find(known, first, end) or (matcher.find_prefix(known, first, end) if not continues else None)
    )
    return [SpanMatch(first, end, whole)] if whole else _joined(_in_pieces(matcher, known, spans))


def _in_pieces(matcher: Matcher, known: Sequence[Fingerprint], spans: Sequence[SpeechSpan]) -> Iterator[SpanMatch]:
    at = 0
    while at < len(spans):
        found, used = _longest(matcher, known, spans[at:])
        yield found
        at += used


def _longest(matcher: Matcher, known: Sequence[Fingerprint], spans: Sequence[SpeechSpan]) -> tuple[SpanMatch, int]:
    """Gives the longest match that begins here, and how many spans it covers; the last one may continue."""
    start = spans[0].start
    for count in range(len(spans), 0, -1):
        end = spans[count - 1].stop
        if end - start <= MAX_RUN or count == 1:
            if match := matcher.find(known, start, end):
                return SpanMatch(start, end, match), count
            if count == len(spans) and (match := matcher.find_prefix(known, start, end)):
                return SpanMatch(start, end, match), count
    return SpanMatch(spans[0].first, spans[0].end, None), 1


def _joined(found: Iterator[SpanMatch]) -> list[SpanMatch]:
    joined: list[SpanMatch] = []
    for one in found:
        if joined and one.match is None and joined[-1].match is None:
            joined[-1] = joined[-1]._replace(end=one.end)
        else:
            joined.append(one)
    return joined


def _between_pauses(frames: Sequence[Frame]) -> list[SpeechSpan]:
    """Gives the spans of frames between pauses."""
    peak = max((frame.level for frame in frames), default=0.0)
    spans: list[tuple[int, int]] = []
    for at, frame in enumerate(frames):
        if frame.level <= peak - EDGE_DB:
            continue
        if spans and at - spans[-1][1] < PAUSE:
            spans[-1] = spans[-1][0], at + 1
        else:
            spans.append((at, at + 1))
    ends = [-MARGIN, *(end for _, end in spans)]
    starts = [*(first for first, _ in spans[1:]), len(frames) + MARGIN]
    return [_with_margins(*around) for around in zip(spans, ends, starts, strict=False)]


def _with_margins(span: tuple[int, int], before: int, after: int) -> SpeechSpan:
    """Extends a span towards the end `before` it and the beginning `after` it."""
    first, end = span
    start, stop = first - min(MARGIN, (first - before) // 2), end + min(MARGIN, (after - end) // 2)
    return SpeechSpan(first, end, max(start, 0), stop)


def _words(found: SpanMatch, frames: Sequence[Frame], offset: int) -> Iterator[Word]:
    start_s, end_s = (offset + found.first) * FRAME_S, (offset + found.end) * FRAME_S
    if found.match is None:
        if end_s - start_s >= MIN_UNRECOGNIZED_S:
            yield unrecognized(start_s, end_s)
        return
    pairs = found.match.words
    ends = [start for _, start in pairs[1:]] + [found.end]
    for (text, start), following in zip(pairs, ends, strict=True):
        start = max(start, found.first)
        end = _last_loud(frames, start, max(following, start + 1))
        said = found.match.utterance
        yield Word(text, _seconds(offset + start), _seconds(offset + end), said.voice, said.language)


def _last_loud(frames: Sequence[Frame], start: int, end: int) -> int:
    """Gives the end of a word before the next one or a pause."""
    peak = max((frame.level for frame in frames[start:end]), default=0.0)
    loud = [at for at in range(start, min(end, len(frames))) if frames[at].level > peak - EDGE_DB]
    return loud[-1] + 1 if loud else end


def _seconds(frame: int) -> float:
    return round(frame * FRAME_S, 2)
