"""Counts a stream of audio, and reports a result: one line for a person, or all figures as JSON."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from eleven_cli.errors import LimitError
from eleven_cli.terminal import Progress, Terminal

if TYPE_CHECKING:
    from eleven_cli.audio.formats import Format
    from eleven_cli.commands.output.audio import OutputPlan

TOO_MUCH = "max_credits"
_NAMED = (("voice", "voice_id"), ("request", "request_id"))
REFRESH_S = 0.1


class Meter:
    """Counts a stream. Times are seconds since `start`, just before the request. is_over: the stream has ended."""

    def __init__(self, fmt: "Format") -> None:
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
        for chunk in chunks:
            self._count(chunk)
            yield chunk
            if self.total_s - shown_s >= REFRESH_S:
                shown_s = self.total_s
                progress.update(line())
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


def counted(number: int, one: str, many: str = "") -> str:
    """Give a number with its noun: "1 credit", "1,234 credits"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def summary(name: str | None, meter: "Meter", cost: str) -> str:
    """Give name, duration and cost: "hello.mp3 · 1.5 s · 12 credits"."""
    return " · ".join(filter(None, [name or "", f"{meter.audio_s:,.1f} s", cost]))


def measures(figures: Mapping[str, object]) -> list[str]:
    """Give what --stats says of any audio: timings, size, voice and request."""
    return [
        f"first byte {figures['first_byte_ms']} ms",
        f"{figures['audio_s']} s of audio in {figures['total_ms']} ms",
        f"{figures['bytes']} bytes of {figures['format']}",
        *(f"{word} {figures[name]}" for word, name in _NAMED if figures.get(name)),
    ]


def report_figures(
    terminal: Terminal, figures: Mapping[str, object], plan: "OutputPlan", *, stdout_is_taken: bool = False
) -> None:
    """Print one JSON object on stdout, or on stderr if stdout has audio or something else."""
    value = with_warnings(terminal, figures)
    if plan.stdout or stdout_is_taken:
        terminal.report(value)
    else:
        terminal.json(value)


def check_report(terminal: Terminal, plan: "OutputPlan", *, as_json: bool) -> None:
    """Raise ElevenError if the figures cannot be printed, before anything is paid for."""
    if as_json and not plan.stdout:
        terminal.refuse_closed_stdout()


def with_warnings(terminal: Terminal, figures: Mapping[str, object]) -> dict[str, object]:
    """Add the warnings to the figures: with --json they are not printed on stderr."""
    return {**figures, **({"warnings": terminal.warnings} if terminal.warnings else {})}


def check_limit(credits: int, max_credits: int) -> None:
    """Raise LimitError if it would cost more."""
    if credits > max_credits:
        raise LimitError(
            f"this would cost about {counted(credits, 'credit')}, more than {max_credits:,}",
            hint="allow more with --max-credits N; --dry-run shows what it would cost",
            code=TOO_MUCH,
        )


def keeps_existing(terminal: Terminal, *files: str | None, no_clobber: bool, as_json: bool = False) -> bool:
    """Whether --no-clobber keeps one of these files, so that nothing is to do; reports that, `as_json` as an object.

    The files of one run belong together: subtitles of another take would not fit.
    """
    kept = next((file for file in files if file and no_clobber and is_there(file)), None)
    if kept is None:
        return False
    if as_json:
        terminal.json({"file": kept, "skipped": True})
    else:
        terminal.note(f"{kept} exists, and is left alone")
    return True


def is_there(file: str) -> bool:
    """Whether writing to `file` would replace a file."""
    from eleven_cli.files.descriptors import is_direct, is_stdout

    return not (is_stdout(file) or is_direct(file)) and os.path.isfile(file)
