"""WavInput: a WAV file in place of the microphone."""

import threading
from collections.abc import Iterator
from typing import BinaryIO, Self

from eleven_cli.audio.call.ticker import Ticker
from eleven_cli.audio.codecs.wav import WavHeader, mono, read_header
from eleven_cli.audio.formats import SAMPLE_BYTES
from eleven_cli.audio.pcm import FRAME_MS, bytes_of, frame_bytes
from eleven_cli.audio.resample import ResampledBuffer
from eleven_cli.errors import PackageMissing, UsageError
from eleven_cli.pump import Pump

AHEAD_S = 1.0
STREAM_HINT = "ffmpeg -i FILE -f wav - | eleven talk --input -"


class WavInput:
    """Iterate over 20 ms frames of PCM at `rate` Hz, in real time: the file's sound, then silence until `close()`.

    `source` is a path or a binary stream, which is read while it arrives: a pause in it is a pause in what is spoken.
    `since` is the moment (monotonic clock) from which real time counts, usually that of the first frame: what is there
    by then of a stream that began earlier is spoken immediately, and the rest without delay.
    With `whole`, UsageError is raised at the end of what is shorter than its header says, or holds no sound; `name` is
    what the user calls a stream.
    `exhausted` is set when all of it was spoken; while `held`, silence is spoken instead.
    Raises UsageError for a file that cannot be opened, and while iterating for data that is not WAV.
    """

    latency_s = 0.0

    def __init__(
        self,
        source: str | BinaryIO,
        rate: int,
        *,
        name: str = "standard input",
        since: float | None = None,
        whole: bool = False,
    ) -> None:
        self._source, self._rate, self._name, self._since, self._whole = source, rate, name, since, whole
        self._frame_bytes = frame_bytes(rate)
        self._buffer = ResampledBuffer(rate, rate, bytes_of(AHEAD_S, rate))
        self._part = b""
        self._closed = threading.Event()
        self.exhausted = threading.Event()
        self.held = False

    def __enter__(self) -> Self:
        stream, name = self._opened()
        self._reader = Pump(self._sound(stream, name), self._buffer.write, done=self._buffer.end)
        self._reader.start()
        return self

    def __iter__(self) -> Iterator[bytes]:
        ticker = Ticker(FRAME_MS / 1000, since=self._since)
        while ticker.wait(self._closed):
            yield self._next() or self._late(ticker) or bytes(self._frame_bytes)

    def close(self) -> None:
        """End the iteration immediately, from any thread. A reader that waits for a pipe stays behind as a daemon."""
        self._closed.set()
        self._buffer.abandon()

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _next(self) -> bytes:
        """Give a frame; b"" if none is there now."""
        if self.held or self.exhausted.is_set():
            return b""
        self._part += self._buffer.take(self._frame_bytes - len(self._part))
        ended = self._buffer.drained and not self._closed.is_set()  # closing drains it too, but the reader may wait on
        if len(self._part) < self._frame_bytes and not ended:
            return b""
        frame, self._part = self._part, b""
        if not frame:
            self._reader.join_or_raise()
            self.exhausted.set()
        return frame and frame.ljust(self._frame_bytes, b"\0")

    def _late(self, ticker: Ticker) -> bytes:
        """Give a late frame: what comes within 20 ms, else the rest of a sound that pauses."""
        hurries = self._since is not None and ticker.is_late
        if self.held or not (hurries or self._part or self._buffer.holds_some):
            return b""
        self._closed.wait(FRAME_MS / 1000)  # the reader may have more, and only be slower
        frame = self._next() or self._rest()
        if not frame and hurries:
            ticker.restart()
        return frame

    def _rest(self) -> bytes:
        """Give the end of a sound as a frame padded with silence; b"" if nothing waits."""
        frame, self._part = self._part + self._buffer.drain(self._frame_bytes - len(self._part)), b""
        return frame and frame.ljust(self._frame_bytes, b"\0")

    def _opened(self) -> tuple[BinaryIO, str]:
        if isinstance(self._source, str):
            return opened(self._source), self._source
        return self._source, self._name

    def _sound(self, stream: BinaryIO, name: str) -> Iterator[bytes]:
        try:
            header = read_header(stream, name)
            self._buffer.change_source(header.rate)
            samples = 0
            for piece in mono(stream, header):
                if self._closed.is_set():
                    return
                samples += len(piece) // SAMPLE_BYTES
                yield piece
            if self._whole:
                _expect_all(name, header, samples)
        except OSError as failed:
            raise UsageError(f"cannot read {name}: {failed.strerror}") from failed
        except PackageMissing:
            raise
        except UsageError as refused:
            if stream is self._source:
                refused.hint = STREAM_HINT
            raise


def _expect_all(name: str, header: WavHeader, samples: int) -> None:
    if not samples:
        raise UsageError(f"{name} is a WAV file without audio")
    if header.data_bytes is not None and samples < header.data_bytes // header.frame_bytes:
        raise UsageError(f"{name} is truncated: it holds less audio than its header says")


def opened(path: str) -> BinaryIO:
    """Open a file for reading. Raises UsageError."""
    try:
        return open(path, "rb")
    except OSError as failed:
        raise UsageError(f"cannot read {path}: {failed.strerror}", hint="--input FILE.wav") from failed
