"""Ticker: a metronome that does not drift."""

import threading
import time
from collections.abc import Callable
from math import inf

LATE_S = 0.5


class Ticker:
    """Ticks every `period_s`, counted from the first tick: late ticks are caught up, so that delays do not add up.

    After a delay of more than LATE_S (the machine slept) it starts afresh. With `since`, a time of the clock, ticks are
    counted from there, and all late ones are caught up until `restart`.
    """

    def __init__(
        self, period_s: float, *, since: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._period_s, self._clock = period_s, clock
        self._start, self._late_s = since, LATE_S if since is None else inf
        self._ticks = 0

    def wait(self, stop: threading.Event) -> bool:
        """Wait for the next tick; give False as soon as `stop` is set."""
        now = self._clock()
        if self._start is None or now - self._due > self._late_s:
            self._start, self._ticks = now, 0
        delay = self._due - now
        self._ticks += 1
        return not (stop.wait(delay) if delay > 0 else stop.is_set())

    @property
    def is_late(self) -> bool:
        """Whether another tick is due already."""
        return self._start is not None and self._clock() > self._due

    def restart(self) -> None:
        """Drop late ticks: the next one comes a period from now."""
        self._start, self._ticks = self._clock(), 1

    @property
    def _due(self) -> float:
        return (self._start or 0.0) + self._ticks * self._period_s
