"""Recognizes what the sandbox's own voices said, by comparing audio with the fingerprints of everything they said.

This is no speech recognition: the same audio has the same envelope of loudness and brightness whatever its rate, format
or gain, and other words differ somewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..sound.acoustics import FRAME_S, SUBFRAMES, Frame, Subframe, frames

FLOOR_DB = 35.0  # below the loudest frame everything is equally silent
EDGE_DB = 30.0
LOUD_DB = 20.0
SLACK = 5  # frames by which two envelopes of the same words may differ in length
FADE = 25  # frames at the edges of a soft sentence that a louder one hides
MAX_LAG = 3
MIN_FRAMES = 6
MAX_DISTANCE = 12.0
LIMIT, SHORT_LIMIT, SHORT_S = 4.5, 3.2, 0.8  # short words are more alike
PROCESSED_LIMIT = 8.0  # of speech that a browser has processed, each window of which has to be near, too
WINDOW, WINDOW_LIMIT, WINDOW_FLOOR_DB, EVENNESS = 20, 7.8, 25.0, 1.6
BRIGHTNESS = 15.0  # how many dB of loudness weigh as much as the whole range of brightness
PREFILTER, PREFILTER_DB = 40, 8.0  # frames that are compared first, and the greatest distance of them
SAME = 0.4  # at this distance the search stops


@dataclass(frozen=True)
class Sentence:
    """A sentence of an utterance from frame `start` up to `end`; `words` are the frames at which its words begin."""

    text: str
    start: int
    end: int
    words: tuple[int, ...]


@dataclass(frozen=True)
class Fingerprint:
    """One utterance: the id of its voice, the language it spoke (ISO 639-1), its sentences in order, and its frames."""

    voice: str
    language: str
    sentences: tuple[Sentence, ...]
    frames: tuple[Frame, ...]


class Envelope(NamedTuple):
    """Frames relative to the loudest, without the silence around them; `first` is their position in the source."""

    first: int
    frames: Sequence[Frame]


class Match(NamedTuple):
    """What was recognized: some sentences of an utterance up to its frame `end`.

    Its frame i is the frame i + `offset` of the audio.
    """

    utterance: Fingerprint
    sentences: Sequence[Sentence]
    end: int
    offset: int

    @property
    def words(self) -> list[tuple[str, int]]:
        """The words, each with the frame of the audio at which it begins, without one that has only just begun."""
        pairs = (
            pair for sentence in self.sentences for pair in zip(sentence.text.split(), sentence.words, strict=False)
        )
        last = self.sentences[-1].end if self.end >= self.sentences[-1].end else self.end - SLACK
        return [(word, start + self.offset) for word, start in pairs if start < last]

    @property
    def text(self) -> str:
        return " ".join(word for word, _ in self.words)


Aligned = tuple[float, int, Sequence[Frame], Sequence[Frame]]  # distance, lag in frames, and the frames of both


class Matcher:
    """Compares audio, or a part of it, with fingerprints."""

    def __init__(self, subframes: Sequence[Subframe]) -> None:
        self._shifted = [frames(subframes, first) for first in range(SUBFRAMES)]
        self.frames = self._shifted[0]

    def find(self, known: Iterable[Fingerprint], start: int = 0, end: int | None = None) -> Match | None:
        """Gives the best match among all runs of sentences; None when nothing is close."""
        shifted = self._envelopes(start, end)
        return _best(shifted, start, _runs(known, len(shifted[0].frames)))

    def find_prefix(self, known: Iterable[Fingerprint], start: int = 0, end: int | None = None) -> Match | None:
        """Gives the best match for speech that continues; None when nothing begins like it."""
        shifted = self._envelopes(start, end)
        return _best(shifted, start, _prefixes(known, len(shifted[0].frames)))

    def _envelopes(self, start: int, end: int | None) -> list[Envelope]:
        return [_envelope(shifted[start:end]) for shifted in self._shifted]


def recognize(audio: Sequence[Subframe], known: Iterable[Fingerprint]) -> str | None:
    """Gives the words of the best match; None when nothing is close."""
    match = Matcher(audio).find(known)
    return match.text if match else None


def recognize_prefix(audio: Sequence[Subframe], known: Iterable[Fingerprint]) -> str | None:
    """Gives the words so far of speech that continues; None when nothing begins like it."""
    match = Matcher(audio).find_prefix(known)
    return match.text if match else None


def _best(shifted: Sequence[Envelope], start: int, candidates: Iterable[Match]) -> Match | None:
    length = len(shifted[0].frames)
    if length < MIN_FRAMES:
        return None
    limit = SHORT_LIMIT if length * FRAME_S < SHORT_S else LIMIT
    nearest = PROCESSED_LIMIT if length >= 3 * WINDOW else limit
    found = None
    for candidate in candidates:
        begin = candidate.sentences[0].start
        envelope = _envelope(candidate.utterance.frames[begin : candidate.end])
        distance, lag, one, other = _distance(shifted, envelope)
        if distance < nearest and (distance < limit or _is_processed(one, other)):
            nearest = distance
            found = candidate._replace(offset=start + shifted[0].first + lag - begin - envelope.first)
        if nearest < SAME:
            break
    return found


def _runs(known: Iterable[Fingerprint], length: int) -> Iterator[Match]:
    for utterance in known:
        for first, sentence in enumerate(utterance.sentences):
            for last in range(first, len(utterance.sentences)):
                end = utterance.sentences[last].end
                if end - sentence.start > length + SLACK + FADE:
                    break
                if end - sentence.start >= length - SLACK:
                    yield Match(utterance, utterance.sentences[first : last + 1], end, 0)


def _prefixes(known: Iterable[Fingerprint], length: int) -> Iterator[Match]:
    for utterance in known:
        for first, sentence in enumerate(utterance.sentences):
            end = sentence.start + length
            if utterance.sentences[-1].end >= end:
                begun = tuple(one for one in utterance.sentences[first:] if one.start < end)
                yield Match(utterance, begun, end, 0)


def _envelope(frames: Sequence[Frame]) -> Envelope:
    if not frames:
        return Envelope(0, [])
    peak = max(frame.level for frame in frames)
    loud = [index for index, frame in enumerate(frames) if frame.level > peak - EDGE_DB]
    first, last = loud[0], loud[-1]
    shown = [Frame(max(level - peak, -FLOOR_DB), lag1, lag2) for level, lag1, lag2 in frames[first : last + 1]]
    return Envelope(first, shown)


def _distance(shifted: Sequence[Envelope], candidate: Envelope) -> Aligned:
    """Gives the distance in dB, the least over all shifts by a subframe, the lag in frames, and the aligned frames."""
    prefilter = (_aligned(envelope.frames[:PREFILTER], candidate.frames[:PREFILTER])[0] for envelope in shifted[::2])
    if min(prefilter) > PREFILTER_DB:
        return MAX_DISTANCE, 0, (), ()
    aligned = [_aligned(envelope.frames, candidate.frames) for envelope in shifted]
    distances = [_aligned_distance(one, other) for _, _, one, other in aligned]
    _, _, one, other = aligned[distances.index(min(distances))]
    return min(distances), aligned[0][1], one, other


def _aligned(one: Sequence[Frame], other: Sequence[Frame]) -> Aligned:
    """Aligns two envelopes at the lag of the least distance; gives distance, lag and the aligned frames of both."""
    if abs(len(one) - len(other)) > SLACK:
        return MAX_DISTANCE, 0, (), ()
    pairs = ((lag, one[max(lag, 0) :], other[max(-lag, 0) :]) for lag in range(-MAX_LAG, MAX_LAG + 1))
    return min(((_spread(mine, yours), lag, mine, yours) for lag, mine, yours in pairs), key=lambda found: found[0])


def _spread(one: Sequence[Frame], other: Sequence[Frame]) -> float:
    differences = [mine[0] - yours[0] for mine, yours in zip(one, other, strict=False)]
    if not differences:
        return MAX_DISTANCE
    mean = sum(differences) / len(differences)
    return float(max(sum([value * value for value in differences]) / len(differences) - mean * mean, 0.0) ** 0.5)


def _aligned_distance(one: Sequence[Frame], other: Sequence[Frame]) -> float:
    loud = _loud(one, other)
    return _spread(one, other) + _contrast(loud) if len(loud) >= MIN_FRAMES // 2 else MAX_DISTANCE


def _is_processed(one: Sequence[Frame], other: Sequence[Frame]) -> bool:
    """Tells whether they differ a little throughout: noise reduction and automatic gain do that, other words do not."""
    last = min(len(one), len(other)) - WINDOW
    windows = (slice(at, at + WINDOW) for at in (*range(0, last, WINDOW // 2), last))
    distances = sorted(_window_distance(one[window], other[window]) for window in windows)
    return distances[-1] < max(LIMIT, min(WINDOW_LIMIT, EVENNESS * distances[len(distances) // 2]))


def _window_distance(one: Sequence[Frame], other: Sequence[Frame]) -> float:
    raised = ([frame._replace(level=max(frame.level, -WINDOW_FLOOR_DB)) for frame in frames] for frames in (one, other))
    return _spread(*raised) + _contrast(_loud(one, other))


def _loud(one: Sequence[Frame], other: Sequence[Frame]) -> list[tuple[Frame, Frame]]:
    return [pair for pair in zip(one, other, strict=False) if min(pair[0].level, pair[1].level) > -LOUD_DB]


def _contrast(pairs: Sequence[tuple[Frame, Frame]]) -> float:
    """Gives in dB how much the brightness of loud frames differs."""
    squares = [(mine.lag1 - yours.lag1) ** 2 + (mine.lag2 - yours.lag2) ** 2 for mine, yours in pairs]
    return BRIGHTNESS * float((sum(squares) / len(squares)) ** 0.5) if squares else 0.0
