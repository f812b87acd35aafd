"""A line that shows that something is still going on, and for how long."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from eleven_cli.api.http.uploads import Sent
from eleven_cli.commands.audio_transform import UploadLine
from eleven_cli.terminal import Progress, Terminal

TURN_S = 0.1
TURNS = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


@contextmanager
def waiting(terminal: Terminal) -> Iterator[Sent]:
    """Show what has been sent, and how long it takes, until the end; gives what is to be told of the bytes sent."""
    with terminal.progress() as progress:
        line = _Line(progress)
        thread = threading.Thread(target=line.turn, daemon=True)
        if terminal.stderr_is_terminal:
            with suppress(RuntimeError):  # no thread is left: then there is no line
                thread.start()
        try:
            yield line.sent
        finally:
            line.stop.set()
            if thread.is_alive():
                thread.join()


class _Line:
    """Only its own thread writes it: the one that sends may be stuck, and the line goes on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._said = "waiting for the service"
        self.stop = threading.Event()

    def sent(self, count: int, of: int | None) -> None:
        self._said = UploadLine.line(count, of)

    def turn(self) -> None:
        start, turns = time.monotonic(), 0
        while not self.stop.wait(TURN_S):
            passed_s = int(time.monotonic() - start)
            self._progress.update(f"{TURNS[turns % len(TURNS)]} {passed_s // 60}:{passed_s % 60:02d} · {self._said}")
            turns += 1
