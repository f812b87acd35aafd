"""WAV: reading any as s16 mono while it arrives, and the header of what we write."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from shlex import quote
from typing import BinaryIO

from eleven_cli.audio.formats import UNKNOWN_LENGTH, WAV_HEADER_BYTES
from eleven_cli.audio.frames import SAMPLE_WIDTHS, to_mono, to_s16
from eleven_cli.errors import UsageError

SAMPLES = {  # (format tag, bits) -> one of SAMPLE_WIDTHS
    (1, 8): "u8", (1, 16): "s16", (1, 24): "s24", (1, 32): "s32",
    (3, 32): "f32", (3, 64): "f64",
    (6, 8): "alaw", (7, 8): "ulaw",
}  # fmt: skip
EXTENSIBLE = 0xFFFE
RATES = range(4_000, 384_001)
CHANNELS = range(1, 33)
PIECE_S = 0.02
MAX_CHUNK_BYTES = 1 << 20  # of what stands before the sound: pictures, cue points


@dataclass(frozen=True)
class WavShape:
    """What a header says. `data_bytes` is None for a stream of unknown length."""

    rate: int
    channels: int
    sample: str
    data_bytes: int | None

    @property
    def frame_bytes(self) -> int:
        """One sample of each channel."""
        return SAMPLE_WIDTHS[self.sample] * self.channels


def read_shape(stream: BinaryIO, name: str) -> WavShape:
    """Read up to the first sample. Raises UsageError, naming the file, when it is no WAV that can be read."""
    head = stream.read(12)
    if len(head) < 12 or head[:4] not in (b"RIFF", b"RF64") or head[8:] != b"WAVE":
        raise _refused(name, "is not a WAV file" if head else "is empty")
    fmt = b""
    while True:
        chunk = stream.read(8)
        if len(chunk) < 8:
            raise _refused(name, "is a WAV file without sound")
        kind, size = struct.unpack("<4sI", chunk)
        if kind == b"data":
            return _shape(fmt, size, name)
        if size > MAX_CHUNK_BYTES:
            raise _refused(name, "is a damaged WAV file")
        body = stream.read(size + size % 2)
        fmt = body if kind == b"fmt " else fmt


def mono(stream: BinaryIO, shape: WavShape) -> Iterator[bytes]:
    """The sound after the header as s16 mono of `shape.rate`, as it comes, in pieces of at most 20 ms; what is cut off
    within a sample is left out."""
    left, part = shape.data_bytes, b""
    piece = int(shape.rate * PIECE_S) * shape.frame_bytes
    read = getattr(stream, "read1", stream.read)  # a pipe may pause at any byte
    while data := read(piece if left is None else min(piece, left)):
        left = None if left is None else left - len(data)
        data = part + data
        whole = len(data) - len(data) % shape.frame_bytes
        part = data[whole:]
        yield to_mono(to_s16(data[:whole], shape.sample), shape.channels)


def header(rate: int, channels: int, data_bytes: int) -> bytes:
    """The 44 bytes before 16-bit PCM; beyond 4 GiB, as of unknown length."""
    too_long = data_bytes + WAV_HEADER_BYTES - 8 >= UNKNOWN_LENGTH
    riff_bytes = UNKNOWN_LENGTH if too_long else data_bytes + WAV_HEADER_BYTES - 8
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", riff_bytes, b"WAVE"),
        *(b"fmt ", 16, 1, channels, rate, rate * channels * 2, channels * 2, 16),
        *(b"data", UNKNOWN_LENGTH if too_long else data_bytes),
    )


def _shape(fmt: bytes, data_bytes: int, name: str) -> WavShape:
    if len(fmt) < 16:
        raise _refused(name, "is a damaged WAV file")
    tag, channels, rate, _, _, bits = struct.unpack("<HHIIHH", fmt[:16])
    if tag == EXTENSIBLE and len(fmt) >= 26:
        (tag,) = struct.unpack("<H", fmt[24:26])
    sample = SAMPLES.get((tag, bits))
    if sample is None:
        raise _refused(name, f"holds a kind of sound that is not read here (format {tag}, {bits} bits)")
    if rate not in RATES or channels not in CHANNELS:
        raise _refused(name, f"says {rate} Hz and {channels} channels, which cannot be")
    # programs that write to a pipe leave 0 or about 2 or 4 GiB there
    streamed = data_bytes == 0 or data_bytes >= 0x7FFFF000
    return WavShape(rate, channels, sample, None if streamed else data_bytes)


def _refused(name: str, why: str) -> UsageError:
    return UsageError(f"{name} {why}", hint=f"try: ffmpeg -i {quote(name)} {quote(PurePath(name).stem)}-16k.wav")
