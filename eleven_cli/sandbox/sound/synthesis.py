"""Synthesizes text, with the time of every character."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from ..dictionaries.pronunciation import Alias, as_written, said
from .espeak import Espeak, SpeechMark, Style, Utterance
from .text_segments import Markup, TextSegment, split_text

MIN_SECONDS = 0.2
SHORT = 30  # characters: the whole of such a segment takes hardly longer than its beginning
KEPT = 64  # sentences, which texts have in common: some 12 MB


@dataclass(frozen=True)
class SynthesizedSegment:
    """A segment of the text with its audio.

    pcm     signed 16-bit mono samples
    times   character i lasts from `times[i]` to `times[i + 1]`, in samples from the start of the whole audio
    is_tag  whether it is a tag, which is silence
    heard   the text that is said, with its times, where that is another one
    """

    text: str
    pcm: bytes
    times: list[float]
    is_tag: bool = False
    heard: tuple[str, list[float]] | None = None


def synthesize(
    text: str, style: Style, engine: Espeak, rate: int, markup: Markup, aliases: tuple[Alias, ...] = ()
) -> Iterator[SynthesizedSegment]:
    """Synthesizes a text segment by segment; the texts of the segments, joined, are the text.

    `rate` is the rate at which the samples will be played. A text without sound becomes a short silence.
    """
    offset = 0
    for segment in split_text(text, markup):
        if aliases and segment.pause_s is None:
            spoken, places = said(segment.text, aliases)
            pcm, times = _sound(replace(segment, text=spoken), style, engine, rate)
            times = [offset + time for time in times]
            yield SynthesizedSegment(segment.text, pcm, as_written(times, places), heard=(spoken, times))
        else:
            pcm, times = _sound(segment, style, engine, rate)
            yield SynthesizedSegment(segment.text, pcm, [offset + time for time in times], segment.pause_s is not None)
        offset += len(pcm) // 2
    missing = int(rate * MIN_SECONDS) - offset
    if missing > 0:
        yield SynthesizedSegment("", bytes(2 * missing), [float(offset)])


def synthesize_beginning(
    text: str, style: Style, engine: Espeak, seconds: float, markup: Markup, aliases: tuple[Alias, ...] = ()
) -> bytes:
    """Synthesizes the first samples of what `synthesize` gives, about so many seconds; nothing where that saves none.

    A long sentence takes five times as long as its beginning, which need not wait for it.
    """
    first = next(split_text(text, markup), None)
    if first is None or first.pause_s is not None or len(first.text.strip()) <= SHORT:
        return b""
    spoken = said(first.text, aliases)[0] if aliases else first.text
    return bytes(engine.speak(spoken, style, pause=first.ends, limit_s=seconds).pcm)


def _sound(segment: TextSegment, style: Style, engine: Espeak, rate: int) -> tuple[bytes, list[float]]:
    if segment.pause_s is not None:
        samples = round(segment.pause_s * rate)
        return bytes(2 * samples), _interpolated([(0, 0), (len(segment.text), samples)])
    if not segment.text.strip():
        return b"", [0.0] * (len(segment.text) + 1)
    pcm, times = _said(segment.text, style, engine, segment.ends)
    return pcm, list(times)


@lru_cache(KEPT)
def _said(text: str, style: Style, engine: Espeak, ends: bool) -> tuple[bytes, tuple[float, ...]]:
    utterance = engine.speak(text, style, pause=ends)
    return bytes(utterance.pcm), tuple(character_times(text, utterance))


def character_times(text: str, utterance: Utterance) -> list[float]:
    """Gives when each character begins, and when the last one ends: `len(text) + 1` ascending sample numbers.

    The synthesizer marks words; between two marks the time is divided evenly.
    """
    points: list[tuple[int, int]] = [(0, 0)]
    total = len(utterance.pcm) // 2
    for position, sample in (*_known_points(text, utterance, total), (len(text), total)):
        sample = min(sample, total)
        if position == points[-1][0] and position > 0 and sample >= points[-1][1]:
            points[-1] = (position, sample)
        elif position > points[-1][0] and sample >= points[-1][1]:
            points.append((position, sample))
    return _interpolated(points)


def _known_points(text: str, utterance: Utterance, total: int) -> Iterator[tuple[int, int]]:
    marks = [*utterance.marks, SpeechMark(len(text), 0, total)]
    for mark, following in pairwise(marks):
        position = _word_start(text, mark.position)
        if not mark.is_word or position is None:
            continue
        yield position, mark.sample
        if not following.is_word:  # before a pause: the word ends where its sound does
            end = min(position + mark.length, len(text))
            yield end, mark.sample + _loud(utterance.pcm[2 * mark.sample : 2 * following.sample])


def _word_start(text: str, position: int) -> int | None:
    """Skips spaces; None inside a word, because a number that is spoken as several words shifts the positions."""
    while position < len(text) and text[position].isspace():
        position += 1
    if position >= len(text):
        return None
    inside = position > 0 and text[position - 1].isalnum() and text[position].isalnum()
    return None if inside else position


def _loud(pcm: bytes | bytearray) -> int:
    return (len(pcm.rstrip(b"\0")) + 1) // 2


def _interpolated(points: list[tuple[int, int]]) -> list[float]:
    times = [float(points[0][1])]
    for (first, start), (last, end) in pairwise(points):
        step = (end - start) / (last - first)
        times.extend(start + step * count for count in range(1, last - first + 1))
    return times
