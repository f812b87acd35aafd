"""A WAV file as a microphone."""

import io
import itertools
import os
import threading
import time
from array import array

import pytest

from eleven_cli.audio.call.ticker import Ticker
from eleven_cli.audio.call.wav_input import WavInput
from eleven_cli.audio.codecs.wav import wav_header
from eleven_cli.audio.pcm import level_db, tone
from eleven_cli.errors import UsageError

RATE = 16000


def wav(pcm, rate=RATE):
    return wav_header(rate, len(pcm)) + pcm


def sound(frames):
    """What was spoken, without the silence around it."""
    return b"".join(frames).strip(b"\0")


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def is_set(self):
        return False

    def wait(self, seconds):
        self.now += seconds + 0.0007  # the system wakes late
        return False


def test_a_pace_does_not_drift():
    clock = Clock()
    ticker = Ticker(0.02, clock=clock)
    assert ticker.wait(clock)
    for _ in range(180_000):
        ticker.wait(clock)
        clock.now += 0.001  # what the work takes
    assert clock.now == pytest.approx(100 + 3600, abs=0.01)


def test_a_pace_does_not_hurry_after_a_long_sleep():
    clock = Clock()
    ticker = Ticker(0.02, clock=clock)
    ticker.wait(clock)
    clock.now += 60
    before = clock.now
    for _ in range(51):
        ticker.wait(clock)
    assert clock.now - before == pytest.approx(1.0, abs=0.01)


def test_a_pace_makes_up_for_what_came_before_it():
    clock = Clock()
    ticker = Ticker(0.02, since=clock.now - 2, clock=clock)
    for _ in range(101):
        ticker.wait(clock)
    assert clock.now == pytest.approx(100, abs=0.001)
    ticker.wait(clock)
    assert clock.now == pytest.approx(100.02, abs=0.002)


def test_a_pace_does_not_make_up_for_what_is_let_go():
    clock = Clock()
    ticker = Ticker(0.02, since=clock.now - 2, clock=clock)
    for _ in range(10):
        ticker.wait(clock)
    assert ticker.is_late
    ticker.restart()
    assert not ticker.is_late
    for _ in range(50):
        ticker.wait(clock)
    assert clock.now == pytest.approx(101, abs=0.002)


@pytest.mark.parametrize("rate", [16000, 44100])
def test_it_speaks_the_file_in_real_time_and_then_silence(tmp_path, rate):
    path = tmp_path / "x.wav"
    path.write_bytes(wav(tone(440, 0.5, rate, level=0.5), rate))
    started = time.monotonic()
    with WavInput(str(path), RATE) as source:
        frames = list(itertools.takewhile(lambda _: not source.exhausted.is_set(), source))
        took_s = time.monotonic() - started
        assert {len(frame) for frame in frames} == {640}
        assert next(iter(source)) == bytes(640)
    assert len(sound(frames)) / 2 / RATE == pytest.approx(0.5, abs=0.03)
    assert took_s == pytest.approx(len(frames) * 0.02, abs=0.3)
    assert level_db(sound(frames)) == pytest.approx(-9, abs=0.5)


def test_the_last_part_of_a_frame_is_spoken():
    source = WavInput(io.BytesIO(wav(b"\1\1" * 500)), RATE)
    with source:
        frames = list(itertools.takewhile(lambda _: not source.exhausted.is_set(), source))
    assert sound(frames) == b"\1\1" * 500


def test_a_slow_stream_is_spoken_when_it_comes_and_silence_until_then():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream, WavInput(stream, RATE) as source:
        frames = iter(source)
        assert next(frames) == next(frames) == bytes(640)
        os.write(writing, wav_header(RATE) + b"\1\1" * 1000)
        assert any(any(next(frames)) for _ in range(100))
        os.close(writing)
        rest = list(itertools.takewhile(lambda _: not source.exhausted.is_set(), frames))
        assert sound(rest)


@pytest.mark.parametrize("since_s", [None, 60])
@pytest.mark.parametrize(("rate", "samples"), [(16000, 1000), (16000, 1), (48000, 2999), (44100, 4410), (24000, 479)])
def test_a_stream_that_pauses_holds_nothing_back(rate, samples, since_s):
    """The last samples come though the pipe stays open, and before the next ones."""
    reading, writing = os.pipe()
    since = since_s and time.monotonic() - since_s
    with os.fdopen(reading, "rb") as stream, WavInput(stream, RATE, since=since) as source:
        frames, pcm = iter(source), b"\x20\x20" * samples
        for _ in range(2):
            os.write(writing, (wav_header(rate) if _ == 0 else b"") + pcm)
            spoken = list(itertools.islice(itertools.dropwhile(lambda frame: not any(frame), frames), 25))
            loud = sum(value > 0x1000 for value in array("h", b"".join(spoken)))
            assert loud == pytest.approx(samples * RATE / rate, abs=3)
            last = max(at for at, frame in enumerate(spoken) if any(frame))
            assert last <= samples / rate * 50 + 2
        os.close(writing)


def test_what_was_there_before_is_spoken_at_once_and_a_pause_is_not_made_up_for():
    reading, writing = os.pipe()
    os.write(writing, wav_header(RATE) + b"\1\1" * RATE)
    with os.fdopen(reading, "rb") as stream, WavInput(stream, RATE, since=time.monotonic() - 60) as source:
        frames, started = iter(source), time.monotonic()
        spoken = sum(any(next(frames)) for _ in range(60))
        took_s = time.monotonic() - started
        os.close(writing)
    assert spoken == 50
    assert 0.15 < took_s < 1.1  # 10 frames of silence; all of it in real time would be 1.2 s


def test_closing_ends_it_at_once_though_the_stream_is_silent():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream, WavInput(stream, RATE) as source:
        try:
            threading.Timer(0.1, source.close).start()
            started = time.monotonic()
            frames = list(source)
            took_s = time.monotonic() - started
        finally:
            os.close(writing)  # or the reader, a daemon, would hold the stream
    assert set(frames) <= {bytes(640)}
    assert took_s < 5


@pytest.mark.parametrize("content", [b"", b"no wav"])
def test_no_wav(tmp_path, content):
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"x\.wav is"), WavInput(str(path), RATE) as source:
        for _ in itertools.islice(source, 500):
            pass


def test_a_file_that_cannot_be_opened(tmp_path):
    with pytest.raises(UsageError, match=r"cannot read .*: No such file"):
        WavInput(str(tmp_path / "none.wav"), RATE).__enter__()
    with pytest.raises(UsageError, match="Is a directory"):
        WavInput(str(tmp_path), RATE).__enter__()
