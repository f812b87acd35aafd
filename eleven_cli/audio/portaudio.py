"""Sound devices through PortAudio: the one module that imports pyaudio."""

import importlib.util
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from eleven_cli.audio.buffer import ByteBuffer
from eleven_cli.audio.formats import SAMPLE_BYTES
from eleven_cli.errors import AudioError

RATES = (24_000, 48_000, 32_000, 22_050, 16_000, 8_000)  # what every plan may ask for, best first
BUFFER_BYTES = 8 << 20
FRAMES_PER_BUFFER = 256
LIVENESS_CHECK_S = 0.5


def installed() -> bool:
    """Whether PyAudio is here, without importing it."""
    return importlib.util.find_spec("pyaudio") is not None


def playable_rate(wanted: int | None = None) -> int | None:
    """A rate in Hz that the default speaker takes: `wanted`, or without it the best of RATES. None without a device."""
    with suppress(AudioError), _library() as library:
        for rate in (wanted,) if wanted else RATES:
            if _takes(library, rate):
                return rate
    return None


class Speaker:
    """The default speaker as a sink for PCM.

    Bytes wait in a buffer that PortAudio's callback drains, so writing does not wait for the sound, but for a buffer
    that is full. `finish()` plays to the last sample; leaving without it is silent at once. Raises AudioError when
    the device is missing, busy, or does not take the rate.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._buffer = ByteBuffer(BUFFER_BYTES)
        self._done = threading.Event()

    def __enter__(self) -> "Speaker":
        self._hold = _library()
        self._library = self._hold.__enter__()
        try:
            with _quiet_stderr():
                self._stream = self._opened()
        except BaseException:
            self._hold.__exit__(None, None, None)
            raise
        return self

    def write(self, data: bytes) -> None:
        self._buffer.write(data)

    def finish(self) -> None:
        self._buffer.end()
        while not self._done.wait(LIVENESS_CHECK_S):
            if not self._stream.is_active():
                raise AudioError("the speaker stopped in the middle", hint="is the device still there?")
        self._stream.stop_stream()  # plays what PortAudio still holds

    def __exit__(self, *exc: object) -> None:
        self._buffer.abandon()
        self._stream.close()  # discards what was not played
        self._hold.__exit__(None, None, None)

    def _opened(self) -> Any:
        import pyaudio

        try:
            return self._library.open(
                rate=self._rate,
                channels=1,
                format=pyaudio.paInt16,
                output=True,
                frames_per_buffer=FRAMES_PER_BUFFER,
                stream_callback=self._fill,
            )
        except (OSError, ValueError) as failed:
            raise AudioError(
                f"the speaker cannot be opened: {_reason(failed)}", hint="write a file: -o FILE"
            ) from failed

    def _fill(self, _in: object, frames: int, _times: object, _status: object) -> tuple[bytes, int]:
        """PortAudio's callback: bytes under a lock, nothing else."""
        import pyaudio

        size = frames * SAMPLE_BYTES
        data = self._buffer.take(size)
        if len(data) < size and self._buffer.drained:
            self._done.set()
            return data.ljust(size, b"\0"), pyaudio.paComplete
        return data.ljust(size, b"\0"), pyaudio.paContinue


@contextmanager
def _library() -> Iterator[Any]:
    """PortAudio, initialised; closed when left. Raises AudioError when it is missing or broken."""
    try:
        with _quiet_stderr():
            import pyaudio

            library = pyaudio.PyAudio()
    except (ImportError, OSError) as failed:
        raise AudioError(f"PyAudio does not work here: {failed}") from failed
    try:
        yield library
    finally:
        with _quiet_stderr():
            library.terminate()


def _takes(library: Any, rate: int) -> bool:
    import pyaudio

    try:
        with _quiet_stderr():
            device = library.get_default_output_device_info()["index"]
            return bool(
                library.is_format_supported(
                    rate, output_device=device, output_channels=1, output_format=pyaudio.paInt16
                )
            )
    except (OSError, ValueError):
        return False


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """ALSA and JACK write their troubles to fd 2 from C, where they would spoil the terminal."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _reason(failed: Exception) -> str:
    return str(failed.args[-1] if failed.args else failed)
