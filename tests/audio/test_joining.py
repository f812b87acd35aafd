"""Pieces of one sound, encoded one by one, joined and decoded: what is heard at the joins."""

import itertools
import random
from array import array
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eleven_cli.audio.codecs.duration import DurationMeter
from eleven_cli.audio.codecs.joining.joiner import Joiner, joined
from eleven_cli.audio.formats import named
from tests.support.encoded_audio import (
    by_lame,
    by_muxer,
    by_sandbox,
    cut_up,
    decoded,
    dropout_s,
    faded,
    largest_step,
    shift,
    tone,
    voice,
)

MP3 = ["mp3_44100_128", "mp3_44100_32", "mp3_24000_48", "mp3_22050_32"]
OPUS = ["opus_48000_32", "opus_48000_64", "opus_48000_128"]
WAYS = [
    *((name, way) for name in MP3 for way in (by_sandbox, by_lame, by_muxer)),
    *((name, way) for name in OPUS for way in (by_sandbox, by_muxer)),
]
PIECES, SECONDS = 20, 4
MOST_DROPOUT_S = 0.02

each_way = pytest.mark.parametrize(("name", "way"), WAYS, ids=lambda value: getattr(value, "__name__", value))
each_sound = pytest.mark.parametrize("sound", [tone, voice])
cached_voice, cached_tone = cache(voice), cache(tone)


def kind(name):
    return "ogg" if name.startswith("opus") else "mp3"


def chunks(data, dice):
    at = 0
    while at < len(data):
        size = dice.choice([1, 7, 100, 1000, 10_000])
        yield data[at : at + size]
        at += size


def join(name, pieces, dice=None):
    """The joined stream and where each piece starts in it."""
    joiner, out, starts_s = Joiner(named(name)), [], []
    for piece in pieces:
        out += map(joiner.feed, chunks(piece, dice) if dice else [piece])
        out.append(joiner.end_piece())
        starts_s.append(joiner.piece_start_s)
    return b"".join([*out, joiner.finish()]), starts_s


@cache
def of_20(name, way, sound):
    """Pieces of one sound, as samples and encoded."""
    samples = {tone: cached_tone, voice: cached_voice}[sound](SECONDS, named(name).rate)
    pieces = cut_up(samples, PIECES)
    return pieces, [way(name, piece) for piece in pieces]


@each_way
@each_sound
def test_no_join_drops_out(name, way, sound):
    _, pieces = of_20(name, way, sound)
    stream, starts_s = join(name, pieces)
    heard, rate = decoded(stream, kind(name)), named(name).rate
    assert max(dropout_s(heard, rate, start_s) for start_s in starts_s[1:]) < MOST_DROPOUT_S


@pytest.mark.parametrize("name", [*MP3[::3], *OPUS[1:2]])
def test_pieces_put_one_after_the_other_do_drop_out(name):
    """So that the tests above can fail."""
    samples, pieces = of_20(name, by_lame if kind(name) == "mp3" else by_muxer, tone)
    heard, rate = decoded(b"".join(pieces), kind(name)), named(name).rate
    extra_s = len(heard) / rate - SECONDS
    starts_s = list(itertools.accumulate(len(piece) / rate + extra_s / PIECES for piece in samples[:-1]))
    longest_s = max(dropout_s(heard, rate, start_s) for start_s in starts_s)
    assert longest_s > MOST_DROPOUT_S if kind(name) == "mp3" else largest_step(heard, rate, SECONDS / 2) > 0.1


@each_way
def test_no_join_clicks(name, way):
    """Pieces that begin and end in silence have no step of their own, but those of the tone."""
    rate = named(name).rate
    pieces = [faded(piece, rate) for piece in cut_up(cached_tone(SECONDS, rate), PIECES)]
    encoded = [way(name, piece) for piece in pieces]
    stream, starts_s = join(name, encoded)
    heard = decoded(stream, kind(name))
    alone = [decoded(piece, kind(name)) for piece in encoded]
    most = max(largest_step(piece, rate, len(piece) / rate / 2) for piece in alone)
    worse = 5 if name == "opus_48000_32" else 1.35  # where SILK is cut off, its filter rings
    assert max(largest_step(heard, rate, start_s) for start_s in starts_s[1:]) < worse * most
    assert max(map(abs, heard)) < 1.3 * max(max(map(abs, piece)) for piece in alone)


@each_way
def test_where_a_piece_starts_and_how_long_it_all_is(name, way):
    pieces, encoded = of_20(name, way, voice)
    stream, starts_s = join(name, encoded)
    heard, rate, search = decoded(stream, kind(name)), named(name).rate, named(name).rate // 50
    for piece, start_s in list(zip(pieces, starts_s, strict=True))[::6]:
        assert abs(shift(heard, piece, round(start_s * rate), search)) <= 0.002 * rate
    assert abs(len(heard) / rate - SECONDS) < 0.02 * PIECES
    ruler = DurationMeter(named(name))
    ruler.feed(stream)
    assert ruler.seconds == pytest.approx(len(heard) / rate, abs=1e-6)


@pytest.mark.parametrize("name", MP3)
def test_what_was_moved_decodes_to_the_same_samples(name):
    samples, (first, second) = of_20(name, by_lame, voice)[0][0], of_20(name, by_lame, voice)[1][:2]
    stream, starts_s = join(name, [first, second])
    heard, alone = decoded(stream), decoded(second)
    rate = named(name).rate
    start = round(starts_s[1] * rate) - 1105
    assert start < len(samples) + 1105  # something was dropped
    assert heard[start + 2304 : start + len(alone)] == alone[2304:]


@pytest.mark.parametrize("name", MP3)
def test_another_decoder_drops_out_as_little(name):
    miniaudio = pytest.importorskip("miniaudio")
    stream, starts_s = join(name, of_20(name, by_lame, tone)[1])
    rate = named(name).rate
    theirs = miniaudio.decode(stream, nchannels=1, sample_rate=rate)
    assert theirs.num_frames == len(decoded(stream))
    heard = array("f", (sample / 32768 for sample in theirs.samples))
    assert max(dropout_s(heard, rate, start_s) for start_s in starts_s[1:]) < MOST_DROPOUT_S


@each_way
def test_chunks_of_any_size_give_the_same(name, way):
    encoded = of_20(name, way, voice)[1][:4]
    whole, starts_s = join(name, encoded)
    for seed in range(10):
        assert join(name, encoded, random.Random(seed)) == (whole, pytest.approx(starts_s))


@each_way
def test_one_piece_comes_out_as_it_went_in(name, way):
    piece = of_20(name, way, voice)[1][0]
    for seed in range(5):
        assert b"".join(joined([chunks(piece, random.Random(seed))], named(name))) == piece


FORMATS = ["mp3", "pcm", "wav", "opus", "ulaw", "alaw"]
MARKS = [b"\xff\xfb\x90\xc0", b"\xff\xf3\x40\xc0", b"ID3\x04\0\0\0\0\0\x09", b"TAG", b"APETAGEX", b"OggS", b"\xff"]
scraps = st.lists(
    st.binary(max_size=600) | st.sampled_from(MARKS) | st.sampled_from(MARKS).map(lambda mark: mark * 200)
)


@pytest.mark.parametrize("name", FORMATS)
@given(scraps)
def test_whatever_one_piece_is_it_passes_byte_for_byte(name, pieces):
    assert b"".join(joined([pieces], named(name))) == b"".join(pieces)


@pytest.mark.parametrize("name", ["mp3", "opus"])
@given(scraps, st.integers(0, 2**32))
@settings(deadline=None, max_examples=40)
def test_damaged_pieces_are_no_accident(name, scraps, seed):
    dice = random.Random(seed)
    sound = damaged(of_20("mp3_44100_128" if name == "mp3" else "opus_48000_64", by_muxer, voice)[1][0], dice)
    pieces = [sound, b"".join(scraps), sound[: dice.randrange(len(sound))], *scraps]
    stream, _ = join(name, pieces, dice)
    assert len(stream) > len(sound) / 2
    DurationMeter(named(name)).feed(stream)


def damaged(data, dice):
    data = bytearray(data)
    for _ in range(dice.randrange(5)):
        at = dice.randrange(len(data))
        data[at : at + dice.randrange(3)] = dice.randbytes(dice.randrange(40))
    return bytes(data)


@pytest.mark.parametrize("name", ["mp3", "opus"])
def test_what_is_of_no_such_kind_passes_unchanged(name):
    """A plain text between two pieces, for which they are not changed either."""
    foreign = b"what is this? " * 100
    sound = of_20("mp3_44100_128" if name == "mp3" else "opus_48000_64", by_sandbox, voice)[1][0]
    assert join(name, [foreign, foreign])[0] == foreign * 2
    assert join(name, [sound, foreign, sound])[0] == sound + foreign + sound


@given(st.lists(st.binary(max_size=9), max_size=9))
def test_half_a_sample_does_not_shift_the_next_piece(pieces):
    whole = [piece[: len(piece) // 2 * 2] for piece in pieces]
    left = next((piece[len(piece) // 2 * 2 :] for piece in reversed(pieces) if piece), b"")
    assert join("pcm_24000", pieces)[0] == b"".join(whole) + left


@pytest.mark.parametrize("name", ["pcm_24000", "wav_24000", "ulaw", "alaw"])
def test_samples_join_exactly(name):
    samples = array("h", cached_tone(1, 8000)).tobytes()
    pieces = [samples[:3002], samples[3002:9998], samples[9998:]]
    whole, starts_s = join(name, pieces)
    assert whole == samples
    per_second = named(name).bytes_per_second
    assert starts_s == [0, 3002 / per_second, 9998 / per_second]


def test_the_first_frames_pass_at_once():
    piece = of_20("mp3_44100_128", by_sandbox, voice)[1][0]
    joiner = Joiner(named("mp3_44100_128"))
    assert joiner.feed(piece[:420]) == piece[:417]
    assert joiner.feed(piece[420:840]) == piece[417:835]


def test_the_first_piece_is_through_before_the_second_is_asked_for():
    piece = of_20("mp3_44100_128", by_sandbox, voice)[1][0]
    asked = []

    def pieces():
        for number in range(2):
            asked.append(number)
            yield [piece]

    stream = joined(pieces(), named("mp3"))
    next(stream)
    assert asked == [0]


def test_only_a_single_piece_keeps_its_header_frame_and_tags():
    pieces = of_20("mp3_44100_128", by_muxer, voice)[1][:2]
    stream, _ = join("mp3", pieces)
    assert stream.startswith(b"ID3")
    assert stream.count(b"ID3") == 1
    assert b"Info" not in stream
    tagged = pieces[0] + b"TAG".ljust(128, b"x")
    assert b"TAGxx" not in join("mp3", [tagged, pieces[1]])[0]
    assert b"".join(joined([[tagged]], named("mp3"))) == tagged
    assert b"".join([Joiner(named("mp3"), single=lambda: True).feed(pieces[0])]).count(b"Info") == 1


def test_pieces_of_nothing_are_none():
    pieces = of_20("mp3_44100_128", by_sandbox, voice)[1][:2]
    assert join("mp3", [b"", pieces[0], b"", b"", pieces[1], b""])[0] == join("mp3", pieces)[0]
    assert join("mp3", []) == (b"", [])
