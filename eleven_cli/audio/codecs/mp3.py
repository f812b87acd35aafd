"""MP3 as bytes: parses a stream into frames, their headers and their side information. Pure.

Layer III of MPEG 1, 2 and 2.5 (ISO 11172-3 and 13818-3); "free format" frames, which do not state their
length, are treated as foreign bytes. Info frames are described by the LAME tag's revision 1 and Xing's VBR SDK.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

DECODER_DELAY = 529  # samples every decoder is late by
GRANULE = 576
HEADER_BYTES = 4
_KBIT_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBIT_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_SIDE_BYTES = {(3, 1): 17, (3, 2): 32, (2, 1): 9, (2, 2): 17, (0, 1): 9, (0, 2): 17}
_START = re.compile(rb"\xff[\xe2-\xff]|ID3|TAG|APE")
_TAGS = {b"ID3": 10, b"TAG": 3, b"APE": 32}  # and how many bytes tell their length
_TAG_BYTES, _CRC_BYTES = 128, 2


@dataclass(frozen=True)
class FrameHeader:
    """The four bytes that begin a frame: sizes in bytes, `samples` of each channel, `rate` in Hz."""

    size: int
    samples: int
    rate: int
    channels: int
    has_crc: bool
    side_bytes: int

    @property
    def side_at(self) -> int:
        return HEADER_BYTES + _CRC_BYTES * self.has_crc

    @property
    def main_at(self) -> int:
        """The position of the main data."""
        return self.side_at + self.side_bytes

    def is_like(self, other: "FrameHeader") -> bool:
        """Whether a decoder continues from one to the other without a reset."""
        return (self.samples, self.rate, self.channels) == (other.samples, other.rate, other.channels)


Part = tuple[bytes, FrameHeader | None]  # a whole frame with its header, or other bytes


class SideInfo(NamedTuple):
    """The bytes of earlier frames that belong to this one, and the bits of each granule in all channels."""

    reach: int
    granule_bits: list[int]

    @property
    def used_bytes(self) -> int:
        return (sum(self.granule_bits) + 7) // 8


class Gapless(NamedTuple):
    """The samples that an encoder put before and after the sound; excludes the decoder's delay."""

    delay: int
    padding: int


@lru_cache(maxsize=4096)
def parse_header(head: bytes) -> FrameHeader | None:
    """Parse four bytes; None if they begin no frame."""
    if len(head) < HEADER_BYTES or head[0] != 0xFF or head[1] & 0xE6 != 0xE2 or head[3] & 3 == 2:
        return None
    version, kbit, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or rate == 3 or kbit in (0, 15):
        return None
    channels = 1 if head[3] >> 6 == 3 else 2
    samples, hz = (2 if version == 3 else 1) * GRANULE, _RATES[version][rate]
    size = samples * 125 * (_KBIT_1 if version == 3 else _KBIT_2)[kbit] // hz + (head[2] >> 1 & 1)
    return FrameHeader(size, samples, hz, channels, not head[1] & 1, _SIDE_BYTES[version, channels])


class FrameParser:
    """Cuts chunks of any size into parts: frames, and bytes between them. Joined, the parts are the stream."""

    def __init__(self) -> None:
        self._rest = b""
        self._tag_left = 0
        self._last: FrameHeader | None = None
        self._is_lost = False

    def feed(self, data: bytes, *, last: bool = False) -> list[Part]:
        """Take more bytes; give the parts that are complete now, with `last` also the rest."""
        stream, at, parts = self._rest + data, 0, list[Part]()
        while at + HEADER_BYTES <= len(stream):
            header = parse_header(stream[at : at + HEADER_BYTES]) if not self._tag_left else None
            if header and not self._is_lost:
                size = header.size if at + header.size <= len(stream) else 0
            elif header and (size := self._confirmed(stream, at, header, last=last)) >= 0:
                self._is_lost = not size
            else:
                header, size = None, self._foreign(stream, at)
            if not size:
                break
            parts.append((stream[at : at + size], header))
            at += size
        self._rest = stream[at:]
        if last and self._rest:
            parts.append((self._rest, None))
            self._rest = b""
        return parts

    def _confirmed(self, stream: bytes, at: int, header: FrameHeader, *, last: bool) -> int:
        """Give the size of the frame if another follows it, 0 if more bytes are needed, -1 if it is not a frame."""
        after = at + header.size
        if after + HEADER_BYTES > len(stream):
            return header.size if last and after == len(stream) else -1 if last else 0
        following = parse_header(stream[after : after + HEADER_BYTES])
        return header.size if following and following.is_like(header) else -1

    def _foreign(self, stream: bytes, at: int) -> int:
        """Give how many bytes belong to no frame; 0 if more bytes are needed."""
        if not self._tag_left and (told_by := _TAGS.get(stream[at : at + 3])):
            if at + told_by > len(stream):
                return 0
            self._tag_left = _tag_bytes(stream[at : at + told_by])
        if self._tag_left:
            size = min(self._tag_left, len(stream) - at)
            self._tag_left -= size
            return size
        self._is_lost = True
        found = _START.search(stream, at + 1)
        return (found.start() if found else len(stream) - HEADER_BYTES + 1) - at


def _tag_bytes(head: bytes) -> int:
    """Give the length of the tag that begins so; 0 if it is none."""
    if head.startswith(b"TAG"):
        return _TAG_BYTES
    if head.startswith(b"ID3"):
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        return size + (20 if head[5] & 0x10 else 10) if max(head[6:10]) < 0x80 else 0
    is_header = head.startswith(b"APETAGEX") and head[23] & 0x20
    return int.from_bytes(head[12:16], "little") + 32 if is_header else 0


def is_info_frame(frame: bytes, header: FrameHeader) -> bool:
    """Whether the frame describes the stream instead of holding sound: Xing, Info or VBRI."""
    xing = HEADER_BYTES + header.side_bytes  # by LAME and FFmpeg, with or without a checksum
    return frame[xing : xing + 4] in (b"Xing", b"Info") or frame[36:40] == b"VBRI"


def gapless_info(frame: bytes, header: FrameHeader) -> Gapless | None:
    """Read the LAME tag of an info frame; None without one."""
    at = HEADER_BYTES + header.side_bytes
    flags = int.from_bytes(frame[at + 4 : at + 8], "big")
    at += 8 + 4 * (flags & 1) + 2 * (flags & 2) + 25 * (flags & 4) + (flags & 8) // 2 + 21
    field = int.from_bytes(frame[at : at + 3], "big")
    ends = Gapless(field >> 12, field & 0xFFF)
    is_told = frame[36:40] != b"VBRI" and frame[at - 21 : at - 17] in (b"LAME", b"Lavf", b"Lavc")
    return ends if is_told and ends.padding >= DECODER_DELAY else None


def side_info(frame: bytes, header: FrameHeader) -> SideInfo:
    """Read the side information of a whole frame."""
    is_1, total = header.samples > GRANULE, 8 * header.side_bytes
    side = int.from_bytes(frame[header.side_at : header.main_at], "big")
    per_channel = 59 if is_1 else 63
    granules, channels = header.samples // GRANULE, header.channels
    shift = granules * channels * per_channel  # the side information ends with the granules
    lengths = [side >> shift - per_channel * at - 12 & 0xFFF for at in range(granules * channels)]
    bits = [sum(lengths[at : at + channels]) for at in range(0, len(lengths), channels)]
    return SideInfo(side >> total - (9 if is_1 else 8), bits)


def ending_in(frame: bytes, header: FrameHeader, data: bytes) -> bytes | None:
    """Put `data` at the end of the frame's main data, for the next frame to reach back to.

    Its own sound stays; it gets a higher bit rate if there is no room. None if no bit rate has enough.
    """
    side = side_info(frame, header)
    own = max(side.used_bytes - side.reach, 0)
    roomy = _of_size(frame, header, header.main_at + own + len(data))
    return roomy[: len(roomy) - len(data)] + data if roomy else None


def _of_size(frame: bytes, header: FrameHeader, least: int) -> bytes | None:
    if header.size >= least:
        return frame
    for kbit in range((frame[2] >> 4) + 1, 15):
        head = frame[:2] + bytes([frame[2] & 0x0F | kbit << 4]) + frame[3:HEADER_BYTES]
        larger = parse_header(head)
        if larger and larger.size >= least:
            return _checked(head + frame[HEADER_BYTES:], header).ljust(larger.size, b"\0")
    return None


def _checked(frame: bytes, header: FrameHeader) -> bytes:
    """Update the checksum of header and side information, if the frame has one."""
    if not header.has_crc:
        return frame
    crc = 0xFFFF
    for byte in frame[2:HEADER_BYTES] + frame[header.side_at : header.main_at]:
        crc ^= byte << 8
        for _ in range(8):
            crc = crc << 1 ^ (0x18005 if crc & 0x8000 else 0)
    return frame[:HEADER_BYTES] + crc.to_bytes(2, "big") + frame[header.side_at :]


class FrameMeter:
    """Adds up frames, without the first one that only states how many there are."""

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
