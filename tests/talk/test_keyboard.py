"""Keys and status line of a call, over a real pty."""

import io
import os
import pty
import termios

import pytest

from eleven_cli.commands.talk.keyboard import Keyboard
from eleven_cli.terminal import Terminal


@pytest.fixture
def screen():
    """A terminal on a pty; gives (terminal, type, shown, mode)."""
    leader, follower = pty.openpty()
    with open(follower, encoding="utf-8", closefd=False) as stdin, open(follower, "w", closefd=False) as out:
        yield Terminal(stdin, out, out, {}), leader, follower
    os.close(leader)
    os.close(follower)


def shown(leader):
    os.set_blocking(leader, False)
    try:
        return os.read(leader, 10_000).decode()
    except BlockingIOError:
        return ""


def test_keys_and_a_typed_line(screen):
    terminal, leader, follower = screen
    before = termios.tcgetattr(follower)
    done, typed = [], []
    with Keyboard(terminal, {"m": lambda: done.append("m"), "q": lambda: done.append("q")}, typed.append) as keyboard:
        for keys in (b"m", b"x", b"t", b"Hal", b"lx\x7fo q", b"\r", b"q", b"t", b"no\x1b", b"t\r"):
            os.write(leader, keys)
            keyboard.look("0:01")
            keyboard.look("0:01")
    assert (done, typed) == (["m", "q"], ["Hallo q"])
    assert termios.tcgetattr(follower) == before


def test_the_mode_is_put_back_after_an_exception(screen):
    terminal, _, follower = screen
    before = termios.tcgetattr(follower)
    modes = []
    with pytest.raises(ZeroDivisionError), Keyboard(terminal, {}, print):
        modes.append(termios.tcgetattr(follower) == before or 1 / 0)
    assert modes == []
    assert termios.tcgetattr(follower) == before


def test_lines_are_printed_above_the_status(screen):
    terminal, leader, _ = screen
    with Keyboard(terminal, {}, print) as keyboard:
        keyboard.look("0:01 status")
        terminal.print("Agent: hi")
        terminal.note("note")
        keyboard.look("0:02 status")
        text = shown(leader)
    first, _, rest = text.partition("Agent: hi")
    assert "0:01 status" in first
    assert first.endswith("\r\x1b[K"), "the status is gone before the line"
    assert "0:01 status" in rest.partition("note")[0], "and back after it"
    assert shown(leader).endswith("\r\x1b[K"), "and gone at the end"


def test_a_status_longer_than_the_line_is_cut(screen):
    terminal, leader, _ = screen
    with terminal.status() as status:
        status.update("x" * 1000)
        assert len(shown(leader)) < 100


def test_nothing_in_a_pipe():
    streams = [io.TextIOWrapper(io.BytesIO()) for _ in range(3)]
    terminal = Terminal(*streams, {})
    with Keyboard(terminal, {}, print) as keyboard:
        keyboard.look("0:01")
    assert streams[2].buffer.getvalue() == b""
