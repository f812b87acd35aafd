"""Byte queues between two threads: ByteBuffer makes a fast writer wait, RecentBytes drops the oldest bytes."""

from collections.abc import Callable

from eleven_cli.condition import Condition


class ByteBuffer:
    """A bounded queue of bytes for one writer and one reader.

    It holds at most `limit` bytes: a faster writer waits for the reader, so that memory does not grow.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()
        self._ended = self._abandoned = False
        self._changed = Condition()

    def write(self, data: bytes) -> bool:
        """Add bytes, waiting for room. Gives False after `abandon`."""
        with self._changed:
            self._changed.wait_for(self._has_room)
            if not self._abandoned:
                self._bytes += data
            self._changed.notify_all()
            return not self._abandoned

    def add(self, data: bytes) -> None:
        """Add bytes without waiting for room."""
        with self._changed:
            if not self._abandoned:
                self._bytes += data
            self._changed.notify_all()

    def wait_for_room(self, timeout_s: float | None) -> bool:
        """Wait until there is room, at most `timeout_s`; None waits without limit. Gives whether there is."""
        with self._changed:
            return self._changed.wait_for(self._has_room, timeout_s)

    def end(self) -> None:
        """Mark the end: nothing more will be written."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def abandon(self) -> None:
        """Drop all bytes, also those written later, and wake writer and reader."""
        with self._changed:
            self._bytes.clear()
            self._ended = self._abandoned = True
            self._changed.notify_all()

    def cut_short(self, size: int, ending: Callable[[bytes], bytes]) -> None:
        """Replace all bytes by what `ending` makes of the first `size` of them."""
        with self._changed:
            self._bytes[:] = ending(bytes(self._bytes[:size]))
            self._changed.notify_all()

    def read(self, size: int) -> bytes:
        """Give `size` bytes, waiting for them; fewer only at the end."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._bytes) >= size or self._ended)
            return self._cut(size)

    def take(self, size: int) -> bytes:
        """Give at most `size` bytes without waiting."""
        with self._changed:
            return self._cut(size)

    def take_some(self, size: int) -> bytes:
        """Give 1 to `size` bytes, waiting for the first; b"" at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._bytes or self._ended)
            return self._cut(size)

    @property
    def drained(self) -> bool:
        """Whether the end was marked and all bytes were taken."""
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
    """Keeps the newest `limit` bytes, for a writer that never waits and a reader that takes all.

    A late reader loses the oldest bytes; `dropped` counts them.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()
        self._ended = False
        self._changed = Condition()
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
        """Mark the end and wake the reader."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def take(self) -> bytes:
        """Give all bytes without waiting."""
        with self._changed:
            return self._taken()

    def wait(self, timeout_s: float) -> bytes | None:
        """Give all bytes, waiting at most `timeout_s` for some; b"" when none came, None after `end`."""
        with self._changed:
            self._changed.wait_for(lambda: self._bytes or self._ended, timeout_s)
            return None if self._ended else self._taken()

    def _taken(self) -> bytes:
        data = bytes(self._bytes)
        self._bytes.clear()
        return data
