"""Decodes uploaded audio and video with PyAV, and reports what is wrong with it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import groupby
from typing import Any, BinaryIO

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from ..http.problems import Problem

RAW_RATE = 16000
RAW_SLICE = 64 * 1024
LEAST_S = 0.1
MISSING_S = 0.25  # tolerance of a file's declared duration: codecs count their delays differently
MAX_CHANNELS = 5
# None of these opens other files or URLs, or takes text for audio.
CONTAINERS = (
    "wav,w64,aiff,au,caf,mp3,ogg,flac,mov,mp4,m4a,3gp,matroska,webm,aac,amr,avi,flv,mpegts,mpeg,asf,opus,mpjpeg"
)
OPTIONS = {"format_whitelist": CONTAINERS, "max_size": "65536"}  # max_size: how much of a WAV is read at a time
_OPEN: Any = av.open
_LENIENT = {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "ignore"}  # 19 is lenient by itself
TELLS_LENGTH = ("flac", "mov")
UNKNOWN_BYTES = 0x7FFF0000  # as much or more: the length was unknown when the header was written
LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0"}


class Media:
    """An uploaded file, or with `raw` its bytes as 16-bit mono samples at 16 kHz.

    Raises Problem for a file without audio, one that is truncated, and one of less than 0.1 s.
    """

    def __init__(self, file: BinaryIO, *, raw: bool = False) -> None:
        self._file, self._raw = file, raw
        size = file.seek(0, 2)
        if not size:
            raise invalid_audio("The file is empty.")
        self.channels = 1
        self.duration_s = size // 2 / RAW_RATE if raw else self._measured()
        if self.duration_s < LEAST_S:
            message = f"The audio is {self.duration_s:.2f} s long; it must be at least {LEAST_S} s."
            raise Problem(400, "audio_too_short", message)

    def pcm(self, rate: int, channels: int = 1) -> Iterator[bytes]:
        """Decodes signed 16-bit samples at `rate` Hz, channels interleaved, in pieces of about a second at most.

        Raises Problem when nothing can be decoded.
        """
        frames = self._raw_frames() if self._raw else self._frames()
        for _, alike in groupby(frames, key=lambda frame: (frame.format.name, frame.layout.name, frame.sample_rate)):
            resampler = AudioResampler(format="s16", layout=LAYOUTS[channels], rate=rate)
            for frame in alike:
                yield from _bytes(resampler.resample(frame), channels)
            yield from _bytes(resampler.resample(None), channels)

    def _measured(self) -> float:
        """Measures the duration by the file's packets, without decoding them."""
        _check_wav(self._file)
        with _opened(self._file) as container, _decoding():
            stream = _stream(container)
            self.channels = stream.codec_context.channels
            end = _end_s(container, stream)
            declared = float(stream.duration * stream.time_base) if stream.duration else 0.0
            if container.format.name.startswith(TELLS_LENGTH) and 0 < declared < 1e6 and end < declared - MISSING_S:
                raise _cut_off(f"{end:.1f} s of the {declared:.1f} s")
            return end

    def _frames(self) -> Iterator[AudioFrame]:
        with _opened(self._file) as container, _decoding():
            stream = _stream(container)
            decoded = 0
            for packet in container.demux(stream):
                with suppress(av.error.InvalidDataError, av.error.PatchWelcomeError):  # a broken packet is skipped
                    for frame in stream.decode(packet):
                        decoded += 1
                        frame.pts = None
                        yield frame
        if not decoded:
            raise invalid_audio("The file holds no sound that can be decoded.")

    def _raw_frames(self) -> Iterator[AudioFrame]:
        self._file.seek(0)
        while data := self._file.read(RAW_SLICE):
            frame = AudioFrame(format="s16", layout="mono", samples=len(data) // 2)
            if frame.samples:
                frame.sample_rate, frame.time_base = RAW_RATE, Fraction(1, RAW_RATE)
                frame.planes[0].update(data[: 2 * frame.samples])
                yield frame


def video_length_s(file: BinaryIO) -> float:
    """Measures a video. Raises Problem for a file without pictures."""
    with _opened(file) as container, _decoding():
        if not container.streams.video:
            raise invalid_audio("The file has no pictures.")
        return _end_s(container, container.streams.video[0])


def check_length(media: Media, limit_s: float) -> None:
    """Raises Problem (400) for audio that is longer than the limit."""
    if media.duration_s > limit_s:
        message = f"The audio is {media.duration_s:.0f} s long; at most {limit_s:.0f} s are allowed."
        raise Problem(400, "audio_too_long", message)


def invalid_audio(message: str) -> Problem:
    """400 for a file without usable audio."""
    return Problem(400, "invalid_audio", message, status="invalid_content")


def _end_s(container: Any, stream: Any) -> float:
    total, first, last = 0, None, 0
    for packet in container.demux(stream):
        duration = _signed(packet.duration or 0)
        if packet.size and packet.pts is not None:
            first = packet.pts if first is None else min(first, packet.pts)
            last = max(last, packet.pts + duration)
        total += duration
    span = max(total, last - (first or 0))
    return float(span * stream.time_base)


def _signed(duration: int) -> int:
    """Corrects the duration of the last packet of Ogg, which may be a negative number that FFmpeg gives unsigned."""
    return duration - 2**32 if 2**31 <= duration < 2**32 else duration


def _cut_off(holds: str) -> Problem:
    return invalid_audio(f"The file is cut off: it holds {holds} it says it has.")


def _check_wav(file: BinaryIO) -> None:
    """Raises Problem for a truncated WAV file, which the decoder accepts."""
    size = file.seek(0, 2)
    file.seek(0)
    if file.read(4) != b"RIFF":
        return
    file.seek(12)
    while len(header := file.read(8)) == 8:
        name, declared = struct.unpack("<4sI", header)
        held = size - file.tell()
        if name == b"data":
            if held < declared < UNKNOWN_BYTES:
                raise _cut_off(f"{held} of the {declared} bytes of sound")
            return
        file.seek(declared + declared % 2, 1)


def _opened(file: BinaryIO) -> Any:
    file.seek(0)
    try:
        return _OPEN(file, mode="r", options=OPTIONS, **_LENIENT)
    except (av.error.FFmpegError, ValueError):
        raise invalid_audio("The file is no audio or video that can be read.") from None


class _decoding:
    """Reports errors of the decoder as faults of the file; PyAV raises IndexError for streams that appear later."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, av.error.FFmpegError | IndexError):
            raise invalid_audio("The file is damaged.") from None


def _stream(container: Any) -> Any:
    if not container.streams.audio:
        raise invalid_audio("The file has no sound.")
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise invalid_audio("The file's sound is of a kind that cannot be decoded.")
    return stream


def _bytes(frames: list[AudioFrame], channels: int) -> Iterator[bytes]:
    for frame in filter(lambda frame: frame.samples, frames):
        yield bytes(frame.planes[0])[: 2 * channels * frame.samples]
