"""Decoding for playback, compared with the codecs of FFmpeg."""

import array
import itertools
import math

import av
import pytest

from eleven_cli.audio.decoding import DecodingSink, samples_of
from eleven_cli.audio.formats import Format, named
from eleven_cli.audio.sinks import copy
from eleven_cli.errors import AudioError

RATE = 24000
TONE = array.array("h", (int(12000 * math.sin(2 * math.pi * 440 * at / RATE)) for at in range(RATE * 2)))


class Collected:
    def __init__(self):
        self.data, self.finished = b"", False

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        pass

    def write(self, data):
        self.data += data

    def finish(self):
        self.finished = True


def decoded_by_ffmpeg(codec):
    """The 16-bit sample of each of the 256 codes."""
    context = av.CodecContext.create(codec, "r")
    context.sample_rate, context.layout = 8000, "mono"
    frames = context.decode(av.Packet(bytes(range(256))))
    return [sample for frame in frames for sample in array.array("h", bytes(frame.planes[0])[: 2 * frame.samples])]


@pytest.mark.parametrize(("ours", "theirs"), [("ulaw", "pcm_mulaw"), ("alaw", "pcm_alaw")])
def test_g711_is_what_ffmpeg_says(ours, theirs):
    assert [int.from_bytes(sample, "little", signed=True) for sample in samples_of(ours)] == decoded_by_ffmpeg(theirs)


def mp3(samples):
    from io import BytesIO

    file = BytesIO()
    with av.open(file, "w", format="mp3") as container:
        stream = container.add_stream("mp3", rate=RATE, bit_rate=48_000, layout="mono")
        for at in range(0, len(samples), 576):
            frame = av.AudioFrame(format="s16p", layout="mono", samples=len(samples[at : at + 576]))
            frame.planes[0].update(samples[at : at + 576].tobytes())
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def test_mp3_in_small_pieces():
    heard, data = Collected(), mp3(TONE)
    with DecodingSink(heard, named("mp3_24000_48")) as sink:
        copy((data[at : at + 100] for at in range(0, len(data), 100)), sink)
    assert heard.finished
    samples = array.array("h", heard.data)
    assert abs(len(samples) - len(TONE)) < 3000  # the encoder's padding
    middle = samples[RATE // 2 : RATE * 3 // 2]
    assert abs(sum(a < 0 <= b for a, b in itertools.pairwise(middle)) - 440) <= 2


def test_what_is_no_mp3():
    with pytest.raises(AudioError, match="cannot be decoded"), DecodingSink(Collected(), named("mp3")) as sink:
        copy([bytes(100_000)], sink)


def test_leaving_early_leaves_no_thread_waiting():
    with DecodingSink(Collected(), Format("mp3", 24000, 48)) as sink:
        sink.write(mp3(TONE)[:500])
    sink._decoder._pump.join(timeout=5)
    assert not sink._decoder._pump.is_alive()
