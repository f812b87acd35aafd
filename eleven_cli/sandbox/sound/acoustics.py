"""What sound looks like: how loud it is and how bright, 20 ms by 20 ms.

Everything is heard through the band of a telephone, so that all rates and formats give the same picture.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from operator import mul
from typing import NamedTuple

from .codecs import FORMATS, encoder

RATE = 8000
FRAME_S = 0.02
GRAINS = 4  # in a frame
GRAIN_S = FRAME_S / GRAINS
FRAME = round(RATE * FRAME_S)  # samples
SILENCE_DB = -90.0
_GRAIN = round(RATE * GRAIN_S)
_AHEAD = 2
_FULL_SCALE = 32768.0**2


class Grain(NamedTuple):
    """5 ms of sound: the sums of its samples, of their squares, and of their products with the next and next but one.

    Sums can be added, so that frames can begin at any grain.
    """

    total: int
    power: int
    near: int
    far: int


class Frame(NamedTuple):
    """20 ms of sound: its level in dBFS (-90 to 0), and how much it resembles itself one and two samples later."""

    level: float
    near: float
    far: float


SILENCE = Frame(SILENCE_DB, 0.0, 0.0)


class Telephone:
    """Signed 16-bit mono samples of `rate` Hz, in pieces of any length, as samples at `RATE`."""

    def __init__(self, rate: int) -> None:
        self._resampler = encoder(FORMATS[f"pcm_{RATE}"], rate) if rate != RATE else None
        self._odd = b""

    def feed(self, pcm: bytes) -> array[int]:
        pcm = self._odd + pcm
        even = len(pcm) - len(pcm) % 2
        pcm, self._odd = pcm[:even], pcm[even:]
        return array("h", self._resampler.encode(pcm) if self._resampler else pcm)


class Analyser:
    """Takes signed 16-bit mono samples of `rate` Hz bit by bit, in pieces of any length."""

    def __init__(self, rate: int) -> None:
        self._telephone = Telephone(rate)
        self._waiting = array("h")

    def feed(self, pcm: bytes) -> list[Grain]:
        """The grains that are complete now."""
        self._waiting += self._telephone.feed(pcm)
        done = grains(self._waiting)
        del self._waiting[: len(done) * _GRAIN]
        return done


def grains(samples: array[int]) -> list[Grain]:
    """The complete grains of samples at `RATE`."""
    return [_grain(samples, start) for start in range(0, len(samples) - _GRAIN - _AHEAD + 1, _GRAIN)]


def level(samples: Sequence[int]) -> float:
    """How loud a few samples are, in dBFS (-90 to 0); a constant offset is not counted."""
    total, count = sum(samples), len(samples)
    varying = sum(map(mul, samples, samples)) - total * total / count
    return max(10 * math.log10(varying / count / _FULL_SCALE), SILENCE_DB) if varying >= count else SILENCE_DB


def frames(grains: Sequence[Grain], first: int = 0) -> list[Frame]:
    """The frames from grain `first` on; what is left over at the end is left out."""
    return [frame(grains[start : start + GRAINS]) for start in range(first, len(grains) - GRAINS + 1, GRAINS)]


def frame(grains: Sequence[Grain]) -> Frame:
    """One frame of four grains. A constant offset, which cheap microphones have, is not counted as sound."""
    total, power, near, far = map(sum, zip(*grains, strict=True))
    count = _GRAIN * len(grains)
    offset = total * total / count
    varying = power - offset
    if varying < count:
        return SILENCE
    level = max(10 * math.log10(varying / count / _FULL_SCALE), SILENCE_DB)
    return Frame(level, (near - offset) / varying, (far - offset) / varying)


def ulaw_to_pcm(data: bytes) -> bytes:
    """µ-law bytes as signed 16-bit samples."""
    return array("h", [_ULAW[byte] for byte in data]).tobytes()


def _grain(samples: array[int], start: int) -> Grain:
    end = start + _GRAIN
    here = samples[start:end]
    near, far = samples[start + 1 : end + 1], samples[start + 2 : end + 2]
    return Grain(sum(here), sum(map(mul, here, here)), sum(map(mul, here, near)), sum(map(mul, here, far)))


def _ulaw_sample(byte: int) -> int:
    byte = ~byte & 0xFF
    magnitude = (((byte & 0x0F) << 3) + 0x84 << ((byte & 0x70) >> 4)) - 0x84
    return -magnitude if byte & 0x80 else magnitude


_ULAW = [_ulaw_sample(byte) for byte in range(256)]
