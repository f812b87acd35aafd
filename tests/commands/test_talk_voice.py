"""`eleven talk` by voice: files against a scripted agent, and real devices on a null sink."""

import array
import base64
import itertools
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

import pytest

from tests.support.agent import CONVERSATION
from tests.support.guard import GUARD_S, wait_until
from tests.support.programs import outcome
from tests.support.pty_run import read_until
from tests.support.soundcard import AUDIBLE, RATE, SoundCard, heard_s
from tests.support.wav_files import samples_of, tone, write_wav


@pytest.fixture(scope="module")
def card():
    with SoundCard() as card:
        yield card


# files


def answering(line):
    """Greets, waits until it has heard a second of sound and then silence, answers, and is hung up on."""
    line.start()
    line.response("Hello.", 1)
    line.audio(tone(0.2), 1)
    heard = b""
    while True:
        message = line.receive(audio=True)
        if "user_audio_chunk" in message:
            heard += base64.b64decode(message["user_audio_chunk"])
            if sounds_s(heard) > 0.9 and not any(heard[-6400:]):
                break
    line.user_said("how are you", 2)
    line.response("Fine, thanks.", 3)
    line.audio(tone(0.5, 880), 3)
    return line.until_closed(), heard


def sounds_s(data, rate=16000):
    return sum(abs(sample) > AUDIBLE for sample in array.array("h", data)) / rate


@pytest.mark.parametrize(("rate", "channels", "width"), [(16000, 1, 2), (44100, 2, 2), (8000, 1, 1)])
def test_a_question_from_a_file(spawn, agent_server, tmp_path, rate, channels, width):
    mono = array.array("h", tone(1.0, rate=rate))
    data = b"".join(sample.to_bytes(2, "little", signed=True) * channels for sample in mono)
    if width == 1:
        data = bytes((sample >> 8) + 128 for sample in mono)
    question = write_wav(tmp_path / "q.wav", data, rate, channels, width)
    agent_server.script = answering
    process = spawn(
        "talk", "--input", question, "--output", str(tmp_path / "a.wav"), "--record", str(tmp_path / "r.wav")
    )
    code, out, err = outcome(process)
    assert (code, out) == (0, "Agent: Hello.\nUser: how are you\nAgent: Fine, thanks.\n")
    assert f"Conversation ID: {CONVERSATION}" in err
    assert "the input was answered" in err
    (close, reason), heard = agent_server.outcome()
    assert (close, reason) == (1000, "User ended conversation")
    assert abs(sounds_s(heard) - 1.0) < 0.1
    answer_rate, (answer,) = samples_of(tmp_path / "a.wav")
    assert abs(sum(abs(sample) > AUDIBLE for sample in answer) / answer_rate - 0.7) < 0.05
    record_rate, (user, agent) = samples_of(tmp_path / "r.wav")
    assert abs(sum(abs(sample) > AUDIBLE for sample in user) / record_rate - 1.0) < 0.1
    assert abs(sum(abs(sample) > AUDIBLE for sample in agent) / record_rate - 0.7) < 0.1


def test_the_question_waits_for_the_greeting(spawn, agent_server, tmp_path):
    def script(line):
        line.start()
        line.response("A long greeting.", 1)
        line.audio(tone(1.0), 1)
        begun = time.monotonic()
        while sounds_s(line.heard) < 0.05:
            line.heard += base64.b64decode(line.receive(audio=True)["user_audio_chunk"])
        line.close()
        return time.monotonic() - begun

    agent_server.script = script
    question = write_wav(tmp_path / "q.wav", tone(1.0))
    assert outcome(spawn("talk", "--input", question, "--output", str(tmp_path / "a.wav")))[0] == 0
    assert agent_server.outcome() > 0.9


def test_a_question_from_a_pipe(spawn, agent_server, tmp_path):
    agent_server.script = answering
    with open(write_wav(tmp_path / "q.wav", tone(1.0)), "rb") as file:
        process = spawn("talk", "--input", "-", "--output", str(tmp_path / "a.wav"), stdin=file)
        assert outcome(process)[0] == 0


@pytest.mark.parametrize(
    ("speaks", "hears"), [("pcm_44100", "pcm_8000"), ("ulaw_8000", "ulaw_8000"), ("pcm_24000", "pcm_48000")]
)
def test_the_agents_formats_are_obeyed(spawn, agent_server, tmp_path, speaks, hears):
    rate = int(speaks.partition("_")[2])
    said = b"\x10" * 4000 if speaks.startswith("ulaw") else tone(0.5, rate=rate)

    def script(line):
        line.start(speaks, hears)
        line.response("Hi.", 1)
        line.audio(said, 1)
        frames = []
        while len(frames) < 100:
            message = line.receive(audio=True)
            if "user_audio_chunk" in message:
                frames.append(len(base64.b64decode(message["user_audio_chunk"])))
        line.close()
        return frames

    agent_server.script = script
    question = write_wav(tmp_path / "q.wav", tone(1.0))
    assert outcome(spawn("talk", "--input", question, "--output", str(tmp_path / "a.wav")))[0] == 0
    per_frame = int(hears.partition("_")[2]) // 50 * (1 if hears.startswith("ulaw") else 2)
    assert set(agent_server.outcome()) == {per_frame}, "20 ms each"
    answer_rate, (answer,) = samples_of(tmp_path / "a.wav")
    assert answer_rate == rate
    assert abs(sum(abs(sample) > AUDIBLE for sample in answer) / rate - 0.5) < 0.05


def test_an_unknown_format_is_foreseen(spawn, agent_server, tmp_path):
    agent_server.script = lambda line: (line.start("opus_48000_64"), line.until_closed())
    question = write_wav(tmp_path / "q.wav", tone(0.1))
    code, _, err = outcome(spawn("talk", "--input", question, "--output", str(tmp_path / "a.wav")))
    assert code in (1, 2)
    assert "format" in err
    assert "unexpected" not in err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--input", "missing.wav"], "missing.wav"),
        (["--input", "text.wav"], "text.wav"),
        (["--input", "adpcm.wav"], "not read here: Microsoft's ADPCM"),
        (["--input", "q.wav", "--output", "a.mp3"], "--output writes WAV, not MP3: a.mp3"),
        (["--input", "q.wav", "--output", "a.b.FLAC"], "--output writes WAV, not FLAC: a.b.FLAC"),
        (["--input", "q.wav", "--record", "r.ogg"], "--record writes WAV, not OGG: r.ogg"),
        (["--input", "q.wav", "--output", "/"], "/ is a folder"),
        (["--input", "q.wav", "--output", "q.wav"], "q.wav is the recording itself"),
        (["--input", "q.wav", "--output", "a.wav", "--record", "./a.wav"], "--output and --record name the same file"),
        (["--input", "q.wav", "--output", "a.wav", "--transcript", "a.wav"], "name the same file"),
        (["--input", "q.wav", "--output", "a.wav", "--transcript", "./q.wav"], "q.wav is the recording itself"),
        (["--input", "q.wav", "--output", "a.wav", "--transcript", "no/t.jsonl"], "cannot write no/t.jsonl"),
    ],
)
def test_files_are_looked_at_before_dialling(spawn, agent_server, tmp_path, argv, said):
    (tmp_path / "text.wav").write_text("this is no sound")
    question = write_wav(tmp_path / "q.wav", tone(0.1))
    (tmp_path / "adpcm.wav").write_bytes(Path(question).read_bytes().replace(b"\x10\0\0\0\1\0", b"\x10\0\0\0\2\0", 1))
    code, _, err = outcome(spawn("talk", *argv, *([] if "--output" in argv else ["--output", "a.wav"]), cwd=tmp_path))
    assert code == 2
    assert said in err.splitlines()[0]
    assert not agent_server.requests


@pytest.mark.parametrize(("rate", "dials"), [(24000, False), (44100, False), (16000, True)])
def test_a_rate_that_cannot_be_changed_is_said_before_dialling(agent_server, tmp_path, rate, dials):
    question = write_wav(tmp_path / "q.wav", tone(1.0, rate=rate), rate)
    agent_server.script = answering
    argv = ["talk", "--input", question, "--output", str(tmp_path / "a.wav")]
    code = f"""
import importlib.util, sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "soxr" else found(name, *more)
sys.modules["soxr"] = None
sys.argv = ["eleven", *{argv}]
from eleven_cli.__main__ import run
run()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert (done.returncode, bool(agent_server.requests)) == ((0, True) if dials else (2, False)), done.stderr
    assert ("soxr" in done.stderr, "ffmpeg -i" in done.stderr) == (not dials, not dials)


def test_no_device(spawn, agent_server, monkeypatch):
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent")
    code, _, err = outcome(spawn("talk"))
    assert code == 7
    assert "--text" in err.splitlines()[1]
    assert not agent_server.requests


def test_an_unknown_device_lists_the_known(call, agent_server):
    code, _, err = outcome(call("--mic", "no such thing"))
    assert code in (2, 7)
    assert "no such thing" in err
    assert "default" in err
    assert not agent_server.requests


# devices


@pytest.mark.parametrize("pieces", [1, 12])
def test_a_farewell_before_the_close_is_heard_to_its_end(call, card, agent_server, pieces):
    farewell = tone(3.0)

    def script(line):
        line.start()
        line.response("Goodbye!", 1)
        size = len(farewell) // pieces
        for at in range(pieces):
            line.audio(farewell[at * size : (at + 1) * size], at + 1)
        line.close(1000, "End call tool was called.")

    agent_server.script = script
    with card.recording() as recording:
        code, out, err = outcome(call("--echo", "off"))
        samples = recording.settled()
    assert (code, out) == (0, "Agent: Goodbye!\n")
    assert "the agent hung up: End call tool was called (1000)" in err
    assert sum(abs(sample) > AUDIBLE for sample in samples) / RATE > 2.9


def test_an_interruption_is_silent_at_once(call, card, agent_server):
    def script(line):
        line.start()
        line.response("A very long story.", 1)
        line.audio(tone(8.0), 1)
        wait_until(lambda: heard_s(recording.samples) > 0.5)
        heard = heard_s(recording.samples)
        line.send("interruption", "interruption_event", event_id=1)
        line.audio(tone(3.0), 1)  # stale: must not be heard
        after = heard_s(recording.settled())
        line.close()
        return after - heard

    agent_server.script = script
    with card.recording() as recording:
        code, _, _ = outcome(call("--echo", "off"))
    assert code == 0
    assert agent_server.outcome() < 0.3


def test_ctrl_c_while_the_agent_speaks(call, card, agent_server):
    def script(line):
        line.start()
        line.audio(tone(8.0), 1)
        return line.until_closed()

    agent_server.script = script
    with card.recording() as recording:
        process = call("--echo", "off")
        before = heard_s(recording.wait(lambda samples: heard_s(samples) > 0.5))
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        code, _, err = outcome(process)
        took_s = time.monotonic() - started
        heard = heard_s(recording.settled())
    assert code == 0
    assert "you hung up" in err
    assert agent_server.outcome() == (1000, "User ended conversation")
    assert took_s < 5
    assert heard - before < 0.4


def test_keys_in_a_call(call, card, agent_server):
    """m mutes, t types a line, q hangs up; the terminal is as it was."""

    def script(line):
        line.start()
        messages = [line.receive(), line.receive()]
        said.set()
        return messages, line.until_closed()

    said = threading.Event()
    agent_server.script = script
    leader, follower = pty.openpty()
    before = termios.tcgetattr(follower)
    process = call("--echo", "off", stdin=follower, stdout=follower, stderr=follower)
    read_until(leader, b"q hang up")
    os.write(leader, b"m")
    read_until(leader, b"muted")
    os.write(leader, b"thello\r")
    assert said.wait(GUARD_S)
    os.write(leader, b"q")
    read_until(leader, b"you hung up")
    assert process.wait(timeout=GUARD_S) == 0
    assert termios.tcgetattr(follower) == before
    messages, close = agent_server.outcome()
    assert messages == [{"type": "user_activity"}, {"type": "user_message", "text": "hello"}]
    assert close == (1000, "User ended conversation")


def test_sigterm_puts_the_terminal_back(call, agent_server):
    agent_server.script = lambda line: (line.start(), line.until_closed())[1]
    leader, follower = pty.openpty()
    before = termios.tcgetattr(follower)
    process = call("--echo", "off", stdin=follower, stdout=follower, stderr=follower)
    read_until(leader, b"q hang up")
    assert termios.tcgetattr(follower) != before
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=GUARD_S) == 143
    assert termios.tcgetattr(follower) == before
    assert agent_server.outcome()[0] == 1000


def test_an_agent_that_hears_itself_is_told_of_once(call, agent_server):
    def script(line):
        line.start()
        for turn in (1, 2):
            line.response("How can I help you today?", turn)
            line.user_said("how can I help you today", turn)
        line.close()

    agent_server.script = script
    _, _, err = outcome(call("--echo", "off"))
    assert err.count("the agent hears itself") == 1


def test_a_recording_is_whole_after_ctrl_c(call, card, agent_server, tmp_path):
    def script(line):
        line.start()
        line.audio(tone(8.0), 1)
        return line.until_closed()

    agent_server.script = script
    with card.recording() as recording:
        process = call("--echo", "off", "--record", str(tmp_path / "r.wav"), "--transcript", str(tmp_path / "t.jsonl"))
        recording.wait(lambda samples: heard_s(samples) > 1.0)
        process.send_signal(signal.SIGINT)
        assert outcome(process)[0] == 0
    rate, (user, agent) = samples_of(tmp_path / "r.wav")
    assert len(user) == len(agent)
    assert 0.7 < sum(abs(sample) > AUDIBLE for sample in agent) / rate < 2.5
    kinds = [json.loads(line)["type"] for line in (tmp_path / "t.jsonl").read_text().splitlines()]
    assert kinds == ["conversation_initiation_metadata", "audio"]


# with the sandbox


@pytest.mark.sound  # what hears it ends a question at a gap
def test_a_spoken_question_to_the_sandbox(spawn, tmp_path):
    question = str(tmp_path / "q.wav")
    assert spawn("--sandbox", "tts", "How are you?", "-o", question).wait(timeout=20) == 0
    argv = ["--input", question, "--output", str(tmp_path / "a.wav"), "--record", str(tmp_path / "r.wav")]
    code, out, err = outcome(spawn("--sandbox", "talk", *argv), timeout=40)
    assert code == 0, err
    greeting, user, answer = out.splitlines()
    assert greeting.startswith("Agent: ")
    assert user.lower().startswith("user: how are you")
    assert answer.startswith("Agent: ")
    rate, (left, right) = samples_of(tmp_path / "r.wav")
    assert sum(abs(sample) > AUDIBLE for sample in left) / rate > 0.3
    assert sum(abs(sample) > AUDIBLE for sample in right) / rate > 1
    assert any(itertools.islice(right, rate // 2, None))


def test_text_with_the_sandbox(spawn):
    process = spawn("--sandbox", "talk", "--text", "--agent-id", "agent_sandbox_chat", stdin=subprocess.PIPE)
    out, _ = process.communicate(b"hello\nbye\n", timeout=20)
    assert process.returncode == 0
    lines = out.decode().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["Agent", "User", "Agent", "User", "Agent"]
