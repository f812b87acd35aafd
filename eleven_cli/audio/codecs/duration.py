"""DurationMeter measures how long an encoded stream sounds while it passes. Pure."""

from typing import Protocol

from eleven_cli.audio.formats import Format


class CodecMeter(Protocol):
    """Measures the streams of one codec."""

    @property
    def seconds(self) -> float: ...

    def feed(self, data: bytes) -> None: ...


class DurationMeter:
    """Measures a stream of one format in chunks of any size.

    Counts the bytes of PCM, µ-law and A-law; the frames of MP3, including the encoder's delay and padding; and the
    positions of Opus, excluding what a decoder skips.
    """

    def __init__(self, fmt: Format) -> None:
        self._meter = _codec_meter(fmt)

    @property
    def seconds(self) -> float:
        """The duration of the whole samples, frames or pages that were fed."""
        return self._meter.seconds

    def feed(self, data: bytes) -> None:
        self._meter.feed(data)

    def advance(self, data: bytes) -> float:
        """Feed, and give how many seconds more that makes."""
        before_s = self.seconds
        self.feed(data)
        return self.seconds - before_s


def _codec_meter(fmt: Format) -> CodecMeter:
    if fmt.codec == "mp3":
        from eleven_cli.audio.codecs.mp3 import FrameMeter

        return FrameMeter()
    if fmt.codec == "opus":
        from eleven_cli.audio.codecs.ogg import PageMeter

        return PageMeter()
    return _ByteMeter(fmt)


class _ByteMeter:
    def __init__(self, fmt: Format) -> None:
        self._bytes, self._bytes_per_second = 0, fmt.bytes_per_second
        self._frame_bytes = fmt.frame_bytes

    @property
    def seconds(self) -> float:
        return (self._bytes - self._bytes % self._frame_bytes) / self._bytes_per_second

    def feed(self, data: bytes) -> None:
        self._bytes += len(data)
