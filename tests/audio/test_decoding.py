"""Decoding for playback, compared with the codecs of FFmpeg."""

import array
import itertools
import math
import threading

import av
import pytest

from eleven_cli.audio.codecs.decoding.sink import DecodingSink
from eleven_cli.audio.codecs.mp3 import FrameParser
from eleven_cli.audio.formats import Format, named
from eleven_cli.audio.pcm import to_s16
from eleven_cli.commands.output.audio import copy
from eleven_cli.errors import AudioError
from tests.support.encoded_audio import mp3
from tests.support.guard import GUARD_S

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


class Heard(Collected):
    """Waits for so much of it."""

    def __init__(self):
        super().__init__()
        self.changed = threading.Condition()

    def write(self, data):
        with self.changed:
            super().write(data)
            self.changed.notify_all()

    def wait_for_s(self, seconds):
        with self.changed:
            return self.changed.wait_for(lambda: len(self.data) // 2 >= seconds * RATE, 10)


def decoded_by_ffmpeg(codec):
    """The 16-bit sample of each of the 256 codes."""
    context = av.CodecContext.create(codec, "r")
    context.sample_rate, context.layout = 8000, "mono"
    frames = context.decode(av.Packet(bytes(range(256))))
    return [sample for frame in frames for sample in array.array("h", bytes(frame.planes[0])[: 2 * frame.samples])]


@pytest.mark.parametrize(("ours", "theirs"), [("ulaw", "pcm_mulaw"), ("alaw", "pcm_alaw")])
def test_g711_is_what_ffmpeg_says(ours, theirs):
    assert list(array.array("h", to_s16(bytes(range(256)), ours))) == decoded_by_ffmpeg(theirs)


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
    sink._decoder._pump.join(timeout=GUARD_S)
    assert not sink._decoder._pump.is_alive()


def test_mp3_that_pauses_is_heard_to_its_end():
    """Within two frames, though neither more nor the end comes."""
    heard, data = Heard(), mp3(TONE)
    with DecodingSink(heard, named("mp3_24000_48")) as sink:
        for sent in range(1000, len(data), 1000):
            sink.write(data[sent - 1000 : sent])
            frames = sum(shape is not None for _, shape in FrameParser().feed(data[:sent])) - 1  # but for its header
            assert heard.wait_for_s((frames - 1) * 576 / RATE), sent


@pytest.mark.parametrize("size", [1, 100, 1 << 20])
def test_joined_mp3_is_heard_to_its_end(size):
    """What the header frame of the first part says is true of that part alone."""
    heard, data = Collected(), mp3(TONE[:RATE]) * 2
    with DecodingSink(heard, named("mp3_24000_48")) as sink:
        copy((data[at : at + size] for at in range(0, len(data), size)), sink)
    assert len(heard.data) // 2 == pytest.approx(2 * RATE, abs=4000)
