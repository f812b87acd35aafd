"""Joins pieces of Opus in Ogg to one logical stream, because chained streams stop or confuse some players.

Headers of later pieces are dropped, pages renumbered, positions continued. A decoder skips the silence before the sound
and after it (pre-skip, end trimming) only at the ends of the whole stream, so at a join packets of it are dropped.

A piece was encoded for a decoder that starts afresh. One that comes from another piece predicts wrongly and bangs: up
to seven times as loud as the sound, measured with FFmpeg. What makes every decoder start afresh is a packet of the
other coding mode (RFC 6716, 4.5.2), so a short silent one is put between two pieces.
"""

from dataclasses import dataclass, replace

from eleven_cli.audio.codecs.ogg import (
    CONTINUED,
    END,
    HEAD,
    NOTHING_ENDS,
    RATE,
    TAGS,
    OggPage,
    Packets,
    PageParser,
    is_celt,
    paged,
    pre_skip,
    samples_in,
)

MOST_SILENCE = RATE // 50  # samples that a join may be silent for
# silent packets
_SILK = bytes.fromhex("400be65930dc06")  # 10 ms, as libopus encodes zeros
_CELT, _FADING_CELT = bytes.fromhex("e0fffe"), bytes.fromhex("e8fffe")  # 2.5 ms, and 5 for the pitch filter to end


@dataclass(frozen=True)
class LastPage:
    """The last page of a piece, as it is (`data`) if nothing follows. Counts are samples."""

    data: bytes
    page: OggPage
    start: int  # the position before its packets
    before: bytes  # the packet before those that end on it
    packets: list[bytes]
    trimmed: int  # not to be heard, at the end

    @property
    def lengths(self) -> list[int]:
        return [samples_in(packet) for packet in self.packets]

    @property
    def droppable(self) -> list[int]:
        """The lengths of the packets that can go: not of one that began on an earlier page."""
        return self.lengths[bool(self.page.flags & CONTINUED) :]

    def packet_before(self, packets: int) -> bytes:
        """The one before the last `packets` packets."""
        return [self.before, *self.packets][-1 - packets]

    def without(self, packets: int) -> OggPage | None:
        """The page without its last packets, for others to follow; None if nothing is left of it."""
        ends = [0, *(at for at, size in enumerate(self.page.lacing, 1) if size < 255)]
        lacing = self.page.lacing[: ends[-1 - packets]]
        position = self.start + sum(self.lengths[: len(self.lengths) - packets])
        body, flags = self.page.body[: sum(lacing)], self.page.flags & ~END
        return replace(self.page, flags=flags, position=position, lacing=lacing, body=body) if lacing else None


class OggJoiner:
    """See `joining.Joiner`."""

    def __init__(self) -> None:
        self._pages, self._packets = PageParser(), Packets()
        self._head = b""  # that of the stream being written; empty when there is none to continue
        self._serial = self._number = 0
        self._position = self._origin = 0  # at the end of what was taken in, and where time is 0
        self._latest = b""  # packet
        self._source_position = 0  # the same as the current piece counts
        self._last: LastPage | None = None
        self._is_new = True  # nothing of the piece was here yet
        self._is_later = False  # its pages are written again
        self._skip: int | None = None  # its pre-skip, until its join is made
        self.piece_start_s = 0.0

    def feed(self, data: bytes) -> bytes:
        if data and self._is_new:
            self.piece_start_s = self._heard() / RATE  # about, until its first packet is there
        return self._take(self._pages.feed(data))

    def end_piece(self) -> bytes:
        out = self._take(self._pages.feed(b"", last=True))
        self._is_new = True
        self._packets = Packets()
        return out

    def finish(self) -> bytes:
        return self.end_piece() + self._close()

    def _heard(self) -> int:
        """Count the audible samples so far."""
        return max(self._position - self._origin - (self._last.trimmed if self._last else 0), 0)

    def _close(self) -> bytes:
        """Give the last page unchanged, and end the stream."""
        last, self._last = self._last, None
        if not last:
            return b""
        self._head = b""
        self._origin += last.trimmed  # so that what was heard stays the same
        return last.data

    def _take(self, parts: list[tuple[bytes, OggPage | None]]) -> bytes:
        return b"".join([self._page(data, page) if page else self._close() + data for data, page in parts])

    def _page(self, data: bytes, page: OggPage) -> bytes:
        packets = self._packets.on(page)
        if page.is_first:
            return self._begin(data, page, packets)
        if not self._head:
            return data
        sound = [packet for packet in packets if not packet.startswith(TAGS)]
        return self._merge(page, sound) if self._is_later else self._pass(data, page, sound)

    def _begin(self, data: bytes, page: OggPage, packets: list[bytes]) -> bytes:
        head = packets[0] if packets and packets[0].startswith(HEAD) else b""
        self._is_later = self._is_new and _is_alike(head, self._head)
        self._is_new = False
        self._source_position = 0
        if self._is_later:
            self._skip = pre_skip(head)
            return b""
        heard = self._heard()
        out = self._close()
        self._head, self._serial = head, page.serial
        self._position, self._origin = 0, pre_skip(head) - heard
        return out + data

    def _pass(self, data: bytes, page: OggPage, sound: list[bytes]) -> bytes:
        """Pass a page unchanged; hold the last one back."""
        start, self._number = self._position, page.number + 1
        before, self._latest = self._latest, [self._latest, *sound][-1]
        self._position += sum(map(samples_in, sound))
        if page.is_last:
            out, trimmed = self._close(), max(self._position - page.position, 0)
            self._last = LastPage(data, page, start, before, sound, trimmed)
            return out
        if page.position != NOTHING_ENDS:  # it may start anywhere, and have holes
            self._origin += page.position - self._position
            self._position = page.position
        return data

    def _merge(self, page: OggPage, sound: list[bytes]) -> bytes:
        """Repack a page of a later piece."""
        out = b""
        self._source_position += sum(map(samples_in, sound))
        if self._skip is not None and sound:
            out, sound = self._join(self._skip, sound)
        pages = list(paged(sound, self._position, self._serial, self._number))
        self._position += sum(map(samples_in, sound))
        self._number += len(pages)
        before, self._latest = self._latest, [self._latest, *sound][-1]
        if page.is_last and self._skip is None:
            trimmed = max(self._source_position - page.position, 0)
            self._hold(pages.pop() if pages else self._empty_page(), before, trimmed)
        elif page.position != NOTHING_ENDS:
            self._source_position = page.position
        return out + b"".join([page.to_bytes() for page in pages])

    def _empty_page(self) -> OggPage:
        """Give a page without packets, to end the stream with."""
        self._number += 1
        return OggPage(0, self._position, self._serial, self._number - 1, b"", b"")

    def _hold(self, page: OggPage, before: bytes, trimmed: int) -> None:
        packets = page.slices()
        start = self._position - sum(map(samples_in, packets))
        page = replace(page, flags=END, position=self._position - trimmed)
        self._last = LastPage(page.to_bytes(), page, start, before, packets, trimmed)

    def _join(self, skip: int, sound: list[bytes]) -> tuple[bytes, list[bytes]]:
        """Give the end of the piece before, and the packets that follow it."""
        last, self._last, self._skip = self._last, None, None
        between, page = silences(b"", sound[0]), None
        if last:
            count = dropped(skip + last.trimmed + samples_in(between[0]), last.droppable)
            between = silences(last.packet_before(count) if count else b"", sound[0])
            page = last.without(count)
            self._number = last.page.number + bool(page)
            self._position = page.position if page else last.start
        self.piece_start_s = (self._position + sum(map(samples_in, between)) + skip - self._origin) / RATE
        return page.to_bytes() if page else b"", [*between, *sound]


def dropped(silence: int, lengths: list[int]) -> int:
    """Give how many packets to drop before a join with `silence` silent samples."""
    count = 0
    for length in reversed(lengths):
        if silence <= MOST_SILENCE or abs(silence - length) >= silence:
            break
        silence -= length
        count += 1
    return count


def silences(cut_off: bytes, following: bytes) -> list[bytes]:
    """Give silent packets after which a decoder starts afresh with the following one.

    The sound of a packet that is `cut_off` fades in one of its own mode.
    """
    if is_celt(following):
        return [_FADING_CELT, _SILK] if is_celt(cut_off) else [_SILK]
    if cut_off:
        return [_FADING_CELT] if is_celt(cut_off) else [_SILK, _CELT]
    return [_CELT]


def _is_alike(head: bytes, other: bytes) -> bool:
    """Whether two streams can be one: the same version, channels and gain, and one Opus stream in each (family 0)."""
    return head[:10] + head[16:] == other[:10] + other[16:] and head[18:19] == b"\0"
