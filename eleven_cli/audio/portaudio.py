"""Sound devices through PortAudio: the one module that imports pyaudio."""

import importlib.util
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from eleven_cli.audio.buffer import ByteBuffer
from eleven_cli.audio.formats import SAMPLE_BYTES
from eleven_cli.errors import AudioError

RATES = (24_000, 48_000, 32_000, 22_050, 16_000, 8_000)  # what every plan may ask for, best first
BUFFER_BYTES = 8 << 20
CALLBACK_S = 0.01  # longer ones never fire where PULSE_LATENCY_MSEC is set low
TAIL_S = 0.3
CONTINUE = 0  # pyaudio.paContinue
LIVENESS_CHECK_S = 0.5
SWITCH_INTERVAL_S = 0.001  # the callback needs the interpreter more often than every 5 ms, the usual interval


def installed() -> bool:
    """Whether PyAudio is here, without importing it."""
    return importlib.util.find_spec("pyaudio") is not None


def playable_rate(wanted: int | None = None) -> int | None:
    """A rate in Hz that the default speaker takes: `wanted`, or without it the best of RATES. None without a device."""
    try:
        library = _library()
    except AudioError:
        return None
    return next((rate for rate in ((wanted,) if wanted else RATES) if _takes(library, rate)), None)


class Speaker:
    """The default speaker as a sink for PCM.

    Bytes wait in a buffer that PortAudio's callback drains, so writing does not wait for the sound, but for a buffer
    that is full. `finish()` plays to the last sample; leaving without it is silent at once. Raises AudioError when
    the device is missing, busy, or does not take the rate.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._buffer = ByteBuffer(BUFFER_BYTES)
        self._tail = int(rate * TAIL_S) * SAMPLE_BYTES
        self._done = threading.Event()
        self._started = False

    def __enter__(self) -> "Speaker":
        with _quiet_stderr():
            self._stream = self._opened(_library())
        return self

    def write(self, data: bytes) -> None:
        self._start()
        self._buffer.write(data)

    def finish(self) -> None:
        self._start()
        self._buffer.end()
        while not self._done.wait(LIVENESS_CHECK_S):
            if not self._stream.is_active():
                raise AudioError("the speaker stopped in the middle", hint="is the device still there?")
        self._stream.stop_stream()

    def __exit__(self, *exc: object) -> None:
        self._buffer.abandon()
        self._stream.close()  # discards what was not played

    def _start(self) -> None:
        if not self._started:
            self._started = True
            sys.setswitchinterval(SWITCH_INTERVAL_S)
            self._stream.start_stream()

    def _opened(self, library: Any) -> Any:
        import pyaudio

        try:
            return library.open(
                rate=self._rate,
                channels=1,
                format=pyaudio.paInt16,
                output=True,
                start=False,
                frames_per_buffer=int(self._rate * CALLBACK_S),
                stream_callback=self._fill,
            )
        except (OSError, ValueError) as failed:
            raise AudioError(
                f"the speaker cannot be opened: {_reason(failed)}", hint="write a file: -o FILE"
            ) from failed

    def _fill(self, _in: object, frames: int, _times: object, _status: object) -> tuple[bytes, int]:
        """PortAudio's callback: bytes under a lock, nothing else.

        After the last sample comes silence for a while: whatever a device drops when it stops is that.
        """
        size = frames * SAMPLE_BYTES
        data = self._buffer.take(size)
        if len(data) < size and self._buffer.drained:
            self._tail -= size - len(data)
            if self._tail <= 0:
                self._done.set()
        return data.ljust(size, b"\0"), CONTINUE


@cache
def _library() -> Any:
    """PortAudio, initialised once: looking at all devices takes a while. Raises AudioError when it is broken."""
    _hush_alsa()
    try:
        with _quiet_stderr():
            import pyaudio

            return pyaudio.PyAudio()
    except (ImportError, OSError) as failed:
        raise AudioError(f"PyAudio does not work here: {failed}") from failed


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


@cache
def _hush_alsa() -> object:
    """Make ALSA keep its troubles to itself, while playing too: it would write them to fd 2, amid our lines.

    Gives the handler, which must live as long as the library.
    """
    import ctypes

    handler_type = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)
    handler = handler_type(lambda *trouble: None)
    with suppress(OSError, AttributeError):  # no ALSA on this system
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(handler)
    return handler


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """JACK and others write to fd 2 from C while they are looked for."""
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
