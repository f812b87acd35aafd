"""ByteBuffer: bytes between the thread that brings them and the one that plays them."""

import threading


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
            self._changed.wait_for(lambda: len(self._bytes) < self._limit or self._abandoned)
            self._bytes += data
            self._changed.notify_all()
            return not self._abandoned

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

    def _cut(self, size: int) -> bytes:
        piece = bytes(self._bytes[:size])
        del self._bytes[:size]
        if piece:
            self._changed.notify_all()
        return piece
