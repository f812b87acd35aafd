"""Signals: what ends in good order, what ends at once, and that a terminal is left as it was found."""

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

from eleven_cli.signals.handlers import ONE_PRESS_S, SIGINT, Signals
from tests.conftest import KEY
from tests.support.agent import chat
from tests.support.guard import GUARD_S, wait_until
from tests.support.programs import patched
from tests.support.realtime_socket import ScribeServer
from tests.support.wav_files import wav

LOCAL_MODES = 3


def idle(session):
    """A service that hears and says nothing."""
    session.start()
    session.until_closed()


@pytest.fixture
def scribe(monkeypatch):
    with ScribeServer([idle]) as idle_server:
        monkeypatch.setenv("ELEVENLABS_BASE_URL", idle_server.url)
        monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
        yield idle_server


class Screen:
    """A terminal on which a process runs in the foreground, in a session of its own."""

    def __init__(self):
        self.leader, self.follower = pty.openpty()
        self.before = termios.tcgetattr(self.follower)

    def start(self, *argv, **options):
        def take_the_terminal():
            import fcntl

            os.setsid()
            fcntl.ioctl(self.follower, termios.TIOCSCTTY, 0)

        streams = {"stdin": self.follower, "stdout": self.follower, "stderr": self.follower, **options}
        return subprocess.Popen([sys.executable, "-m", "eleven_cli", *argv], preexec_fn=take_the_terminal, **streams)

    @property
    def has_echo(self):
        return bool(termios.tcgetattr(self.follower)[LOCAL_MODES] & termios.ECHO)

    def close(self):
        os.close(self.leader)
        os.close(self.follower)


@pytest.fixture
def screen():
    screen = Screen()
    yield screen
    screen.close()


DEADLY = ["SIGQUIT", "SIGABRT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGXCPU", "SIGVTALRM", "SIGPROF"]


@pytest.mark.parametrize("name", DEADLY)
def test_the_terminal_is_put_back_before_a_deadly_signal_ends_it(screen, scribe, tmp_path, name):
    sound = tmp_path / "in.fifo"
    os.mkfifo(sound)
    process = screen.start("stt", "--live", str(sound))
    with open(sound, "wb") as pipe:
        pipe.write(wav(0.5))
        pipe.flush()
        wait_until(lambda: not screen.has_echo)
        process.send_signal(getattr(signal, name))
        assert process.wait(GUARD_S) == -getattr(signal, name), "whoever waits for it sees the signal"
    assert termios.tcgetattr(screen.follower) == screen.before


@pytest.mark.parametrize("numbers", [["SIGQUIT"], ["SIGTERM"], ["SIGHUP"], ["SIGINT"], ["SIGINT", "SIGINT"]])
def test_a_prompt_for_a_key_leaves_the_echo(screen, numbers):
    process = screen.start("auth", "login")
    wait_until(lambda: not screen.has_echo)
    for name in numbers:
        if process.poll() is None:
            process.send_signal(getattr(signal, name))
    process.wait(GUARD_S)
    assert process.returncode in (-signal.SIGQUIT, 143, 129, 130)
    assert termios.tcgetattr(screen.follower) == screen.before


STUCK = """
import eleven_cli.__main__ as program
def main(*args):
    import ctypes
    lock = ctypes.create_string_buffer(64)
    take = ctypes.CDLL(None).pthread_mutex_lock
    print("ready", flush=True)
    take(lock)
    take(lock)
program.main = main
"""


def is_asleep(process):
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def test_sigquit_is_heeded_while_c_waits():
    process = patched(STUCK)
    assert process.stdout.readline() == b"ready\n"
    wait_until(lambda: is_asleep(process))
    process.send_signal(signal.SIGQUIT)
    assert process.wait(GUARD_S) == 128 + signal.SIGQUIT


UNWOKEN = """
import eleven_cli.__main__ as program, os, signal, threading, time
(reading, writing), event = os.pipe(), threading.Event()
def main(*args):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    print("ready", flush=True)
    try:
        WAIT
    except KeyboardInterrupt:
        return 130
program.main = main
"""
WAITS = {"read": "os.read(reading, 1)", "lock": "event.wait()", "sleep": "time.sleep(1000)"}


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
def test_a_signal_that_comes_just_before_a_wait_ends_it(name, wait):
    """What begins to wait in C after the signal came and before Python looked is not interrupted by the system.

    It is the same when another thread receives it, as here.
    """
    process = patched(UNWOKEN.replace("WAIT", wait))
    assert process.stdout.readline() == b"ready\n"
    wait_until(lambda: is_asleep(process))
    process.send_signal(getattr(signal, name))
    assert process.wait(GUARD_S) == 128 + getattr(signal, name)


def test_ignored_signals_stay_ignored():
    process = patched(
        "import eleven_cli.__main__ as program, os, signal\n"
        "program.main = lambda *_: [os.kill(os.getpid(), number) for number in (signal.SIGUSR1, signal.SIGHUP)] and 9",
        preexec_fn=lambda: [signal.signal(number, signal.SIG_IGN) for number in (signal.SIGUSR1, signal.SIGHUP)],
    )
    assert process.wait(GUARD_S) == 9


PARTS = """
import eleven_cli.__main__ as program, time
from eleven_cli.signals.graceful_stop import GracefulStop
def main(*args):
    def say(word):
        print(word, flush=True)
    for _ in range({parts}):
        with GracefulStop(only_part=True) as stop:
            say("recording")
            while not stop.is_set():
                time.sleep(0.01)
    try:
        say("sending")
        time.sleep(100)
    finally:
        say("clean")
        {afterwards}
def guarded(*args):
    try:
        return main(*args)
    except KeyboardInterrupt:
        return 130
program.main = guarded
"""


@pytest.mark.parametrize("parts", [1, 3])
def test_after_a_part_was_ended_the_next_ctrl_c_aborts_in_good_order(parts):
    process = patched(PARTS.format(afterwards="", parts=parts))
    for _ in range(parts):
        assert process.stdout.readline() == b"recording\n"
        process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == b"sending\n"
    process.send_signal(signal.SIGINT)
    assert (process.wait(GUARD_S), process.stdout.read()) == (130, b"clean\n")


def test_and_the_one_after_that_ends_it_at_once():
    process = patched(PARTS.format(afterwards="time.sleep(100)", parts=1))
    for line in (b"recording\n", b"sending\n", b"clean\n"):
        assert process.stdout.readline() == line
        threading.Event().wait(2 * ONE_PRESS_S)  # signals that come sooner after one another are one Ctrl+C
        process.send_signal(signal.SIGINT)
    assert process.wait(GUARD_S) == 130


@pytest.mark.parametrize("parts", [0, 1])
def test_a_press_that_is_seen_late_is_not_another_one(parts):
    left = []
    signals = Signals(left.append, lambda: None)
    for part in range(parts):
        signals.handled(is_abort=False)
        signals._on_press(time.monotonic() - 2 * ONE_PRESS_S * (parts - part))
    signals.handled(is_abort=True)
    late = time.monotonic() + 2 * ONE_PRESS_S
    signals._on_press(late)
    assert left == []
    signals._on_press(late + 2 * ONE_PRESS_S)
    assert left == [128 + SIGINT]


def test_another_signal_ends_a_part_and_all():
    process = patched(PARTS.format(afterwards="", parts=1))
    assert process.stdout.readline() == b"recording\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(GUARD_S) == 143


# stdout whose reader is gone, or that is full


def test_live_transcription_ends_when_its_reader_leaves(spawn, scribe):
    process = spawn("stt", "--live", stdin=subprocess.PIPE)
    process.stdin.write(wav(0.5))
    process.stdin.flush()
    wait_until(lambda: scribe.sessions)
    process.stdout.close()
    assert process.wait(GUARD_S) == 141


@pytest.mark.parametrize("is_by_text", [True, False])
def test_a_conversation_ends_when_its_reader_leaves(spawn, agent_server, tmp_path, is_by_text):
    began = threading.Event()

    def script(line):
        line.start()
        line.say("Hello.")
        began.set()
        return line.until_closed()

    agent_server.script = script
    argv = ["--text"] if is_by_text else ["--input", "-", "--output", str(tmp_path / "a.wav")]
    process = spawn("talk", *argv, stdin=subprocess.PIPE)
    assert began.wait(GUARD_S)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(GUARD_S) == 141
    assert agent_server.outcome()[0] == 1000, "the agent is told that it is over"


def test_a_conversation_ends_on_a_full_disk(spawn, agent_server):
    agent_server.script = lambda line: (line.start(), line.say("Hello."), line.until_closed())[2]
    with open("/dev/full", "wb") as full:
        process = spawn("talk", "--text", stdin=subprocess.PIPE, stdout=full)
        assert process.wait(GUARD_S) == 1
    assert b"cannot write to standard output: No space left on device" in process.stderr.read()


@pytest.mark.parametrize("argv", [["talk", "--text"], ["stt", "--live", "SOUND"]])
def test_a_closed_stdout_is_refused_before_anything_is_opened(spawn, agent_server, tmp_path, argv):
    agent_server.script = chat
    (tmp_path / "in.wav").write_bytes(wav(0.3))
    argv = [word.replace("SOUND", str(tmp_path / "in.wav")) for word in argv]
    process = spawn(*argv, prefix=["sh", "-c", 'exec "$@" >&-', "sh"])
    _, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, err) == (1, b"error: cannot write to standard output: it is closed\n")
    assert not agent_server.requests


# no threads


NO_THREADS = """
import threading
def start(self):
    raise RuntimeError("can't start new thread")
threading.Thread.start = start
"""
NEEDING_THREADS = {
    "a player": ["tts", "hi", "--play"],
    "a long text": ["tts", "-m", "eleven_v3", "-f", "LONG", "-o", "OUT"],
    "live sound": ["stt", "--live", "SOUND"],
    "a call": ["talk", "--input", "SOUND", "--output", "OUT.wav", "--agent-id", "agent_x"],
    "the sandbox": ["--sandbox", "models"],
}


@pytest.mark.parametrize("argv", NEEDING_THREADS.values(), ids=NEEDING_THREADS)
def test_without_threads_it_is_one_clear_sentence(tmp_path, agent_server, monkeypatch, argv):
    agent_server.script = lambda line: (line.start(), line.until_closed())[1]
    (tmp_path / "long.txt").write_text("This is a sentence. " * 1000)
    (tmp_path / "in.wav").write_bytes(wav(0.3))
    player = tmp_path / "bin" / "aplay"
    player.parent.mkdir()
    player.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 1000\n")
    player.chmod(0o755)
    monkeypatch.setenv("PATH", f"{player.parent}:/usr/bin:/bin")
    monkeypatch.setenv("ELEVENLABS_VOICE_ID", "abcdefghij0123456789")
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    hidden = (
        "import importlib.util as u; f = u.find_spec; u.find_spec = lambda n, *a: None if n == 'pyaudio' else f(n, *a)"
    )
    places = {"LONG": "long.txt", "SOUND": "in.wav", "OUT": "out.mp3", "OUT.wav": "out.wav"}
    words = [str(tmp_path / places[word]) if word in places else word for word in argv]
    process = patched(NO_THREADS + hidden, *words)
    _, err = process.communicate(timeout=GUARD_S)
    errors = [line for line in err.decode().splitlines() if line.startswith(("error", "hint"))]
    assert errors == [
        "error: too many threads or processes",
        "hint: close other programs, or raise the limit: ulimit -u",
    ]
    assert process.returncode == 1
    assert not list(tmp_path.glob("out*"))


def test_without_threads_what_needs_none_goes_on():
    no_threads = 'import _thread\ndef start(*_):\n    raise RuntimeError("can\'t start new thread")\n'
    process = patched(no_threads + "_thread.start_new_thread = start", "--version")
    out, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, out[:7], err) == (0, b"eleven ", b"")
