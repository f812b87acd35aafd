"""Cutting long audio: nothing lost, nothing too long, and in silence where there is some."""

import io
import random
import struct
import wave
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eleven_cli.audio.codecs.flac import flac_decoded, flac_header
from eleven_cli.audio.codecs.mp3 import FrameParser
from eleven_cli.audio.codecs.splitting import mp3_cut, quietest, samples_cut
from eleven_cli.audio.codecs.wav import WavHeader, read_header
from tests.support.encoded_audio import by_lame, by_muxer, decoded, encoded, voice

RATE = 8000


def in_chunks(data, size=5000):
    return (data[at : at + size] for at in range(0, len(data), size))


def pieces_of(iterators):
    return [b"".join(piece) for piece in iterators]


def shape(sample="s16", channels=1, rate=RATE):
    return WavHeader(rate, channels, sample, None)


def noise(seconds, rate=RATE):
    dice = random.Random(5)
    return array("h", (dice.randrange(-9000, 9000) for _ in range(int(seconds * rate)))).tobytes()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60_000), st.integers(1, 9000), st.sampled_from(["u8", "s16", "s24"]), st.integers(1, 3))
def test_samples_are_neither_lost_nor_doubled_and_no_piece_is_too_long(size, chunk, sample, channels):
    kind = shape(sample, channels, rate=1000)
    data = random.Random(size).randbytes(size * kind.frame_bytes)
    pieces = pieces_of(samples_cut(in_chunks(data, chunk), kind, 8.0))
    assert b"".join(pieces) == data
    assert all(0 < len(piece) <= 8 * 1000 * kind.frame_bytes for piece in pieces)
    assert all(len(piece) % kind.frame_bytes == 0 for piece in pieces)
    assert all(len(piece) >= 2 * 1000 * kind.frame_bytes for piece in pieces) or len(pieces) == 1


def test_samples_are_cut_in_the_middle_of_a_silence():
    silence = bytes(2 * RATE // 2)
    data = noise(50) + silence + noise(8) + noise(12)
    first, second = pieces_of(samples_cut(in_chunks(data), shape(), 60))
    assert abs(len(first) / 2 / RATE - 50.25) < 0.15
    assert first + second == data


def test_where_all_is_as_quiet_the_last_place_is_taken():
    (first, *_) = pieces_of(samples_cut(in_chunks(bytes(2 * RATE * 100)), shape(), 60))
    assert 59 < len(first) / 2 / RATE <= 60


def test_a_piece_is_passed_on_before_the_next_is_there():
    """What is far from the limit is passed on as it comes."""

    def chunks():
        yield bytes(1000)
        raise AssertionError("more was asked for than was needed")

    piece = next(samples_cut(chunks(), shape(), 60))
    assert next(piece) == bytes(1000)


def test_nothing_gives_no_piece():
    assert pieces_of(samples_cut(iter([]), shape(), 60)) == []
    assert pieces_of(mp3_cut(iter([]), 60)) == []


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(1, 9))
def test_the_quietest_stretch(levels, width):
    at = quietest(levels, width)
    assert 0 < at <= len(levels)


def test_the_head_of_a_wav():
    for sample, channels in [("s16", 1), ("s24", 2), ("u8", 1), ("f32", 2), ("ulaw", 1), ("alaw", 1)]:
        kind = WavHeader(22050, channels, sample, 1200)
        head = kind.to_bytes()
        assert read_header(io.BytesIO(head), "x") == kind
        assert struct.unpack("<I", head[4:8]) == (1236,)
    assert read_header(io.BytesIO(shape().to_bytes()), "x").data_bytes is None
    assert read_header(io.BytesIO(shape().with_length(1 << 33).to_bytes()), "x").data_bytes is None
    with wave.open(io.BytesIO(shape("s16", 2).with_length(8).to_bytes() + bytes(8))) as file:
        assert (file.getnchannels(), file.getnframes()) == (2, 2)


# MP3

MP3 = "mp3_22050_32"


def seconds_of(data):
    cutter = FrameParser()
    return sum(kind.samples / kind.rate for _, kind in cutter.feed(data, last=True) if kind)


def speech_with_a_pause(before_s, after_s, rate=22050):
    return voice(before_s, rate) + array("h", bytes(2 * rate)) + voice(after_s, rate)


@pytest.fixture(scope="module")
def spoken():
    return by_lame(MP3, speech_with_a_pause(14, 9))


@pytest.mark.parametrize("chunk", [417, 5000, 10**6])
def test_mp3_is_cut_between_frames_in_a_silence(spoken, chunk):
    pieces = pieces_of(mp3_cut(in_chunks(spoken, chunk), 18))
    assert b"".join(pieces) == spoken
    assert all(seconds_of(piece) <= 18 for piece in pieces)
    assert abs(seconds_of(pieces[0]) - 14.5) < 0.5
    assert [round(len(decoded(piece)) / 22050) for piece in pieces] == [round(seconds_of(piece)) for piece in pieces]


def test_many_pieces_of_mp3(spoken):
    pieces = pieces_of(mp3_cut(in_chunks(spoken), 4))
    assert b"".join(pieces) == spoken
    assert len(pieces) >= 6
    assert all(1 <= seconds_of(piece) <= 4 for piece in pieces)


def test_a_header_frame_with_the_length_of_all_is_left_out_of_the_pieces():
    data = by_muxer(MP3, voice(12, 22050), write_xing="1")
    pieces = pieces_of(mp3_cut(in_chunks(data), 8))
    assert b"Xing" not in pieces[0]
    assert b"Info" not in pieces[0]
    assert len(data) - len(b"".join(pieces)) in range(50, 500)


def test_it_stays_where_all_is_one_piece(spoken):
    data = by_muxer(MP3, voice(2, 22050), write_xing="1")
    assert pieces_of(mp3_cut(in_chunks(data), 8)) == [data]


def test_mp3_is_passed_on_as_it_comes(spoken):
    def chunks():
        yield spoken[:2000]
        raise AssertionError("more was asked for than was needed")

    piece = next(mp3_cut(chunks(), 60))
    assert 0 < len(next(piece)) <= 2000


@given(st.binary(max_size=3000), st.integers(1, 500))
def test_what_is_no_mp3_passes_unchanged(data, chunk):
    assert b"".join(pieces_of(mp3_cut(in_chunks(data, chunk), 60))) == data


# FLAC


def test_the_length_and_the_samples_of_flac():
    data = encoded("flac", "flac", seconds=1.0)
    kind, seconds = flac_header(data)
    assert (kind.rate, kind.channels, kind.sample) == (48000, 1, "s16")
    assert abs(seconds - 1.0) < 0.1
    stream = io.BytesIO(data)
    assert len(b"".join(flac_decoded(stream.read, kind))) == round(seconds * 48000) * 2


def test_a_flac_that_does_not_say_how_long_it_is():
    assert flac_header(b"fLaC" + bytes(10))[1] is None
