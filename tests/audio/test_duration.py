"""How long the sound is that has passed, against what decoders make of it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.audio.codecs.duration import DurationMeter
from eleven_cli.audio.formats import named
from tests.support.encoded_audio import by_lame, by_muxer, by_sandbox, decoded, voice


def seconds(name, data, dice=None):
    ruler, at = DurationMeter(named(name)), 0
    while at < len(data):
        size = dice.choice([1, 10, 1000]) if dice else len(data)
        ruler.feed(data[at : at + size])
        at += size
    return ruler.seconds


@pytest.mark.parametrize("name", ["mp3_44100_128", "mp3_44100_32", "mp3_24000_48", "mp3_22050_32"])
@pytest.mark.parametrize("way", [by_sandbox, by_lame])
def test_mp3_is_as_long_as_its_frames(name, way):
    data, rate = way(name, voice(0.7, named(name).rate)), named(name).rate
    assert seconds(name, data) == pytest.approx(len(decoded(data)) / rate, abs=1e-9)
    assert seconds(name, data, random.Random(1)) == pytest.approx(seconds(name, data))


def test_tags_and_header_frames_are_no_sound():
    sound = voice(0.7, 44100)
    file, bare = by_muxer("mp3_44100_128", sound), by_lame("mp3_44100_128", sound)
    assert seconds("mp3", file + b"TAG".ljust(128)) == seconds("mp3", bare)


def test_a_frame_counts_when_it_is_complete():
    ruler, data = DurationMeter(named("mp3_44100_128")), by_lame("mp3_44100_128", voice(0.1, 44100))
    ruler.feed(data[:416])
    assert ruler.seconds == 0
    ruler.feed(data[416:417])
    assert ruler.seconds == 1152 / 44100


@pytest.mark.parametrize("way", [by_sandbox, by_muxer])
@pytest.mark.parametrize("length_s", [0.005, 0.7, 1.5])
def test_opus_is_as_long_as_what_went_in(way, length_s):
    data = way("opus_48000_64", voice(length_s, 48000))
    assert seconds("opus", data) == pytest.approx(length_s, abs=1e-9)
    assert seconds("opus", data, random.Random(1)) == seconds("opus", data)
    assert seconds("opus", data + data) == pytest.approx(2 * length_s, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "rate"), [("pcm_24000", 48000), ("wav_44100", 88200), ("ulaw_8000", 8000), ("alaw_8000", 8000)]
)
@given(st.lists(st.binary(max_size=9)))
def test_samples_are_counted_when_they_are_whole(name, rate, chunks):
    ruler = DurationMeter(named(name))
    for chunk in chunks:
        ruler.feed(chunk)
    total = sum(map(len, chunks))
    assert ruler.seconds == (total - total % (1 if rate == 8000 else 2)) / rate


@pytest.mark.parametrize("name", ["mp3", "opus"])
@given(st.binary(max_size=2000))
def test_what_is_no_sound_lasts_no_time(name, data):
    assert seconds(name, b"no sound: " + data.replace(b"\xff", b"")) == 0
