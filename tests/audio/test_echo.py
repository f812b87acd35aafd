"""The agent does not hear itself, and still hears the user: measured with voices."""

import importlib.util

import pytest

from eleven_cli.audio.call import echo
from eleven_cli.audio.call.echo import Canceller, Off, canceller_rate, chosen_kind, echo_control
from eleven_cli.audio.call.gate import Gate
from eleven_cli.audio.pcm import FRAME_MS, bytes_of, frame_bytes, level_db, tone
from eleven_cli.errors import UsageError
from tests.support.spoken_audio import AGENT, USER, at_level, at_rate, mixed, scaled, spoken

RATE = 16000
FRAME = frame_bytes(RATE)
AGENT_TEXT = (
    "The quick brown fox jumps over the lazy dog near the river bank. Please tell me what you would like to do today, "
    "and I will be happy to help. There are many things to see in this city, and it is not going to rain. "
)
USER_TEXT = "Stop, stop, wait a moment, that is not what I meant at all."
ECHO_DB, ECHO_S = -6, 0.06
NEAR_S = 5.0


@pytest.fixture(scope="module")
def played():
    return at_level(spoken(AGENT_TEXT, AGENT, RATE), -22)


@pytest.fixture(scope="module")
def echoed(played):
    return (bytes(bytes_of(ECHO_S, RATE)) + scaled(played, ECHO_DB))[: len(played)]


@pytest.fixture(scope="module")
def near(echoed):
    """A voice 6 dB louder than the echo, from the fifth second on."""
    return bytes(bytes_of(NEAR_S, RATE)) + at_level(spoken(USER_TEXT, USER, RATE), level_db(echoed) + 6)


def treated(control, played, heard):
    """What is sent, frame by frame."""
    frames = []
    for at in range(0, min(len(played), len(heard)) // FRAME * FRAME, FRAME):
        control.played(played[at : at + FRAME])
        frames.append(control.clean(heard[at : at + FRAME]))
    assert {len(frame) for frame in frames} == {FRAME}
    return frames


def not_heard(frames):
    """Zeros, but for a breath where nothing audible was played."""
    return max(map(level_db, frames)) < -50 and sum(map(any, frames)) < len(frames) / 10


def between(pcm, start_s, end_s):
    return pcm[bytes_of(start_s, RATE) : bytes_of(end_s, RATE)]


def test_the_canceller_leaves_30_db_less_of_the_echo(played, echoed):
    left = b"".join(treated(Canceller(RATE, RATE, ECHO_S), played, echoed))
    assert level_db(between(left, 2, 8)) < level_db(between(echoed, 2, 8)) - 30


def test_a_voice_passes_the_canceller(played, echoed, near):
    left = b"".join(treated(Canceller(RATE, RATE, ECHO_S), played, mixed(echoed, near)))
    end_s = len(near) / 2 / RATE
    assert level_db(between(left, NEAR_S, end_s)) > level_db(between(near, NEAR_S, end_s)) - 6


def test_a_voice_after_digital_silence_is_not_taken_for_noise():
    voice = at_level(spoken(USER_TEXT, USER, RATE), -20)
    heard = bytes(bytes_of(4, RATE)) + voice
    left = b"".join(treated(Canceller(RATE, RATE, ECHO_S), bytes(len(heard)), heard))
    assert level_db(between(left, 4.1, 5)) > level_db(between(heard, 4.1, 5)) - 2


@pytest.mark.parametrize("played_rate", [8000, 22050, 24000, 44100, 48000])
def test_the_speaker_may_have_another_rate(played, echoed, played_rate):
    played, echoed = at_rate(played, RATE, played_rate), at_rate(at_rate(echoed, RATE, played_rate), played_rate, RATE)
    control, size, frames = Canceller(RATE, played_rate, ECHO_S), frame_bytes(played_rate), []
    for number in range(8 * 50):
        control.played(played[number * size : (number + 1) * size])
        frames.append(control.clean(echoed[number * FRAME : (number + 1) * FRAME]))
    assert level_db(b"".join(frames[100:])) < level_db(between(echoed, 2, 8)) - 30


@pytest.mark.parametrize(("rate", "treated_at"), [(8000, 8000), (22050, 24000), (44100, 44100), (48000, 48000)])
def test_a_rate_without_whole_samples_in_10_ms_is_avoided(rate, treated_at):
    assert canceller_rate(rate) == treated_at


@pytest.mark.parametrize("loudness_db", [-20, -6, 6])
@pytest.mark.parametrize("delay_s", [0.06, 0.15])
def test_the_gate_sends_silence_while_the_agent_speaks(played, loudness_db, delay_s):
    echoed = bytes(bytes_of(delay_s, RATE)) + scaled(played, loudness_db)
    frames = treated(Gate(), played + bytes(len(echoed) - len(played)), echoed)
    assert not_heard(frames)


@pytest.mark.parametrize("loudness_db", [-20, -6])
def test_an_interruption_opens_the_gate(played, loudness_db):
    echoed = (bytes(bytes_of(ECHO_S, RATE)) + scaled(played, loudness_db))[: len(played)]
    near = bytes(bytes_of(NEAR_S, RATE)) + at_level(spoken(USER_TEXT, USER, RATE), level_db(echoed) + 6)
    heard = mixed(echoed, near)
    frames = treated(Gate(), played, heard)
    begin = round(NEAR_S * 1000 / FRAME_MS)
    assert not_heard(frames[:begin])
    opened = next(number for number, frame in enumerate(frames[begin:], begin) if any(frame))
    assert (opened - begin) * FRAME_MS <= 600
    assert frames[opened] == heard[opened * FRAME : (opened + 1) * FRAME]
    during = frames[begin : len(near) // FRAME]
    assert sum(map(any, during)) / len(during) > 0.4


def test_the_gate_is_open_when_the_agent_is_silent_and_soon_after(played):
    silence = bytes(bytes_of(2, RATE))
    frames = treated(Gate(), between(played, 0, 2) + silence, tone(200, 4, RATE, level=0.003))
    last_gated = max(number for number, frame in enumerate(frames) if not any(frame))
    assert 2.1 < last_gated * FRAME_MS / 1000 < 2.4
    assert all(map(any, frames[last_gated + 1 : 195]))


def test_an_interruption_that_the_agent_talks_through_is_a_louder_echo(played):
    """The speakers are turned up in mid-sentence: what passes at first is learned."""
    echoed = scaled(between(played, 0, 4), -20) + between(scaled(played, -5), 4, 12)
    frames = treated(Gate(), played, echoed)
    assert sum(map(any, frames)) * FRAME_MS < 3500
    assert not any(map(any, frames[-50:]))


def test_off_changes_nothing(played):
    control = Off()
    control.played(played)
    assert control.clean(played) is played


@pytest.mark.parametrize(
    ("kind", "installed", "chosen"),
    [
        ("auto", True, "aec"),
        ("auto", False, "gate"),
        ("aec", True, "aec"),
        ("gate", True, "gate"),
        ("off", False, "off"),
    ],
)
def test_which_kind(monkeypatch, kind, installed, chosen):
    monkeypatch.setattr(echo, "canceller_installed", lambda: installed)
    assert chosen_kind(kind) == chosen


def test_what_cannot_be_chosen(monkeypatch):
    with pytest.raises(UsageError, match="unknown echo control: on"):
        chosen_kind("on")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="not installed") as refused:
        echo_control("aec", rate=RATE, played_rate=RATE, delay_s=0)
    assert "pip install" in refused.value.hint


def test_the_control_of_each_kind():
    controls = [echo_control(kind, rate=RATE, played_rate=RATE, delay_s=0) for kind in ("aec", "gate", "off")]
    assert [type(control) for control in controls] == [Canceller, Gate, Off]
