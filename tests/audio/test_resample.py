"""Resampling piece by piece."""

import itertools
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.audio.pcm import level_db, tone
from eleven_cli.audio.resample import ResampledBuffer, Resampler
from eleven_cli.errors import PackageMissing

RATES = [8000, 16000, 22050, 24000, 44100, 48000]


def crossings(pcm):
    samples = [value for (value,) in struct.iter_unpack("<h", pcm)]
    return sum(a < 0 <= b for a, b in itertools.pairwise(samples))


@pytest.mark.parametrize(("source", "target"), list(itertools.product(RATES, RATES)))
def test_the_length_and_the_sound_stay(source, target):
    resampler = Resampler(source, target)
    pcm = tone(1000, 1, source)
    pieces = [resampler.feed(pcm[at : at + 333]) for at in range(0, len(pcm), 333)]
    out = b"".join(pieces) + resampler.flush()
    assert abs(len(out) // 2 - target) <= 2
    assert abs(crossings(out) - 1000) <= 2
    assert level_db(out) == pytest.approx(level_db(pcm), abs=0.2)


@given(st.lists(st.binary(max_size=30)))
def test_equal_rates_pass_through_in_whole_samples(chunks):
    resampler = Resampler(16000, 16000)
    pieces = [resampler.feed(chunk) for chunk in chunks]
    data = b"".join(chunks)
    assert not any(len(piece) % 2 for piece in pieces)
    assert b"".join(pieces) + resampler.flush() == data[: len(data) // 2 * 2]


@pytest.mark.parametrize(("source", "target"), [(44100, 16000), (48000, 16000), (48000, 24000), (24000, 48000)])
def test_a_sound_comes_out_within_30_ms(source, target):
    """soxr's usual engines gather blocks of 50 ms and more."""
    resampler, piece = Resampler(source, target), source // 100 * 2
    for _ in range(50):
        resampler.feed(bytes(piece))
    loud = struct.pack("<h", 12000) * (source // 100)
    passed = next(count for count in range(1, 20) if level_db(resampler.feed(loud)) > -20)
    assert passed <= 3


def test_without_soxr(monkeypatch):
    monkeypatch.setitem(sys.modules, "soxr", None)
    assert Resampler(8000, 8000).feed(b"12") == b"12"
    with pytest.raises(PackageMissing, match="resampling from 44100 to 16000 Hz needs soxr, which is not installed"):
        Resampler(44100, 16000)


@pytest.mark.parametrize(("source", "target"), list(itertools.product(RATES, RATES)))
def test_a_pause_gives_the_end_of_a_sound_and_the_next_begins_anew(source, target):
    resampler, pcm = Resampler(source, target), tone(1000, 0.5, source)
    first = resampler.feed(pcm) + resampler.flush()
    assert resampler.flush() == b""
    second = resampler.feed(pcm) + resampler.flush()
    for turn in (first, second):
        assert abs(len(turn) // 2 - target // 2) <= 2
        assert level_db(turn) == pytest.approx(level_db(pcm), abs=0.2)


@pytest.mark.parametrize(("source", "target"), [(16000, 48000), (24000, 44100), (44100, 8000), (16000, 16000)])
def test_a_buffer_that_is_read_dry_holds_nothing_back(source, target):
    buffer, pcm = ResampledBuffer(source, target, 1 << 20), tone(1000, 0.5, source)
    for _ in range(2):
        buffer.write(pcm)
        assert buffer.holds_some
        out = b"".join(iter(lambda: buffer.drain(100), b""))
        assert abs(len(out) // 2 - target // 2) <= 2
        assert not buffer.holds_some
    buffer.write(pcm)
    buffer.end()
    assert abs(len(buffer.take(1 << 20)) // 2 - target // 2) <= 2
    assert buffer.drained


def test_what_is_cut_short_does_not_come_back():
    buffer = ResampledBuffer(16000, 48000, 1 << 20)
    buffer.write(tone(440, 1, 16000))
    buffer.cut_short(960, lambda ending: ending)
    assert len(buffer.drain(1 << 20)) == 960
    assert buffer.drain(1 << 20) == b""
