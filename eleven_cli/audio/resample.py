"""Streaming resampling of PCM: Resampler, and a buffer with one inside."""

import importlib
import threading
from collections.abc import Callable
from typing import Any

from eleven_cli.audio.buffer import ByteBuffer
from eleven_cli.audio.formats import SAMPLE_BYTES


def resampler_installed() -> bool:
    """Whether soxr is installed; does not import it."""
    from eleven_cli.packages import is_installed

    return is_installed("soxr") and is_installed("numpy")


class Resampler:
    """Resamples s16 from `source` Hz to `target` Hz; equal rates pass through without a library.

    Pieces may end inside a sample. Output is 20 ms late: call `flush()` at every pause, or the end of a sound is heard
    at the beginning of the next. Raises PackageMissing without soxr.

    holds_some  whether there is something to flush
    """

    def __init__(self, source: int, target: int, channels: int = 1) -> None:
        self._how, self._channels = (source, target, channels), channels
        self._part, self.holds_some = b"", False
        self._stream = None if source == target else _stream(*self._how)

    def feed(self, pcm: bytes) -> bytes:
        """Take more PCM; give whole samples that are ready."""
        pcm = self._part + pcm
        whole = len(pcm) - len(pcm) % (SAMPLE_BYTES * self._channels)
        self._part = pcm[whole:]
        if self._stream is None:
            return pcm[:whole]
        self.holds_some = self.holds_some or whole > 0
        return self._resampled(pcm[:whole], last=False)

    def flush(self) -> bytes:
        """Give the rest, b"" if there is none, and start afresh."""
        if not self.holds_some:
            return b""
        rest = self._resampled(b"", last=True)
        self.holds_some, self._stream = False, _stream(*self._how)
        return rest

    def clear(self) -> None:
        """Drop the rest."""
        self._part = b""
        self.flush()

    def _resampled(self, pcm: bytes, *, last: bool) -> bytes:
        assert self._stream is not None
        samples = importlib.import_module("numpy").frombuffer(pcm, dtype="<i2")
        if self._channels > 1:
            samples = samples.reshape(-1, self._channels)
        resampled: bytes = self._stream.resample_chunk(samples, last=last).tobytes()
        return resampled


class ResampledBuffer(ByteBuffer):
    """A ByteBuffer that is written at `source` Hz and read at `target` Hz.

    A reader that finds too little calls `drain`, which flushes the resampler: the sound has a gap there anyway, and its
    end must not wait for the next sound.
    """

    def __init__(self, source: int, target: int, limit: int, channels: int = 1) -> None:
        super().__init__(limit)
        self._target, self._channels = target, channels
        self._resampler = Resampler(source, target, channels)
        self._feeding = threading.Lock()

    def change_source(self, rate: int) -> None:
        """Change the rate of what is written from now on."""
        with self._feeding:
            self._resampler = Resampler(rate, self._target, self._channels)

    def write(self, data: bytes) -> bool:
        self.wait_for_room(None)
        with self._feeding:
            return super().write(self._resampler.feed(data))

    def end(self) -> None:
        with self._feeding:
            self.add(self._resampler.flush())
            super().end()

    def cut_short(self, size: int, ending: Callable[[bytes], bytes]) -> None:
        with self._feeding:
            super().cut_short(size, ending)
            self._resampler.clear()

    @property
    def holds_some(self) -> bool:
        """Whether anything waits to be read, here or in the resampler."""
        return self._resampler.holds_some or len(self) > 0

    def drain(self, size: int) -> bytes:
        """Give at most `size` bytes, flushing the resampler if there are fewer. Never waits: a busy writer brings more
        soon."""
        data = self.take(size)
        if len(data) < size and self._feeding.acquire(blocking=False):
            try:
                if not len(self):
                    self.add(self._resampler.flush())
            finally:
                self._feeding.release()
            data += self.take(size - len(data))
        return data


def _stream(source: int, target: int, channels: int) -> Any:
    """Open soxr's variable-rate engine: it is 20 ms late, the others gather blocks of 50 to 180 ms."""
    from eleven_cli.packages import imported

    soxr = imported("soxr", f"resampling from {source} to {target} Hz")
    imported("numpy", "resampling")
    return soxr.ResampleStream(source, target, channels, dtype="int16", quality="HQ", vr=True)
