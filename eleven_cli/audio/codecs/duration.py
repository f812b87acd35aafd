"""DurationMeter measures how long an encoded stream sounds while it passes. Pure."""

from collections import Counter
from typing import Protocol

from eleven_cli.audio.codecs.mp3 import FrameParser, is_info_frame
from eleven_cli.audio.codecs.ogg import (
    HEAD,
    NOTHING_ENDS,
    RATE,
    TAGS,
    OggPage,
    Packets,
    PageParser,
    pre_skip,
    samples_in,
)
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
        return _FrameMeter()
    return _PageMeter() if fmt.codec == "opus" else _ByteMeter(fmt)


class _ByteMeter:
    def __init__(self, fmt: Format) -> None:
        self._bytes, self._bytes_per_second = 0, fmt.bytes_per_second
        self._frame_bytes = fmt.frame_bytes

    @property
    def seconds(self) -> float:
        return (self._bytes - self._bytes % self._frame_bytes) / self._bytes_per_second

    def feed(self, data: bytes) -> None:
        self._bytes += len(data)


class _FrameMeter:
    def __init__(self) -> None:
        self._parser = FrameParser()
        self._samples = Counter[int]()  # of each rate
        self._is_first = True

    @property
    def seconds(self) -> float:
        return sum(samples / rate for rate, samples in self._samples.items())

    def feed(self, data: bytes) -> None:
        frames = [(frame, header) for frame, header in self._parser.feed(data) if header]
        if frames and self._is_first:
            self._is_first = False
            del frames[: is_info_frame(*frames[0])]
        for _, header in frames:
            self._samples[header.rate] += header.samples


class _PageMeter:
    """Adds up streams that follow one another; each may start at any position."""

    def __init__(self) -> None:
        self._pages, self._packets = PageParser(), Packets()
        self._before = self._heard = 0  # samples of streams before, and of this one
        self._start: int | None = None
        self._skip = 0

    @property
    def seconds(self) -> float:
        return (self._before + self._heard) / RATE

    def feed(self, data: bytes) -> None:
        for _, page in self._pages.feed(data):
            if page:
                self._pass(page, self._packets.on(page))

    def _pass(self, page: OggPage, packets: list[bytes]) -> None:
        if page.is_first:
            self._before, self._heard, self._start = self._before + self._heard, 0, None
            self._skip = pre_skip(packets[0]) if packets and packets[0].startswith(HEAD) else 0
        elif packets and not packets[0].startswith(TAGS) and page.position != NOTHING_ENDS:
            if self._start is None:
                length = sum(map(samples_in, packets))
                self._start = 0 if page.is_last else max(page.position - length, 0)
            self._heard = max(page.position - self._start - self._skip, 0)
