"""Measures the pitch of a voice."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import lru_cache
from operator import mul
from statistics import median

from ..sound.acoustics import NarrowbandResampler
from ..sound.formats import FORMATS
from ..speech.synthesis_spec import SynthesisSpec, voice_spec
from ..voices.voice import Voice

RATE = 4000  # enough for the pitch, and fast
WINDOW = round(0.05 * RATE)
LOWEST_HZ, HIGHEST_HZ = 60, 400
LOUDEST = 24  # windows that are analysed
VOICED = 0.5
NEARLY = 0.88  # the first peak of nearly the greatest height is the pitch; the highest may be its double period
DEFAULT_HZ = 150.0
SAMPLE = "Where are you now? I am one of many voices."


def pitch_hz(pcm: bytes, rate: int) -> float:
    """Gives the median pitch of signed 16-bit mono samples; 150 Hz when nothing in them has a pitch."""
    samples = NarrowbandResampler(rate).feed(pcm)[::2]
    starts = range(0, len(samples) - 2 * WINDOW, WINDOW)
    loudest = sorted(starts, key=lambda start: -_power(samples[start : start + WINDOW]))[:LOUDEST]
    found = [hz for start in loudest if (hz := _pitch(samples[start : start + 2 * WINDOW]))]
    return median(found) if found else DEFAULT_HZ


def voice_pitch_hz(voice: Voice) -> float:
    """Gives the pitch of a voice."""
    return _spoken_pitch_hz(voice_spec(SAMPLE, voice, FORMATS["pcm_8000"]))


@lru_cache(maxsize=64)
def _spoken_pitch_hz(spec: SynthesisSpec) -> float:
    from ..speech.speech_encoder import encode_speech

    return pitch_hz(b"".join(part.audio for part in encode_speech(spec, 1.0, remember=False)), 8000)


def _pitch(samples: array[int]) -> float | None:
    here = samples[:WINDOW]
    power = _power(here)
    if power < WINDOW * 100:
        return None
    lags = range(RATE // HIGHEST_HZ, RATE // LOWEST_HZ + 1)
    correlations = [_correlation(here, samples[lag : lag + WINDOW], power) for lag in lags]
    best = max(correlations)
    if best < VOICED:
        return None
    peaks = [
        at for at in range(1, len(correlations) - 1) if correlations[at - 1] <= correlations[at] >= correlations[at + 1]
    ]
    first = next((at for at in peaks if correlations[at] > NEARLY * best), correlations.index(best))
    return RATE / lags[first]


def _correlation(one: Sequence[int], other: Sequence[int], power: float) -> float:
    return float(sum(map(mul, one, other)) / (power * _power(other) + 1) ** 0.5)


def _power(samples: Sequence[int]) -> float:
    return float(sum(map(mul, samples, samples)))
