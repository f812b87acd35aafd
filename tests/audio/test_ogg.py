"""Ogg pages and Opus packets, and pieces as one logical stream."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.audio.codecs.joining.joiner import Joiner
from eleven_cli.audio.codecs.joining.ogg import dropped, silences
from eleven_cli.audio.codecs.ogg import END, OggPage, Packets, PageParser, is_celt, paged, pre_skip, samples_in
from eleven_cli.audio.formats import named
from tests.support.encoded_audio import by_muxer, by_sandbox, cut_up, decoded, voice

NAME, RATE = "opus_48000_64", 48000
WAYS = [by_sandbox, by_muxer]
each_way = pytest.mark.parametrize("way", WAYS, ids=["short pages", "long pages"])


def pages_of(data, size=None):
    cutter, size = PageParser(), size or max(len(data), 1)
    return [part for at in range(0, len(data), size) for part in cutter.feed(data[at : at + size])] + cutter.feed(
        b"", last=True
    )


def packets_of(data):
    packets = Packets()
    return [packet for _, page in pages_of(data) for packet in packets.on(page)]


def joined(pieces):
    joiner = Joiner(named(NAME))
    return b"".join([joiner.feed(piece) + joiner.end_piece() for piece in pieces]) + joiner.finish()


@each_way
@pytest.mark.parametrize("size", [1, 27, 1000, None])
def test_pages_are_read_and_written_alike(way, size):
    data = way(NAME, voice(1.5, RATE))
    parts = pages_of(data, size)
    assert [raw for raw, _ in parts] == [page.to_bytes() for _, page in parts]
    assert b"".join(raw for raw, _ in parts) == data


@each_way
def test_packets_sound_as_long_as_the_positions_say(way):
    data = way(NAME, voice(1.5, RATE))
    head, tags, *sound = packets_of(data)
    assert (head[:8], tags[:8], pre_skip(head)) == (b"OpusHead", b"OpusTags", 312)
    total = sum(map(samples_in, sound))
    last = pages_of(data)[-1][1]
    assert 0 <= total - last.position < 960
    assert last.position - 312 == 1.5 * RATE


@pytest.mark.parametrize(
    ("packet", "samples", "celt"),
    [
        ("00aa", 480, False),
        ("18aa", 2880, False),
        ("60aa", 480, False),
        ("78aa", 960, False),
        ("80aa", 120, True),
        ("f8aa", 960, True),
        ("f9aa", 1920, True),
        ("fb83", 2880, True),
        ("fb", 0, True),
        ("", 0, False),
    ],
)
def test_what_the_first_byte_of_a_packet_says(packet, samples, celt):
    assert samples_in(bytes.fromhex(packet)) == samples
    assert is_celt(bytes.fromhex(packet)) == celt


@given(st.lists(st.integers(1, 3000), max_size=600))
def test_packets_put_on_pages_come_off_them(sizes):
    packets = [b"\xf8".ljust(size, b"x") for size in sizes]
    pages = list(paged(packets, 100, 7, 3))
    reader = Packets()
    assert [packet for page in pages for packet in reader.on(page)] == packets
    assert [page.number for page in pages] == list(range(3, 3 + len(pages)))
    assert all(len(page.lacing) <= 255 for page in pages)
    if pages:
        assert pages[-1].position == 100 + 960 * len(packets)


def test_a_packet_over_two_pages():
    reader = Packets()
    assert reader.on(OggPage(0, -1, 1, 0, b"\x01\xff", b"a" + b"b" * 255)) == [b"a"]
    assert reader.on(OggPage(1, 960, 1, 1, b"\x02\x01", b"bbc")) == [b"b" * 257, b"c"]


def test_a_damaged_page_is_no_page():
    data = bytearray(by_sandbox(NAME, voice(0.3, RATE)))
    whole = [page for _, page in pages_of(bytes(data))]
    data[-1] ^= 1
    assert [page for _, page in pages_of(bytes(data)) if page] == whole[:-1]


@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"OggS", b"OggS\0\0", b"O"])))
def test_the_parts_are_the_stream(chunks):
    cutter = PageParser()
    parts = [part for chunk in chunks for part in cutter.feed(chunk)] + cutter.feed(b"", last=True)
    assert b"".join(data for data, _ in parts) == b"".join(chunks)


@each_way
def test_the_pieces_are_one_logical_stream(way):
    stream = joined([way(NAME, piece) for piece in cut_up(voice(3, RATE), 7)])
    pages = [page for _, page in pages_of(stream)]
    assert {page.serial for page in pages} == {pages[0].serial}
    assert [page.number for page in pages] == list(range(len(pages)))
    assert [page.is_first for page in pages] == [True] + [False] * (len(pages) - 1)
    assert [page.is_last for page in pages] == [False] * (len(pages) - 1) + [True]
    packets, position = Packets(), 0
    for page in pages[:-1]:
        position += sum(samples_in(packet) for packet in packets.on(page) if not packet.startswith(b"Opus"))
        assert page.position == position
    assert 0 <= position + sum(map(samples_in, packets.on(pages[-1]))) - pages[-1].position < 960
    assert len(decoded(stream, "ogg")) == pages[-1].position - 312


def test_a_stream_of_another_kind_follows_as_it_is():
    first = by_sandbox(NAME, voice(0.3, RATE))
    head = pages_of(first)[0][1]
    stereo = OggPage(head.flags, 0, 99, 0, head.lacing, head.body[:9] + b"\2" + head.body[10:]).to_bytes()
    other = stereo + b"".join(raw for raw, _ in pages_of(first)[1:])
    assert joined([first, other]) == first + other


def test_a_piece_that_broke_off_is_joined_all_the_same():
    """No page says that it is the last one."""
    first = by_sandbox(NAME, voice(0.5, RATE))
    broken = b"".join(raw for raw, _ in pages_of(first)[:-3])
    pages = [page for _, page in pages_of(joined([broken, first]))]
    assert [page.number for page in pages] == list(range(len(pages)))
    assert [page.flags & END for page in pages[:-1]] == [0] * (len(pages) - 1)


@pytest.mark.parametrize(
    ("silence", "lengths", "count"),
    [(900, [960], 0), (1000, [960], 1), (1800, [960], 1), (1800, [], 0), (2100, [960, 960], 2), (1300, [2880], 0)],
)
def test_packets_are_dropped_while_that_is_nearer(silence, lengths, count):
    assert dropped(silence, lengths) == count


SILK, CELT = b"\x08sound", b"\xf8sound"


@pytest.mark.parametrize(("cut_off", "following"), list(itertools.product([b"", SILK, CELT], [SILK, CELT])))
def test_a_decoder_starts_afresh_and_what_is_cut_off_fades(cut_off, following):
    between = silences(cut_off, following)
    assert is_celt(between[-1]) != is_celt(following)
    assert not cut_off or is_celt(between[0]) == is_celt(cut_off)
    assert sum(map(samples_in, between)) <= 720
