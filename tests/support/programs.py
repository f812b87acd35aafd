"""The program as a process: one that is changed, one whose stdin the test writes, and what it says."""

import os
import subprocess
import sys

from tests.support.guard import GUARD_S
from tests.support.speech_socket import heard, sound_of


def patched(change, *argv, **options):
    """The program with something of it changed, as a process of its own."""
    code = f"{change}\nfrom eleven_cli.__main__ import run\nrun()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", code, *argv], **{**pipes, **options})


def outcome(process, timeout=25):
    out, err = process.communicate(timeout=timeout)
    return process.returncode, out.decode(), err.decode()


def started(process):
    """The address it announces."""
    line = process.stderr.readline().decode()
    assert line.startswith("sandbox: http://127.0.0.1:")
    return line.split()[1]


class Writer:
    """A program whose stdin is written by the test."""

    def __init__(self, process):
        self.process = process

    def write(self, text):
        os.write(self.process.stdin.fileno(), text if isinstance(text, bytes) else text.encode())

    def hear(self, text):
        """Read exactly the sound of a text."""
        wanted = len(sound_of(text))
        pcm = b""
        while len(pcm) < wanted:
            piece = os.read(self.process.stdout.fileno(), wanted - len(pcm))
            assert piece, f"the sound ended after {heard(pcm)!r}"
            pcm += piece
        assert heard(pcm) == text

    def end(self):
        """Close its stdin; gives exit code, the rest of its output, and what it said."""
        self.process.stdin.close()
        self.process.stdin = None
        out, err = self.process.communicate(timeout=GUARD_S)
        return self.process.returncode, heard(out), err.decode()
