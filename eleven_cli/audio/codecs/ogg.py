"""Opus in Ogg: pages and packets (RFC 3533, 6716 and 7845). Pure."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

RATE = 48_000  # of every position, whatever was encoded
HEAD, TAGS = b"OpusHead", b"OpusTags"  # how the two packets before the sound begin
_HEADER = struct.Struct("<4sBBqIIIB")
_CAPTURE = b"OggS"
CONTINUED, BEGINNING, END = 1, 2, 4  # flags
NOTHING_ENDS = -1  # the position of a page on which no packet ends
_MOST_SEGMENTS = 255
_SILK, _HYBRID, _CELT = (480, 960, 1920, 2880), (480, 960), (120, 240, 480, 960)  # samples a frame
_FRAME_SAMPLES = _SILK * 3 + _HYBRID * 2 + _CELT * 4
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True)
class OggPage:
    """One page. `position` is that of the end of the last packet on it, in samples; `lacing` cuts the body."""

    flags: int
    position: int
    serial: int
    number: int
    lacing: bytes
    body: bytes

    @property
    def is_first(self) -> bool:
        return bool(self.flags & BEGINNING)

    @property
    def is_last(self) -> bool:
        return bool(self.flags & END)

    @property
    def ends_nothing(self) -> bool:
        return self.position == NOTHING_ENDS

    def slices(self) -> list[bytes]:
        """Give the packets and parts of packets on the page; the last one is a part if the lacing ends with 255."""
        slices, start, at = [], 0, 0
        for size in self.lacing:
            at += size
            if size < 255:
                slices.append(self.body[start:at])
                start = at
        return [*slices, self.body[start:]] if self.lacing[-1:] == b"\xff" else slices

    def to_bytes(self) -> bytes:
        fields = _CAPTURE, 0, self.flags, self.position, self.serial, self.number
        rest = self.lacing + self.body
        checksum = _checksum(_HEADER.pack(*fields, 0, len(self.lacing)) + rest)
        return _HEADER.pack(*fields, checksum, len(self.lacing)) + rest


class PageParser:
    """Cuts chunks of any size into pages and the bytes between them, each with its original bytes."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes, *, last: bool = False) -> list[tuple[bytes, OggPage | None]]:
        """Take more bytes; give what is complete now, with `last` also the rest."""
        stream, at, parts = self._rest + data, 0, list[tuple[bytes, OggPage | None]]()
        while at < len(stream):
            page, size = _page_at(stream, at)
            if not size:
                break
            parts.append((stream[at : at + size], page))
            at += size
        self._rest = stream[at:]
        if last and self._rest:
            parts.append((self._rest, None))
            self._rest = b""
        return parts


class Packets:
    """Collects the packets that end on each page."""

    def __init__(self) -> None:
        self._begun = b""

    def on(self, page: OggPage) -> list[bytes]:
        slices = page.slices()
        if slices and page.flags & CONTINUED:
            slices[0] = self._begun + slices[0]
        self._begun = slices.pop() if page.lacing[-1:] == b"\xff" else b""
        return slices


def _page_at(stream: bytes, at: int) -> tuple[OggPage | None, int]:
    """Give the page here and its size; None and how many bytes belong to no page; 0 if more bytes are needed."""
    if not stream.startswith(_CAPTURE, at):
        return None, 0 if _CAPTURE.startswith(stream[at : at + 4]) else _until_capture(stream, at)
    if len(stream) < at + _HEADER.size:
        return None, 0
    *_, flags, position, serial, number, checksum, segments = _HEADER.unpack_from(stream, at)
    body_at = at + _HEADER.size + segments
    lacing = stream[at + _HEADER.size : body_at]
    end = body_at + sum(lacing)
    if len(stream) < max(body_at, end):
        return None, 0
    if _checksum(stream[at : at + 22] + bytes(4) + stream[at + 26 : end]) != checksum:
        return None, _until_capture(stream, at)
    return OggPage(flags, position, serial, number, lacing, stream[body_at:end]), end - at


def _until_capture(stream: bytes, at: int) -> int:
    following = stream.find(_CAPTURE[:1], at + 1)
    return (following if following > 0 else len(stream)) - at


def paged(packets: list[bytes], start: int, serial: int, number: int) -> Iterator[OggPage]:
    """Pack whole Opus packets, the first of which starts at sample `start`, into as few pages as possible."""
    lacing, body, position = b"", b"", start
    for packet in packets:
        sizes = b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])
        if len(lacing) + len(sizes) > _MOST_SEGMENTS:
            yield OggPage(0, position, serial, number, lacing, body)
            lacing, body, number = b"", b"", number + 1
        lacing, body, position = lacing + sizes, body + packet, position + samples_in(packet)
    if lacing:
        yield OggPage(0, position, serial, number, lacing, body)


def samples_in(packet: bytes) -> int:
    """Give the duration of an Opus packet in samples at 48 kHz."""
    if not packet:
        return 0
    frames = (1, 2, 2, packet[1] & 63 if len(packet) > 1 else 0)[packet[0] & 3]
    return frames * _FRAME_SAMPLES[packet[0] >> 3]


def is_celt(packet: bytes) -> bool:
    """Whether the packet is in CELT mode: from the 17th configuration on."""
    return packet[:1] >= b"\x80"


def pre_skip(head: bytes) -> int:
    """Read from the first packet how many samples a decoder skips at the start."""
    return int.from_bytes(head[10:12], "little")


def _checksum(data: bytes) -> int:
    """Ogg's CRC: zlib's polynomial, with the bits the other way round and no inversion."""
    mirrored = zlib.crc32(data.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(_MIRRORED), "big")


class PageMeter:
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
