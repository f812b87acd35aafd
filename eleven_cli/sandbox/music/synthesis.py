"""Synthesizes music: chords, a tune, a bass and a beat, chosen by the words of each part; bar by bar."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from .plan import Part

RATE = 44100
FADE_IN_S, JOIN_S, FADE_OUT_S = 0.01, 0.01, 1.5
BEATS = 4
LOUDNESS = 0.8
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
PENTATONIC = (0, 1, 2, 4, 5)  # steps of the scale that fit every chord
PROGRESSIONS = ((0, 4, 5, 3), (0, 5, 3, 4), (5, 3, 0, 4), (0, 3, 0, 4), (0, 2, 3, 4), (0, 6, 5, 4))
SLOW = re.compile(r"\b(slow|calm|soft|gentle|ambient|relax\w*|lullaby|ballad|sleep\w*|peaceful)\b")
FAST = re.compile(r"\b(fast|rock|metal|techno|dance|house|punk|energetic|upbeat|party|drum and bass)\b")
SAD = re.compile(r"\b(sad|dark|minor|melanchol\w*|tense|scary|gloomy|lonely|rain\w*|tragic)\b")
NO_BEAT = re.compile(r"\b(ambient|ambience|drone|lullaby|(no|without) (drums|beat|percussion))\b")
Samples = np.ndarray[Any, np.dtype[np.float64]]


class Character(NamedTuple):
    """What a whole song has in common: the length of its beat, its lowest note, and the scale above it."""

    beat: int
    low_hz: float
    scale: tuple[int, ...]


def song(parts: Sequence[Part], seed: int, mode: str = "track") -> Iterator[bytes]:
    """Gives signed 16-bit mono samples at `RATE`, bar by bar: equal arguments give equal bytes.

    A `loop` does not fade out, and an `ambience` has no beat.
    """
    character = _character(" ".join(part.words for part in parts), seed)
    total, at = sum(_samples(part) for part in parts), 0
    for number, part in enumerate(parts):
        left = _samples(part)
        for sound in _bars(part.words, character, seed + number, has_beat=mode != "ambience"):
            bar = sound[:left] * np.minimum((left - np.arange(min(left, len(sound)))) / (JOIN_S * RATE), 1.0)
            yield _pcm(bar * _fades(at, len(bar), total, fades_out=mode != "loop"))
            at, left = at + len(bar), left - len(bar)
            if not left:
                break


def _samples(part: Part) -> int:
    return round(part.duration_ms * RATE / 1000)


def _character(words: str, seed: int) -> Character:
    random, said = _random(words, seed), words.lower()
    low, high = (60, 76) if SLOW.search(said) else (122, 146) if FAST.search(said) else (84, 118)
    a_minute = int(random.integers(low, high))
    low_hz = 55.0 * 2 ** (int(random.integers(12)) / 12)
    is_sad = bool(SAD.search(said)) or (not FAST.search(said) and random.random() < 0.3)
    return Character(round(RATE * 60 / a_minute), low_hz, MINOR if is_sad else MAJOR)


def _bars(words: str, character: Character, seed: int, *, has_beat: bool) -> Iterator[Samples]:
    """Gives bars without end; the tune comes again after as many as there are chords."""
    random = _random(words, seed)
    chords = PROGRESSIONS[int(random.integers(len(PROGRESSIONS)))]
    tune: list[Any] = [random.choice(PENTATONIC, 2 * BEATS) for _ in chords]
    rests: list[Any] = [random.random(2 * BEATS) < 0.3 for _ in chords]
    beat = _beat(character, random) if has_beat and not NO_BEAT.search(words.lower()) else 0.0
    played = [
        np.tanh(_chord(character, step) + _bass(character, step) + _tune(character, notes, pauses) + beat)
        for step, notes, pauses in zip(chords, tune, rests, strict=True)
    ]
    while True:
        yield from played


def _chord(character: Character, step: int) -> Samples:
    """Holds three notes for a bar, swelling and dying away, so that bars join without a click."""
    time = np.arange(BEATS * character.beat) / RATE
    envelope = np.minimum(np.minimum(time / 0.08, (time[-1] - time) / 0.12), 1.0)
    sound = np.zeros(len(time))
    for third in (0, 2, 4):
        hz = 4 * _hz(character, step + third)
        for harmonic in (1, 2, 3):
            sound += np.sin(2 * np.pi * hz * harmonic * time) / harmonic**2
    return np.asarray(0.13 * sound * envelope)


def _bass(character: Character, step: int) -> Samples:
    note = _note(2 * _hz(character, step), character.beat, 0.5)
    return 0.3 * np.tile(note, BEATS)


def _tune(character: Character, notes: Samples, rests: Samples) -> Samples:
    sound = np.zeros(BEATS * character.beat)
    size = len(sound) // len(notes)
    for at, (step, rests_now) in enumerate(zip(notes, rests, strict=True)):
        if not rests_now:
            sound[at * size : (at + 1) * size] = 0.25 * _note(8 * _hz(character, int(step)), size, 0.15)
    return sound


def _beat(character: Character, random: np.random.Generator) -> Samples:
    """A drum on the first and third beat, a snare on the others, and a cymbal twice as often."""
    sound = np.zeros(BEATS * character.beat)
    time: Samples = np.arange(character.beat) / RATE
    drum = np.sin(2 * np.pi * (50 * time + 4 * (1 - 0.5 ** (time / 0.02)))) * 0.5 ** (time / 0.06)
    snare = random.standard_normal(len(time)) * 0.5 ** (time / 0.03) * 0.25
    half = character.beat // 2
    cymbal = np.diff(random.standard_normal(half + 1)) * 0.5 ** (time[:half] / 0.012) * 0.06
    for at in range(BEATS):
        start = at * character.beat
        sound[start : start + character.beat] += (snare if at % 2 else drum) * 0.6
        for begin in (start, start + half):
            sound[begin : begin + half] += cymbal
    return sound


def _note(hz: float, count: int, half_s: float) -> Samples:
    time = np.arange(count) / RATE
    envelope = np.minimum(np.minimum(time / 0.004, (time[-1] - time) / 0.01), 1.0) * 0.5 ** (time / half_s)
    return np.asarray((np.sin(2 * np.pi * hz * time) + 0.3 * np.sin(4 * np.pi * hz * time)) * envelope)


def _hz(character: Character, step: int) -> float:
    octaves, degree = divmod(step, len(character.scale))
    return float(character.low_hz * 2 ** (octaves + character.scale[degree] / 12))


def _fades(at: int, count: int, total: int, *, fades_out: bool) -> Samples:
    place = np.arange(at, at + count) / RATE
    fades = np.minimum(place / FADE_IN_S, 1.0)
    return np.minimum(fades, (total / RATE - place) / FADE_OUT_S) if fades_out else fades


def _pcm(sound: Samples) -> bytes:
    return bytes(np.round(sound * LOUDNESS * 32767).astype("<i2").tobytes())


def _random(words: str, seed: int) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(f"{words} {seed}".encode("utf-8", "surrogatepass")))
