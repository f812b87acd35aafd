"""Sinks of audio, and copying to several. A sink is a `with`; leaving it without `finish()` means "stop now"."""

from collections.abc import Iterable
from typing import Any, Protocol, Self

from eleven_cli.errors import AudioError


class Sink(Protocol):
    def __enter__(self) -> Self: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any, /) -> None: ...

    def write(self, data: bytes) -> None: ...

    def finish(self) -> None:
        """Complete the output: all is written."""


class SeekableSink(Sink, Protocol):
    def rewrite_header(self, data: bytes) -> None:
        """Overwrite the first bytes if the output can seek."""


def copy(chunks: Iterable[bytes], *sinks: Sink) -> None:
    """Write each chunk to each sink as it arrives, then finish them in order.

    A sink that fails with AudioError is dropped while others still work, and its error is raised at the end: a broken
    player must not cost the file.
    """
    alive, broken = list(sinks), None
    for chunk in chunks:
        for sink in list(alive):
            try:
                sink.write(chunk)
            except AudioError as error:
                if len(alive) == 1:
                    raise
                alive.remove(sink)
                broken = error
    for sink in alive:
        sink.finish()
    if broken:
        raise broken
