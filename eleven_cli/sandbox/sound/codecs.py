"""Encodes audio in the output formats; gives bytes as soon as there are any."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Protocol, cast

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from .formats import Format

_CODECS = {"mp3": "libmp3lame", "pcm": "pcm_s16le", "wav": "pcm_s16le", "ulaw": "pcm_mulaw", "alaw": "pcm_alaw"}
_LAYOUTS = {1: "mono", 2: "stereo"}
_PAGE_US = 20_000
_LAME_DELAY = 1105  # samples of silence at the start, by encoder and decoder


class Encoder(Protocol):
    """Encodes signed 16-bit samples, channels interleaved, piece by piece."""

    @property
    def end_s(self) -> float:
        """How many seconds of the input a decoder has played once it has played all bytes given so far.

        Less than what was fed, because encoders look ahead; negative at first if they begin with silence.
        """
        ...

    def encode(self, pcm: bytes) -> bytes: ...

    def finish(self) -> bytes:
        """Gives the rest; nothing can be encoded afterwards."""
        ...

    def close(self) -> None:
        """Frees the encoder, finished or not."""
        ...


def encoder(format: Format, source_rate: int) -> Encoder:
    """Makes an encoder for samples of `source_rate` Hz, with the channels of the format.

    WAV has no header: see `wav_header`.
    """
    return _OggEncoder(format, source_rate) if format.codec == "opus" else _PacketEncoder(format, source_rate)


def resample(pcm: bytes, source_rate: int, rate: int, slice_s: float) -> Iterator[bytes]:
    """Resamples signed 16-bit mono samples from one rate in Hz to another, slice by slice."""
    frames = _Frames(source_rate, "s16", rate, None)
    size = 2 * round(source_rate * slice_s)
    for start in range(0, len(pcm), size):
        yield _samples(frames.feed(pcm[start : start + size]))
    yield _samples(frames.rest())


def _samples(frames: Iterator[AudioFrame]) -> bytes:
    return b"".join(bytes(frame.planes[0])[: 2 * frame.samples] for frame in frames)


def wav_header(rate: int, data_bytes: int, channels: int = 1) -> bytes:
    """Makes the 44 bytes before `data_bytes` of signed 16-bit samples."""
    riff = struct.pack("<4sI4s", b"RIFF", 36 + data_bytes, b"WAVE")
    about = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, 2 * channels * rate, 2 * channels, 16)
    return riff + about + struct.pack("<4sI", b"data", data_bytes)


def complete_file(format: Format, audio: bytes) -> bytes:
    """Adds the header that WAV needs to the encoded audio."""
    return wav_header(format.rate, len(audio), format.channels) + audio if format.is_wav else audio


class _Frames:
    """Turns samples into frames of the rate, layout and size that a codec needs, numbered from 0."""

    def __init__(
        self, source_rate: int, sample_format: str, rate: int, frame_size: int | None, channels: int = 1
    ) -> None:
        self._source_rate, self._channels = source_rate, channels
        self._fed = 0
        layout = _LAYOUTS[channels]
        self._resampler = AudioResampler(format=sample_format, layout=layout, rate=rate, frame_size=frame_size)

    def feed(self, pcm: bytes) -> Iterator[AudioFrame]:
        if not pcm:
            return
        samples = len(pcm) // (2 * self._channels)
        frame = AudioFrame(format="s16", layout=_LAYOUTS[self._channels], samples=samples)
        frame.sample_rate = self._source_rate
        frame.time_base = Fraction(1, self._source_rate)
        frame.pts = self._fed
        frame.planes[0].update(pcm)
        self._fed += frame.samples
        yield from self._resampler.resample(frame)

    def rest(self) -> Iterator[AudioFrame]:
        if self._fed:
            yield from self._resampler.resample(None)


class _PacketEncoder:
    """Encodes formats whose joined packets are the file: MP3 without a Xing header, PCM, the telephone codecs."""

    def __init__(self, format: Format, source_rate: int) -> None:
        codec = cast(AudioCodecContext, av.CodecContext.create(_CODECS[format.codec], "w"))
        codec.sample_rate, codec.layout = format.rate, _LAYOUTS[format.channels]
        codec.format = "s16p" if format.codec == "mp3" else "s16"
        if format.bitrate:
            codec.bit_rate = format.bitrate * 1000
            # frames are independent, so that a stream can be joined and cut; level 7 takes half the time of the
            # default, and nobody hears the difference in a robotic voice
            codec.options = {"reservoir": "0", "compression_level": "7"}
        codec.open()
        self._codec = codec
        self._end = -_LAME_DELAY if format.codec == "mp3" else 0
        size = codec.frame_size or None
        self._frames = _Frames(source_rate, codec.format.name, format.rate, size, format.channels)

    @property
    def end_s(self) -> float:
        return self._end / self._codec.sample_rate

    def encode(self, pcm: bytes) -> bytes:
        return b"".join(self._packets(self._frames.feed(pcm)))

    def finish(self) -> bytes:
        return b"".join([*self._packets(self._frames.rest()), *map(bytes, self._codec.encode(None))])

    def close(self) -> None:
        """Has nothing to free."""

    def _packets(self, frames: Iterator[AudioFrame]) -> Iterator[bytes]:
        for frame in frames:
            for packet in self._codec.encode(frame):
                self._end += packet.duration or 0
                yield bytes(packet)


class _Outbox:
    """An unseekable file that is emptied after every packet."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._held.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        held, self._held = self._held, []
        return b"".join(held)


class _OggEncoder:
    """Encodes Opus in Ogg: one packet a page, so that none is delayed, and a constant serial number."""

    def __init__(self, format: Format, source_rate: int) -> None:
        self._outbox = _Outbox()
        options = {"page_duration": str(_PAGE_US), "fflags": "+bitexact", "flush_packets": "1"}
        self._container: Any = av.open(cast(Any, self._outbox), "w", format="ogg", options=options)
        self._stream: Any = self._container.add_stream("libopus", rate=format.rate, layout=_LAYOUTS[format.channels])
        self._stream.bit_rate = format.bitrate * 1000
        self._frames = _Frames(source_rate, "s16", format.rate, None, format.channels)
        self.end_s = 0.0

    def encode(self, pcm: bytes) -> bytes:
        return self._muxed(self._frames.feed(pcm))

    def finish(self) -> bytes:
        rest = self._muxed(self._frames.rest())
        self._container.mux(self._stream.encode(None))
        self.close()
        return rest + self._outbox.take()

    def close(self) -> None:
        self._container.close()  # PyAV up to 16 crashes when the garbage collector finds it open

    def _muxed(self, frames: Iterator[AudioFrame]) -> bytes:
        for frame in frames:
            packets = self._stream.encode(frame)
            self._container.mux(packets)
            for packet in packets:
                self.end_s = max(float(packet.pts * packet.time_base), 0.0)  # the container delays the last one
        return self._outbox.take()
