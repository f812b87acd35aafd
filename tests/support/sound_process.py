"""A piece of program on the sound card, in a process of its own: PortAudio finds its devices once a process."""

import os
import subprocess
import sys
import textwrap

from tests.support.guard import GUARD_S

START = """
import sys, time
from eleven_cli.audio.devices import portaudio
from eleven_cli.audio.call.call_audio import CallAudioOptions, CallAudio, check
from eleven_cli.audio.formats import Format, named
from eleven_cli.audio.pcm import level_db, tone
from eleven_cli.audio.devices.microphone import Microphone
from eleven_cli.audio.devices.speaker import Speaker
from eleven_cli.errors import ElevenError

def say(*words):
    print(*words, flush=True)

def told():
    return sys.stdin.readline()

def refuse_all_rates_but(rate):
    library = portaudio.library()
    really = library.open
    def picky(**wanted):
        if wanted["rate"] != rate:
            raise OSError(-9997, "Invalid sample rate")
        return really(**wanted)
    library.open = picky

"""
END = """
import os
os._exit(0)  # as the program does: a sound server that hangs would keep PortAudio from ending
"""


class SoundProcess:
    """Runs `code`, which says lines (`say(...)`) and waits to be told to go on (`told()`)."""

    def __init__(self, card, code, **environ):
        self._process = subprocess.Popen(
            [sys.executable, "-c", START + textwrap.dedent(code) + END],
            env={**os.environ, **card.environ, **environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._process.kill()
        self._process.communicate()

    def line(self):
        line = self._process.stdout.readline()
        assert line, self._process.communicate()[1]
        return line.strip()

    def go_on(self):
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def end(self):
        """The rest of what it said, once it has ended well and without a word on stderr."""
        out, err = self._process.communicate(timeout=GUARD_S)
        assert (self._process.returncode, err) == (0, "")
        return out.split("\n")[:-1]
