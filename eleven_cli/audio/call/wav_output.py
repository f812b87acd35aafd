"""WavOutput: a WAV file in place of the speaker."""

import threading
import time
from collections.abc import Callable
from typing import Any, Self

from eleven_cli.audio.buffer import RecentBytes
from eleven_cli.audio.codecs.wav import WavSink
from eleven_cli.audio.formats import SAMPLE_BYTES
from eleven_cli.audio.pcm import bytes_of, fade_out
from eleven_cli.audio.resample import Resampler
from eleven_cli.files.sinks import file_sink, is_failure

FADE_S = 0.01
PLAYED_S = 1.0
CHECK_S = 0.02


class WavOutput:
    """Writes PCM at `rate` Hz to a file at the pace of a speaker, so that `clear()` drops what would not have been
    played. Silence between sounds is not written.

    Has the interface of Speaker. The file is complete when the `with` is left, also by Ctrl+C; after a failure what was
    played stays in NAME.part. Raises UsageError if it cannot be written.
    """

    latency_s = 0.0

    def __init__(self, path: str, rate: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.device_rate = rate
        self._clock = clock
        self._file = WavSink(file_sink(path, option="--output", example="answer.wav"), rate)
        self._whole = Resampler(rate, rate)  # only completes samples that arrive in parts
        self._pending = bytearray()
        self._played = RecentBytes(bytes_of(PLAYED_S, rate))
        self._lock = threading.Lock()
        self._written = self._finished = False

    def __enter__(self) -> Self:
        self._file.__enter__()
        self.start()
        return self

    def start(self) -> None:
        self._start, self._samples = self._clock(), 0

    def write(self, data: bytes) -> None:
        with self._lock:
            self._advance()
            self._pending += self._whole.feed(data)

    def clear(self) -> None:
        """Drop what would not have been played yet."""
        with self._lock:
            self._advance()
            self._whole = Resampler(self.device_rate, self.device_rate)
            self._pending[:] = fade_out(bytes(self._pending[: bytes_of(FADE_S, self.device_rate)]))

    def finish(self, *, wait: bool = True) -> None:
        """Wait until all would have been played; without `wait` complete the file immediately."""
        while wait and (left_s := self.pending_s):
            time.sleep(min(left_s, CHECK_S))
        with self._lock:
            self._write(bytes(self._pending))
            self._pending.clear()
        self._complete()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        with self._lock:
            self._advance()
        try:
            if self._written and not self._finished and not is_failure(error):
                self._complete()  # the file is what was heard
        finally:
            self._file.__exit__(kind, error, trace)

    @property
    def pending_s(self) -> float:
        """Seconds of audio that would not be played yet."""
        with self._lock:
            self._advance()
            return len(self._pending) / SAMPLE_BYTES / self.device_rate

    def played(self) -> bytes:
        """Give what would have been played since the last call, with silence; at most the last second."""
        with self._lock:
            self._advance()
        return self._played.take()

    def _advance(self) -> None:
        """Write what would have been played by now."""
        due = int((self._clock() - self._start) * self.device_rate)
        size = (due - self._samples) * SAMPLE_BYTES
        self._samples = due
        heard = bytes(self._pending[:size])
        del self._pending[:size]
        self._write(heard)
        silence = min(size - len(heard), bytes_of(PLAYED_S, self.device_rate))
        self._played.put(heard + bytes(silence))

    def _write(self, heard: bytes) -> None:
        if heard and not self._finished:
            self._written = True
            self._file.write(heard)

    def _complete(self) -> None:
        self._finished = True
        if not self._written:
            self._file.write(b"")  # a WAV without sound
        self._file.finish()
