"""Recorder: both sides of a call in one stereo file, on one clock."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from eleven_cli.audio.formats import SAMPLE_BYTES, WAV_HEADER_BYTES
from eleven_cli.audio.frames import bytes_of, interleaved, is_silent
from eleven_cli.audio.resample import Resampler
from eleven_cli.audio.wavfile import header
from eleven_cli.errors import ElevenError, UsageError

CHANNELS = 2
CUSHION_S = 0.02
SLACK_S = 0.02
FORCE_S = 0.06
WINDOW_S = 1.0
PATCH_EVERY_S = 1.0


class Recorder:
    """A 16-bit WAV at the higher of the two rates: the user left, the agent right. The user's frames are the clock.

    The header is true once a second and at the end. Raises UsageError when the file exists or cannot be written.
    """

    def __init__(self, path: str, *, user_rate: int, agent_rate: int) -> None:
        self._path = path
        self._rate = max(user_rate, agent_rate)
        self._user, self._agent = Resampler(user_rate, self._rate), Resampler(agent_rate, self._rate)
        self._follower = Follower(self._rate)
        self._lock = threading.Lock()
        self._bytes = self._patched = 0
        self._file: BinaryIO | None = None

    def __enter__(self) -> "Recorder":
        self._file = self._opened()
        with self._our_errors():
            self._patch(self._file)
        return self

    def add(self, user: bytes, agent: bytes) -> None:
        """The user's sound, and what was played of the agent's since the last time. Nothing after `close`."""
        with self._lock:
            self._follower.put(self._agent.feed(agent))
            left = self._user.feed(user)
            right = self._follower.take(len(left))
            if self._file is not None:
                with self._our_errors():
                    self._append(self._file, interleaved(left, right))

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                file, self._file = self._file, None
                with self._our_errors(), file:
                    self._patch(file)

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _append(self, file: BinaryIO, both: bytes) -> None:
        file.write(both)
        self._bytes += len(both)
        if self._bytes - self._patched >= PATCH_EVERY_S * self._rate * CHANNELS * SAMPLE_BYTES:
            self._patch(file)

    def _patch(self, file: BinaryIO) -> None:
        """The true lengths into the header."""
        file.seek(0)
        file.write(header(self._rate, CHANNELS, self._bytes))
        file.seek(WAV_HEADER_BYTES + self._bytes)
        file.flush()
        self._patched = self._bytes

    def _opened(self) -> BinaryIO:
        try:
            return open(self._path, "xb")
        except FileExistsError as exists:
            raise UsageError(f"{self._path} exists", hint="name another file, or remove it first") from exists
        except OSError as failed:
            raise UsageError(f"cannot write {self._path}: {failed.strerror}") from failed

    @contextmanager
    def _our_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as failed:
            reason = failed.strerror or failed
            raise ElevenError(f"cannot write {self._path}: {reason}", code="write_failed") from failed


class Follower:
    """Sound of a second clock, taken at the pace of the first.

    It stands a cushion behind, so that what comes in bursts does not run out. Where the clocks differ, silence is put
    in or taken out; a gap is put into sound, or a piece cut out of it, only when the error is beyond FORCE_S.
    """

    def __init__(self, rate: int) -> None:
        self._waiting = bytearray(bytes_of(CUSHION_S, rate))
        self._cushion, self._slack, self._force = (bytes_of(time_s, rate) for time_s in (CUSHION_S, SLACK_S, FORCE_S))
        self._window = bytes_of(WINDOW_S, rate)
        self._seen, self._least, self._excess = 0, self._window, 0

    def put(self, pcm: bytes) -> None:
        self._waiting += pcm

    def take(self, size: int) -> bytes:
        """Exactly `size` bytes."""
        self._trim()
        piece = bytes(self._waiting[:size])
        del self._waiting[:size]
        self._watch(size)
        return piece.ljust(size, b"\0")

    def _watch(self, size: int) -> None:
        """How far it stands behind at the least, through a window: less would be too little for the bursts."""
        self._seen += size
        self._least = min(self._least, len(self._waiting))
        if self._seen >= self._window:
            ahead = self._least - self._cushion
            self._excess = ahead if ahead > self._slack else 0
            self._seen, self._least = 0, max(len(self._waiting), self._window)

    def _trim(self) -> None:
        if self._excess and (self._excess > self._force or is_silent(bytes(self._waiting[: self._excess]))):
            del self._waiting[: self._excess]
            self._excess = 0
