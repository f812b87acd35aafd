"""Bytes between the thread that brings them and the one that takes them: ByteBuffer waits, RecentBytes forgets."""

import threading
from collections.abc import Callable


class ByteBuffer:
    """A bounded queue of bytes for one writer and one reader.

    `limit` bytes at the most: a writer ahead of the reader waits, so that memory does not grow.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()
        self._ended = self._abandoned = False
        self._changed = threading.Condition()

    def write(self, data: bytes) -> bool:
        """Add it, waiting for room. False when the reader has given up and nothing is wanted any more."""
        with self._changed:
            self._changed.wait_for(self._has_room)
            if not self._abandoned:
                self._bytes += data
            self._changed.notify_all()
            return not self._abandoned

    def add(self, data: bytes) -> None:
        """Add a little, whether or not there is room."""
        with self._changed:
            if not self._abandoned:
                self._bytes += data
            self._changed.notify_all()

    def wait_for_room(self, timeout_s: float | None) -> bool:
        """Whether `write` would not wait, within so many seconds; None waits as long as it takes."""
        with self._changed:
            return self._changed.wait_for(self._has_room, timeout_s)

    def end(self) -> None:
        """Nothing more will be written."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def abandon(self) -> None:
        """Drop everything, now and from now on; wakes whoever waits on either side."""
        with self._changed:
            self._bytes.clear()
            self._ended = self._abandoned = True
            self._changed.notify_all()

    def cut_short(self, size: int, ending: Callable[[bytes], bytes]) -> None:
        """Drop what waits, but for what `ending` makes of the first `size` bytes."""
        with self._changed:
            self._bytes[:] = ending(bytes(self._bytes[:size]))
            self._changed.notify_all()

    def read(self, size: int) -> bytes:
        """`size` bytes, waiting for them; fewer only at the end."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._bytes) >= size or self._ended)
            return self._cut(size)

    def take(self, size: int) -> bytes:
        """At most `size` bytes of what is there, without waiting for more."""
        with self._changed:
            return self._cut(size)

    def take_some(self, size: int) -> bytes:
        """At least one byte and at most `size`, waiting for the first; b"" at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._bytes or self._ended)
            return self._cut(size)

    @property
    def drained(self) -> bool:
        """Everything was written, and everything was taken."""
        with self._changed:
            return self._ended and not self._bytes

    def __len__(self) -> int:
        with self._changed:
            return len(self._bytes)

    def _has_room(self) -> bool:
        return len(self._bytes) < self._limit or self._abandoned

    def _cut(self, size: int) -> bytes:
        piece = bytes(self._bytes[:size])
        del self._bytes[:size]
        if piece:
            self._changed.notify_all()
        return piece


class RecentBytes:
    """The newest `limit` bytes, for a writer that never waits and a reader that takes all there is.

    When the reader is late the oldest bytes go; `dropped` counts them.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()
        self._ended = False
        self._changed = threading.Condition()
        self.dropped = 0

    def put(self, data: bytes) -> None:
        with self._changed:
            self._bytes += data
            excess = len(self._bytes) - self._limit
            if excess > 0:
                del self._bytes[:excess]
                self.dropped += excess
            self._changed.notify_all()

    def end(self) -> None:
        """Nothing more is wanted; wakes the reader."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def take(self) -> bytes:
        """Everything that is there, without waiting."""
        with self._changed:
            return self._taken()

    def wait(self, timeout_s: float) -> bytes | None:
        """Everything that is there, waiting for some; b"" when nothing came in so many seconds, None after `end`."""
        with self._changed:
            self._changed.wait_for(lambda: self._bytes or self._ended, timeout_s)
            return None if self._ended else self._taken()

    def _taken(self) -> bytes:
        data = bytes(self._bytes)
        self._bytes.clear()
        return data
