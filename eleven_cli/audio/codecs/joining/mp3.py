"""Joins separately encoded pieces of MP3 to one stream of frames, without the silence of their encoder.

An encoder surrounds the sound with a delay and a padding, together 26 to 53 ms at 44.1 kHz. Whole frames of both are
dropped at a join, as many as bring the end of one piece nearest to the beginning of the next. The frame that then
follows may have data in frames that were dropped (the "bit reservoir"): it is moved into the last frame before.
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

from eleven_cli.audio.codecs.mp3 import (
    DECODER_DELAY,
    GRANULE,
    FrameHeader,
    FrameParser,
    Gapless,
    Part,
    ending_in,
    gapless_info,
    is_info_frame,
    side_info,
)
from eleven_cli.audio.formats import Format

USUAL_DELAY = 576 + DECODER_DELAY  # LAME's, and that of all who do as it does
FIRST_FRAMES = 2  # are passed on immediately: no piece is so short
FOREIGN_BYTES = 1 << 20  # so much without a frame, and it is not MP3
_LEAST, _EMPTY = 47, 400  # samples after the sound: LAME's least, and the least that leave a granule empty
_LATE = 500  # samples until the first granule after a cut is heard

Frame = tuple[bytes, FrameHeader]


class Cut(NamedTuple):
    """The numbers of frames to drop at the end of one piece and at the start of the next."""

    end: int
    start: int


class Mp3Joiner:
    """See `joining.Joiner`."""

    def __init__(self, fmt: Format, single: Callable[[], bool]) -> None:
        self._single = single
        self._parser = FrameParser()
        self._pieces = 0  # complete ones
        self._opening: list[Part] | None = []  # what is here of a piece whose beginning is not settled
        self._held: list[Part] = []  # the end of what is settled
        self._frames, self._seconds = 0, 0.0  # settled
        self._header: FrameHeader | None = None
        self._gapless: Gapless | None = None
        self._padding = 0
        self.piece_start_s = USUAL_DELAY / fmt.rate

    def feed(self, data: bytes) -> bytes:
        if data and self._pieces and self._header and not self._opening and self._opening is not None:
            self.piece_start_s = self._seconds - self._padding / self._header.rate  # about, until its frames are there
        return self._take(self._parser.feed(data))

    def end_piece(self) -> bytes:
        out = self._take(self._parser.feed(b"", last=True))
        if self._opening and self._pieces:
            out += self._join(self._opening)
        if self._opening is None:
            self._complete()
        self._parser = FrameParser()
        return out

    def finish(self) -> bytes:
        out = self.end_piece()
        held, self._held = self._held, []
        return out + _bytes_of(held if self._pieces == 1 else _frames_of(held))

    def _take(self, parts: list[Part]) -> bytes:
        if self._opening is None:
            return self._settle(parts)
        if not self._pieces:
            return self._begin(parts)
        self._opening += parts
        return self._join(self._opening) if parts and _is_enough(self._opening) else b""

    def _begin(self, parts: list[Part]) -> bytes:
        """Pass the first piece on immediately, without its info frame unless it is the only piece."""
        at = next((at for at, (_, header) in enumerate(parts) if header), None)
        if at is None:
            return _bytes_of(parts)
        self._opening = None
        if info := _info_frame(parts[at:]):
            self._gapless = gapless_info(*info)
            is_kept = self._single()
            parts[at] = (info[0] if is_kept else b"", None)
            self.piece_start_s = 0.0 if is_kept and self._gapless else self.piece_start_s
        return self._settle(parts)

    def _settle(self, parts: Sequence[Part]) -> bytes:
        """Add parts to the stream; give those that no join can drop."""
        headers = [header for _, header in parts if header]
        if headers:
            self._header = headers[-1]
            self._frames += len(headers)
            self._seconds += sum(header.samples for header in headers) / self._header.rate
        self._held += parts
        passing = self._passing()
        out = _bytes_of(self._held[:passing])
        del self._held[:passing]
        return out

    def _passing(self) -> int:
        frames_at = [at for at, (_, header) in enumerate(self._held) if header]
        keep = min(self._keep(), self._frames - FIRST_FRAMES)
        if keep <= 0 or not frames_at or _size(self._held[frames_at[-1] + 1 :]) > FOREIGN_BYTES:
            return len(self._held)
        return frames_at[-keep:][0]

    def _keep(self) -> int:
        """Give how many frames at the end the next join may drop or change."""
        padding = self._gapless.padding - DECODER_DELAY if self._gapless else 0
        return 1 + most_dropped(padding, self._header.samples if self._header else GRANULE)

    def _join(self, opening: list[Part]) -> bytes:
        self._opening = None
        info = _info_frame(opening)
        self._gapless = gapless_info(*info) if info else None
        tail, head = _frames_of(self._held), _frames_of(opening)[1 if info else 0 :]
        if not head:
            out = _bytes_of(self._held + opening)
            self._held = []
            return out
        delay = self._gapless.delay + DECODER_DELAY if self._gapless else USUAL_DELAY
        kept, begun = spliced(tail, head, delay, self._padding)
        samples, rate = head[0][1].samples, head[0][1].rate
        self._seconds -= (len(tail) - len(kept)) * samples / rate
        self.piece_start_s = self._seconds + (delay - (len(head) - len(begun)) * samples) / rate
        self._held = list(kept)
        return self._settle(begun)

    def _complete(self) -> None:
        self._pieces += 1
        self._opening = []
        self._padding = (
            self._gapless.padding - DECODER_DELAY if self._gapless else silence_after(_frames_of(self._held))
        )


def spliced(tail: list[Frame], head: list[Frame], delay: int, padding: int) -> tuple[list[Frame], list[Frame]]:
    """Drop the frames of silence at a join from both lists.

    `delay` and `padding` are decoded samples before the sound of the head and after that of the tail.
    """
    if tail and tail[-1][1].is_like(head[0][1]):
        most = Cut(len(tail) - 1, len(head) - 1)
        for cut in cuts(delay, padding, head[0][1].samples, most):
            kept = tail[: len(tail) - cut.end]
            if last := _bridged(kept[-1], head[: cut.start], head[cut.start]):
                return [*kept[:-1], last], head[cut.start :]
    return tail, head


def cuts(delay: int, padding: int, samples: int, most: Cut) -> list[Cut]:
    """List the cuts within `most`, best first: least silence plus lost sound.

    Granules overlap: the last one kept sounds for one granule longer, and the first one kept begins late by most of
    a granule (measured with tones and noise).
    """

    def badness(cut: Cut) -> tuple[int, int]:
        end, start = cut.end * samples - padding, delay - cut.start * samples
        heard_until = min(end, GRANULE)
        heard_from = max(start, _LATE) if cut.start else start
        lost = end - heard_until + heard_from - start
        return max(heard_from - heard_until, 0) + lost, lost

    limits = min(most.end, most_dropped(padding, samples)), min(most.start, 1 + delay // samples)
    return sorted((Cut(*cut) for cut in product(*(range(limit + 1) for limit in limits))), key=badness)


def most_dropped(padding: int, samples: int) -> int:
    """Give the most frames of `samples` that `cuts` drops at an end with this padding."""
    return (padding + 2 * GRANULE) // samples


def silence_after(frames: list[Frame]) -> int:
    """Estimate the samples after the sound by the empty granules at the end, to within 290."""
    if not frames:
        return 0
    bits = [bits for frame in frames for bits in side_info(*frame).granule_bits]
    empty = next((count for count, bits in enumerate(reversed(bits)) if bits), len(bits))
    most = _LEAST + frames[-1][1].samples
    least = _EMPTY + (empty - 1) * GRANULE if empty else _LEAST
    return (min(least, most) + min(_EMPTY + empty * GRANULE, most)) // 2


def _bridged(last: Frame, dropped: list[Frame], following: Frame) -> Frame | None:
    """Move the dropped data that the following frame needs into the last frame; None if there is no room."""
    reach = side_info(*following).reach
    if not dropped or not reach:
        return last
    data = b"".join(frame[header.main_at :] for frame, header in dropped)[-reach:]
    larger = ending_in(*last, data) if len(data) == reach else None
    return (larger, last[1]) if larger else None


def _is_enough(opening: list[Part]) -> bool:
    """Whether all frames that may be dropped are there, and one more."""
    frames = _frames_of(opening)
    if not frames:
        return _size(opening) > FOREIGN_BYTES
    needed = 2 + USUAL_DELAY // frames[0][1].samples
    return len(frames) >= needed + bool(_info_frame(opening))


def _info_frame(parts: Sequence[Part]) -> Frame | None:
    frame = next(iter(_frames_of(parts)), None)
    return frame if frame and is_info_frame(*frame) else None


def _frames_of(parts: Sequence[Part]) -> list[Frame]:
    return [(data, header) for data, header in parts if header]


def _bytes_of(parts: Sequence[Part]) -> bytes:
    return b"".join([data for data, _ in parts])


def _size(parts: Sequence[Part]) -> int:
    return sum(len(data) for data, _ in parts)
