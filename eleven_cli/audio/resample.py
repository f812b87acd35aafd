"""Resampler: PCM of one rate in, of another out, piece by piece."""

import importlib
from typing import Any

from eleven_cli.audio.formats import SAMPLE_BYTES
from eleven_cli.errors import AudioError


class Resampler:
    """Streaming s16 mono from `source` Hz to `target` Hz; equal rates pass through, and need no library.

    Pieces may end inside a sample. What goes in comes out some 20 ms later, the rest with `flush()`. Raises AudioError
    when soxr is missing.
    """

    def __init__(self, source: int, target: int) -> None:
        self._part = b""
        self._stream = None if source == target else _stream(source, target)

    def feed(self, pcm: bytes) -> bytes:
        """What is ready now, in whole samples."""
        pcm = self._part + pcm
        whole = len(pcm) - len(pcm) % SAMPLE_BYTES
        self._part = pcm[whole:]
        return self._resampled(pcm[:whole], last=False)

    def flush(self) -> bytes:
        """The rest. Nothing may be fed after it."""
        return self._resampled(b"", last=True)

    def _resampled(self, pcm: bytes, *, last: bool) -> bytes:
        if self._stream is None:
            return pcm
        samples = importlib.import_module("numpy").frombuffer(pcm, dtype="<i2")
        resampled: bytes = self._stream.resample_chunk(samples, last=last).tobytes()
        return resampled


def _stream(source: int, target: int) -> Any:
    """soxr's variable-rate engine: its delay is 20 ms, where the others gather blocks of 50 to 180 ms."""
    try:
        soxr = importlib.import_module("soxr")
    except ImportError as missing:
        raise AudioError(f"{source} Hz cannot be made {target} Hz without soxr", hint="pip install soxr") from missing
    return soxr.ResampleStream(source, target, 1, dtype="int16", quality="HQ", vr=True)
