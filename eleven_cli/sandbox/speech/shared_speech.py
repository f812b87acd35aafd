"""Equal speech is made once, however many clients ask for it, and kept for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock

from .timed_audio import TimedAudio

MAX_BYTES = 32_000_000
CHARACTER_BYTES = 200  # what the times of one take


class Speech:
    """The parts of one generation; who needs the next one first makes it, so that nobody waits for a slower client.

    remember  called by everyone who takes all parts, before the last one
    """

    def __init__(self, making: Generator[TimedAudio | None, None, None], remember: Callable[[], None]) -> None:
        self._making, self._remember, self._lock = making, remember, Lock()
        self._parts: list[TimedAudio] = []
        self._last: int | None = None
        self.readers = self.byte_count = 0

    @property
    def is_complete(self) -> bool:
        return self._last is not None

    def parts(self, *, remember: bool) -> Generator[TimedAudio, None, None]:
        """Gives all parts from the first one on."""
        at = 0
        while (part := self._part(at, remember=remember)) is not None:
            yield part
            at += 1

    def close(self) -> None:
        """Stops the making."""
        self._making.close()

    def _part(self, at: int, *, remember: bool) -> TimedAudio | None:
        with self._lock:
            if at == len(self._parts) and not self.is_complete:
                self._make()
            if at == self._last and remember:
                self._remember()
            return self._parts[at] if at < len(self._parts) else None

    def _make(self) -> None:
        """Makes one part; None tells that the next one, if there is one, is the last."""
        part = next(self._making)
        if part is None:
            self._last = len(self._parts)
            part = next(self._making, None)
            self._making.close()  # it holds an encoder
        if part is not None:
            self._parts.append(part)
            self.byte_count += len(part.audio) + CHARACTER_BYTES * len(part.characters)


class SpeechCache:
    """What is being made, and the latest of what is complete; thread-safe."""

    def __init__(self) -> None:
        self._speeches: OrderedDict[Hashable, Speech] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def shared(self, key: Hashable, make: Callable[[], Speech]) -> Iterator[Speech]:
        """Gives the speech with this key within the block; the last one to leave it unfinished stops it."""
        with self._lock:
            speech = self._speeches.get(key) or self._speeches.setdefault(key, make())
            self._speeches.move_to_end(key)
            speech.readers += 1
        try:
            yield speech
        except Exception:
            with self._lock:
                self._forget(key, speech)  # the next request gets another try
            raise
        finally:
            self._leave(key, speech)

    def _leave(self, key: Hashable, speech: Speech) -> None:
        with self._lock:
            speech.readers -= 1
            if speech.readers or speech.is_complete:
                return self._shrink()
            self._forget(key, speech)
        speech.close()

    def _forget(self, key: Hashable, speech: Speech) -> None:
        if self._speeches.get(key) is speech:
            del self._speeches[key]

    def _shrink(self) -> None:
        while sum(speech.byte_count for speech in self._speeches.values()) > MAX_BYTES and len(self._speeches) > 1:
            self._speeches.popitem(last=False)
