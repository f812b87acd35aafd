"""Ticker: a beat that does not drift."""

import threading
import time
from collections.abc import Callable
from math import inf

LATE_S = 0.5


class Ticker:
    """Beats every `period_s`, counted from the first one, so that late ones are made up for and nothing adds up.

    After more than `LATE_S` of delay (a machine that slept) it counts anew. With `since`, a moment of the clock, the
    beats are counted from there, and all that are late are made up for, until `restart`.
    """

    def __init__(
        self, period_s: float, *, since: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._period_s, self._clock = period_s, clock
        self._start, self._late_s = since, LATE_S if since is None else inf
        self._beats = 0

    def wait(self, stop: threading.Event) -> bool:
        """Until the next beat; False as soon as `stop` is set."""
        now = self._clock()
        if self._start is None or now - self._due > self._late_s:
            self._start, self._beats = now, 0
        delay = self._due - now
        self._beats += 1
        return not (stop.wait(delay) if delay > 0 else stop.is_set())

    @property
    def is_late(self) -> bool:
        """Whether another beat is due already."""
        return self._start is not None and self._clock() > self._due

    def restart(self) -> None:
        """What is late is not made up for: the next beat comes a period from now."""
        self._start, self._beats = self._clock(), 1

    @property
    def _due(self) -> float:
        return (self._start or 0.0) + self._beats * self._period_s
