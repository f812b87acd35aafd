"""Live lines: bars, the progress of an upload, elapsed time, and the position of playback."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from eleven_cli.commands.output import OutputPlan
from eleven_cli.commands.output.audio import REFRESH_S, Meter
from eleven_cli.errors import NetworkError
from eleven_cli.terminal import Progress, Terminal
from eleven_cli.terminal.text import cells, fitted

if TYPE_CHECKING:
    from eleven_cli.api.http.uploads import ProgressCallback

CELLS = 20
LOWEST_DB = -60.0
TURN_S = 0.1
TURNS = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
TICK_S = 0.2
ROOM_FOR_A_NAME = 59  # cells; with fewer, figures would be dropped for it
MINUTE_S, HOUR_S = 60, 3600


def bar(share: float, cells: int = CELLS) -> str:
    """Draw a share from 0 to 1 as a bar."""
    return ("█" * round(min(max(share, 0.0), 1.0) * cells)).ljust(cells, "·")


def level_bar(level_db: float, cells: int = CELLS) -> str:
    """Draw a level as a bar: empty at -60 dBFS, full at 0 dBFS."""
    return bar(1 - level_db / LOWEST_DB, cells)


class UploadLine:
    """Shows how much has been sent, several times a second; nothing for what is sent at once."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._shown_at = progress, time.perf_counter()

    def __call__(self, count: int, of: int | None) -> None:
        now = time.perf_counter()
        if now - self._shown_at >= REFRESH_S:
            self._shown_at = now
            self._progress.update(self.line(count, of))

    @staticmethod
    def line(count: int, of: int | None) -> str:
        """Give the text. `of` is None if the size is unknown."""
        if not of:
            return f"sent {count / 1e6:,.1f} MB"
        if count >= of:
            return f"sent {of / 1e6:,.1f} MB · waiting for the service"
        share = count / of
        return f"{bar(share)} sent {count / 1e6:,.1f} of {of / 1e6:,.1f} MB · {share:.0%}"


@contextmanager
def waiting(terminal: Terminal) -> Iterator["ProgressCallback"]:
    """Show elapsed time and the progress of an upload inside the `with`; gives the callback for bytes sent. The
    beginning of an answer that is lost on its way is kept, as it is paid for."""
    line = _WaitingLine()
    with terminal.progress() as progress, _kept_if_lost():
        if not terminal.stderr_is_terminal:
            yield line.sent
            return
        with _repeated(TURN_S, lambda: progress.update(line.turn())):
            yield line.sent


@contextmanager
def _kept_if_lost() -> Iterator[None]:
    try:
        yield
    except NetworkError as lost:
        if lost.received:
            from eleven_cli.commands.output.paid import keep_bytes

            keep_bytes(lost.received, "answer.json", lost, what="beginning of the answer is")
        raise


class _WaitingLine:
    """Written by its own thread only, so that it goes on while the sending thread is stuck."""

    def __init__(self) -> None:
        self._said = "waiting for the service"
        self._start, self._turns = time.monotonic(), 0

    def sent(self, count: int, of: int | None) -> None:
        self._said = UploadLine.line(count, of)

    def turn(self) -> str:
        turn = TURNS[self._turns % len(TURNS)]
        self._turns += 1
        return f"{turn} {minutes(time.monotonic() - self._start)} · {self._said}"


@contextmanager
def _repeated(pause_s: float, update: Callable[[], None]) -> Iterator[None]:
    """Call it after each pause inside the `with`, on a thread of its own; never where none can be started."""
    stop = threading.Event()

    def go_on() -> None:
        while not stop.wait(pause_s):
            update()

    thread = threading.Thread(target=go_on, daemon=True)
    with suppress(RuntimeError):
        thread.start()
    try:
        yield
    finally:
        stop.set()
        if thread.is_alive():
            thread.join()


class Position:
    """Counts the seconds that were played: real time that stops while no audio is there.

    meter   counts the audio that has arrived
    """

    def __init__(self, meter: Meter, clock: Callable[[], float] = time.monotonic) -> None:
        self._meter, self._clock = meter, clock
        self._before_s = meter.audio_s  # of earlier chapters
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
        """Give minutes and seconds: "0:03", and "0:03 / 0:12" when all audio has arrived."""
        length_s = self._meter.audio_s - self._before_s
        return minutes(self.seconds) + (f" / {minutes(length_s)}" if self._meter.is_over else "")


@contextmanager
def playing(
    meter: Meter, plan: OutputPlan, terminal: Terminal, progress: Progress, line: Callable[[int], str] | None = None
) -> Iterator[Callable[[], str]]:
    """Keep the live line up to date inside the `with`; gives its text, with the position if audio is played.

    line   takes a width in cells, and gives the rest of the text in at most so many; None for the meter's own
    """
    besides = line or (lambda width: without_end(meter.line(), width))

    def named() -> str:
        return _named(plan.file, besides, terminal.live_width)

    if not plan.play or not terminal.stderr_is_terminal:
        yield named
        return
    shown = _PositionLine(Position(meter), named)
    with _repeated(TICK_S, lambda: shown.show(progress)):
        yield shown.arriving


def without_end(line: str, width: int) -> str:
    """Drop parts, separated by " · ", from the end until the line fits."""
    parts = line.split(" · ")
    while len(parts) > 1 and cells(" · ".join(parts)) > width:
        parts.pop()
    return " · ".join(parts)


def minutes(seconds: float) -> str:
    """Format seconds as players do: "0:03", "12:34", "1:02:03"."""
    whole = int(seconds)
    if whole >= HOUR_S:
        return f"{whole // HOUR_S}:{whole % HOUR_S // MINUTE_S:02d}:{whole % MINUTE_S:02d}"
    return f"{whole // MINUTE_S}:{whole % MINUTE_S:02d}"


class _PositionLine:
    """The live line of audio that is played; its own thread writes it while nothing arrives."""

    def __init__(self, position: Position, line: Callable[[], str]) -> None:
        self._position, self._line = position, line
        self._said = ""

    def arriving(self) -> str:
        """Give the text when audio has arrived."""
        self._said = self._line()
        return f"{self._position.line()} · {self._said}"

    def show(self, progress: Progress) -> None:
        if self._said:
            progress.update(f"{self._position.line()} · {self._said}")


def _named(file: str | None, line: Callable[[int], str], width: int) -> str:
    """Put the file's name before the line if there is room, so that simultaneous runs can be told apart."""
    if file is None or width < ROOM_FOR_A_NAME:
        return line(width)
    from pathlib import PurePath

    name = fitted(PurePath(file).name, width // 3)
    return f"{name} · {line(width - cells(name) - 3)}"
