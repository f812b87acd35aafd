"""Calls into PortAudio that may never return: each runs on a thread, which is left to itself when it takes too long."""

import os
import sys
import threading
from collections.abc import Callable
from typing import Generic, TypeVar, cast

from eleven_cli.errors import AudioError

OPEN_S = 10.0
LET_GO_S = 1.0

T = TypeVar("T")


class _Attempt(threading.Thread, Generic[T]):
    """Runs work on a thread of its own."""

    def __init__(self, work: Callable[[], T]) -> None:
        super().__init__(daemon=True)
        self._work, self._over = work, threading.Event()
        self._result: T | None = None
        self._failed: Exception | None = None

    def run(self) -> None:
        try:
            self._result = self._work()
        except Exception as failed:
            self._failed = failed
        finally:
            self._over.set()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended by then. Python 3.11 takes a thread for ended when a signal interrupts its `join`."""
        return self._over.wait(seconds)

    def result(self, seconds: float) -> T:
        """What the work gives within so many seconds. Raises what it raises, and TimeoutError when it takes longer."""
        if not self.wait(seconds):
            raise TimeoutError(f"no answer within {seconds:g} s")
        if self._failed is not None:
            raise self._failed
        return cast("T", self._result)


def within(work: Callable[[], T], seconds: float) -> T:
    """Run work for at most `seconds`. Raises what it raises, and TimeoutError when it is left to itself."""
    attempt = _Attempt(work)
    attempt.start()
    return attempt.result(seconds)


def interruptible(work: Callable[[], T]) -> T:
    """Run work on another thread, because Ctrl+C has no effect while C waits for a sound server that hangs."""
    if sys.platform != "linux":  # elsewhere there is no such server, and threads may not share everything
        return work()
    attempt = _Attempt(work)
    try:
        attempt.start()
        is_over = attempt.wait(OPEN_S)
    except (KeyboardInterrupt, SystemExit):  # leaving while JACK opens may leave a lock in its database for good
        attempt.wait(LET_GO_S)
        raise
    if not is_over:
        raise AudioError("the sound system does not answer", hint=_silence_hint())
    return attempt.result(0)


def _silence_hint() -> str:
    """Suggest a way out: a process that was killed while it opened JACK leaves a lock that blocks all others."""
    locks = f"/dev/shm/jack_db-{os.getuid()}"  # JACK's, and only looked for  # nosec B108
    return f"restart the sound server, or: rm -r {locks}" if os.path.exists(locks) else "start the sound server"
