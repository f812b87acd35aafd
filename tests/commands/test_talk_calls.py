"""Calls on a real (null) sound card, with a hand on the keyboard: keys, signals, and what is heard to the end."""

import array
import os
import pty
import signal
import termios
import time

import numpy
import pytest

from eleven_cli.sandbox.server import running
from tests.sandbox.call import Call
from tests.support.agent import CONVERSATION, mcp
from tests.support.guard import GUARD_S, wait_until
from tests.support.programs import outcome
from tests.support.pty_run import read_until
from tests.support.soundcard import AUDIBLE, RATE, SoundCard, heard_s
from tests.support.wav_files import tone

pytestmark = pytest.mark.sound


@pytest.fixture(scope="module")
def card():
    with SoundCard() as card:
        yield card


PIECE = RATE // 10
CTTY = ("setsid", "--ctty", "--wait")


class Console:
    """A program on a terminal of its own."""

    def __init__(self, call, *argv):
        self.leader, self._follower = pty.openpty()
        self.before = termios.tcgetattr(self._follower)
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), self._follower)
        self.process = call("--echo", "off", *argv, prefix=CTTY, **streams)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        for descriptor in {self.leader, self._follower} - {None}:
            os.close(descriptor)

    def read_until(self, wanted):
        return read_until(self.leader, wanted)

    def press(self, keys):
        os.write(self.leader, keys)

    @property
    def mode(self):
        return termios.tcgetattr(self._follower)

    def close(self):
        """Close the window."""
        os.close(self._follower)
        os.close(self.leader)
        self.leader = self._follower = None


@pytest.fixture
def console(call):
    """A call on a terminal."""
    opened = []

    def console(*argv):
        opened.append(Console(call, *argv))
        return opened[-1]

    yield console
    for one in opened:
        one.__exit__()


def sounds_s(samples):
    return sum(abs(sample) > AUDIBLE for sample in samples) / RATE


def speaking(line):
    line.start()
    line.response("A long story.", 1)
    line.audio(tone(8.0), 1)
    return line.until_closed()


# keys


def test_i_silences_the_turn_and_not_the_next(console, card, agent_server):
    def script(line):
        line.start()
        line.audio(tone(8.0), 1)
        wait_until(lambda: heard_s(recording.samples) > 0.5)
        window.press(b"i")
        before = len(recording.settled())
        line.response("The text of it comes late.", 1)
        line.audio(tone(2.0), 2)
        line.user_said("go on", 3)
        line.audio(tone(0.5), 3)
        line.response("Next", 3)
        wait_until(lambda: heard_s(recording.samples[before:]) > 0.4)
        window.press(b"q")
        line.until_closed()
        return before

    agent_server.script = script
    with card.recording() as recording:
        window = console()
        assert window.process.wait(GUARD_S) == 0
        before = agent_server.outcome()
        samples = recording.settled()
    assert sounds_s(samples[:before]) < 4
    assert sounds_s(samples[before:]) == pytest.approx(0.5, abs=0.1)


def test_the_answer_to_what_was_typed_is_heard_from_its_start(console, card, agent_server):
    def script(line):
        line.start()
        line.response("A long story.", 1)
        line.audio(tone(8.0), 1)
        wait_until(lambda: heard_s(recording.samples) > 0.5)
        window.press(b"thello\r")
        activity, said = line.receive(), line.receive()
        before = len(recording.settled())
        line.send("interruption", "interruption_event", event_id=1)
        line.audio(tone(0.5), 2)
        line.response("Answer", 2)
        line.close()
        return before, activity["type"], said

    agent_server.script = script
    with card.recording() as recording:
        window = console()
        assert window.process.wait(GUARD_S) == 0
        before, activity, said = agent_server.outcome()
        samples = recording.settled()
    assert (activity, said) == ("user_activity", {"type": "user_message", "text": "hello"})
    assert sounds_s(samples[before:]) == pytest.approx(0.5, abs=0.1)


def test_a_tool_is_allowed_by_a_key(console, agent_server):
    def script(line):
        line.start()
        line.send("mcp_tool_call", "mcp_tool_call", **mcp("awaiting_approval", "1"))
        line.send("mcp_tool_call", "mcp_tool_call", **mcp("awaiting_approval", "2"))
        answers = [line.receive(), line.receive()]
        line.close()
        return [(answer["tool_call_id"], answer["is_approved"]) for answer in answers]

    agent_server.script = script
    window = console()
    window.read_until(b"allow delete_all? y/n")
    window.press(b"y")
    window.read_until(b"delete_all: allowed")
    window.press(b"n")
    window.read_until(b"delete_all: not allowed")
    assert agent_server.outcome() == [("1", True), ("2", False)]


# the farewell


def bidding_farewell(seconds):
    def script(line):
        line.start()
        line.response("Goodbye!", 1)
        line.audio(tone(seconds), 1)
        line.close(1000, "End call tool was called.")

    return script


def test_keys_during_the_farewell(console, card, agent_server):
    agent_server.script = bidding_farewell(8.0)
    with card.recording() as recording:
        window = console()
        recording.wait(lambda samples: heard_s(samples) > 0.3)
        window.press(b"m")
        window.read_until(b"muted")
        window.press(b"q")
        shown = window.read_until(b"ended after")
        assert window.process.wait(GUARD_S) == 0
        assert sounds_s(recording.settled()) < 4
    assert f"Conversation ID: {CONVERSATION}".encode() in shown
    assert window.mode == window.before


def test_i_ends_the_farewell(console, card, agent_server):
    agent_server.script = bidding_farewell(8.0)
    with card.recording() as recording:
        window = console()
        recording.wait(lambda samples: heard_s(samples) > 0.3)
        window.press(b"i")
        assert window.process.wait(GUARD_S) == 0
        assert sounds_s(recording.settled()) < 4


def test_max_duration_during_the_farewell(call, card, agent_server):
    agent_server.script = bidding_farewell(8.0)
    with card.recording() as recording:
        process = call("--echo", "off", "--max-duration", "2")
        code, _, err = outcome(process)
        assert sounds_s(recording.settled()) < 4
    assert code == 0
    assert "the agent hung up: End call tool was called (1000)" in err


def test_ctrl_c_during_the_farewell(call, card, agent_server):
    agent_server.script = bidding_farewell(8.0)
    with card.recording() as recording:
        process = call("--echo", "off")
        recording.wait(lambda samples: heard_s(samples) > 0.3)
        process.send_signal(signal.SIGINT)
        assert outcome(process)[0] == 0
        assert sounds_s(recording.settled()) < 4


def test_a_farewell_on_a_terminal_is_heard_to_its_end(console, card, agent_server):
    agent_server.script = bidding_farewell(2.0)
    with card.recording() as recording:
        window = console()
        assert window.process.wait(GUARD_S) == 0
        samples = recording.settled()
    assert heard_s(samples) == pytest.approx(2.0, abs=0.05)


# signals


def test_ctrl_c_amid_speech_on_a_terminal(console, card, agent_server):
    agent_server.script = speaking
    with card.recording() as recording:
        window = console()
        recording.wait(lambda samples: heard_s(samples) > 0.3)
        assert window.mode != window.before
        window.press(b"\x03")
        window.read_until(b"you hung up")
        assert window.process.wait(GUARD_S) == 0
        assert sounds_s(recording.settled()) < 4
    assert window.mode == window.before
    assert agent_server.outcome() == (1000, "User ended conversation")


def test_the_window_is_closed(console, card, agent_server):
    agent_server.script = speaking
    with card.recording() as recording:
        window = console()
        recording.wait(lambda samples: heard_s(samples) > 0.3)
        window.close()
        assert window.process.wait(GUARD_S) == 128 + signal.SIGHUP
        assert sounds_s(recording.settled()) < 4
    assert agent_server.outcome()[0] == 1000


@pytest.mark.parametrize("delay_s", [0, 0.02, 0.05, 0.1, 0.15])
@pytest.mark.parametrize(
    ("number", "codes"), [(signal.SIGINT, {0, 130}), (signal.SIGTERM, {143})]
)  # 130: not dialled yet
def test_signals_while_the_devices_open(spawn, agent_server, number, codes, delay_s):
    """On a card of its own: PulseAudio itself may fall over a client that leaves in the middle of it."""
    agent_server.script = speaking
    with SoundCard() as own, own.recording():
        process = spawn("talk", "--echo", "off", env={**os.environ, **own.environ})
        wait_until(lambda: "pyaudio" in mapped(process.pid).lower())
        time.sleep(delay_s)
        process.send_signal(number)
        code, _, err = outcome(process, timeout=GUARD_S)
    assert code in codes, err
    assert "unexpected" not in err


def mapped(pid):
    """What a process has loaded."""
    with open(f"/proc/{pid}/maps") as file:
        return file.read()


def test_ctrl_c_while_the_sound_server_hangs(agent_server, spawn):
    agent_server.script = speaking
    with SoundCard(microphone=True) as own:
        with own.recording() as recording:
            process = spawn("talk", "--echo", "off", env={**os.environ, **own.environ})
            recording.wait(lambda samples: heard_s(samples) > 0.3)
        own.freeze()
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        code, _, err = outcome(process)
        took_s = time.monotonic() - started
    assert code == 0
    assert "you hung up" in err
    assert took_s < 5
    assert agent_server.outcome()[0] == 1000


def test_ctrl_c_while_the_sound_server_does_not_answer(agent_server, spawn):
    with SoundCard() as own:
        own.freeze()
        process = spawn("talk", "--echo", "off", env={**os.environ, **own.environ})
        wait_until(lambda: "pyaudio" in mapped(process.pid).lower())
        time.sleep(0.2)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        code, _, _ = outcome(process)
        assert (code, time.monotonic() - started < 5) == (130, True)


# what is heard


def test_the_sandbox_agents_voice_is_heard_as_it_was_sent(spawn):
    with SoundCard(microphone=True) as own, running() as base:
        with Call(base) as other:
            greeting = greeting_of(other.start())
        argv = ["--base-url", base, "talk", "--agent-id", "agent_sandbox_chat", "--echo", "off"]
        with own.recording() as recording:
            process = spawn(*argv, env={**os.environ, **own.environ})
            heard = recording.settled(silence_s=1.0)
            process.send_signal(signal.SIGINT)
            code, out, _ = outcome(process)
    assert (code, out) == (0, "Agent: Hello, this is the sandbox. What can I do for you?\n")
    assert heard_s(heard) == pytest.approx(heard_s(greeting), abs=0.3)  # a busy machine may falter
    assert found_again(greeting, heard) > 0.8


def greeting_of(call):
    """The samples of what this agent says first."""
    text = call.response()
    call.until("audio", lambda _: len(spelled(call)) >= len(text))
    return array.array("h", call.audio())


def spelled(call):
    """The characters of the audio so far."""
    return [char for audio in call.payloads("audio") for char in audio["alignment"]["chars"]]


def found_again(sent, heard):
    """Which share of the pieces of what was sent was heard just so, one after the other."""
    heard = numpy.array(heard, dtype=float)
    pieces = numpy.array(sent[: len(sent) // PIECE * PIECE], dtype=float).reshape(-1, PIECE)
    loud = [piece for piece in pieces if abs(piece).max() > AUDIBLE]
    places = [place for place, likeness in (where(piece, heard) for piece in loud) if likeness > 0.99]
    assert places == sorted(places)
    return len(places) / len(loud)


def where(piece, heard):
    """(sample, likeness) of the place that is most like the piece."""
    size = len(piece) + len(heard)
    crossed = numpy.fft.irfft(numpy.fft.rfft(heard, size) * numpy.conj(numpy.fft.rfft(piece, size)), size)
    energies = numpy.convolve(heard**2, numpy.ones(len(piece)), "valid")
    likeness = crossed[: len(energies)] / numpy.sqrt(numpy.maximum(energies, 1) * (piece**2).sum())
    return int(likeness.argmax()), float(likeness.max())
