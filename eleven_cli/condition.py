"""Condition: a lock, and the news of what it guards, that no signal leaves in disorder."""

import threading
import time
from types import TracebackType

from eleven_cli.signals.handlers import defer, raise_deferred, undefer

LOOK_EVERY_S = 0.02


class Condition(threading.Condition):
    """A `threading.Condition` that Ctrl+C cannot leave locked, nor unlocked inside of its `with`.

    What a signal raises in the main thread comes before the `with`, at its end, or from `wait` and `wait_for`, within
    LOOK_EVERY_S.
    """

    def __enter__(self) -> bool:
        if _in_main_thread():
            defer()
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if _in_main_thread():
            undefer()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait to be notified; gives whether it was, False after `timeout` seconds."""
        if not _in_main_thread():
            return super().wait(timeout)
        until = float("inf") if timeout is None else time.monotonic() + timeout
        while not (notified := super().wait(min(LOOK_EVERY_S, max(until - time.monotonic(), 0)))):
            raise_deferred()
            if time.monotonic() >= until:
                break
        raise_deferred()
        return notified


def _in_main_thread() -> bool:
    return threading.get_ident() == threading.main_thread().ident
