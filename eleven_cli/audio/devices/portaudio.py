"""PortAudio and its streams: the one module that imports pyaudio."""

import importlib.util
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from typing import Any

from eleven_cli.audio.devices.attempt import interruptible, within
from eleven_cli.audio.devices.quiet_alsa import quiet_stderr, silence_alsa, silence_c_stderr
from eleven_cli.errors import AudioError

RATES = (24_000, 48_000, 32_000, 22_050, 16_000, 8_000)  # what every plan may request, best first
DEVICE_RATES = (48_000, 44_100)  # what any device supports
CALLBACK_S = 0.01  # longer ones never fire where PULSE_LATENCY_MSEC is set low
CONTINUE = 0  # pyaudio.paContinue
STALL_S = 0.6  # without a callback for so long a device has stopped
GONE_S = 2.0
CLOSE_S = 0.1
REOPEN_S = 1.0
LOW_LATENCY_MS = 20
SWITCH_INTERVAL_S = 0.001  # a callback needs the interpreter more often than every 5 ms, the usual interval

Callback = Callable[[bytes | None, int, object, object], tuple[bytes | None, int]]


class DeviceStream:
    """One direction of the device with this index, s16, opened but not started.

    `kind` is "microphone" or "speaker", `callback` is PortAudio's. `rate` is the first of `rates` that the device
    supports. Raises AudioError with `hint` if it supports none, or is busy.
    """

    def __init__(
        self,
        kind: str,
        index: int,
        rates: tuple[int, ...],
        callback: Callback,
        *,
        channels: int = 1,
        hint: str = "",
    ) -> None:
        self._kind, self._index, self._callback, self._channels = kind, index, callback, channels
        self._called_at = self._alive_at = time.monotonic()
        self._checking = threading.Lock()
        self._closed = False
        self._stream: Any
        self._stream, self.rate = self._opened(rates, hint)
        # between the device and the callback, as PortAudio knows it
        self.latency_s = max(float(self._stream.get_input_latency()), float(self._stream.get_output_latency()))

    def start(self) -> None:
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        self._called_at = self._alive_at = time.monotonic()
        try:
            interruptible(self._stream.start_stream)
        except OSError as failed:
            self.close()
            raise AudioError(f"the {self._kind} cannot be started: {_reason(failed)}") from failed

    def stop(self) -> None:
        """Stop after playing what the device holds."""
        if self._stream is not None:
            with suppress(Exception):  # late or broken: it is closed next
                within(self._stream.stop_stream, STALL_S)

    def close(self) -> None:
        """Stop immediately and drop what was not played, without waiting for a sound server that hangs."""
        self._closed = True
        self._drop()

    def _drop(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            with suppress(Exception):  # late or broken: nothing more can be done
                within(stream.close, CLOSE_S)

    def check(self) -> None:
        """Reopen a device that has stalled. Raises AudioError when it is gone.

        After an underrun ALSA may never call again although the device works: reopening helps. A device that has not
        called for GONE_S, however often it was reopened, is gone.
        """
        if self._checking.acquire(blocking=False):  # else another thread is checking
            try:
                if not self._closed and not self._goes_on():
                    self._reopen()
            finally:
                self._checking.release()

    def _goes_on(self) -> bool:
        called_lately = time.monotonic() - self._called_at <= STALL_S
        try:
            return called_lately and self._stream is not None and bool(self._stream.is_active())
        except OSError:  # of a device that was unplugged at this very moment
            return False

    def _reopen(self) -> None:
        gone = AudioError(f"the {self._kind} stopped working", hint="check that it is still connected: eleven devices")
        if time.monotonic() - self._alive_at > GONE_S:
            raise gone
        self._drop()
        try:
            # fd 2 stays as it is: a server that hangs would keep it from us for good
            self._stream = within(self._started_again, REOPEN_S)
        except Exception as failed:
            raise gone from failed
        self._called_at = time.monotonic()
        if self._closed:  # meanwhile
            self._drop()

    def _started_again(self) -> Any:
        stream = self._opened_at(self.rate)
        if not self._closed:  # it may have taken longer than anybody waited
            stream.start_stream()
        return stream

    def _opened(self, rates: tuple[int, ...], hint: str) -> tuple[Any, int]:
        first: Exception | None = None
        for rate in dict.fromkeys(rates):
            try:
                with quiet_stderr():
                    return interruptible(partial(self._opened_at, rate)), rate
            except (OSError, ValueError) as failed:
                first = first or failed
        raise AudioError(f"the {self._kind} cannot be opened: {_reason(first)}", hint=hint) from first

    def _opened_at(self, rate: int) -> Any:
        import pyaudio

        side = "input" if self._kind == "microphone" else "output"
        return library().open(
            rate=rate,
            channels=self._channels,
            format=pyaudio.paInt16,
            start=False,
            frames_per_buffer=int(rate * CALLBACK_S),
            stream_callback=self._call,
            **{side: True, f"{side}_device_index": self._index},
        )

    def _call(self, data: bytes | None, frames: int, times: object, status: object) -> tuple[bytes | None, int]:
        self._called_at = self._alive_at = time.monotonic()
        return self._callback(data, frames, times, status)


def installed() -> bool:
    """Whether PyAudio is installed; does not import it."""
    return importlib.util.find_spec("pyaudio") is not None


def not_installed(otherwise: str = "") -> AudioError:
    """Give the error for sound devices without PyAudio. `otherwise`: another way out."""
    from eleven_cli.packages import install

    return AudioError("PyAudio is not installed", hint="; ".join(filter(None, [install("pyaudio"), otherwise])))


def _broken(failed: Exception) -> AudioError:
    from eleven_cli.packages import why_not

    if not isinstance(failed, ImportError):  # the sound system's own trouble
        return AudioError(f"PyAudio does not work here: {failed}")
    why, hint = why_not("pyaudio", failed)
    return AudioError(f"PyAudio {why}", hint=hint)


def playable_rate(wanted: int | None = None, channels: int = 1) -> int | None:
    """Give a rate in Hz that the default speaker supports: `wanted`, or the best of RATES. None without a device."""
    try:
        pyaudio = library()
    except AudioError:
        return None
    return next((rate for rate in ((wanted,) if wanted else RATES) if _takes(pyaudio, rate, channels)), None)


def prefer_low_latency() -> None:
    """Ask PulseAudio for short buffers unless the user has set them. Call it before a device is opened."""
    os.environ.setdefault("PULSE_LATENCY_MSEC", str(LOW_LATENCY_MS))


@cache
def library() -> Any:
    """Initialise PortAudio, once because it probes all devices. Raises AudioError if it is missing or broken."""
    if not installed():
        raise not_installed()
    silence_alsa()
    silence_c_stderr()
    try:
        with quiet_stderr():
            return interruptible(_loaded)
    except (ImportError, OSError) as failed:
        raise _broken(failed) from failed


def _loaded() -> Any:
    import pyaudio

    return pyaudio.PyAudio()


def _takes(pyaudio: Any, rate: int, channels: int) -> bool:
    from pyaudio import paInt16

    try:
        with quiet_stderr():
            device = pyaudio.get_default_output_device_info()["index"]
            wanted = {"output_device": device, "output_channels": channels}
            return bool(interruptible(lambda: pyaudio.is_format_supported(rate, **wanted, output_format=paInt16)))
    except (OSError, ValueError):
        return False


def _reason(failed: Exception | None) -> str:
    return str(failed.args[-1] if failed and failed.args else failed)
