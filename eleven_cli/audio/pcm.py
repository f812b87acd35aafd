"""PCM as bytes: frames, levels, conversions. Pure.

PCM is signed 16-bit little-endian mono unless it says otherwise ("s16"); levels are RMS in dBFS.
"""

import math
import warnings
from array import array
from collections.abc import Iterator

from eleven_cli.audio.formats import SAMPLE_BYTES

with warnings.catch_warnings():  # before 3.13 it announces that it will be a package
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

FRAME_MS = 20
SILENCE_DB = -96.0  # the level of digital silence, below the softest 16-bit sound
FULL_SCALE = 32768
SAMPLE_WIDTHS = {"u8": 1, "s16": 2, "s24": 3, "s32": 4, "f32": 4, "f64": 8, "ulaw": 1, "alaw": 1}


def bytes_of(seconds: float, rate: int) -> int:
    """Give the size of `seconds` of PCM in bytes, in whole samples."""
    return round(seconds * rate) * SAMPLE_BYTES


def frame_bytes(rate: int) -> int:
    """Give the size of one 20 ms frame in bytes."""
    return rate * FRAME_MS // 1000 * SAMPLE_BYTES


class Reframer:
    """Cuts chunks of any size into pieces of exactly `size` bytes."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take more bytes; give the pieces that are complete now."""
        self._rest += data
        while len(self._rest) >= self._size:
            piece = bytes(self._rest[: self._size])
            del self._rest[: self._size]
            yield piece


def rms(pcm: bytes) -> float:
    """Give the root mean square of the samples, from 0 to FULL_SCALE; 0 of nothing at all."""
    return audioop.rms(audioop.lin2lin(pcm, SAMPLE_BYTES, 4), 4) / 65536  # at 16 bits audioop rounds to whole numbers


def level_db(pcm: bytes) -> float:
    """Give the level: a full-scale sine is -3, silence and nothing at all are SILENCE_DB."""
    loudness = rms(pcm)
    return max(20 * math.log10(loudness / FULL_SCALE), SILENCE_DB) if loudness else SILENCE_DB


def peak(pcm: bytes) -> int:
    """Give the greatest distance of a sample from 0, up to FULL_SCALE."""
    return audioop.max(pcm, SAMPLE_BYTES)


def is_silent(pcm: bytes) -> bool:
    """Whether all samples are 0."""
    return pcm.count(0) == len(pcm)


def fade_out(pcm: bytes) -> bytes:
    """Fade to silence, so that a stop does not click."""
    samples = array("h", pcm)
    count = len(samples)
    return array("h", (sample * (count - at) // (count + 1) for at, sample in enumerate(samples))).tobytes()


def tone(hertz: float, seconds: float, rate: int, *, level: float = 0.2) -> bytes:
    """Give a sine that fades in and out; `level` is its peak, 1 is full scale."""
    count, soft = int(seconds * rate), rate // 50
    peak = level * (FULL_SCALE - 1)
    swell = (min(at, count - at, soft) / soft for at in range(count))
    return array(
        "h", (int(peak * by * math.sin(math.tau * hertz * at / rate)) for at, by in enumerate(swell))
    ).tobytes()


def to_ulaw(pcm: bytes) -> bytes:
    """Encode as ITU-T G.711 µ-law, one byte a sample."""
    return audioop.lin2ulaw(pcm, SAMPLE_BYTES)


def from_ulaw(data: bytes) -> bytes:
    """Decode µ-law."""
    return audioop.ulaw2lin(data, SAMPLE_BYTES)


def to_s16(data: bytes, sample: str) -> bytes:
    """Convert whole samples of one of SAMPLE_WIDTHS to s16; the channels stay as they are."""
    match sample:
        case "s16":
            return data
        case "u8":
            return audioop.lin2lin(audioop.bias(data, 1, 128), 1, SAMPLE_BYTES)
        case "s24" | "s32":
            return audioop.lin2lin(data, SAMPLE_WIDTHS[sample], SAMPLE_BYTES)
        case "ulaw":
            return from_ulaw(data)
        case "alaw":
            return audioop.alaw2lin(data, SAMPLE_BYTES)
    return array("h", map(_from_float, array("f" if sample == "f32" else "d", data))).tobytes()


def to_mono(pcm: bytes, channels: int) -> bytes:
    """Mix interleaved channels to their mean."""
    if channels == 1:
        return pcm
    samples = array("h", pcm)
    sides = (samples[channel::channels] for channel in range(channels))
    return array("h", (sum(together) // channels for together in zip(*sides, strict=True))).tobytes()


def interleaved(left: bytes, right: bytes) -> bytes:
    """Interleave two channels of equal length."""
    both = array("h", bytes(len(left) + len(right)))
    both[0::2], both[1::2] = array("h", left), array("h", right)
    return both.tobytes()


def _from_float(value: float) -> int:
    if value != value:  # not a number
        return 0
    return round(max(-1.0, min(1.0, value)) * (FULL_SCALE - 1))
