"""Meter: counts a stream of audio for the live line and for --stats."""

import time
from collections.abc import Callable, Iterable, Iterator

from eleven_cli.audio.formats import Format
from eleven_cli.terminal import Progress

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
