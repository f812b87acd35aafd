"""Keys and status line of a call, over a real pty."""

import io
import os
import pty
import select
import termios

import pytest

from eleven_cli.commands.talk.keyboard import Keyboard
from eleven_cli.terminal import Terminal
from tests.support.guard import GUARD_S

MARK = b"\x07"


@pytest.fixture
def screen():
    """A terminal on a pty; gives (terminal, type, shown, mode)."""
    leader, follower = pty.openpty()
    with open(follower, encoding="utf-8", closefd=False) as stdin, open(follower, "w", closefd=False) as out:
        yield Terminal(stdin, out, out, {}), leader, follower
    os.close(leader)
    os.close(follower)


def press(leader, follower, keys):
    """Type on the terminal; the kernel hands on what is written to a pty a moment later."""
    os.write(leader, keys)
    if keys:
        assert select.select([follower], [], [], GUARD_S)[0]


def shown(leader, follower):
    """All that was written to the terminal by now: what stands before a mark that is written after it."""
    os.write(follower, MARK)
    text = b""
    while not text.endswith(MARK):
        text += os.read(leader, 10_000)
    return text.removesuffix(MARK).decode()


def test_keys_and_a_typed_line(screen):
    terminal, leader, follower = screen
    before = termios.tcgetattr(follower)
    done, typed = [], []
    with Keyboard(terminal, {"m": lambda: done.append("m"), "q": lambda: done.append("q")}, typed.append) as keyboard:
        for keys in (b"m", b"x", b"t", b"Hal", b"lx\x7fo q", b"\r", b"q", b"t", b"no\x1b", b"t\r"):
            press(leader, follower, keys)
            keyboard.look("0:01")
            keyboard.look("0:01")
    assert (done, typed) == (["m", "q"], ["Hallo q"])
    assert termios.tcgetattr(follower) == before


@pytest.mark.parametrize(
    ("keys", "typed"),
    [
        pytest.param([b"t", b"helo", b"\x1b[D", b"l\r"], ["helol"], id="an arrow key"),
        pytest.param([b"t", b"a\x1b[1;5Cb\x1bOPc\x1b[3~d\r"], ["abcd"], id="others amid the letters"),
        pytest.param([b"t", b"a\x1b[", b"Db\r"], ["ab"], id="an arrow in two pieces"),
        pytest.param([b"t", b"Gr\xc3", b"\xbc\xc3\x9fe \xe4\xb8", b"\x96\r"], ["Grüße 世"], id="letters in pieces"),
        pytest.param([b"t", b"a\x1b", b"[Db\r"], ["ab"], id="in two other pieces"),
        pytest.param([b"t", b"a\x1b", b"", b"m", b"tb\r"], ["b"], id="escape drops the line"),
        pytest.param([b"t", b"hello\nquit it\n"], ["hello", "quit it"], id="two lines at once"),
        pytest.param([b"t", b"hello\rquit it", b"\r"], ["hello", "quit it"], id="the second is finished by hand"),
        pytest.param([b"t", b"hello\r\n", b"m"], ["hello"], id="one line with a Windows end"),
        pytest.param([b"\x1b[A", b"\x1b[15~", b"\x1bOq"], [], id="arrows are no commands"),
    ],
)
def test_what_is_typed_and_pasted(screen, keys, typed):
    terminal, leader, follower = screen
    done, lines = [], []
    actions = {"q": lambda: done.append("q"), "m": lambda: None, "A": lambda: done.append("A")}
    with Keyboard(terminal, actions, lines.append) as keyboard:
        for piece in keys:
            press(leader, follower, piece)
            keyboard.look("0:01")
    assert (lines, done) == (typed, [])


def test_the_agent_is_told_of_every_key_of_a_line_and_of_no_other(screen):
    terminal, leader, follower = screen
    told = []
    with Keyboard(terminal, {"m": lambda: None}, lambda line: None, lambda: told.append(1)) as keyboard:
        for keys, count in ((b"m", 0), (b"t", 1), (b"a", 2), (b"\r", 2), (b"m", 2)):
            press(leader, follower, keys)
            keyboard.look("0:01")
            assert len(told) == count


def test_a_pipe_on_the_same_terminal_is_not_disturbed(screen):
    """`eleven talk | head`: what comes out of the pipe is shown where the status line would stand."""
    _, leader, follower = screen
    with open(follower, encoding="utf-8", closefd=False) as stdin, open(follower, "w", closefd=False) as stderr:
        piped = Terminal(stdin, io.TextIOWrapper(io.BytesIO()), stderr, {})
        with Keyboard(piped, {}, print) as keyboard:
            keyboard.look("0:01 status")
            keyboard.look("0:02 status")
    assert shown(leader, follower).replace("\r", "") == "m mute · i interrupt · t type · q hang up\n", (
        "once, in place of the line"
    )


def test_a_terminal_that_is_gone_is_no_trouble():
    leader, follower = pty.openpty()
    with (
        open(follower, encoding="utf-8") as stdin,
        open(os.devnull, "w") as out,
        Keyboard(Terminal(stdin, out, out, {}), {}, print) as keyboard,
    ):
        os.close(leader)
        keyboard.look("0:01")


def test_the_mode_is_put_back_after_an_exception(screen):
    terminal, _, follower = screen
    before = termios.tcgetattr(follower)
    modes = []
    with pytest.raises(ZeroDivisionError), Keyboard(terminal, {}, print):
        modes.append(termios.tcgetattr(follower) == before or 1 / 0)
    assert modes == []
    assert termios.tcgetattr(follower) == before


def test_lines_are_printed_above_the_status(screen):
    terminal, leader, follower = screen
    with Keyboard(terminal, {}, print) as keyboard:
        keyboard.look("0:01 status")
        terminal.print("Agent: hi")
        terminal.note("note")
        keyboard.look("0:02 status")
        text = shown(leader, follower)
    first, _, rest = text.partition("Agent: hi")
    assert "0:01 status" in first
    assert first.endswith("\r\x1b[K"), "the status is gone before the line"
    assert "0:01 status" in rest.partition("note")[0], "and back after it"
    assert shown(leader, follower).endswith("\r\x1b[K"), "and gone at the end"


def test_a_status_longer_than_the_line_is_cut(screen):
    terminal, leader, follower = screen
    with terminal.status() as status:
        status.update("x" * 1000)
        assert len(shown(leader, follower)) < 100


def test_nothing_in_a_pipe():
    streams = [io.TextIOWrapper(io.BytesIO()) for _ in range(3)]
    terminal = Terminal(*streams, {})
    with Keyboard(terminal, {}, print) as keyboard:
        keyboard.look("0:01")
    assert streams[2].buffer.getvalue() == b""
