"""A room for the sound card: what its speaker plays comes back into a microphone, and who is in it can be heard too."""

import fcntl
import os
import subprocess
import threading
import time
from array import array
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path

from tests.support.soundcard import PIPE_BYTES, RATE, SoundCard

SOURCE = "room"
BYTES_PER_MS = RATE * 2 // 1000


class Room:
    """An echo `gain_db` louder than what was played, `delay_ms` later.

    `environ` lets a process listen in it. While the room is open the speaker's sound flows.
    """

    def __init__(self, card: SoundCard, gain_db: float, delay_ms: int) -> None:
        self._environ = {**os.environ, **card.environ}
        self._pipe_name = Path(card.environ["HOME"]) / SOURCE
        self._gain = 10 ** (gain_db / 20)
        self._echo = bytearray(delay_ms * BYTES_PER_MS)
        self._near = bytearray()
        self.environ = {"PULSE_SOURCE": SOURCE}

    def __enter__(self) -> "Room":
        source = f"source_name={SOURCE} file={self._pipe_name} rate={RATE} channels=1 format=s16le"
        self._module = self._pactl("load-module", "module-pipe-source", *source.split())
        self._pipe = os.open(self._pipe_name, os.O_WRONLY | os.O_NONBLOCK)
        fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        listening = ["parec", "-d", "spk.monitor", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1"]
        self._recorder = subprocess.Popen(
            [*listening, "--latency-msec=10"], env=self._environ, stdout=subprocess.PIPE, bufsize=0
        )
        self._thread = threading.Thread(target=self._sound, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._recorder.kill()
        self._recorder.wait()
        self._thread.join()
        self._pactl("unload-module", self._module)
        os.close(self._pipe)

    def speak(self, pcm: bytes) -> float:
        """Someone in the room says 16-bit samples at 16 kHz, from now on; gives this moment."""
        self._near = bytearray(pcm)
        return time.monotonic()

    def _sound(self) -> None:
        """At the pace of what is played: the sound card has no other clock."""
        assert self._recorder.stdout is not None
        while piece := self._recorder.stdout.read(1024):
            self._echo += piece
            size = len(piece)
            heard = self._mixed(self._echo[:size], self._near[:size])
            del self._echo[:size], self._near[:size]
            with suppress(OSError):  # nobody listens
                os.write(self._pipe, heard)

    def _mixed(self, echo: bytes, near: bytes) -> bytes:
        pairs = zip_longest(array("h", bytes(echo)), array("h", bytes(near)), fillvalue=0)
        samples = (round(far * self._gain) + close for far, close in pairs)
        return array("h", (max(min(sample, 32767), -32768) for sample in samples)).tobytes()

    def _pactl(self, *words: str) -> str:
        done = subprocess.run(["pactl", *words], env=self._environ, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.strip()
