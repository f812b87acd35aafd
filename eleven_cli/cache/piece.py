"""One piece of a long text while its audio arrives: written by one thread, read by others at the same time."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Literal, Self

from eleven_cli.cache.entries import EntryWriter, blocks
from eleven_cli.condition import Condition
from eleven_cli.errors import ElevenError

TICK_S = 0.2
HINT = "make room on the disk and run the same command again: it continues where it stopped"


class Piece:
    """Writes the audio of one piece to the disk, in a `with`; leaving without `finish()` gives it up.

    Raises ElevenError if it cannot be written.
    """

    def __init__(self, path: Path, *, finished: Callable[[], None]) -> None:
        self._path, self._tell_finished = path, finished
        self._changed = Condition()
        self._state: Literal["new", "arriving", "whole", "lost"] = "new"
        self._error: Exception | None = None
        self._bytes = 0
        self._rescued: BinaryIO | None = None

    def __enter__(self) -> Self:
        try:
            self._entry = EntryWriter(self._path)
        except OSError as failed:
            raise self._lost(self._not_written(failed)) from failed
        self._become("arriving")
        return self

    def write(self, chunk: bytes) -> None:
        """Appends audio; followers get it immediately."""
        try:
            self._entry.write(chunk)
        except OSError as failed:
            raise self._lost(self._not_written(failed)) from failed
        with self._changed:
            self._bytes += len(chunk)
            self._changed.notify_all()

    def finish(self, facts: Mapping[str, Any]) -> None:
        """Completes the piece; when this returns, it survives a power cut."""
        try:
            self._entry.seal(facts)
            self._entry.commit(durable=True)
        except OSError as failed:
            raise self._lost(self._not_written(failed)) from failed
        self._tell_finished()
        self._become("whole")

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if self._state == "arriving":
            self.give_up(error if isinstance(error, Exception) else None)
        with self._changed:  # else a follower could be opening a view of it
            self._entry.close()

    def give_up(self, error: Exception | None = None) -> None:
        """Ends the piece incomplete, also before it began; followers get this error."""
        self._lost(error or ElevenError("a piece of the text was cancelled before it was complete", code="given_up"))

    def follow(self, tick: Callable[[], None] = lambda: None) -> Iterator[bytes]:
        """Gives the audio from its beginning, as it arrives, to any number of threads; waits for it to begin.

        `tick` is called every TICK_S while nothing arrives. Raises the error of the piece after what had arrived.
        """
        with self._view() as file:
            position = 0
            while True:
                try:
                    end, ended = self._after(position)
                except (KeyboardInterrupt, SystemExit):  # what came just now is not lost
                    yield from blocks(file, position, self._bytes)
                    raise
                if end == position and not ended:
                    tick()
                yield from blocks(file, position, end)
                position = end
                if ended:
                    break
        if self._error is not None:
            raise self._error

    def _view(self) -> BinaryIO:
        with self._changed:
            self._changed.wait_for(lambda: self._state != "new")
            if self._state == "arriving":
                return self._entry.view()
            if self._state == "lost" and self._rescued is not None:
                return os.fdopen(os.dup(self._rescued.fileno()), "rb", buffering=0)
        if self._error is not None:
            raise self._error
        return self._path.open("rb", buffering=0)

    def _after(self, position: int) -> tuple[int, bool]:
        """Waits up to TICK_S for more; gives the bytes that have arrived, and whether these are all."""
        with self._changed:
            self._changed.wait_for(lambda: self._bytes > position or self._state != "arriving", TICK_S)
            return self._bytes, self._state != "arriving"

    def _lost(self, error: Exception) -> Exception:
        with self._changed:
            self._error = error
            if self._bytes:
                with suppress(OSError):
                    self._rescued = self._entry.view()  # late followers get what had arrived
            self._become("lost")
        return error

    def _become(self, state: Literal["arriving", "whole", "lost"]) -> None:
        with self._changed:
            self._state = state
            self._changed.notify_all()

    def _not_written(self, failed: OSError) -> ElevenError:
        message = f"cannot write {self._path.parent}: {failed.strerror or failed}"
        return ElevenError(message, hint=HINT, code="write_failed")
