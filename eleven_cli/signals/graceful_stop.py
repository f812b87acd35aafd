"""GracefulStop: a signal asks for an end in good order, for which a part of a command, or all of it, takes its time."""

import _thread
import signal
import threading
import time
from types import FrameType
from typing import Any, Self

from eleven_cli.signals.handlers import (
    ABORTING,
    ONE_PRESS_S,
    SIGINT,
    SIGNALLED,
    abort,
    is_deferred,
    note_handled,
    numbers_of,
)

PATIENCE_S = 3.0
ONE_SIGNAL_S = 1.0  # a shell passes on what the system sends once more


class GracefulStop:
    """A `with` in which a signal asks for an end in good order: nothing is interrupted, the command looks whether it
    `is_set`. Only the main thread can receive signals; ignored ones stay ignored.

    only_part  it ends only a part of the command: Ctrl+C alone asks for it, a second Ctrl+C aborts the command as a
               first one does elsewhere, and other signals abort as ever
    raises     Ctrl+C raises as well, so that the current work ends immediately; the clean-up may still take its
               time, and a second Ctrl+C ends it
    number     of the signal, None while there was none
    """

    def __init__(self, *, only_part: bool = False, raises: bool = False) -> None:
        self._only_part, self._raises = only_part or raises, raises
        self._gate = _thread.allocate_lock()  # not an Event: a handler would wait for the thread that it interrupts
        self._gate.acquire()
        self._before: dict[int, Any] = {}
        self.number: int | None = None
        self._since = float("inf")

    def is_set(self) -> bool:
        """Whether the end was asked for."""
        return self.number is not None

    def wait(self, timeout_s: float) -> bool:
        """Wait until the end is asked for, no longer than that; gives whether it was."""
        if self._gate.acquire(timeout=timeout_s):
            self._gate.release()
        return self.is_set()

    @property
    def exit_code(self) -> int:
        """0 after Ctrl+C, which is how a person ends it; another signal's sender wants to see it in the code."""
        return 0 if self.number in (None, SIGINT) else SIGNALLED + self.number

    @property
    def deadline_passed(self) -> bool:
        """Whether another signal's sender has waited long enough; a person can press Ctrl+C again."""
        return self.exit_code != 0 and time.monotonic() - self._since > PATIENCE_S

    def __enter__(self) -> Self:
        from_main = _thread.get_ident() == threading.main_thread().ident
        numbers = numbers_of(ABORTING[:1] if self._only_part else ABORTING) if from_main else []
        handlers = {number: signal.getsignal(number) for number in numbers}
        self._before = {number: handler for number, handler in handlers.items() if handler is not signal.SIG_IGN}
        for number in self._before:
            signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *exc: object) -> None:
        for number, handler in self._before.items():
            if signal.getsignal(number) == self._on_signal:  # an abort has put its own there
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if is_deferred(self._on_signal, number, frame):
            return
        now = time.monotonic()
        if self.number is not None and self._only_part:
            if now - self._since > ONE_PRESS_S:
                abort(number, frame)
        elif self.number is None or number == SIGINT:  # the watching thread sees to a second Ctrl+C
            if self.number is None:
                self._gate.release()
            self.number, self._since = number, now
            if number == SIGINT:
                note_handled(is_abort=not self._only_part)
            if self._raises:
                raise KeyboardInterrupt
        elif now - self._since > ONE_SIGNAL_S:
            raise SystemExit(SIGNALLED + number)
