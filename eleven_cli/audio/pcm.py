"""Sound as bytes: frames, levels, conversions. Pure.

PCM is signed 16-bit little-endian mono unless it says otherwise ("s16"); levels are RMS in dBFS.
"""

import math
from array import array
from collections.abc import Iterator
from functools import cache
from operator import mul

from eleven_cli.audio.codecs.decoding import samples_of
from eleven_cli.audio.formats import SAMPLE_BYTES

FRAME_MS = 20
SILENCE_DB = -96.0  # what digital silence is given as: below the smallest 16-bit sound
FULL_SCALE = 32768
_ULAW_BIAS, _ULAW_CLIP = 0x84, 32635
_FROM_U8 = bytes(code ^ 0x80 for code in range(256))
SAMPLE_WIDTHS = {"u8": 1, "s16": 2, "s24": 3, "s32": 4, "f32": 4, "f64": 8, "ulaw": 1, "alaw": 1}


def bytes_of(seconds: float, rate: int) -> int:
    """How many bytes of PCM so much time is, in whole samples."""
    return round(seconds * rate) * SAMPLE_BYTES


def frame_bytes(rate: int) -> int:
    """The bytes of one 20 ms frame."""
    return rate * FRAME_MS // 1000 * SAMPLE_BYTES


class Slicer:
    """Any chunks in, pieces of exactly `size` bytes out."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that are complete now."""
        self._rest += data
        while len(self._rest) >= self._size:
            piece = bytes(self._rest[: self._size])
            del self._rest[: self._size]
            yield piece


def level_db(pcm: bytes) -> float:
    """How loud it is: a full-scale sine is -3, silence and nothing at all are SILENCE_DB."""
    samples = array("h", pcm)
    power = sum(map(mul, samples, samples)) / len(samples) if samples else 0.0
    return max(10 * math.log10(power / FULL_SCALE**2), SILENCE_DB) if power else SILENCE_DB


def is_silent(pcm: bytes) -> bool:
    """Whether it holds nothing but digital zeros."""
    return pcm.count(0) == len(pcm)


def faded_out(pcm: bytes) -> bytes:
    """The same, falling to nothing, so that a stop does not click."""
    samples = array("h", pcm)
    count = len(samples)
    return array("h", (sample * (count - at) // (count + 1) for at, sample in enumerate(samples))).tobytes()


def tone(hertz: float, seconds: float, rate: int, *, level: float = 0.2) -> bytes:
    """A sine that begins and ends softly; `level` is its peak, 1 being full scale."""
    count, soft = int(seconds * rate), rate // 50
    peak = level * (FULL_SCALE - 1)
    swell = (min(at, count - at, soft) / soft for at in range(count))
    return array(
        "h", (int(peak * by * math.sin(math.tau * hertz * at / rate)) for at, by in enumerate(swell))
    ).tobytes()


def to_ulaw(pcm: bytes) -> bytes:
    """ITU-T G.711 µ-law, one byte a sample."""
    table = _ulaw_codes()
    return bytes([table[sample >> 2] for sample in array("h", pcm)])


def from_ulaw(data: bytes) -> bytes:
    """PCM from µ-law."""
    return b"".join(map(samples_of("ulaw").__getitem__, data))


def to_s16(data: bytes, sample: str) -> bytes:
    """Samples of one of SAMPLE_WIDTHS as s16; the channels stay as they are. Wants whole samples."""
    match sample:
        case "u8":
            return _spread(data.translate(_FROM_U8), width=1)
        case "s16":
            return data
        case "s24" | "s32":
            return _spread(data, width=SAMPLE_WIDTHS[sample])
        case "f32" | "f64":
            return array("h", map(_from_float, array("f" if sample == "f32" else "d", data))).tobytes()
    return b"".join(map(samples_of(sample).__getitem__, data))


def to_mono(pcm: bytes, channels: int) -> bytes:
    """The mean of interleaved channels."""
    if channels == 1:
        return pcm
    samples = array("h", pcm)
    sides = (samples[channel::channels] for channel in range(channels))
    return array("h", (sum(together) // channels for together in zip(*sides, strict=True))).tobytes()


def interleaved(left: bytes, right: bytes) -> bytes:
    """Two channels of equal length as stereo."""
    both = array("h", bytes(len(left) + len(right)))
    both[0::2], both[1::2] = array("h", left), array("h", right)
    return both.tobytes()


def _spread(data: bytes, width: int) -> bytes:
    """The upper 16 bits of little-endian integers of `width` bytes."""
    pcm = bytearray(len(data) // width * SAMPLE_BYTES)
    pcm[1::2] = data[width - 1 :: width]
    if width > 1:
        pcm[0::2] = data[width - 2 :: width]
    return bytes(pcm)


def _from_float(value: float) -> int:
    if value != value:  # not a number
        return 0
    return round(max(-1.0, min(1.0, value)) * (FULL_SCALE - 1))


@cache
def _ulaw_codes() -> list[int]:
    """The code of each 14-bit sample; those below zero stand at the end, where Python looks for them."""
    half = FULL_SCALE >> 2
    return [_ulaw_code(sample << 2) for sample in (*range(half), *range(-half, 0))]


def _ulaw_code(sample: int) -> int:
    sign, magnitude = (0x80, -sample - 1) if sample < 0 else (0, sample)
    magnitude = min(magnitude, _ULAW_CLIP) + _ULAW_BIAS
    segment = magnitude.bit_length() - 8
    return ~(sign | segment << 4 | magnitude >> segment + 3 & 0x0F) & 0xFF
