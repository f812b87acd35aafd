"""Measures loudness and brightness of audio, 20 ms by 20 ms.

Audio is resampled to the band of a telephone first, so that every rate and format gives the same values.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from operator import mul
from typing import NamedTuple

from .formats import FORMATS

RATE = 8000
FRAME_S = 0.02
SUBFRAMES = 4  # in each frame
SUBFRAME_S = FRAME_S / SUBFRAMES
FRAME_SAMPLES = round(RATE * FRAME_S)  # samples
SILENCE_DB = -90.0
_SUBFRAME = round(RATE * SUBFRAME_S)
_AHEAD = 2
_FULL_SCALE = 32768.0**2


class Subframe(NamedTuple):
    """5 ms of audio: the sums of its samples, their squares, and their products with those one and two samples later.

    Sums can be added, so that frames can begin at any subframe.
    """

    total: int
    power: int
    lag1: int
    lag2: int


class Frame(NamedTuple):
    """20 ms of audio: its level in dBFS (-90 to 0), and its autocorrelation at lags of one and two samples."""

    level: float
    lag1: float
    lag2: float


SILENCE = Frame(SILENCE_DB, 0.0, 0.0)


class NarrowbandResampler:
    """Resamples signed 16-bit mono samples of `rate` Hz, in pieces of any length, to `RATE`."""

    def __init__(self, rate: int) -> None:
        from .codecs import encoder  # PyAV, which a server needs to start no more than numpy

        self._resampler = encoder(FORMATS[f"pcm_{RATE}"], rate) if rate != RATE else None
        self._odd = b""

    def feed(self, pcm: bytes) -> array[int]:
        pcm = self._odd + pcm
        even = len(pcm) - len(pcm) % 2
        pcm, self._odd = pcm[:even], pcm[even:]
        return array("h", self._resampler.encode(pcm) if self._resampler else pcm)


class SubframeAnalyser:
    """Splits signed 16-bit mono samples of `rate` Hz, in pieces of any length, into subframes."""

    def __init__(self, rate: int) -> None:
        self._resampler = NarrowbandResampler(rate)
        self._waiting = array("h")

    def feed(self, pcm: bytes) -> list[Subframe]:
        """Gives the subframes that are complete."""
        self._waiting += self._resampler.feed(pcm)
        done = subframes(self._waiting)
        del self._waiting[: len(done) * _SUBFRAME]
        return done


def subframes(samples: array[int]) -> list[Subframe]:
    """Gives the complete subframes of samples at `RATE`."""
    import numpy

    count = (len(samples) - _AHEAD) // _SUBFRAME
    if count <= 0:
        return []
    values = numpy.frombuffer(samples, "int16").astype("int64")  # a copy: an array that is looked at cannot shrink
    here, lag1, lag2 = (values[at : at + count * _SUBFRAME].reshape(count, _SUBFRAME) for at in range(_AHEAD + 1))
    sums = (here, here * here, here * lag1, here * lag2)
    return list(map(Subframe, *(products.sum(axis=1).tolist() for products in sums)))


def level_db(samples: Sequence[int]) -> float:
    """Measures the level of samples in dBFS (-90 to 0) without their constant offset."""
    total, count = sum(samples), len(samples)
    varying = sum(map(mul, samples, samples)) - total * total / count
    return max(10 * math.log10(varying / count / _FULL_SCALE), SILENCE_DB) if varying >= count else SILENCE_DB


def frames(subframes: Sequence[Subframe], first: int = 0) -> list[Frame]:
    """Gives the complete frames from subframe `first` on."""
    import numpy

    count = (len(subframes) - first) // SUBFRAMES
    if count <= 0:
        return []
    sums = numpy.array(subframes[first : first + count * SUBFRAMES], "int64").reshape(count, SUBFRAMES, -1)
    return [_frame(one, SUBFRAMES) for one in sums.sum(axis=1).tolist()]


def frame(subframes: Sequence[Subframe]) -> Frame:
    """Gives the frame of four subframes."""
    return _frame([sum(values) for values in zip(*subframes, strict=True)], len(subframes))


def _frame(sums: Sequence[int], subframes: int) -> Frame:
    """Measures without the constant offset, which cheap microphones have."""
    (total, power, lag1, lag2), count = sums, subframes * _SUBFRAME
    offset = total * total / count
    varying = power - offset
    if varying < count:
        return SILENCE
    level = max(10 * math.log10(varying / count / _FULL_SCALE), SILENCE_DB)
    return Frame(level, (lag1 - offset) / varying, (lag2 - offset) / varying)
