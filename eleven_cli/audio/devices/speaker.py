"""Speaker: a device that plays PCM."""

import threading
from typing import Self

from eleven_cli.audio.buffer import RecentBytes
from eleven_cli.audio.devices.listing import devices, find
from eleven_cli.audio.devices.portaudio import CONTINUE, DEVICE_RATES, DeviceStream
from eleven_cli.audio.formats import SAMPLE_BYTES
from eleven_cli.audio.pcm import bytes_of, fade_out
from eleven_cli.audio.resample import ResampledBuffer

BUFFER_BYTES = 8 << 20
TAIL_S = 0.3
FADE_S = 0.01
LIVENESS_CHECK_S = 0.25
PLAYED_S = 1.0  # how much of what went out is kept for whoever asks late


class Speaker:
    """A speaker, the default one unless `device` names another, as a sink for PCM at `rate` Hz.

    Bytes wait in a buffer that PortAudio's callback drains, so writing does not wait for the sound, but for a buffer
    of `buffer_bytes` that is full. `clear()` drops what waits; `finish()` plays to the last sample; leaving without it
    is silent at once. A device that refuses the rate is opened at its own, and the sound resampled. Raises AudioError
    (with `hint` where there is nothing to choose from) when the device is missing or busy, and later when it is gone.
    """

    def __init__(
        self,
        rate: int,
        device: str | None = None,
        *,
        buffer_bytes: int = BUFFER_BYTES,
        hint: str = "write a file: -o FILE",
    ) -> None:
        self._rate, self._device, self._hint = rate, device, hint
        self._buffer_bytes = buffer_bytes
        self._done = threading.Event()
        self._started = False

    def __enter__(self) -> Self:
        device = find("speaker", self._device, devices(), hint=self._hint)
        rates = (self._rate, device.rate, *DEVICE_RATES)
        self._stream = DeviceStream("speaker", device.index, rates, self._fill, hint=self._hint)
        self._buffer = ResampledBuffer(self._rate, self.device_rate, self._buffer_bytes)
        self._tail = bytes_of(TAIL_S, self.device_rate)
        self._played = RecentBytes(bytes_of(PLAYED_S, self.device_rate))
        return self

    def start(self) -> None:
        """Begin, with silence until something is written. The first write does it too."""
        if not self._started:
            self._started = True
            self._stream.start()

    def write(self, data: bytes) -> None:
        self.start()
        while not self._buffer.wait_for_room(LIVENESS_CHECK_S):
            self._stream.check()
        self._stream.check()
        self._buffer.write(data)

    def clear(self) -> None:
        """Drop what waits: the next 10 ms fade out, then there is silence."""
        self._buffer.cut_short(bytes_of(FADE_S, self.device_rate), fade_out)

    def finish(self) -> None:
        self.start()
        self._buffer.end()
        while not self._done.wait(LIVENESS_CHECK_S):
            self._stream.check()
        self._stream.stop()

    def __exit__(self, *exc: object) -> None:
        self._buffer.abandon()
        self._done.set()
        self._stream.close()

    @property
    def device_rate(self) -> int:
        """The rate in Hz at which the device was opened."""
        return self._stream.rate

    @property
    def latency_s(self) -> float:
        """From the buffer to the air."""
        return self._stream.latency_s

    @property
    def pending_s(self) -> float:
        """How long what waits will sound."""
        return len(self._buffer) / SAMPLE_BYTES / self.device_rate

    def played(self) -> bytes:
        """What went out since this was last asked, silence included, at `device_rate`; of the last second at most.

        Raises AudioError when nothing does because the device is gone.
        """
        data = self._played.take()
        if not data and self._started and not self._done.is_set():
            self._stream.check()
        return data

    def _fill(self, _in: object, frames: int, _times: object, _status: object) -> tuple[bytes, int]:
        """PortAudio's callback: bytes under a lock, nothing else, but for the end of a sound, which is drained from the
        resampler in 0.1 ms.

        After the last sample comes silence for a while: whatever a device drops when it stops is that.
        """
        size = frames * SAMPLE_BYTES
        data = self._buffer.drain(size)
        if len(data) < size and self._buffer.drained:
            self._tail -= size - len(data)
            if self._tail <= 0:
                self._done.set()
        data = data.ljust(size, b"\0")
        self._played.put(data)
        return data, CONTINUE
