"""Speaker: a device that plays PCM."""

import threading
from typing import Self

from eleven_cli.audio.buffer import RecentBytes
from eleven_cli.audio.devices.listing import open_stream
from eleven_cli.audio.devices.portaudio import CONTINUE
from eleven_cli.audio.formats import SAMPLE_BYTES
from eleven_cli.audio.pcm import bytes_of, fade_out
from eleven_cli.audio.resample import ResampledBuffer

BUFFER_BYTES = 8 << 20
TAIL_S = 0.3
FADE_S = 0.01
LIVENESS_CHECK_S = 0.25
PLAYED_S = 1.0  # how much of what was played is kept for `played`


class Speaker:
    """Plays PCM at `rate` Hz on the default speaker, or the one that `device` names.

    Writing waits only while the buffer of `buffer_bytes` is full; PortAudio's callback drains it. `clear()` drops what
    waits; `finish()` plays to the last sample; leaving without it cuts it off. A device that does not support the
    rate is opened at its own, and resampled. Raises AudioError (with `hint` if there is no device at all) when the
    device is missing or busy, and later when it is gone.
    """

    def __init__(
        self,
        rate: int,
        device: str | None = None,
        *,
        channels: int = 1,
        buffer_bytes: int = BUFFER_BYTES,
        hint: str = "write a file: -o FILE",
    ) -> None:
        self._rate, self._device, self._hint = rate, device, hint
        self._frame_bytes, self._channels = SAMPLE_BYTES * channels, channels
        self._buffer_bytes = buffer_bytes
        self._done = threading.Event()
        self._started = False

    def __enter__(self) -> Self:
        self._stream = open_stream(
            "speaker", self._device, self._rate, self._fill, channels=self._channels, hint=self._hint
        )
        self._buffer = ResampledBuffer(self._rate, self.device_rate, self._buffer_bytes, self._channels)
        self._tail = bytes_of(TAIL_S, self.device_rate) * self._channels
        self._played = RecentBytes(bytes_of(PLAYED_S, self.device_rate) * self._channels)
        return self

    def start(self) -> None:
        """Start with silence until something is written. The first write does it, too."""
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
        """Drop what waits: fade out within 10 ms."""
        self._buffer.cut_short(bytes_of(FADE_S, self.device_rate) * self._channels, fade_out)

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
        """Seconds from the buffer to the air."""
        return self._stream.latency_s

    @property
    def pending_s(self) -> float:
        """Seconds of audio that wait to be played."""
        return len(self._buffer) / self._frame_bytes / self.device_rate

    def played(self) -> bytes:
        """Give what was played since the last call, with silence, at `device_rate`; at most the last second.

        Raises AudioError when the device is gone.
        """
        data = self._played.take()
        if not data and self._started and not self._done.is_set():
            self._stream.check()
        return data

    def _fill(self, _in: object, frames: int, _times: object, _status: object) -> tuple[bytes, int]:
        """PortAudio's callback: moves bytes under a lock; draining the resampler at the end of a sound takes 0.1 ms.

        Silence follows the last sample, because a device may drop what it holds when it stops.
        """
        size = frames * self._frame_bytes
        data = self._buffer.drain(size)
        if len(data) < size and self._buffer.drained:
            self._tail -= size - len(data)
            if self._tail <= 0:
                self._done.set()
        data = data.ljust(size, b"\0")
        self._played.put(data)
        return data, CONTINUE
