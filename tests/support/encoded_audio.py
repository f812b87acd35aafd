"""Sound in pieces, encoded in all the ways it may come, decoded again, and what is heard of a join."""

import io
import itertools
import math
import random
from array import array
from fractions import Fraction
from statistics import median

import av
import numpy as np

from eleven_cli.sandbox.sound.codecs import encoder
from eleven_cli.sandbox.sound.formats import FORMATS

OPUS_RATE = 48000
WINDOW_S, AROUND_S = 0.002, 0.12


def tone(seconds, rate, hz=300):
    """A sine of half the full scale."""
    return array("h", (round(16384 * math.sin(2 * math.pi * hz * at / rate)) for at in range(int(seconds * rate))))


def voice(seconds, rate):
    """Noise as loud and as dark as speech, with syllables."""
    dice, last, samples = random.Random(1), 0.0, array("h")
    for at in range(int(seconds * rate)):
        last = 0.85 * last + dice.uniform(-1, 1)
        samples.append(round(6000 * last * (0.4 + 0.6 * abs(math.sin(2 * math.pi * 2.3 * at / rate)))))
    return samples


def cut_up(samples, count, seed=3):
    """All the samples in pieces of odd lengths."""
    dice = random.Random(seed)
    borders = [round((at + dice.uniform(-0.3, 0.3)) * len(samples) / count) for at in range(1, count)]
    return [samples[start:end] for start, end in itertools.pairwise([0, *borders, len(samples)])]


def faded(samples, rate, fade_s=0.005):
    """From silence and to silence."""
    length = int(fade_s * rate)
    gains = [(1 - math.cos(math.pi * at / length)) / 2 for at in range(length)]
    start = [round(sample * gain) for sample, gain in zip(samples, gains, strict=False)]
    end = [round(sample * gain) for sample, gain in zip(samples[-length:], reversed(gains), strict=True)]
    return array("h", [*start, *samples[length:-length], *end])


def by_sandbox(name, samples):
    """As our sandbox streams it: MP3 whose frames stand alone, without a header frame."""
    form = FORMATS[name]
    stream = encoder(form, form.rate)
    return stream.encode(samples.tobytes()) + stream.finish()


def by_lame(name, samples, **options):
    """A bare MP3 stream whose frames reach back into those before."""
    _, rate, kbit = name.split("_")
    codec = av.CodecContext.create("libmp3lame", "w")
    codec.sample_rate, codec.layout, codec.format, codec.bit_rate = int(rate), "mono", "s16p", int(kbit) * 1000
    codec.options = options
    codec.open()
    packets = [packet for frame in _frames(samples, codec) for packet in codec.encode(frame)]
    return b"".join(map(bytes, [*packets, *codec.encode(None)]))


def by_muxer(name, samples, **options):
    """A finished file: MP3 with an ID3 tag and a header frame that tells delay and padding, or Ogg in long pages."""
    codec_name, rate, kbit = name.split("_")
    kind, codec_name, layout = ("ogg", "libopus", "s16") if codec_name == "opus" else ("mp3", "libmp3lame", "s16p")
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream = container.add_stream(codec_name, rate=int(rate), layout="mono", options=options)
        stream.codec_context.format, stream.codec_context.bit_rate = layout, int(kbit) * 1000
        stream.codec_context.open()
        for frame in _frames(samples, stream.codec_context):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def _frames(samples, codec):
    for at in range(0, len(samples), codec.frame_size):
        part = samples[at : at + codec.frame_size]
        frame = av.AudioFrame(format=codec.format.name, layout="mono", samples=len(part))
        frame.planes[0].update(part.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = codec.sample_rate, at, Fraction(1, codec.sample_rate)
        yield frame


def decoded(data, kind="mp3", **options):
    """The samples of the first channel as FFmpeg gives them, full scale 1."""
    samples = array("f")
    with av.open(io.BytesIO(data), format=kind) as container:
        container.streams.audio[0].codec_context.options = options
        for frame in container.decode(audio=0):
            assert frame.format.name == "fltp"
            samples.frombytes(bytes(frame.planes[0])[: 4 * frame.samples])
    return samples


def dropout_s(samples, rate, at_s, below_db=12):
    """The longest time around `at_s` in which windows of 2 ms are so far below their surroundings."""
    powers = _powers(_around(samples, rate, at_s), int(WINDOW_S * rate))
    limit = median(powers) / 10 ** (below_db / 10)
    return (
        max((len(list(run)) for low, run in itertools.groupby(power < limit for power in powers) if low), default=0)
        / rate
    )


def _around(samples, rate, at_s):
    return samples[max(round((at_s - AROUND_S) * rate), 0) : round((at_s + AROUND_S) * rate)]


def _powers(samples, width):
    sums = np.concatenate([[0.0], np.cumsum(np.square(np.asarray(samples, dtype=float)))])
    return ((sums[width:] - sums[:-width]) / width).tolist()


def largest_step(samples, rate, at_s):
    """From one sample to the next, around `at_s`."""
    return float(np.abs(np.diff(np.asarray(_around(samples, rate, at_s), dtype=float))).max())


def shift(samples, piece, start, search):
    """By how many samples the piece stands after `start` in the samples, within `search`: the best correlation."""
    part = np.asarray(piece[2000:3000], dtype=float) / 32768
    start += 2000
    searched = np.asarray(samples[start - search : start + search + len(part)], dtype=float)
    return int(np.correlate(searched, part).argmax()) - search


ENCODED = [  # container, codec, what it is
    ("wav", "pcm_s16le", "wav"),
    ("mp3", "libmp3lame", "mp3"),
    ("flac", "flac", "flac"),
    ("ogg", "libopus", "ogg"),
    ("ogg", "flac", "ogg"),
    ("adts", "aac", "aac"),
    ("ipod", "aac", "m4a"),
    ("mp4", "aac", "mp4"),
    ("mov", "aac", "mov"),
    ("webm", "libopus", "webm"),
    ("matroska", "libopus", "mkv"),
    ("aiff", "pcm_s16be", "aiff"),
    ("avi", "libmp3lame", "avi"),
    ("asf", "libmp3lame", "wmv"),
    ("flv", "libmp3lame", "flv"),
    ("mpeg", "mp2", "mpg"),
    ("mpegts", "mp2", "ts"),
    ("caf", "pcm_s16be", "caf"),
    ("au", "pcm_s16be", "au"),
]


def encoded(container, codec, seconds=0.3, rate=48000):
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        stream.codec_context.open()
        fmt, size = stream.codec_context.format.name, stream.codec_context.frame_size or 1024
        for at in range(0, int(seconds * rate), size):
            silence = array("h", bytes(2 * size))
            frame = av.AudioFrame(format="s16", layout="mono", samples=size)
            frame.planes[0].update(silence.tobytes())
            frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
            for fit in av.AudioResampler(format=fmt, layout="mono", rate=rate).resample(frame):
                fit.pts = at
                output.mux(stream.encode(fit))
        output.mux(stream.encode(None))
    return file.getvalue()


def mp3(samples, rate=24_000):
    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as container:
        stream = container.add_stream("mp3", rate=rate, bit_rate=48_000, layout="mono")
        for at in range(0, len(samples), 576):
            frame = av.AudioFrame(format="s16p", layout="mono", samples=len(samples[at : at + 576]))
            frame.planes[0].update(samples[at : at + 576].tobytes())
            frame.sample_rate = rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
