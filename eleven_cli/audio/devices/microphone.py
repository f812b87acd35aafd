"""Microphone: a device that gives frames of PCM."""

from collections.abc import Iterator
from typing import Self

from eleven_cli.audio.buffer import RecentBytes
from eleven_cli.audio.devices.listing import open_stream
from eleven_cli.audio.devices.portaudio import CONTINUE
from eleven_cli.audio.formats import SAMPLE_BYTES
from eleven_cli.audio.pcm import FRAME_MS, Reframer, bytes_of, frame_bytes, is_silent
from eleven_cli.audio.resample import Resampler

QUEUE_S = 1.0
LIVENESS_CHECK_S = 0.25
ZEROS_TOLERATED_S = 2.0
ONLY_ZEROS = "the microphone delivers only silence: is this program allowed to use it (privacy settings), is it muted?"


class Microphone:
    """Iterates over 20 ms frames of PCM at `rate` Hz from the default microphone, or the one that `device` names.

    The frames come until `close()`, which any thread may call. A late reader loses audio older than QUEUE_S. A device
    that does not support the rate is opened at its own, and resampled. Raises AudioError (with `hint` if there is no
    device at all) when the device is missing or busy, and while iterating when it is gone.
    """

    def __init__(self, rate: int, device: str | None = None, *, hint: str = "") -> None:
        self._rate, self._device, self._hint = rate, device, hint
        self._zeros_ms: int | None = 0

    def __enter__(self) -> Self:
        self._stream = open_stream("microphone", self._device, self._rate, self._take, hint=self._hint)
        self._queue = RecentBytes(bytes_of(QUEUE_S, self.device_rate))
        self._resampler = Resampler(self.device_rate, self._rate)
        self._stream.start()
        return self

    def __iter__(self) -> Iterator[bytes]:
        reframer = Reframer(frame_bytes(self._rate))
        self._queue.take()  # drops what came earlier
        while (heard := self._queue.wait(LIVENESS_CHECK_S)) is not None:
            if not heard:
                self._stream.check()
            for frame in reframer.feed(self._resampler.feed(heard)):
                self._count_zeros(frame)
                yield frame

    def close(self) -> None:
        """End the iteration immediately."""
        self._queue.end()

    def __exit__(self, *exc: object) -> None:
        self.close()
        self._stream.close()

    @property
    def zeros_s(self) -> float:
        """Seconds of digital zeros since the start, which no real microphone delivers; 0 after any sound."""
        return (self._zeros_ms or 0) / 1000

    @property
    def device_rate(self) -> int:
        """The rate in Hz at which the device was opened."""
        return self._stream.rate

    @property
    def latency_s(self) -> float:
        """Seconds from the air to the queue."""
        return self._stream.latency_s

    @property
    def lost_s(self) -> float:
        """Seconds of audio that were dropped because the reader was late."""
        return self._queue.dropped / SAMPLE_BYTES / self.device_rate

    def _count_zeros(self, frame: bytes) -> None:
        if self._zeros_ms is not None:
            self._zeros_ms = self._zeros_ms + FRAME_MS if is_silent(frame) else None

    def _take(self, heard: bytes | None, _frames: int, _times: object, _status: object) -> tuple[None, int]:
        """PortAudio's callback. An overflow (in the status) has already lost audio; the rest is taken all the same."""
        self._queue.put(heard or b"")
        return None, CONTINUE
