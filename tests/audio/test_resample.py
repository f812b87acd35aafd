"""Resampling piece by piece."""

import itertools
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.audio.frames import level_db, tone
from eleven_cli.audio.resample import Resampler
from eleven_cli.errors import AudioError

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
    with pytest.raises(AudioError, match="44100 Hz cannot be made 16000 Hz without soxr"):
        Resampler(44100, 16000)
