"""Where audio can go, and copying it there. Every sink is a `with`; leaving it without `finish()` means "stop now"."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Protocol, Self

from eleven_cli.audio.formats import SAMPLE_BYTES, WAV_HEADER_BYTES, wav_header
from eleven_cli.errors import AudioError, ElevenError


class Sink(Protocol):
    def __enter__(self) -> Self: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any, /) -> None: ...

    def write(self, data: bytes) -> None: ...

    def finish(self) -> None:
        """All is written: drain, complete, close."""


class PatchableSink(Sink, Protocol):
    def patch_start(self, data: bytes) -> None:
        """Overwrite the first bytes, where that is possible."""


def copy(chunks: Iterable[bytes], *sinks: Sink) -> None:
    """Each chunk to each sink as it comes, then finish them in order.

    A sink that fails with AudioError while others still work is given up, and its error raised at the end: a broken
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


class WavSink:
    """PCM in, WAV out to another sink: a header for a stream first, the true lengths when they are known."""

    def __init__(self, sink: PatchableSink, rate: int) -> None:
        self._sink, self._rate = sink, rate
        self._bytes, self._finished = 0, False

    def __enter__(self) -> "WavSink":
        self._sink.__enter__()
        return self

    def write(self, data: bytes) -> None:
        if not self._bytes:
            data = wav_header(self._rate) + data
        self._sink.write(data)
        self._bytes += len(data)

    def finish(self) -> None:
        if self._bytes % SAMPLE_BYTES:
            self.write(b"\0")  # half a sample is none
        self._complete_header()
        self._finished = True
        self._sink.finish()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None and not self._finished:
            with suppress(ElevenError):  # the reason is on its way already
                self._complete_header()
        self._sink.__exit__(kind, error, trace)

    def _complete_header(self) -> None:
        if self._bytes:
            self._sink.patch_start(wav_header(self._rate, self._bytes - WAV_HEADER_BYTES))
