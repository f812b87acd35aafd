"""A program run on a terminal of its own, to its end."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Callable
from typing import Any

from tests.support.guard import GUARD_S


def run_on_terminal(
    start: Callable[..., "subprocess.Popen[bytes]"], *argv: Any, columns: int = 80, lines: int = 24, **options: Any
) -> tuple[int, str]:
    """The exit code, and all that stood on the terminal.

    start  starts the program as subprocess.Popen does, with these arguments and options
    """
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    process = start(*argv, **{"stdin": follower, "stdout": follower, "stderr": follower, **options})
    os.close(follower)
    shown = b""
    try:
        while piece := os.read(leader, 65536):
            shown += piece
    except OSError:  # a pty's way to say that the other end is closed
        pass
    finally:
        os.close(leader)
    return process.wait(timeout=GUARD_S), shown.decode()


def read_all(descriptor):
    try:
        while piece := os.read(descriptor, 4096):
            yield piece
    except OSError:  # what a pty says when the other end is closed
        pass


def read_until(descriptor, wanted):
    shown = b""
    while wanted not in shown:
        shown += os.read(descriptor, 1000)
    return shown
