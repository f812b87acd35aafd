"""MP3 frames: cut out of a stream, read, and given other data to carry."""

from array import array

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.audio.codecs.joining.mp3 import Cut, cuts, silence_after
from eleven_cli.audio.codecs.mp3 import FrameParser, ending_in, gapless_info, is_info_frame, parse_header, side_info
from tests.support.encoded_audio import by_lame, by_muxer, by_sandbox, decoded, tone, voice

NAMES = ["mp3_44100_128", "mp3_44100_32", "mp3_24000_48", "mp3_22050_32"]


def parts_of(data, size=None):
    cutter, size = FrameParser(), size or len(data)
    parts = [part for at in range(0, len(data), size) for part in cutter.feed(data[at : at + size])]
    return parts + cutter.feed(b"", last=True)


def frames_of(data):
    return [(frame, shape) for frame, shape in parts_of(data) if shape]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("fffb90c0", (417, 1152, 44100, 1, False, 17)),
        ("fffb9264", (418, 1152, 44100, 2, False, 32)),
        ("fffa90c0", (417, 1152, 44100, 1, True, 17)),
        ("fffb14c0", (96, 1152, 48000, 1, False, 17)),
        ("fff364c0", (144, 576, 24000, 1, False, 9)),
        ("fff34000", (104, 576, 22050, 2, False, 17)),
        ("ffe318c0", (72, 576, 8000, 1, False, 9)),
    ],
)
def test_a_header_tells(header, expected):
    shape = parse_header(bytes.fromhex(header))
    facts = shape.size, shape.samples, shape.rate, shape.channels, shape.has_crc, shape.side_bytes
    assert facts == expected


@pytest.mark.parametrize(
    "header",
    [
        "ffffffff",
        "fffb00c0",
        "fffbf0c0",
        "fffb9cc0",
        "fffb90c2",
        "ffeb90c0",
        "fffd90c0",
        "fffc90c0",
        "fe7b90c0",
        "fffb",
    ],
    ids=["ones", "free", "bit rate", "rate", "emphasis", "version", "layer 2", "with CRC", "no sync", "short"],
)
def test_what_heads_no_frame(header):
    assert parse_header(bytes.fromhex(header)) is None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [1, 13, 1000, None])
def test_a_stream_is_all_frames(name, size):
    data = by_lame(name, voice(0.3, 44100))
    parts = parts_of(data, size)
    assert b"".join(frame for frame, _ in parts) == data
    assert all(shape for _, shape in parts)


TRAP = b"\xff\xfb\x90\xc0" * 300  # looks like frames
TAGS = {
    "ID3v2": b"ID3\x04\0\0" + bytes([0, 0, len(TRAP) >> 7, len(TRAP) & 0x7F]) + TRAP,
    "ID3v1": b"TAG" + TRAP[:125],
    "APE": b"APETAGEX" + (2000).to_bytes(4, "little") + (len(TRAP) + 32).to_bytes(4, "little") + bytes(4)
    + (0xA0000000).to_bytes(4, "little") + bytes(8) + TRAP + b"APETAGEX" + bytes(24),
}  # fmt: skip


@pytest.mark.parametrize("size", [1, 50, None])
@pytest.mark.parametrize("tag", TAGS)
def test_no_frame_is_found_in_a_tag(tag, size):
    data = by_lame(NAMES[0], tone(0.2, 44100))
    assert [part for part in parts_of(data + TAGS[tag] + data, size) if part[1]] == frames_of(data) * 2


@pytest.mark.parametrize("size", [1, 50, None])
def test_after_rubbish_only_two_frames_in_a_row_are_believed(size):
    data = by_lame(NAMES[0], tone(0.2, 44100))
    rubbish = b"!" + b"\xff\xfb\x90\xc0 rubbish " * 9
    assert [part for part in parts_of(rubbish + data, size) if part[1]] == frames_of(data)


@given(st.lists(st.binary(max_size=50) | st.sampled_from([b"\xff\xfb\x90\xc0", b"ID3", b"TAG", b"APETAGEX", b"\xff"])))
def test_the_parts_are_the_stream(chunks):
    cutter = FrameParser()
    parts = [part for chunk in chunks for part in cutter.feed(chunk)] + cutter.feed(b"", last=True)
    assert b"".join(data for data, _ in parts) == b"".join(chunks)


@pytest.mark.parametrize("name", NAMES)
def test_a_header_frame_tells_what_is_around_the_sound(name):
    samples = tone(0.3, int(name.split("_")[1]))
    (header, shape), *frames = frames_of(by_muxer(name, samples))
    assert is_info_frame(header, shape)
    assert not any(is_info_frame(*frame) for frame in frames)
    ends = gapless_info(header, shape)
    assert ends.delay == 576
    assert ends.delay + ends.padding + len(samples) == len(frames) * shape.samples


def test_a_header_frame_without_an_encoders_tag_tells_nothing():
    header, shape = frames_of(by_muxer(NAMES[0], tone(0.3, 44100)))[0]
    assert gapless_info(header, shape)
    assert gapless_info(header.replace(b"Lav", b"xxx"), shape) is None
    assert gapless_info(header[:40], shape) is None


@pytest.mark.parametrize("name", NAMES)
def test_the_side_information_adds_up(name):
    """What a frame reaches back for is there, and is no more than what was left."""
    left = 0
    for frame, shape in frames_of(by_lame(name, voice(0.5, 44100))):
        side = side_info(frame, shape)
        assert side.reach <= left
        left = side.reach + shape.size - shape.main_at - side.used_bytes
        assert left >= 0


def test_a_sandbox_frame_stands_alone():
    assert not any(side_info(*frame).reach for frame in frames_of(by_sandbox(NAMES[0], tone(0.3, 44100))))


@pytest.mark.parametrize("length", [1, 100, 250])
@pytest.mark.parametrize("name", NAMES)
def test_a_frame_takes_in_data_and_sounds_the_same(name, length):
    frames = frames_of(by_lame(name, voice(0.3, int(name.split("_")[1])), reservoir="0"))
    at, data = 4, bytes(range(1, 256)) * 2
    larger = ending_in(*frames[at], data[:length])
    assert larger.endswith(data[:length])
    assert parse_header(larger[:4]).size == len(larger)
    stream = [frame for frame, _ in frames]
    assert decoded(b"".join([*stream[:at], larger, *stream[at + 1 :]])) == decoded(b"".join(stream))


def test_no_frame_is_large_enough_for_everything():
    assert ending_in(*frames_of(by_lame(NAMES[0], tone(0.3, 44100)))[4], bytes(1100)) is None


def test_the_checksum_is_renewed():
    """FFmpeg, asked to look at checksums, takes the frame, and none with another one."""
    frames = [protected(*frame) for frame in frames_of(by_lame(NAMES[0], tone(0.3, 44100), reservoir="0"))]
    larger = ending_in(frames[4], parse_header(frames[4][:4]), bytes(300))
    assert len(larger) > len(frames[4])
    right = b"".join([*frames[:4], larger, *frames[5:]])
    assert decoded(right, err_detect="crccheck+explode") == decoded(b"".join(frames))
    with pytest.raises(av.InvalidDataError):
        decoded(right.replace(larger[:6], larger[:4] + b"xx"), err_detect="crccheck+explode")


def protected(frame, shape):
    """The same frame with a checksum: the remainder of its header and side information, as one polynomial."""
    assert side_info(frame, shape).used_bytes + 2 <= shape.size - shape.main_at
    header, side = bytes([frame[0], frame[1] & 0xFE, *frame[2:4]]), frame[4 : shape.main_at]
    bits = 8 * (2 + len(side))
    remainder = (int.from_bytes(header[2:] + side, "big") ^ 0xFFFF << bits - 16) << 16
    for at in reversed(range(16, bits + 16)):
        remainder ^= (0x18005 << at - 16) * (remainder >> at & 1)
    return header + remainder.to_bytes(2, "big") + frame[4:-2]


@pytest.mark.parametrize(
    ("padding", "samples", "expected"),
    [
        (47, 1152, Cut(1, 0)),
        (500, 1152, Cut(1, 0)),
        (700, 1152, Cut(1, 1)),
        (1100, 1152, Cut(1, 1)),
        (47, 576, Cut(1, 1)),
        (300, 576, Cut(1, 1)),
        (350, 576, Cut(2, 1)),
        (622, 576, Cut(2, 1)),
    ],
)
def test_the_best_cut_is_first(padding, samples, expected):
    best, *others = cuts(1105, padding, samples, Cut(9, 9))
    assert best == expected
    assert Cut(0, 0) in others
    assert cuts(1105, padding, samples, Cut(0, 0)) == [Cut(0, 0)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sound", [tone, voice])
def test_the_silence_after_the_sound_is_seen(name, sound):
    rate = int(name.split("_")[1])
    samples = array("h", sound(0.4, rate))
    for less in range(0, 1152, 115):
        piece = samples[: len(samples) - less]
        frames = frames_of(by_lame(name, piece))
        truly = sum(shape.samples for _, shape in frames) - 1105 - len(piece)
        assert abs(silence_after(frames) - truly) < 470
