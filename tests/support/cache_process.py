"""Processes of their own, told and heard line by line."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Child(subprocess.Popen):
    """A Python program. Whatever it prints to stderr fails the test that looks at `end()`."""

    def __init__(self, program: str, *argv: object) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        super().__init__([sys.executable, "-c", program, *map(str, argv)], text=True, **pipes)

    def line(self) -> str:
        """What it says next; fails when it ended without saying anything."""
        line = self.stdout.readline()
        assert line, self.stderr.read()
        return line.rstrip("\n")

    def end(self) -> tuple[int, str]:
        """Let its stdin end, and wait: its exit code and the rest of what it said."""
        out, err = self.communicate(timeout=50)
        assert not err, err
        return self.returncode, out


@contextmanager
def child(program: str, *argv: object) -> Iterator[Child]:
    process = Child(program, *argv)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()
