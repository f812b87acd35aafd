"""WAV: the header, read and written; the sound of any WAV as s16 mono while it arrives; and a sink that writes WAV."""

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePath
from shlex import quote
from typing import IO, Any, BinaryIO, NamedTuple

from eleven_cli.audio.formats import SAMPLE_BYTES
from eleven_cli.audio.pcm import SAMPLE_WIDTHS, to_mono, to_s16
from eleven_cli.audio.sinks import SeekableSink
from eleven_cli.errors import ElevenError, UsageError

HEADER_BYTES = 44  # of what is written here
UNKNOWN_LENGTH = 0xFFFFFFFF  # stands in the header of a stream

SAMPLES = {  # (format tag, bits) -> one of SAMPLE_WIDTHS
    (1, 8): "u8", (1, 16): "s16", (1, 24): "s24", (1, 32): "s32",
    (3, 32): "f32", (3, 64): "f64",
    (6, 8): "alaw", (7, 8): "ulaw",
}  # fmt: skip
EXTENSIBLE = 0xFFFE
RATES = range(4_000, 384_001)
CHANNELS = range(1, 33)
PIECE_S = 0.02
HEADS = (b"RIFF", b"RF64", b"BW64")
BIG_ENDIAN = b"RIFX"
CODECS = {
    0x02: "Microsoft's ADPCM", 0x10: "OKI's ADPCM", 0x11: "IMA ADPCM", 0x22: "TrueSpeech", 0x31: "GSM 6.10",
    0x40: "G.721 ADPCM", 0x42: "G.723", 0x45: "G.726 ADPCM", 0x50: "MPEG audio", 0x55: "MP3", 0x64: "G.726 ADPCM",
    0x83: "G.729", 0xFF: "AAC", 0x160: "Windows Media audio", 0x161: "Windows Media audio", 0x1610: "AAC",
    0x2000: "AC-3", 0x674F: "Vorbis", 0x6771: "Vorbis", 0x704F: "Opus", 0xF1AC: "FLAC",
}  # fmt: skip
CHUNK_NAMES = frozenset(
    b"data,fmt ,fact,LIST,bext,cue ,JUNK,junk,iXML,id3 ,smpl,PEAK,ds64".split(b",")
)  # the usual ones
LONGEST_BYTES = 1 << 62
BODY_BYTES = 64  # more of a chunk is not looked at
PASSED_OVER_BYTES = 1 << 16  # in one step: pictures and cue points may be long


@dataclass(frozen=True)
class WavHeader:
    """Describes the samples that follow it.

    rate        in Hz
    sample      one of SAMPLE_WIDTHS
    data_bytes  the length of the samples; None for a stream of unknown length
    """

    rate: int
    channels: int = 1
    sample: str = "s16"
    data_bytes: int | None = None

    @property
    def frame_bytes(self) -> int:
        """The size of one sample of each channel."""
        return SAMPLE_WIDTHS[self.sample] * self.channels

    def with_length(self, data_bytes: int | None) -> "WavHeader":
        return replace(self, data_bytes=data_bytes)

    def to_bytes(self) -> bytes:
        """Give the HEADER_BYTES before the samples; beyond 4 GiB those of a stream of unknown length."""
        tag, bits = next(coding for coding, sample in SAMPLES.items() if sample == self.sample)
        data_bytes = UNKNOWN_LENGTH if self.data_bytes is None else min(self.data_bytes, UNKNOWN_LENGTH)
        riff_bytes = data_bytes + HEADER_BYTES - 8
        if riff_bytes >= UNKNOWN_LENGTH:
            data_bytes = riff_bytes = UNKNOWN_LENGTH
        return struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            *(b"RIFF", riff_bytes, b"WAVE", b"fmt ", 16),
            *(tag, self.channels, self.rate, self.rate * self.frame_bytes, self.frame_bytes, bits),
            *(b"data", data_bytes),
        )


def wav_header(rate: int, data_bytes: int | None = None, channels: int = 1) -> bytes:
    """Give the header of 16-bit PCM as bytes."""
    return WavHeader(rate, channels, data_bytes=data_bytes).to_bytes()


def complete_header(file: IO[bytes], rate: int, channels: int = 1) -> None:
    """Write the true length into the `wav_header` of a file that is at its end, and leave it there."""
    size = file.tell()
    file.seek(0)
    file.write(wav_header(rate, size - HEADER_BYTES, channels))
    file.seek(size)


class _Coding(NamedTuple):
    rate: int
    channels: int
    sample: str


class NotDecoded(UsageError):
    """A WAV with a codec that is not decoded here; other programs may read it."""


def read_header(stream: BinaryIO, name: str) -> WavHeader:
    """Read up to the first sample. Raises UsageError, which names the file, for an invalid WAV, and NotDecoded
    for a codec that is not decoded here."""
    head = stream.read(12)
    if len(head) < 12 or head[:4] not in (*HEADS, BIG_ENDIAN) or head[8:] != b"WAVE":
        raise _refused(name, "is not a WAV file" if head else "is empty")
    if head[:4] == BIG_ENDIAN:
        raise _not_decoded(name, "big-endian samples")
    coding, long_bytes, is_odd = _Coding(0, 0, ""), 0, False
    while True:
        kind, size = _chunk(stream, name, after_odd=is_odd)
        if kind == b"data":
            return _header(coding, long_bytes if size == UNKNOWN_LENGTH and long_bytes else size, name)
        body = stream.read(min(size, BODY_BYTES))
        if not _passed_over(stream, size - len(body)):
            raise _refused(name, "is a WAV file without audio" if kind == b"fmt " else "is a damaged WAV file")
        if kind == b"fmt ":
            coding = _coding(body, name)
        elif kind == b"ds64" and len(body) >= 16:
            (long_bytes,) = struct.unpack("<Q", body[8:16])
        is_odd = size % 2 == 1


def _chunk(stream: BinaryIO, name: str, *, after_odd: bool) -> tuple[bytes, int]:
    """Read the name and size of the next chunk. A chunk of odd size is followed by a byte of padding, which some
    programs omit."""
    head = stream.read(8)
    if after_odd and _begins_with_padding(head):
        head = head[1:] + stream.read(1)
    if len(head) < 8:
        raise _refused(name, "is a WAV file without audio")
    kind, size = struct.unpack("<4sI", head)
    return kind, size


def _begins_with_padding(head: bytes) -> bool:
    name = head[:4]
    return name not in CHUNK_NAMES and (head[1:5] in CHUNK_NAMES or not name.decode("latin-1").isprintable())


def _passed_over(stream: BinaryIO, size: int) -> bool:
    """Skip `size` bytes; give whether there were so many."""
    while size and (piece := stream.read(min(size, PASSED_OVER_BYTES))):
        size -= len(piece)
    return not size


def mono(stream: BinaryIO, header: WavHeader) -> Iterator[bytes]:
    """Read the samples after the header as s16 mono of `header.rate`, as they arrive, in pieces of at most 20 ms; an
    incomplete sample at the end is dropped."""
    left, part = header.data_bytes, b""
    piece = int(header.rate * PIECE_S) * header.frame_bytes
    read = getattr(stream, "read1", stream.read)  # a pipe may pause at any byte
    while data := read(piece if left is None else min(piece, left)):
        left = None if left is None else left - len(data)
        data = part + data
        whole = len(data) - len(data) % header.frame_bytes
        part = data[whole:]
        yield to_mono(to_s16(data[:whole], header.sample), header.channels)


def _coding(fmt: bytes, name: str) -> _Coding:
    if len(fmt) < 16:
        raise _refused(name, "is a damaged WAV file")
    tag, channels, rate, _, _, bits = struct.unpack("<HHIIHH", fmt[:16])
    if tag == EXTENSIBLE and len(fmt) >= 26:
        (tag,) = struct.unpack("<H", fmt[24:26])
    sample = SAMPLES.get((tag, bits))
    if sample is None:
        raise _not_decoded(name, f"{CODECS.get(tag, 'another codec')} (format {tag}, {bits} bits)")
    if rate not in RATES or channels not in CHANNELS:
        raise _refused(name, f"says {rate} Hz and {channels} channels, which cannot be")
    return _Coding(rate, channels, sample)


def _header(coding: _Coding, data_bytes: int, name: str) -> WavHeader:
    if not coding.sample:
        raise _refused(name, "is a damaged WAV file")
    # programs that write to a pipe leave 0 or about 2 or 4 GiB there
    streamed = data_bytes == 0 or 0x7FFFF000 <= data_bytes <= UNKNOWN_LENGTH or data_bytes > LONGEST_BYTES
    return WavHeader(*coding, None if streamed else data_bytes)


def _not_decoded(name: str, what: str) -> NotDecoded:
    refused = _refused(name, f"holds a kind of sound that is not read here: {what}")
    return NotDecoded(refused.message, hint=refused.hint)


def _refused(name: str, why: str) -> UsageError:
    return UsageError(f"{name} {why}", hint=f"convert it: ffmpeg -i {quote(name)} {quote(PurePath(name).stem)}-16k.wav")


class WavSink:
    """Takes PCM, and writes WAV to another sink: first the header of a stream, at the end the true length."""

    def __init__(self, sink: SeekableSink, rate: int, channels: int = 1) -> None:
        self._sink, self._rate, self._channels = sink, rate, channels
        self._bytes, self._finished = 0, False

    def __enter__(self) -> "WavSink":
        self._sink.__enter__()
        return self

    def write(self, data: bytes) -> None:
        if not self._bytes:
            data = wav_header(self._rate, channels=self._channels) + data
        self._sink.write(data)
        self._bytes += len(data)

    def finish(self) -> None:
        if missing := -self._bytes % (SAMPLE_BYTES * self._channels):  # the header has 44 bytes
            self.write(bytes(missing))  # completes what is less than a sample of each channel
        self._complete_header()
        self._finished = True
        self._sink.finish()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None and not self._finished:
            with suppress(ElevenError):  # the first error is being reported
                self._complete_header()
        self._sink.__exit__(kind, error, trace)

    def _complete_header(self) -> None:
        if self._bytes:
            self._sink.rewrite_header(wav_header(self._rate, self._bytes - HEADER_BYTES, self._channels))
