"""Recognising what the sandbox's own voices said: what was heard, held against everything that was spoken.

Nothing is understood here. The same audio has the same curve of loudness and brightness, whatever rate, format or
gain it went through; other words differ somewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..sound.acoustics import FRAME_S, GRAINS, Frame, Grain, frames

FLOOR_DB = 35.0  # below the loudest frame: everything fainter is equally silent
EDGE_DB = 30.0
LOUD_DB = 20.0
SLACK = 5  # frames by which two curves of the same words may differ in length
FADE = 25  # frames at the edges of a soft sentence that are lost beside a louder one
MAX_LAG = 3
MIN_FRAMES = 6
FAR_APART = 12.0
LIMIT, SHORT_LIMIT, SHORT_S = 4.5, 3.2, 0.8  # short words look alike sooner
BRIGHTNESS = 15.0  # how many dB of loudness weigh as much as the whole range of brightness
GLANCE, GLANCE_DB = 40, 8.0  # frames that are looked at first, and how far apart those may be
SAME = 0.4  # nearer than this nothing else can be


@dataclass(frozen=True)
class Part:
    """A sentence of an utterance: heard from frame `start` up to `end`; `words` are the frames its words begin at."""

    text: str
    start: int
    end: int
    words: tuple[int, ...]


@dataclass(frozen=True)
class Fingerprint:
    """One utterance: who spoke it, its parts in order, and its frames."""

    voice: str
    parts: tuple[Part, ...]
    frames: tuple[Frame, ...]


class Curve(NamedTuple):
    """Frames relative to the loudest, without the silence around; `first` is where they begin in what they are of."""

    first: int
    frames: Sequence[Frame]


class Match(NamedTuple):
    """What was recognised: some parts of an utterance up to its frame `end`.

    Its frame i is the frame i + `offset` of what was heard.
    """

    utterance: Fingerprint
    parts: Sequence[Part]
    end: int
    offset: int

    @property
    def words(self) -> list[tuple[str, int]]:
        """The words, each with the heard frame it begins at. Of one that has just begun nothing is known yet."""
        pairs = (pair for part in self.parts for pair in zip(part.text.split(), part.words, strict=False))
        last = self.parts[-1].end if self.end >= self.parts[-1].end else self.end - SLACK
        return [(word, start + self.offset) for word, start in pairs if start < last]

    @property
    def text(self) -> str:
        return " ".join(word for word, _ in self.words)


class Heard:
    """A stretch of sound, and any part of it from frame to frame held against what is known."""

    def __init__(self, grains: Sequence[Grain]) -> None:
        self._shifted = [frames(grains, first) for first in range(GRAINS)]
        self.frames = self._shifted[0]

    def find(self, known: Iterable[Fingerprint], start: int = 0, end: int | None = None) -> Match | None:
        """The best match among all utterances and all runs of their sentences; None when nothing is close."""
        shifted = self._curves(start, end)
        return _best(shifted, start, _runs(known, len(shifted[0].frames)))

    def find_beginning(self, known: Iterable[Fingerprint], start: int = 0, end: int | None = None) -> Match | None:
        """The best match for an utterance that goes on; None when nothing begins like this."""
        shifted = self._curves(start, end)
        return _best(shifted, start, _beginnings(known, len(shifted[0].frames)))

    def _curves(self, start: int, end: int | None) -> list[Curve]:
        return [_curve(shifted[start:end]) for shifted in self._shifted]


def recognise(heard: Sequence[Grain], known: Iterable[Fingerprint]) -> str | None:
    """The words of the best match among all utterances and all runs of their sentences; None when nothing is close."""
    match = Heard(heard).find(known)
    return match.text if match else None


def recognise_beginning(heard: Sequence[Grain], known: Iterable[Fingerprint]) -> str | None:
    """The words so far of an utterance that goes on; None when nothing begins like this."""
    match = Heard(heard).find_beginning(known)
    return match.text if match else None


def _best(shifted: Sequence[Curve], start: int, candidates: Iterable[Match]) -> Match | None:
    length = len(shifted[0].frames)
    if length < MIN_FRAMES:
        return None
    nearest = SHORT_LIMIT if length * FRAME_S < SHORT_S else LIMIT
    found = None
    for candidate in candidates:
        begin = candidate.parts[0].start
        curve = _curve(candidate.utterance.frames[begin : candidate.end])
        distance, shift = _distance(shifted, curve)
        if distance < nearest:
            nearest = distance
            found = candidate._replace(offset=start + shifted[0].first + shift - begin - curve.first)
        if nearest < SAME:
            break
    return found


def _runs(known: Iterable[Fingerprint], length: int) -> Iterator[Match]:
    for utterance in known:
        for first, part in enumerate(utterance.parts):
            for last in range(first, len(utterance.parts)):
                end = utterance.parts[last].end
                if end - part.start > length + SLACK + FADE:
                    break
                if end - part.start >= length - SLACK:
                    yield Match(utterance, utterance.parts[first : last + 1], end, 0)


def _beginnings(known: Iterable[Fingerprint], length: int) -> Iterator[Match]:
    for utterance in known:
        for first, part in enumerate(utterance.parts):
            end = part.start + length
            if utterance.parts[-1].end >= end:
                begun = tuple(one for one in utterance.parts[first:] if one.start < end)
                yield Match(utterance, begun, end, 0)


def _curve(heard: Sequence[Frame]) -> Curve:
    if not heard:
        return Curve(0, [])
    peak = max(frame.level for frame in heard)
    loud = [index for index, frame in enumerate(heard) if frame.level > peak - EDGE_DB]
    first, last = loud[0], loud[-1]
    shown = [Frame(max(level - peak, -FLOOR_DB), near, far) for level, near, far in heard[first : last + 1]]
    return Curve(first, shown)


def _distance(shifted: Sequence[Curve], candidate: Curve) -> tuple[float, int]:
    """How far apart two sounds are, in dB: the best over all shifts of a quarter of a frame.

    And by how many frames the candidate's curve begins later in the first of them.
    """
    glances = (_aligned(curve.frames[:GLANCE], candidate.frames[:GLANCE])[0] for curve in shifted[::2])
    if min(glances) > GLANCE_DB:
        return FAR_APART, 0
    aligned = [_aligned(curve.frames, candidate.frames) for curve in shifted]
    return min(_apart(one, other) for _, _, one, other in aligned), aligned[0][1]


def _aligned(one: Sequence[Frame], other: Sequence[Frame]) -> tuple[float, int, Sequence[Frame], Sequence[Frame]]:
    """The two from where they resemble each other most: by how many dB they differ there, and the frames between."""
    if abs(len(one) - len(other)) > SLACK:
        return FAR_APART, 0, (), ()
    pairs = ((lag, one[max(lag, 0) :], other[max(-lag, 0) :]) for lag in range(-MAX_LAG, MAX_LAG + 1))
    return min(((_spread(mine, yours), lag, mine, yours) for lag, mine, yours in pairs), key=lambda found: found[0])


def _spread(one: Sequence[Frame], other: Sequence[Frame]) -> float:
    differences = [mine[0] - yours[0] for mine, yours in zip(one, other, strict=False)]
    if not differences:
        return FAR_APART
    mean = sum(differences) / len(differences)
    return float((sum([value * value for value in differences]) / len(differences) - mean * mean) ** 0.5)


def _apart(one: Sequence[Frame], other: Sequence[Frame]) -> float:
    loud = [pair for pair in zip(one, other, strict=False) if min(pair[0].level, pair[1].level) > -LOUD_DB]
    if len(loud) < MIN_FRAMES // 2:
        return FAR_APART
    squares = [(mine.near - yours.near) ** 2 + (mine.far - yours.far) ** 2 for mine, yours in loud]
    return _spread(one, other) + BRIGHTNESS * float((sum(squares) / len(squares)) ** 0.5)
