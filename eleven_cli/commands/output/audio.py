"""Audio on its way to its places: opened all or none, written as it arrives, counted."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from eleven_cli.audio.formats import Format
from eleven_cli.commands.output import OutputPlan
from eleven_cli.errors import AudioError, ExitStack
from eleven_cli.terminal import Progress, Terminal

if TYPE_CHECKING:
    from eleven_cli.audio.sinks import SeekableSink, Sink

REFRESH_S = 0.1


class Meter:
    """Counts a stream. Times are seconds since `start`, just before the request. is_over: the stream has ended."""

    def __init__(self, fmt: Format) -> None:
        self.fmt, self.byte_count, self.is_over = fmt, 0, False
        self.first_byte_s: float | None = None
        self.total_s = self._started = 0.0

    def start(self) -> None:
        """Start the clock, just before the request."""
        self._started = time.perf_counter()

    @property
    def since_start_s(self) -> float:
        return time.perf_counter() - self._started

    @property
    def audio_s(self) -> float:
        """Seconds of audio so far; an estimate for Opus."""
        return self.byte_count / self.fmt.bytes_per_second

    def watch(
        self, chunks: Iterable[bytes], progress: Progress, line: Callable[[], str] | None = None
    ) -> Iterator[bytes]:
        """Pass chunks on and count them; `progress` shows `line()` several times a second."""
        line = line or self.line
        shown_s, self.is_over = 0.0, False
        try:
            for chunk in chunks:
                self._count(chunk)
                yield chunk
                if self.total_s - shown_s >= REFRESH_S:
                    shown_s = self.total_s
                    progress.update(line())
        except (KeyboardInterrupt, SystemExit) as stopped:
            for chunk in _rest(chunks, stopped):
                self._count(chunk)
                yield chunk
            raise
        self.is_over = True
        progress.update(line())

    @property
    def figures(self) -> dict[str, float]:
        """The figures for --json and --stats."""
        return {
            "first_byte_ms": round((self.first_byte_s or 0) * 1000),
            "total_ms": round(self.total_s * 1000),
            "audio_s": round(self.audio_s, 2),
            "bytes": self.byte_count,
        }

    def line(self) -> str:
        """Give the text of the live line."""
        first_ms = (self.first_byte_s or 0.0) * 1000
        return f"{self.audio_s:.1f} s of audio · {self.byte_count:,} bytes · first byte {first_ms:.0f} ms"

    def _count(self, chunk: bytes) -> None:
        self.byte_count += len(chunk)
        self.total_s = time.perf_counter() - self._started
        if self.first_byte_s is None:
            self.first_byte_s = self.total_s


@contextmanager
def open_sinks(plan: OutputPlan, terminal: Terminal, *, no_clobber: bool) -> "Iterator[list[Sink]]":
    """Open all sinks or none; files come first, so that they are complete before playback ends."""
    with ExitStack() as stack:
        places: list[SeekableSink] = []
        if plan.file:
            from eleven_cli.files.sinks import file_sink

            places.append(file_sink(plan.file, no_clobber=no_clobber))
        if plan.stdout:
            places.append(terminal.audio())
        sinks: list[Sink] = [_with_header(place, plan.fmt) for place in places]
        if plan.play:
            from eleven_cli.audio.devices.players import player_for

            stack.enter_context(_playback_hint(plan))

            player = player_for(plan.fmt.wire)
            sinks.append(player if places else _with_backup(player, plan.fmt.wire))
        for sink in sinks:
            stack.enter_context(sink)
        yield sinks


@contextmanager
def _playback_hint(plan: OutputPlan) -> Iterator[None]:
    """Hint at the sound device, not at writing a file, where one is written anyway."""
    try:
        yield
    except AudioError as failed:
        if plan.file:
            failed.hint = "check the sound device: eleven devices; or omit --play"
        raise


def copy(chunks: Iterable[bytes], *sinks: "Sink") -> None:
    """Write each chunk to each sink as it arrives, then finish them in order.

    A sink that fails with AudioError is dropped while others still work, and its error is raised at the end: a broken
    player must not cost the file. What the source holds back goes into a file even when a signal ends it.
    """
    alive, broken = list(sinks), None

    def write(chunk: bytes) -> None:
        nonlocal broken
        for sink in list(alive):
            try:
                sink.write(chunk)
            except AudioError as error:
                if len(alive) == 1:
                    raise
                alive.remove(sink)
                broken = error

    try:
        for chunk in chunks:
            write(chunk)
    except (KeyboardInterrupt, SystemExit) as stopped:
        alive = [sink for sink in alive if getattr(sink, "never_waits", False)]  # a player or a pipe may be full
        for chunk in _rest(chunks, stopped):
            write(chunk)
        raise
    for sink in alive:
        sink.finish()
    if broken:
        raise broken


def _rest(chunks: Iterable[bytes], stopped: BaseException) -> Iterator[bytes]:
    """What a generator still gives when a signal that struck elsewhere is raised in it; nothing if it has ended."""
    if isinstance(chunks, Generator):
        with suppress(type(stopped), StopIteration):
            yield chunks.throw(stopped)
            yield from chunks


def summary(name: str | None, meter: Meter, cost: str) -> str:
    """Give name, duration and cost: "hello.mp3 · 1.5 s · 12 credits"."""
    return " · ".join(filter(None, [name or "", f"{meter.audio_s:,.1f} s", cost]))


def _with_backup(player: "Sink", fmt: Format) -> "Sink":
    """Without a file, keep a backup: a playback failure must not lose paid audio."""
    from eleven_cli.audio.devices.backup import BackupPlayer

    return BackupPlayer(player, fmt)


def _with_header(place: "SeekableSink", fmt: Format) -> "Sink":
    if fmt.codec != "wav":
        return place
    from eleven_cli.audio.codecs.wav import WavSink

    return WavSink(place, fmt.rate, fmt.channels)
