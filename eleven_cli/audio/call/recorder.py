"""Recorder: both sides of a call in one stereo file on one clock."""

import threading
from typing import Any

from eleven_cli.audio.codecs.wav import WavHeader
from eleven_cli.audio.formats import SAMPLE_BYTES
from eleven_cli.audio.pcm import bytes_of, interleaved, is_silent
from eleven_cli.audio.resample import Resampler
from eleven_cli.errors import ElevenError
from eleven_cli.files.sinks import file_sink, is_failure

CHANNELS = 2
BEHIND_S = 0.2  # by which both sides wait for each other
SLACK_S = 0.015
FORCE_S = 0.045
WINDOW_S = 1.0
PATCH_EVERY_S = 1.0


class Recorder:
    """A 16-bit WAV at the higher of the two rates: the user left, the agent right. The user's frames are the clock.

    It is written to NAME.part, whose header is updated every second, and renamed at the end; after a failure the part
    stays. Raises UsageError if it cannot be written.
    """

    def __init__(self, path: str, *, user_rate: int, agent_rate: int) -> None:
        self._sink = file_sink(path, option="--record", example="call.wav")
        self._rate = max(user_rate, agent_rate)
        self._header = WavHeader(self._rate, CHANNELS)
        self._user, self._agent = Resampler(user_rate, self._rate), Resampler(agent_rate, self._rate)
        self._left, self._right = bytearray(), DriftCorrector(self._rate)
        self._lock = threading.Lock()
        self._bytes = self._patched = 0
        self._is_open = False

    def __enter__(self) -> "Recorder":
        self._sink.__enter__()
        self._sink.write(self._header.to_bytes())  # as a pipe has it
        self._patch()
        self._is_open = True
        return self

    def add(self, user: bytes, agent: bytes) -> None:
        """Add the user's audio, and the agent's that was played since the last call. Does nothing after `close`."""
        with self._lock:
            self._left += self._user.feed(user)
            self._right.put(self._agent.feed(agent))
            if self._is_open:
                self._append(keep=bytes_of(BEHIND_S, self._rate))

    def close(self) -> None:
        """Complete the file."""
        self.__exit__(None, None, None)

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        with self._lock:
            if not self._is_open:
                return
            self._is_open = False
            try:
                self._left += self._user.flush()
                self._right.put(self._agent.flush())
                self._append(keep=0)
                self._patch()
                if not is_failure(error):
                    self._sink.finish()
            except ElevenError as failed:
                self._sink.__exit__(type(failed), failed, None)
                raise
            self._sink.__exit__(kind, error, trace)

    def _append(self, *, keep: int) -> None:
        size = max(len(self._left) - keep, 0)
        both = interleaved(bytes(self._left[:size]), self._right.take(size))
        del self._left[:size]
        self._sink.write(both)
        self._bytes += len(both)
        if self._bytes - self._patched >= PATCH_EVERY_S * self._rate * CHANNELS * SAMPLE_BYTES:
            self._patch()

    def _patch(self) -> None:
        """Write the current length into the header."""
        self._sink.rewrite_header(self._header.with_length(self._bytes).to_bytes())
        self._patched = self._bytes


class DriftCorrector:
    """Passes audio of a second clock on at the pace of the first, BEHIND_S late, so that bursts and delays even out.

    Drift between the clocks is corrected in silence; beyond FORCE_S also within sound.
    """

    def __init__(self, rate: int) -> None:
        self._waiting = bytearray()
        self._due, self._slack, self._force = (bytes_of(time_s, rate) for time_s in (BEHIND_S, SLACK_S, FORCE_S))
        self._window = bytes_of(WINDOW_S, rate)
        self._error = 0
        self._watched: list[int] = []
        self._seen = 0

    def put(self, pcm: bytes) -> None:
        self._waiting += pcm

    def take(self, size: int) -> bytes:
        """Give exactly `size` bytes."""
        self._watch(size)
        self._correct()
        piece = bytes(self._waiting[:size])
        del self._waiting[:size]
        return piece.ljust(size, b"\0")

    def _watch(self, size: int) -> None:
        """Measure the drift: the median of what waits in a window, compared to what should."""
        self._watched.append(len(self._waiting))
        self._seen += size
        if self._seen >= self._window:
            error = sorted(self._watched)[len(self._watched) // 2] - self._due
            self._error = error - error % SAMPLE_BYTES if abs(error) > self._slack else 0
            self._watched, self._seen = [], 0

    def _correct(self) -> None:
        """Correct the drift, in silence if possible."""
        error, head = self._error, bytes(self._waiting[: max(self._error, SAMPLE_BYTES)])
        if error and (is_silent(head) or abs(error) > self._force):
            self._waiting[: max(error, 0)] = bytes(max(-error, 0))
            self._error = 0
