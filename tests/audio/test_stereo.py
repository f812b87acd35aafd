"""Two channels: pieces that are joined, measured, decoded and played keep them apart."""

import io
import math
from array import array
from dataclasses import replace

import av
import pytest

from eleven_cli.audio.codecs.decoding.sink import DecodingSink
from eleven_cli.audio.codecs.duration import DurationMeter
from eleven_cli.audio.codecs.joining.joiner import Joiner
from eleven_cli.audio.codecs.wav import WavSink, wav_header
from eleven_cli.audio.codecs.wav_samples import WavSamples
from eleven_cli.audio.devices.external import arguments
from eleven_cli.audio.formats import Format, named
from eleven_cli.audio.pcm import interleaved
from eleven_cli.audio.resample import Resampler
from eleven_cli.sandbox.sound.codecs import encoder
from eleven_cli.sandbox.sound.formats import FORMATS
from tests.support.encoded_audio import cut_up, dropout_s, faded, largest_step, tone

SECONDS, PIECES = 3, 8
NAMES = ["mp3_44100_128", "mp3_24000_48", "opus_48000_64", "opus_48000_32", "pcm_24000"]


class Collected:
    """A sink that keeps what it gets."""

    def __init__(self):
        self.data = b""

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def write(self, data):
        self.data += data

    def finish(self):
        pass

    def rewrite_header(self, data):
        self.data = data + self.data[len(data) :]


def encoded(name, left, right):
    form = replace(FORMATS[name], channels=2)
    stream = encoder(form, form.rate)
    return stream.encode(interleaved(left.tobytes(), right.tobytes())) + stream.finish()


def decoded(name, data):
    """The samples of both channels, full scale 1."""
    if name.startswith("pcm"):
        samples = array("h", data)
        return [[sample / 32768 for sample in samples[side::2]] for side in (0, 1)]
    sides = [array("f"), array("f")]
    with av.open(io.BytesIO(data)) as container:
        for frame in container.decode(audio=0):
            assert frame.layout.name == "stereo"
            for side, plane in zip(sides, frame.planes, strict=True):
                side.frombytes(bytes(plane)[: 4 * frame.samples])
    return sides


def level(samples, rate, hz):
    """How loud a tone is in the samples (Goertzel)."""
    part = samples[rate // 2 : rate // 2 + rate]
    turn = 2 * math.pi * hz / rate
    real = sum(sample * math.cos(turn * at) for at, sample in enumerate(part))
    imaginary = sum(sample * math.sin(turn * at) for at, sample in enumerate(part))
    return 2 * math.hypot(real, imaginary) / len(part)


def joined(name, shape=lambda samples, rate: samples):
    rate = named(name).rate
    pieces = zip(cut_up(tone(SECONDS, rate, 300), PIECES), cut_up(tone(SECONDS, rate, 700), PIECES), strict=True)
    joiner, out, starts_s = Joiner(named(name).with_channels(2)), [], []
    for left, right in pieces:
        out += [joiner.feed(encoded(name, shape(left, rate), shape(right, rate))), joiner.end_piece()]
        starts_s.append(joiner.piece_start_s)
    return b"".join([*out, joiner.finish()]), starts_s


@pytest.mark.parametrize("name", NAMES)
def test_joined_pieces_keep_their_channels_apart(name):
    stream, starts_s = joined(name)
    left, right = decoded(name, stream)
    rate = named(name).rate
    assert level(left, rate, 300) > 10 * level(left, rate, 700)
    assert level(right, rate, 700) > 10 * level(right, rate, 300)
    for side in (left, right):
        assert max(dropout_s(side, rate, start_s) for start_s in starts_s[1:]) < 0.02


@pytest.mark.parametrize("name", NAMES)
def test_no_join_clicks(name):
    """Pieces that begin and end in silence have no step but those of the tone."""
    stream, starts_s = joined(name, faded)
    rate = named(name).rate
    worse = 5 if name == "opus_48000_32" else 1.35  # where SILK is cut off, its filter rings
    for side, hz in zip(decoded(name, stream), (300, 700), strict=True):
        usual = largest_step(tone(1, rate, hz), rate, 0.5) / 32768
        assert max(largest_step(side, rate, start_s) for start_s in starts_s[1:]) < worse * usual
        assert max(map(abs, side)) < 0.5 * 1.3


@pytest.mark.parametrize("name", NAMES)
def test_joined_pieces_are_measured(name):
    stream, starts_s = joined(name)
    meter = DurationMeter(named(name).with_channels(2))
    meter.feed(stream)
    assert meter.seconds == pytest.approx(len(decoded(name, stream)[0]) / named(name).rate, abs=1e-6)
    assert meter.seconds == pytest.approx(SECONDS, abs=0.02 * PIECES)
    assert starts_s == sorted(starts_s)


def test_half_a_frame_does_not_exchange_the_channels():
    joiner = Joiner(Format("pcm", 24000, channels=2))
    out = joiner.feed(b"\1\0\2\0\1\0") + joiner.end_piece()
    out += joiner.feed(b"\1\0\2\0") + joiner.end_piece() + joiner.finish()
    assert out == b"\1\0\2\0" * 2


@pytest.mark.parametrize(
    ("name", "channels", "requested", "bytes_per_second"),
    [
        ("wav_24000", 1, "pcm_24000", 48000),
        ("wav_24000", 2, "wav_24000", 96000),
        ("pcm_16000", 1, "pcm_16000", 32000),
        ("mp3_44100_128", 2, "mp3_44100_128", 16000),
        ("opus_48000_64", 2, "opus_48000_64", 8000),
        ("ulaw_8000", 1, "ulaw_8000", 8000),
    ],
)
def test_what_is_requested(name, channels, requested, bytes_per_second):
    fmt = named(name).with_channels(channels)
    assert (fmt.requested, fmt.wire.bytes_per_second) == (requested, bytes_per_second)


def test_a_wav_has_two_channels_and_whole_frames():
    place = Collected()
    with WavSink(place, 24000, 2) as sink:
        sink.write(b"\1\0\2\0\1")
        sink.finish()
    assert place.data == wav_header(24000, 8, 2) + b"\1\0\2\0\1\0\0\0"


@pytest.mark.parametrize(
    ("data", "channels", "samples"),
    [
        (wav_header(8000, 4, 2) + b"\1\0\2\0trailer", 2, b"\1\0\2\0"),
        (wav_header(8000, 4) + b"\1\0\2\0", 2, b"\1\0\1\0\2\0\2\0"),
        (wav_header(8000, 4, 2) + b"\2\0\4\0", 1, b"\3\0"),
        (b"no wav at all", 2, b"no wav at all"),
        (b"\1\0", 2, b""),
        (b"", 2, b""),
    ],
)
@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_the_samples_of_a_wav(data, channels, samples, chunk):
    reader = WavSamples(Format("pcm", 8000, channels=channels))
    assert b"".join(reader.feed(data[at : at + chunk]) for at in range(0, len(data), chunk)) == samples


def test_resampling_keeps_the_channels_apart():
    resampler = Resampler(24000, 48000, 2)
    silence = array("h", bytes(48000))
    pcm = interleaved(tone(1, 24000).tobytes(), silence.tobytes())
    out = resampler.feed(pcm[:10001]) + resampler.feed(pcm[10001:]) + resampler.flush()
    assert len(out) == pytest.approx(4 * 48000, abs=400)
    assert max(map(abs, array("h", out)[0::2])) > 16000
    assert max(map(abs, array("h", out)[1::2])) <= 1


def test_mp3_is_decoded_to_two_channels():
    pytest.importorskip("miniaudio")
    place = Collected()
    left, right = tone(1, 44100, 300), tone(1, 44100, 700)
    with DecodingSink(place, named("mp3_44100_128").with_channels(2)) as sink:
        sink.write(encoded("mp3_44100_128", left, right))
        sink.finish()
    heard_left, heard_right = decoded("pcm", place.data)
    assert level(heard_left[:44100], 22050, 150) > 10 * level(heard_left[:44100], 22050, 350)
    assert level(heard_right[:44100], 22050, 350) > 10 * level(heard_right[:44100], 22050, 150)


@pytest.mark.parametrize(("program", "words"), [("paplay", ["--channels=2"]), ("aplay", ["-c", "2"])])
def test_players_are_told_of_two_channels(program, words):
    given = arguments(program, Format("pcm", 24000, channels=2))
    assert all(word in given for word in words)
