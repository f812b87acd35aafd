"""What is said in a stretch of speech: whole utterances first, then sentences between pauses, then a beginning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..sound.acoustics import FRAME_S, Frame
from .recognition import EDGE_DB, Fingerprint, Heard, Match
from .segmenter import Stretch

PAUSE = round(0.12 / FRAME_S)  # frames of silence at which an utterance may be told from the next
MAX_RUN = round(20 / FRAME_S)
ROOM = 10
LEAST_S = 0.3  # an unknown sound between known words has to last so long to be called speech
JITTER_S = 0.04


class Word(NamedTuple):
    """A word and when it is heard, in seconds from the start of the sound; `voice` is "" when it was not recognised."""

    text: str
    start_s: float
    end_s: float
    voice: str

    @property
    def known(self) -> bool:
        return bool(self.voice)


class Span(NamedTuple):
    """Frames `first` to `end` between two pauses; `start` and `stop` lie a little within those.

    A soft sound at the edge of a sentence may be lost beside a louder sentence.
    """

    first: int
    end: int
    start: int
    stop: int


class Found(NamedTuple):
    """Frames `first` to `end` of a stretch, and what was recognised there."""

    first: int
    end: int
    match: Match | None


def speech(start_s: float, end_s: float) -> Word:
    """What stands for speech that was not recognised."""
    return Word(f"(speech, {max(end_s - start_s, 0.1):.1f} s)", start_s, end_s, "")


def words(stretch: Stretch, known: Sequence[Fingerprint], *, goes_on: bool = False) -> list[Word]:
    """The words of a stretch, in order; takes some milliseconds of computing."""
    heard = Heard(stretch.grains())
    found = find(heard, known, goes_on=goes_on)
    if not any(one.match for one in found):
        return [speech(stretch.start_s, stretch.end_s)]
    return [word for one in found for word in _words(one, heard.frames, stretch.offset)]


def find(heard: Heard, known: Sequence[Fingerprint], *, goes_on: bool = False) -> list[Found]:
    """What a stretch consists of; nothing of an empty one."""
    spans = _between_pauses(heard.frames)
    if not spans:
        return []
    first, end = spans[0].start, spans[-1].stop
    whole = heard.find_beginning(known, first, end) if goes_on else None
    whole = whole or heard.find(known, first, end) or (heard.find_beginning(known, first, end) if not goes_on else None)
    return [Found(first, end, whole)] if whole else _joined(_in_pieces(heard, known, spans))


def _in_pieces(heard: Heard, known: Sequence[Fingerprint], spans: Sequence[Span]) -> Iterator[Found]:
    at = 0
    while at < len(spans):
        found, used = _longest(heard, known, spans[at:])
        yield found
        at += used


def _longest(heard: Heard, known: Sequence[Fingerprint], spans: Sequence[Span]) -> tuple[Found, int]:
    """The longest thing that begins here, and how many spans it takes; what has begun last may go on."""
    start = spans[0].start
    for count in range(len(spans), 0, -1):
        end = spans[count - 1].stop
        if end - start <= MAX_RUN or count == 1:
            if match := heard.find(known, start, end):
                return Found(start, end, match), count
            if count == len(spans) and (match := heard.find_beginning(known, start, end)):
                return Found(start, end, match), count
    return Found(spans[0].first, spans[0].end, None), 1


def _joined(found: Iterator[Found]) -> list[Found]:
    joined: list[Found] = []
    for one in found:
        if joined and one.match is None and joined[-1].match is None:
            joined[-1] = joined[-1]._replace(end=one.end)
        else:
            joined.append(one)
    return joined


def _between_pauses(frames: Sequence[Frame]) -> list[Span]:
    """The spans of frames between pauses."""
    peak = max((frame.level for frame in frames), default=0.0)
    spans: list[tuple[int, int]] = []
    for at, frame in enumerate(frames):
        if frame.level <= peak - EDGE_DB:
            continue
        if spans and at - spans[-1][1] < PAUSE:
            spans[-1] = spans[-1][0], at + 1
        else:
            spans.append((at, at + 1))
    ends = [-ROOM, *(end for _, end in spans)]
    starts = [*(first for first, _ in spans[1:]), len(frames) + ROOM]
    return [_with_room(*around) for around in zip(spans, ends, starts, strict=False)]


def _with_room(span: tuple[int, int], before: int, after: int) -> Span:
    """A span that follows one which ends at `before` and is followed by one which begins at `after`."""
    first, end = span
    start, stop = first - min(ROOM, (first - before) // 2), end + min(ROOM, (after - end) // 2)
    return Span(first, end, max(start, 0), stop)


def _words(found: Found, frames: Sequence[Frame], offset: int) -> Iterator[Word]:
    start_s, end_s = (offset + found.first) * FRAME_S, (offset + found.end) * FRAME_S
    if found.match is None:
        if end_s - start_s >= LEAST_S:
            yield speech(start_s, end_s)
        return
    pairs = found.match.words
    ends = [start for _, start in pairs[1:]] + [found.end]
    for (text, start), following in zip(pairs, ends, strict=True):
        start = max(start, found.first)
        end = _last_loud(frames, start, max(following, start + 1))
        yield Word(text, _seconds(offset + start), _seconds(offset + end), found.match.utterance.voice)


def _last_loud(frames: Sequence[Frame], start: int, end: int) -> int:
    """Where a word ends that the next one or a pause follows."""
    peak = max((frame.level for frame in frames[start:end]), default=0.0)
    loud = [at for at in range(start, min(end, len(frames))) if frames[at].level > peak - EDGE_DB]
    return loud[-1] + 1 if loud else end


def _seconds(frame: int) -> float:
    return round(frame * FRAME_S, 2)
