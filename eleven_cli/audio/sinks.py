"""Sinks of audio: a `with`; leaving it without `finish()` means "stop now"."""

from typing import Any, Protocol, Self


class Sink(Protocol):
    def __enter__(self) -> Self: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any, /) -> None: ...

    def write(self, data: bytes) -> None: ...

    def finish(self) -> None:
        """Complete the output: all is written."""


class SeekableSink(Sink, Protocol):
    def rewrite_header(self, data: bytes) -> None:
        """Overwrite the first bytes if the output can seek."""
