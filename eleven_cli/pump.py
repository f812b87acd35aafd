"""Pump: one helper thread that carries a source to a sink and brings its error home."""

import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


class Pump(threading.Thread):
    """Carries each item of `source` to `sink` until the source ends or either fails.

    Then calls `done`, so that the other end does not wait any longer. The error, if any, is raised by `join_or_raise`
    in the thread that asks.
    """

    def __init__(self, source: Iterable[T], sink: Callable[[T], object], *, done: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._work: Callable[[], None] = lambda: _carry(source, sink)
        self._done = done
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._error = error
        try:
            self._done()
        except BaseException as error:
            self._error = self._error or error

    def join_or_raise(self) -> None:
        """Wait for the end; raise what went wrong."""
        self.join()
        if self._error is not None:
            raise self._error


def _carry(source: Iterable[T], sink: Callable[[T], object]) -> None:
    for item in source:
        sink(item)
