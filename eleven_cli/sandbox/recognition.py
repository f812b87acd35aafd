"""Recognising what the sandbox's own voices said: what was heard, held against everything that was spoken.

Nothing is understood here. The same audio has the same curve of loudness and brightness, whatever rate, format or
gain it went through; other words differ somewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .acoustics import FRAME_S, GRAINS, Frame, Grain, frames

FLOOR_DB = 35.0  # below the loudest frame: everything fainter is equally silent
EDGE_DB = 30.0
LOUD_DB = 20.0
SLACK = 5  # frames by which two curves of the same words may differ in length
MAX_LAG = 3
MIN_FRAMES = 6
FAR_APART = 12.0
LIMIT, SHORT_LIMIT, SHORT_S = 4.5, 3.2, 0.8  # short words look alike sooner
BRIGHTNESS = 15.0  # how many dB of loudness weigh as much as the whole range of brightness
Curve = Sequence[Frame]


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


def recognise(heard: Sequence[Grain], known: Iterable[Fingerprint]) -> str | None:
    """The words of the best match among all utterances and all runs of their sentences; None when nothing is close."""
    shifted = [_curve(frames(heard, first)) for first in range(GRAINS)]
    length = len(shifted[0])
    runs = ((_text(run), _cut(print_, run[0].start, run[-1].end)) for print_, run in _runs(known, length))
    return _best(shifted, runs)


def recognise_beginning(heard: Sequence[Grain], known: Iterable[Fingerprint]) -> str | None:
    """The words so far of an utterance that goes on; None when nothing begins like this."""
    shifted = [_curve(frames(heard, first)) for first in range(GRAINS)]
    length = len(shifted[0])
    return _best(shifted, _beginnings(known, length))


def _best(shifted: Sequence[Curve], candidates: Iterable[tuple[str, Curve]]) -> str | None:
    length = len(shifted[0])
    if length < MIN_FRAMES:
        return None
    nearest = SHORT_LIMIT if length * FRAME_S < SHORT_S else LIMIT
    found = None
    for text, candidate in candidates:
        distance = _distance(shifted, candidate)
        if distance < nearest:
            nearest, found = distance, text
    return found


def _runs(known: Iterable[Fingerprint], length: int) -> Iterator[tuple[Fingerprint, Sequence[Part]]]:
    for print_ in known:
        for first, part in enumerate(print_.parts):
            for last in range(first, len(print_.parts)):
                frames_ = print_.parts[last].end - part.start
                if frames_ > length + SLACK:
                    break
                if frames_ >= length - SLACK:
                    yield print_, print_.parts[first : last + 1]


def _beginnings(known: Iterable[Fingerprint], length: int) -> Iterator[tuple[str, Curve]]:
    for print_ in known:
        for first, part in enumerate(print_.parts):
            end = part.start + length
            if print_.parts[-1].end >= end:
                words = [
                    word
                    for one in print_.parts[first:]
                    for word, start in zip(one.text.split(), one.words, strict=False)
                    if start < end - SLACK
                ]
                yield " ".join(words), _cut(print_, part.start, end)


def _text(run: Sequence[Part]) -> str:
    return " ".join(" ".join(part.text for part in run).split())


def _cut(print_: Fingerprint, start: int, end: int) -> Curve:
    return _curve(print_.frames[start:end])


def _curve(heard: Curve) -> list[Frame]:
    """Levels relative to the loudest frame, without the silence around."""
    if not heard:
        return []
    peak = max(frame.level for frame in heard)
    loud = [index for index, frame in enumerate(heard) if frame.level > peak - EDGE_DB]
    return [Frame(max(level - peak, -FLOOR_DB), near, far) for level, near, far in heard[loud[0] : loud[-1] + 1]]


def _distance(shifted: Sequence[Curve], candidate: Curve) -> float:
    """How far apart two sounds are, in dB: the best over all shifts of a quarter of a frame."""
    if min(_aligned(curve, candidate)[0] for curve in shifted[::2]) > FAR_APART:
        return FAR_APART
    return min(_apart(*_aligned(curve, candidate)[1:]) for curve in shifted)


def _aligned(one: Curve, other: Curve) -> tuple[float, Curve, Curve]:
    """The two from where they resemble each other most, and by how many dB they differ there."""
    if abs(len(one) - len(other)) > SLACK:
        return FAR_APART, (), ()
    pairs = [(one[max(lag, 0) :], other[max(-lag, 0) :]) for lag in range(-MAX_LAG, MAX_LAG + 1)]
    return min(((_spread(*pair), *pair) for pair in pairs), key=lambda found: found[0])


def _spread(one: Curve, other: Curve) -> float:
    differences = [mine[0] - yours[0] for mine, yours in zip(one, other, strict=False)]
    if not differences:
        return FAR_APART
    mean = sum(differences) / len(differences)
    return float((sum([value * value for value in differences]) / len(differences) - mean * mean) ** 0.5)


def _apart(one: Curve, other: Curve) -> float:
    loud = [pair for pair in zip(one, other, strict=False) if min(pair[0].level, pair[1].level) > -LOUD_DB]
    if len(loud) < MIN_FRAMES // 2:
        return FAR_APART
    squares = [(mine.near - yours.near) ** 2 + (mine.far - yours.far) ** 2 for mine, yours in loud]
    return _spread(one, other) + BRIGHTNESS * float((sum(squares) / len(squares)) ** 0.5)
