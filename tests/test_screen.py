"""What stands on the terminal when several write to it: nothing is glued to a live line, and nothing of it stays."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
from contextlib import ExitStack, suppress

import pytest

from eleven_cli.errors import ElevenError
from eleven_cli.terminal import Terminal
from eleven_cli.terminal.live import live_width
from eleven_cli.terminal.screen import width_of
from eleven_cli.terminal.text import fitted, most_cells
from tests.support.emulator import Emulator
from tests.support.emulator import width_of as cells_of
from tests.support.guard import GUARD_S
from tests.support.service import MP3_FRAME, audio_reply, json_reply

ABOVE = "$ eleven"
COLOUR = re.compile(r"\x1b\[[\d;]*m")


class Watched:
    """A terminal on a pty, and what a person sees there."""

    def __init__(self, columns=80, *, reflows=True):
        self.leader, self.follower = pty.openpty()
        os.set_blocking(self.leader, False)
        self.seen = Emulator(columns, reflows=reflows)
        self._open = ExitStack()
        stdin, out, err = (  # three streams on one terminal, as in a shell
            self._open.enter_context(open(self.follower, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
            for mode in ("r", "w", "w")
        )
        self.terminal = Terminal(stdin, out, err, {"TERM": "xterm-256color" if reflows else "linux"})
        self.seen.write(f"{ABOVE}\r\n")
        self.resize(columns)

    def close(self):
        self._open.close()
        os.close(self.leader)
        os.close(self.follower)

    def resize(self, columns):
        self.look()
        fcntl.ioctl(self.follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.seen.resize(columns)

    def look(self):
        """The lines on the terminal, below the one that stood there before."""
        with suppress(BlockingIOError):
            while piece := os.read(self.leader, 1 << 20):
                self.seen.write(piece.decode())
        first, *rest = self.seen.lines
        assert first == ABOVE, "what stood there before stays"
        return rest

    def fits(self, text, *, keep_end=False):
        return fitted(text, live_width(width_of(self.terminal._screen.stderr)), measure=most_cells, keep_end=keep_end)


@pytest.fixture
def watched():
    opened = []

    def watch(columns=80, **options):
        opened.append(Watched(columns, **options))
        return opened[-1]

    yield watch
    for one in opened:
        one.close()


WIDE = "これは日本語の長い文章で、端末の幅よりもずっと長くなります。" * 8
TEXTS = {
    "short": "3.2 s",
    "long": "0123456789" * 30,
    "wide": WIDE,
    "mixed": "aこ" * 120,
    "combining": "e\u0301o\u0302 " * 100,
    "emoji": "🎉👍 " * 80,
    "joined emoji": "👩‍👩‍👧‍👦 " * 60,
    "tabs": "a\tb\t" * 80,
    "controls": "a\x1b[2J\u202e\r\n" * 30,
}
COMMAND = "eleven tts -f 'a book with a long name.epub' -o 'chapters/{chapter:02d} {title}.mp3' --max-credits 5000"
WRITERS = {
    "note": lambda terminal: terminal.note("said"),
    "warning": lambda terminal: terminal.warn("said"),
    "error": lambda terminal: terminal.error(ElevenError("said", hint="do")),
    "long hint": lambda terminal: terminal.error(ElevenError("said", hint=f"run: {COMMAND}")),
    "figures": lambda terminal: terminal.figures("said"),
    "report": lambda terminal: terminal.report({"a": 1}),
    "block": lambda terminal: terminal.block("one\ntwo"),
    "line": lambda terminal: terminal.print("said"),
    "long line": lambda terminal: terminal.print("said " * 60),
    "wide line": lambda terminal: terminal.print(WIDE),
    "text": lambda terminal: terminal.text("one\ntwo\n"),
    "JSON": lambda terminal: terminal.json({"a": [1, 2]}),
    "JSON line": lambda terminal: terminal.json_line({"a": 1}),
    "table": lambda terminal: terminal.rows(("name", "id"), [["Ana", "1"], ["Bo", "2"]]),
}
SHOWN = {
    "note": ["said"],
    "warning": ["warning: said"],
    "error": ["error: said", "hint: do"],
    "long hint": ["error: said", f"hint: run: {COMMAND}"],  # one line, to be pasted
    "figures": ["said"],
    "report": ['{"a":1}'],
    "block": ["one", "two"],
    "line": ["said"],
    "long line": ["said " * 60],
    "wide line": [WIDE],
    "text": ["one", "two"],
    "JSON": ["{", '  "a": [', "    1,", "    2", "  ]", "}"],
    "JSON line": ['{"a":1}'],
    "table": ["NAME  ID", "Ana   1", "Bo    2"],
}
EVENTS = {
    "nothing": [],
    "narrower": [0.5],
    "much narrower": [0.25],
    "wider": [2],
    "narrower and back": [0.5, 1],
    "wider and narrower": [2, 0.5],
    "step by step": [0.9, 0.8, 0.7, 0.6],
}


COLUMNS = [10, 20, 40, 80, 200]
# each writer with each event; each of both with each width, two for a pair
WRITTEN = [
    (writer, event, COLUMNS[(at + when + other) % len(COLUMNS)])
    for at, writer in enumerate(WRITERS)
    for when, event in enumerate(EVENTS)
    for other in (0, 2)
]


@pytest.mark.parametrize(("writer", "event", "columns"), WRITTEN)
def test_whoever_writes_does_so_above_the_live_line(watched, writer, event, columns):
    for name, text in TEXTS.items():
        if name == "joined emoji" and event != "nothing":
            continue  # terminals differ in what one takes, so that nobody knows how many rows it became
        screen = watched(columns)
        with screen.terminal.status() as status:
            status.update(text)
            for share in EVENTS[event]:
                screen.resize(max(int(columns * share), 5))
            WRITERS[writer](screen.terminal)
            assert screen.look()[:-1] == SHOWN[writer]
            assert screen.look()[-1] == _as_shown(screen, text)
            status.update("y")
            assert screen.look() == [*SHOWN[writer], "y"]
        assert screen.look() == [*SHOWN[writer], ""]
        assert screen.seen.is_at_line_start


def _as_shown(screen, text):
    from eleven_cli.terminal.text import printable

    return screen.fits(printable(text))


@pytest.mark.parametrize("kind", ["progress", "status"])
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("columns", [10, 40, 80, 200])
@pytest.mark.parametrize("name", [name for name in TEXTS if name != "joined emoji"])
def test_nothing_of_it_stays_at_the_end(watched, name, columns, event, kind):
    screen = watched(columns)
    with getattr(screen.terminal, kind)() as line:
        line.update(TEXTS[name], keep_end=True)
        for share in EVENTS[event]:
            screen.resize(max(int(columns * share), 5))
    assert screen.look() == [""]


@pytest.mark.parametrize("columns", [10, 40, 80])
@pytest.mark.parametrize("share", [0.5, 2])
@pytest.mark.parametrize("text", ["0123456789" * 30, WIDE])
def test_a_terminal_that_cuts_its_lines_loses_no_other(watched, columns, share, text):
    screen = watched(columns, reflows=False)
    with screen.terminal.status() as status:
        screen.terminal.note("said")
        status.update(text)
        screen.seen.lines[0] = ABOVE
        screen.resize(int(columns * share)) if columns > 10 or share > 1 else None
        screen.terminal.note("more")
        assert screen.look() == ["said", "more", screen.fits(text)]
    assert screen.look() == ["said", "more", ""]


@pytest.mark.parametrize("columns", [10, 40, 80, 200])
@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("stopped", [KeyboardInterrupt, SystemExit, ElevenError, ZeroDivisionError])
def test_what_ends_the_work_leaves_nothing(watched, stopped, name, columns):
    screen = watched(columns)
    with suppress(stopped), screen.terminal.progress() as progress:
        progress.update(TEXTS[name])
        os.write(screen.follower, b"^C")  # as a terminal does
        raise stopped("stopped")
    screen.terminal.error(ElevenError("interrupted"))
    assert screen.look() == ["error: interrupted", ""]


def test_the_newest_of_two_stands_there(watched):
    screen = watched()
    with screen.terminal.progress() as first:
        first.update("first")
        with screen.terminal.progress() as second:
            second.update("second")
            first.update("first again")
            screen.terminal.note("said")
            assert screen.look() == ["said", "second"]
        assert screen.look() == ["said", "first again"]
    assert screen.look() == ["said", ""]


def test_whoever_is_late_draws_nothing(watched):
    screen = watched()
    with screen.terminal.progress() as progress:
        progress.update("first")
    progress.update("late")
    screen.terminal.note("said")
    assert screen.look() == ["said", ""]


@pytest.mark.parametrize("columns", [20, 80])
def test_threads_write_whole_lines(watched, columns):
    screen = watched(columns)
    barrier = threading.Barrier(4)

    def write(say, name):
        barrier.wait(GUARD_S)
        for number in range(40):
            say(f"{name}{number}")

    with screen.terminal.progress() as progress:
        says = [screen.terminal.note, screen.terminal.print, screen.terminal.warn, progress.update]
        threads = [threading.Thread(target=write, args=(say, name)) for say, name in zip(says, "abcd", strict=True)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            screen.look()
        for thread in threads:
            thread.join(GUARD_S)
        *lines, live = screen.look()
    assert live == "d39"
    assert sorted(line.removeprefix("warning: ") for line in lines) == sorted(
        f"{n}{i}" for n in "abc" for i in range(40)
    )
    assert screen.look()[-1] == ""


@pytest.mark.parametrize("more", ["", "lo", "\u0301"])
def test_a_line_that_grows_has_no_live_line_behind_it(watched, more):
    screen = watched()
    with screen.terminal.status() as status:
        status.update("0:01")
        screen.terminal.part("Agent: Hel")
        screen.terminal.part(more)
        status.update("0:02")
        assert screen.look() == [f"Agent: Hel{more}"]
        screen.terminal.part("\n")
        assert screen.look() == [f"Agent: Hel{more}", "0:02"]
    assert screen.look() == [f"Agent: Hel{more}", ""]


def test_a_long_line_that_grows_over_several_rows(watched):
    screen = watched(20)
    with screen.terminal.status() as status:
        status.update("0:01")
        for word in ["word "] * 30:
            screen.terminal.part(word)
            status.update(f"after {word}")
        screen.terminal.note("said")
        screen.terminal.part("end")
        screen.terminal.part("\n")
    assert screen.look() == ["word " * 30, "said", "end", ""]


def test_a_status_is_not_amid_what_a_pipe_shows(watched):
    """As in `… | cat`, whose output stands on the same terminal."""
    screen = watched()
    received, sent = os.pipe()
    with open(received), open(sent, "w", encoding="utf-8") as stdout:
        terminal = Terminal(screen.terminal._stdin, stdout, screen.terminal._screen.stderr, {"TERM": "xterm"})
        with terminal.status() as status:
            status.update("Hel")
            terminal.print("Hello.")
            assert screen.look() == [""]
        with terminal.progress() as progress:
            progress.update("sent 3 MB")
            assert screen.look() == ["sent 3 MB"]
    assert screen.look() == [""]


# the program itself, on a terminal that it owns

OWNED = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Owned:
    """The program on a terminal that is its own, so that Ctrl+C is typed and shown."""

    def __init__(self, argv, columns, folder, **environ):
        self.leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        command = [sys.executable, "-c", OWNED, sys.executable, "-m", "eleven_cli", *argv]
        self.process = subprocess.Popen(
            command, stdin=follower, stdout=follower, stderr=follower, cwd=folder, env={**os.environ, **environ}
        )
        os.close(follower)
        self.seen, self._raw = Emulator(columns), b""

    def until(self, wanted, *, times=1):
        while COLOUR.sub("", self._raw.decode(errors="replace")).count(wanted) < times:
            self._read()

    def press(self, keys):
        os.write(self.leader, keys)

    def _read(self):
        self._raw += (piece := os.read(self.leader, 65536))
        return piece

    def lines(self):
        """What stands there when the program has ended, and its exit code."""
        with suppress(OSError):  # a pty's way to say that the other end is closed
            while self._read():
                pass
        code = self.process.wait(GUARD_S)
        os.close(self.leader)
        self.seen.write(self._raw.decode())
        return code, self.seen.lines


@pytest.fixture
def owned(tmp_path):
    started = []

    def start(*argv, columns=80, **environ):
        started.append(Owned(argv, columns, tmp_path, **environ))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


@pytest.fixture
def slow_service(service):
    """A service that has not answered yet."""
    over = threading.Event()

    def answer(exchange):
        over.wait(GUARD_S)
        exchange.drop()

    service.on("/v1/speech-to-text", answer)
    yield service
    over.set()


INTERRUPTED = "error: interrupted; the request may be charged all the same".replace(" ", "")  # it is broken into rows


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_ctrl_c_leaves_nothing_of_the_program(owned, slow_service, tmp_path, columns):
    (tmp_path / "x.mp3").write_bytes(MP3_FRAME * 50)
    run = owned("stt", str(tmp_path / "x.mp3"), columns=columns)
    run.until(" · ")
    run.press(b"\x03")
    code, lines = run.lines()
    assert (code, "".join(lines).replace(" ", ""), lines[-1]) == (130, INTERRUPTED, "")


@pytest.mark.parametrize("columns", [20, 80])
@pytest.mark.parametrize("killed", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_leaves_nothing_of_the_program(owned, slow_service, tmp_path, columns, killed):
    (tmp_path / "x.mp3").write_bytes(MP3_FRAME * 50)
    run = owned("stt", str(tmp_path / "x.mp3"), columns=columns)
    run.until(" · ")
    run.process.send_signal(killed)
    code, lines = run.lines()
    assert code in (128 + killed, -killed)
    assert ("".join(lines).replace(" ", ""), lines[-1]) == ("" if code < 0 else INTERRUPTED, "")


@pytest.mark.parametrize("columns", [20, 80])
@pytest.mark.parametrize("typed", ["", "some words", "words " * 20, "日本語" * 12, "a\tb"])
def test_ctrl_c_at_a_prompt_leaves_nothing_of_it(owned, service, tmp_path, columns, typed):
    run = owned("tts", "-", "-m", "eleven_v3", "-o", str(tmp_path / "x.mp3"), columns=columns)
    run.until("text> ")
    run.press(typed.encode())
    if last := typed.rstrip()[-1:]:  # all of it: Ctrl+C drops what is not shown yet, and may leave half a character
        run.until(last, times=typed.count(last))
    run.press(b"\x03")
    code, lines = run.lines()
    assert (code, lines) == (130, [""])


@pytest.mark.parametrize("columns", [10, 80])
def test_the_end_of_typed_text_leaves_nothing_of_the_prompt(owned, service, tmp_path, columns):
    service.on_speech(audio_reply([MP3_FRAME]))
    run = owned("tts", "-", "-m", "eleven_v3", "-o", "x.mp3", columns=columns)
    run.until("text> ")
    run.press(b"Hello.\n")
    if columns == 80:
        run.until("text> Hello.\r\ntext> ")
    else:
        run.until("text> ", times=2)  # the second one takes the key
    run.press(b"\x04")
    code, lines = run.lines()
    assert code == 0
    assert lines[0] == "text> Hello."
    assert lines[1].startswith("x.mp3 · ")
    assert lines[2:] == [""]


def test_an_error_at_a_prompt_leaves_nothing_of_it(owned, service, tmp_path):
    service.on_speech(json_reply({"detail": {"status": "voice_not_found", "message": "No such voice."}}, 404))
    run = owned("tts", "-", "-m", "eleven_v3", "-o", str(tmp_path / "x.mp3"))
    run.until("text> ")
    run.press(b"Hello.\n")
    code, lines = run.lines()
    assert code == 4
    assert [line for line in lines if line.startswith("error: ")]
    assert lines[-1] == ""


def test_speech_into_a_file_leaves_one_line(owned, service, tmp_path):
    service.on_speech(audio_reply([MP3_FRAME] * 100))
    code, lines = owned("tts", "hi", "-o", str(tmp_path / "x.mp3"), columns=200).lines()
    assert code == 0
    assert len(lines) == 2
    assert lines[0].startswith(f"{tmp_path / 'x.mp3'} · 2.6 s")


def test_cells_are_counted_as_a_terminal_does():
    assert [cells_of(character) for character in "aこ🎉\u0301é"] == [1, 2, 2, 0, 1]
