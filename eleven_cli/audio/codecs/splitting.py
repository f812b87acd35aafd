"""Cuts long audio into pieces, in silence if there is any. Streams in and out, so that memory stays flat.

Consume a piece wholly before the next. Pieces of samples join again exactly. MP3 is cut between frames; a frame may
need data of earlier ones, so that up to 50 ms may be lost at a cut.
"""

from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from eleven_cli.audio.codecs.mp3 import HEADER_BYTES, FrameHeader, FrameParser, Part, is_info_frame, side_info
from eleven_cli.audio.codecs.wav import WavHeader
from eleven_cli.audio.pcm import FRAME_MS, rms, to_s16

SEARCHED_S = 20.0  # before the limit
SEARCHED_BYTES = 8 << 20  # at the most
SILENCE_S = 0.3  # what is looked for
LEAST_S = 5.0  # of the last piece
MP3_LOWEST_BYTES_PER_S, MP3_HIGHEST_BYTES_PER_S = 1000, 40_000  # 8 and 320 kbit/s


def samples_cut(chunks: Iterable[bytes], header: WavHeader, most_s: float) -> Iterator[Iterator[bytes]]:
    """Cut bare samples into pieces of at most `most_s`."""
    stream = _ByteStream(chunks)
    while stream.has_more():
        yield _piece_of_samples(stream, header, most_s)


def mp3_cut(chunks: Iterable[bytes], most_s: float) -> Iterator[Iterator[bytes]]:
    """Cut MP3 into pieces of at most `most_s`, without an info frame that states a longer duration."""
    frames = _FrameQueue(chunks, most_s)
    while frames.has_more():
        yield _piece_of_frames(frames, most_s)


def quietest(levels: Sequence[float], width: int) -> int:
    """Find where to cut: the middle of the quietest `width` levels; of equals the last."""
    width = max(min(width, len(levels)), 1)
    sums = list(accumulate(levels, initial=0.0))
    stretches = range(len(levels) - width + 1)
    at = min(reversed(stretches), key=lambda at: sums[at + width] - sums[at], default=0)
    return at + (width + 1) // 2


def _piece_of_samples(stream: "_ByteStream", header: WavHeader, most_s: float) -> Iterator[bytes]:
    frame = header.frame_bytes
    bytes_per_s = header.rate * frame
    most = int(most_s * header.rate) * frame
    searched = int(min(SEARCHED_S * bytes_per_s, SEARCHED_BYTES, most / 2)) // frame * frame
    yield from stream.pass_on(most - searched)
    least = int(min(LEAST_S, most_s / 4) * header.rate) * frame
    tail = stream.take(searched + least)
    if len(tail) > searched:
        step = max(header.rate * FRAME_MS // 1000, 1) * frame
        room = min(searched, max(len(tail) - least, step))
        levels = [_power(tail[at : at + step], header) for at in range(0, room, step)]
        cut = min(quietest(levels, int(SILENCE_S * 1000 / FRAME_MS)) * step, room)
        stream.give_back(tail[cut:])
        tail = tail[:cut]
    if tail:
        yield tail


def _power(data: bytes, header: WavHeader) -> float:
    """Give the mean power of the first channel."""
    data = data[: len(data) - len(data) % header.frame_bytes]
    samples = array("h", to_s16(data, header.sample))[:: header.channels]
    return rms(samples.tobytes()) ** 2


def _piece_of_frames(frames: "_FrameQueue", most_s: float) -> Iterator[bytes]:
    searched_s = min(SEARCHED_S, most_s / 2)
    seconds = 0.0
    while seconds < most_s - searched_s and (parts := frames.some(most_s - searched_s - seconds)):
        seconds += sum(map(_seconds, parts))
        yield b"".join(data for data, _ in parts)
    least_s = min(LEAST_S, most_s / 4)
    tail = list(frames.up_to(most_s + least_s - seconds))
    starts_s = list(accumulate(map(_seconds, tail), initial=seconds))
    if starts_s[-1] > most_s:
        room = sum(at_s <= min(most_s, max(starts_s[-1] - least_s, seconds)) for at_s in starts_s) - 1
        levels = [_bits(*part) for part in tail[:room]]
        cut = min(quietest(levels, round(SILENCE_S / max(_seconds(tail[0]), 0.01))), room) or 1
        frames.give_back(tail[cut:])
        tail = tail[:cut]
    if tail:
        yield b"".join(data for data, _ in tail)


def _seconds(part: Part) -> float:
    header = part[1]
    return header.samples / header.rate if header else 0.0


def _bits(data: bytes, header: FrameHeader | None) -> float:
    """Give the bits that a frame uses: few in silence."""
    return float(sum(side_info(data, header).granule_bits)) if header else 0.0


class _ByteStream:
    """Reads chunks as they arrive, or a given number of bytes."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self._rest = iter(chunks), b""

    def has_more(self) -> bool:
        self._rest = self._rest or next(self._chunks, b"")
        return bool(self._rest)

    def pass_on(self, size: int) -> Iterator[bytes]:
        while size > 0 and self.has_more():
            data, self._rest = self._rest[:size], self._rest[size:]
            size -= len(data)
            yield data

    def take(self, size: int) -> bytes:
        return b"".join(self.pass_on(size))

    def give_back(self, data: bytes) -> None:
        self._rest = data + self._rest


class _FrameQueue:
    """Reads the parts of an MP3 stream as they arrive."""

    def __init__(self, chunks: Iterable[bytes], most_s: float) -> None:
        self._chunks, self._parser, self._most_s = iter(chunks), FrameParser(), most_s
        self._parts: deque[Part] = deque()
        self._begun = self._ended = False

    def has_more(self) -> bool:
        while not self._parts and not self._ended:
            data = next(self._chunks, b"")
            self._ended = not data
            self._parts.extend(self._but_a_wrong_length(self._parser.feed(data, last=self._ended)))
        return bool(self._parts)

    def some(self, most_s: float) -> list[Part]:
        """Give the parts that have arrived, at least one, up to `most_s`."""
        taken: list[Part] = []
        seconds = 0.0
        while (self._parts if taken else self.has_more()) and seconds < most_s:
            taken.append(self._parts.popleft())
            seconds += _seconds(taken[-1])
        return taken

    def up_to(self, most_s: float) -> Iterator[Part]:
        while most_s > 0 and self.has_more():
            part = self._parts.popleft()
            most_s -= _seconds(part)
            yield part

    def give_back(self, parts: Sequence[Part]) -> None:
        self._parts.extendleft(reversed(parts))

    def _but_a_wrong_length(self, parts: list[Part]) -> list[Part]:
        first = next((at for at, (_, header) in enumerate(parts) if header), None)
        if self._begun or first is None:
            return parts
        self._begun = True
        data, header = parts[first]
        if header and is_info_frame(data, header) and _stated_s(data, header) > self._most_s:
            del parts[first]
        return parts


def _stated_s(frame: bytes, header: FrameHeader) -> float:
    """Give the duration that an info frame states; 0 if it states none."""
    xing = HEADER_BYTES + header.side_bytes
    if frame[36:40] == b"VBRI":
        count = int.from_bytes(frame[50:54], "big")
    else:
        count = int.from_bytes(frame[xing + 8 : xing + 12], "big") if frame[xing + 7] & 1 else 0
    return count * header.samples / header.rate
