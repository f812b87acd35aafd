"""Where in a sound its listener is, shown while it is played."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from eleven_cli.commands.output.audio import Outlets
from eleven_cli.commands.output.meter import Meter
from eleven_cli.terminal import Progress, Terminal
from eleven_cli.terminal.text import cells, fitted

TICK_S = 0.2
ROOM_FOR_A_NAME = 59  # cells
MINUTE_S, HOUR_S = 60, 3600


class Position:
    """Counts the seconds that are heard: real time, which stands still while there is nothing to be heard.

    meter   counts what has arrived
    """

    def __init__(self, meter: Meter, clock: Callable[[], float] = time.monotonic) -> None:
        self._meter, self._clock = meter, clock
        self._before_s = meter.audio_s  # of chapters that were heard before
        self._seconds = 0.0
        self._looked_at: float | None = None

    @property
    def seconds(self) -> float:
        now, arrived_s = self._clock(), self._meter.audio_s - self._before_s
        if self._looked_at is not None:
            self._seconds = min(self._seconds + now - self._looked_at, arrived_s)
        if arrived_s or self._looked_at is not None:
            self._looked_at = now
        return self._seconds

    def line(self) -> str:
        """Minutes and seconds: "0:03", and "0:03 / 0:12" when all of it is here."""
        length_s = self._meter.audio_s - self._before_s
        return minutes(self.seconds) + (f" / {minutes(length_s)}" if self._meter.is_over else "")


@contextmanager
def playing(
    meter: Meter, outlets: Outlets, terminal: Terminal, progress: Progress, line: Callable[[int], str] | None = None
) -> Iterator[Callable[[], str]]:
    """While a sound is on its way to where it goes; gives what the live line should say, with the position where it
    is heard. `line` is what it says besides, in so many cells."""
    besides = line or (lambda width: without_end(meter.line(), width))

    def named() -> str:
        return _named(outlets.file, besides, terminal.live_width)

    if not outlets.play or not terminal.stderr_is_terminal:
        yield named
        return
    shown = _Shown(Position(meter), named)
    thread = threading.Thread(target=shown.go_on, args=(progress,), daemon=True)
    with suppress(RuntimeError):  # no thread is left: then the position stands still at the end
        thread.start()
    try:
        yield shown.arriving
    finally:
        shown.stop.set()
        if thread.is_alive():
            thread.join()


def without_end(line: str, width: int) -> str:
    """As many of its parts, which " · " divides, as fit."""
    parts = line.split(" · ")
    while len(parts) > 1 and cells(" · ".join(parts)) > width:
        parts.pop()
    return " · ".join(parts)


def minutes(seconds: float) -> str:
    """As players show it: "0:03", "12:34", "1:02:03"."""
    whole = int(seconds)
    if whole >= HOUR_S:
        return f"{whole // HOUR_S}:{whole % HOUR_S // MINUTE_S:02d}:{whole % MINUTE_S:02d}"
    return f"{whole // MINUTE_S}:{whole % MINUTE_S:02d}"


class _Shown:
    """The live line of a sound that is heard. Its own thread writes it while nothing arrives."""

    def __init__(self, position: Position, line: Callable[[], str]) -> None:
        self._position, self._line = position, line
        self._said = ""
        self.stop = threading.Event()

    def arriving(self) -> str:
        """What it says when something has arrived."""
        self._said = self._line()
        return f"{self._position.line()} · {self._said}"

    def go_on(self, progress: Progress) -> None:
        while not self.stop.wait(TICK_S):
            if self._said:
                progress.update(f"{self._position.line()} · {self._said}")


def _named(file: str | None, line: Callable[[int], str], width: int) -> str:
    """The same, with the file's name, by which runs at the same time are told apart, where there is room for it."""
    if file is None or width < ROOM_FOR_A_NAME:
        return line(width)
    from pathlib import PurePath

    name = fitted(PurePath(file).name, width // 3)
    return f"{name} · {line(width - cells(name) - 3)}"
