"""A WAV file as a speaker, with a clock that the test moves."""

import time
import wave

import pytest

from eleven_cli.audio.call.wav_output import WavOutput
from eleven_cli.audio.pcm import tone
from eleven_cli.errors import UsageError

RATE = 16000
VOICE = tone(440, 1.0, RATE)


class Clock:
    now = 5.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "agent.wav"


def content(path):
    with wave.open(str(path)) as file:
        assert file.getparams()[:3] == (1, 2, RATE)
        return file.readframes(file.getnframes())


def test_it_is_heard_as_time_goes_by(path, clock):
    with WavOutput(str(path), RATE, clock=clock) as mouth:
        mouth.write(VOICE)
        assert mouth.pending_s == 1.0
        clock.now += 0.25
        assert mouth.pending_s == 0.75
        assert mouth.played() == VOICE[:8000]
        clock.now += 1
        assert mouth.pending_s == 0
        assert mouth.played() == VOICE[8000:] + bytes(8000)
    assert content(path) == VOICE


def test_silence_between_is_not_written(path, clock):
    with WavOutput(str(path), RATE, clock=clock) as mouth:
        for _ in range(3):
            clock.now += 10
            mouth.write(VOICE)
        clock.now += 10
    assert content(path) == VOICE * 1 + VOICE * 2


def test_an_interruption_cuts_what_was_not_heard(path, clock):
    with WavOutput(str(path), RATE, clock=clock) as mouth:
        mouth.write(VOICE)
        clock.now += 0.5
        mouth.clear()
        assert mouth.pending_s == pytest.approx(0.01)
        clock.now += 3
    written = content(path)
    assert written[:16000] == VOICE[:16000]
    assert len(written) == 16000 + 320


def test_leaving_is_an_interruption_and_the_file_is_true(path, clock):
    def call():
        with WavOutput(str(path), RATE, clock=clock) as mouth:
            mouth.write(VOICE)
            clock.now += 0.25
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call()
    assert content(path) == VOICE[:8000]
    assert [file.name for file in path.parent.iterdir() if file.is_file()] == ["agent.wav"]


def test_finish_waits_until_it_would_have_been_heard(path):
    started = time.monotonic()
    with WavOutput(str(path), RATE) as mouth:
        mouth.write(VOICE[:9600])
        mouth.finish()
    assert time.monotonic() - started == pytest.approx(0.3, abs=0.2)
    assert content(path) == VOICE[:9600]


def test_finish_need_not_wait(path, clock):
    with WavOutput(str(path), RATE, clock=clock) as mouth:
        mouth.write(VOICE)
        mouth.finish(wait=False)
        assert mouth.pending_s == 0
    assert content(path) == VOICE


def test_without_a_word(path, clock):
    with WavOutput(str(path), RATE, clock=clock) as mouth:
        mouth.finish()
    assert content(path) == b""


def test_a_call_that_never_came_about_replaces_nothing(path, clock):
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), WavOutput(str(path), RATE, clock=clock):
        raise ZeroDivisionError
    assert path.read_bytes() == b"old"
    assert len([file for file in path.parent.iterdir() if file.is_file()]) == 1


def test_samples_in_parts(path, clock):
    with WavOutput(str(path), RATE, clock=clock) as mouth:
        for at in range(0, len(VOICE), 777):
            mouth.write(VOICE[at : at + 777])
        mouth.finish(wait=False)
    assert content(path) == VOICE


def test_what_is_not_asked_for_is_not_kept(path, clock):
    with WavOutput(str(path), RATE, clock=clock) as mouth:
        clock.now += 36000
        assert len(mouth.played()) == 2 * RATE


def test_a_place_where_nothing_can_be_written(tmp_path):
    with pytest.raises(UsageError, match="is a folder"):
        WavOutput(str(tmp_path), RATE).__enter__()
