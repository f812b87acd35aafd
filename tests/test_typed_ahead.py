"""Keys typed while a live line stands: not shown amid it, not lost, and the terminal is as before on every end."""

import os
import pty
import signal
import subprocess
import sys
import termios
import threading
from contextlib import ExitStack, contextmanager, suppress

import pytest

from eleven_cli.terminal import Terminal, modes
from tests.support.guard import wait_until
from tests.support.service import MP3_FRAME, json_reply

GUARD_S = 20
LOCAL_MODES = 3


def has_echo(descriptor):
    return bool(termios.tcgetattr(descriptor)[LOCAL_MODES] & termios.ECHO)


class Desk:
    """A terminal in this process, on a pty."""

    def __init__(self):
        self.leader, self.follower = pty.openpty()
        self.before = termios.tcgetattr(self.follower)
        self._open = ExitStack()
        self.streams = [
            self._open.enter_context(open(self.follower, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
            for mode in ("r", "w", "w")
        ]
        self.terminal = Terminal(*self.streams, {"TERM": "xterm"})

    @property
    def has_echo(self):
        return has_echo(self.follower)

    @property
    def is_as_before(self):
        return termios.tcgetattr(self.follower) == self.before

    def close(self):
        self._open.close()
        os.close(self.leader)
        os.close(self.follower)


@pytest.fixture
def desk():
    desk = Desk()
    yield desk
    desk.close()


LINES = {"progress": lambda terminal: terminal.progress(), "status": lambda terminal: terminal.status()}


@pytest.mark.parametrize("kind", LINES)
def test_keys_are_not_shown_while_a_line_stands_and_wait_for_who_reads_next(desk, kind):
    with LINES[kind](desk.terminal) as line:
        assert desk.has_echo, "nothing stands there yet"
        line.update("0:01 · waiting")
        assert not desk.has_echo
        os.write(desk.leader, b"ls\n")
        line.update("0:02 · waiting")
        assert not desk.has_echo
    assert desk.is_as_before
    assert desk.streams[0].readline() == "ls\n"


def test_an_error_within_a_line_gives_the_echo_back(desk):
    def interrupted():
        with desk.terminal.progress() as line:
            line.update("0:01")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert desk.is_as_before


@pytest.mark.parametrize("late", ["put_back", "take"])
def test_whoever_puts_the_terminal_back_waits_for_a_thread_that_is_at_it(desk, monkeypatch, late):
    """A signal is handled by the main thread and by the one that watches: the first to be through ends the process."""
    set_modes, reached, may_go = modes._set_modes, threading.Event(), threading.Event()

    def slowly(stream, wanted):
        if threading.current_thread() is not threading.main_thread():
            reached.set()
            may_go.wait(GUARD_S)
        set_modes(stream, wanted)

    monkeypatch.setattr(modes, "PATIENCE_S", GUARD_S)
    monkeypatch.setattr(modes, "_is_over", False)
    monkeypatch.setattr(modes, "_set_modes", slowly)
    silence = modes.NoEcho(desk.streams[0])
    if late == "put_back":
        silence.take()
    other = threading.Thread(target=modes.put_back if late == "put_back" else silence.take)
    other.start()
    assert reached.wait(GUARD_S)
    threading.Timer(0.05, may_go.set).start()
    modes.put_back()
    assert desk.is_as_before
    other.join(GUARD_S)
    assert desk.is_as_before


@pytest.mark.parametrize("first_to_end", [0, 1])
def test_of_two_lines_the_last_one_gives_the_echo_back(desk, first_to_end):
    lines = [desk.terminal.progress(), desk.terminal.progress()]
    for line in lines:
        line.__enter__().update("0:01")
    lines[first_to_end].__exit__(None, None, None)
    assert not desk.has_echo
    lines[1 - first_to_end].__exit__(None, None, None)
    assert desk.is_as_before


@pytest.mark.parametrize("first_to_end", ["keys", "line"])
@pytest.mark.parametrize("first_to_begin", ["keys", "line"])
def test_keys_that_a_command_reads_and_a_line_leave_the_terminal_as_it_was(desk, first_to_begin, first_to_end):
    both = {"keys": desk.terminal.keys(), "line": desk.terminal.progress()}
    begun = {name: both[name].__enter__() for name in sorted(both, key=lambda name: name != first_to_begin)}
    begun["line"].update("0:01")
    assert not desk.has_echo
    both.pop(first_to_end).__exit__(None, None, None)
    if first_to_end == "keys":
        begun["line"].update("0:02")
    assert not desk.has_echo, "the other one needs it so"
    both.popitem()[1].__exit__(None, None, None)
    assert desk.is_as_before


def test_what_is_typed_at_a_prompt_is_shown_though_a_line_waits_below(desk):
    with desk.terminal.progress() as line:
        line.update("0:01")
        shown = {}

        def ask():
            shown["answer"] = desk.terminal.ask("go on? ")

        desk.terminal._screen.stdout = open(os.devnull, "w")  # noqa: SIM115 - without readline, which echoes itself
        asking = threading.Thread(target=ask)
        asking.start()
        wait_until(lambda: desk.has_echo, GUARD_S)
        line.update("0:02")
        assert desk.has_echo
        os.write(desk.leader, b"yes\n")
        asking.join(GUARD_S)
        assert shown == {"answer": "yes"}
        line.update("0:03")
        assert not desk.has_echo
    desk.terminal._screen.stdout.close()
    assert desk.is_as_before


@contextmanager
def pipe_end(mode):
    received, sent = os.pipe()
    with open(received, encoding="utf-8") as reading, open(sent, "w", encoding="utf-8") as writing:
        yield reading if mode == "r" else writing


@pytest.mark.parametrize("piped", ["r", "w"])
def test_other_programs_of_a_pipeline_find_the_terminal_as_it_is(desk, piped):
    """A pager, or one that asks for a password, puts back later what it found."""
    with pipe_end(piped) as end:
        streams = [end, *desk.streams[1:]] if piped == "r" else [desk.streams[0], end, desk.streams[2]]
        with Terminal(*streams, {"TERM": "xterm"}).progress() as line:
            line.update("0:01")
            assert desk.is_as_before


def test_a_terminal_without_echo_stays_so(desk):
    modes = termios.tcgetattr(desk.follower)
    modes[LOCAL_MODES] &= ~termios.ECHO
    termios.tcsetattr(desk.follower, termios.TCSANOW, modes)
    with desk.terminal.progress() as line:
        line.update("0:01")
    assert not desk.has_echo


@pytest.mark.parametrize("option", ["quiet", "debug"])
def test_without_a_line_nothing_is_changed(desk, option):
    setattr(desk.terminal, option, True)
    with desk.terminal.progress() as line:
        line.update("0:01")
        assert desk.is_as_before


# the program itself, on a terminal that it owns

SHELL = """
import fcntl, os, signal, sys, termios
tell, wake, *argv = sys.argv[1:]
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
if not (job := os.fork()):
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpgrp())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(argv[0], argv)
while os.WIFSTOPPED(status := os.waitpid(job, os.WUNTRACED)[1]):
    os.tcsetpgrp(0, os.getpgrp())
    os.write(int(tell), b"stopped")
    os.read(int(wake), 1)
    os.tcsetpgrp(0, job)
    os.kill(job, signal.SIGCONT)
os._exit(os.waitstatus_to_exitcode(status))
"""


class Running:
    """The program as the job of a shell that owns a terminal."""

    def __init__(self, *argv):
        self.leader, self.follower = pty.openpty()
        self.before = termios.tcgetattr(self.follower)
        (self._stopped, tell), (wake, self._go_on) = os.pipe(), os.pipe()
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), self.follower)
        shell = [sys.executable, "-c", SHELL, str(tell), str(wake), sys.executable, "-m", "eleven_cli", *argv]
        self.shell = subprocess.Popen(shell, pass_fds=(tell, wake), **streams)
        os.close(tell)
        os.close(wake)
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self):
        with suppress(OSError):
            while os.read(self.leader, 65536):
                pass

    @property
    def is_as_before(self):
        return termios.tcgetattr(self.follower) == self.before

    def until_keys_are_silent(self):
        wait_until(lambda: not has_echo(self.follower), GUARD_S)

    def signal(self, number):
        """To the job, which is in the foreground."""
        os.killpg(os.tcgetpgrp(self.leader), number)

    def until_it_stopped(self):
        assert os.read(self._stopped, 100) == b"stopped"

    def go_on(self):
        os.write(self._go_on, b".")

    def close(self):
        self.shell.kill()
        self.shell.wait()
        for descriptor in (self.follower, self._stopped, self._go_on):
            os.close(descriptor)
        self._reading.join(GUARD_S)
        os.close(self.leader)


@pytest.fixture
def over():
    return threading.Event()


@pytest.fixture
def running(service, tmp_path, over):
    """A transcription that the service has not answered, with its spinner."""

    def answer(exchange):
        over.wait(GUARD_S)
        json_reply({"text": "Hello.", "words": []})(exchange)

    service.on("/v1/speech-to-text", answer)
    (tmp_path / "x.mp3").write_bytes(MP3_FRAME * 50)
    running = Running("stt", str(tmp_path / "x.mp3"))
    yield running
    over.set()
    running.close()


def test_after_the_spinner_the_shell_gets_what_was_typed(running, over):
    running.until_keys_are_silent()
    os.write(running.leader, b"ls -l\n")
    over.set()
    assert running.shell.wait(GUARD_S) == 0
    assert running.is_as_before
    assert os.read(running.follower, 100) == b"ls -l\n"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGABRT"])
def test_a_signal_leaves_the_terminal_as_it_was(running, name):
    running.until_keys_are_silent()
    number = getattr(signal, name)
    running.signal(number)
    running.shell.wait(GUARD_S)
    assert running.is_as_before


def test_ctrl_c_is_typed_as_ever(running):
    running.until_keys_are_silent()
    os.write(running.leader, b"\x03")
    assert running.shell.wait(GUARD_S) == 130
    assert running.is_as_before


def test_while_it_is_stopped_the_terminal_is_as_before(running, over):
    """Ctrl+Z and fg, twice."""
    for _ in range(2):
        running.until_keys_are_silent()
        os.write(running.leader, b"\x1a")
        running.until_it_stopped()
        assert running.is_as_before
        running.go_on()
    running.until_keys_are_silent()
    over.set()
    assert running.shell.wait(GUARD_S) == 0
    assert running.is_as_before
