"""The end of live transcription, when a signal asks for it."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf

SIGNALLED = 128  # what a shell adds to the number of the signal that ended a command
PATIENCE_S = 3.0
ONE_SIGNAL_S = 1.0  # a shell passes on what the system sends once more


class Over(threading.Event):
    """Set by the signals that end it in good order: what was said by then is still to be written down.

    number  of the signal, None as long as there was none
    """

    number: int | None = None
    since = inf

    @property
    def exit_code(self) -> int:
        """Ctrl+C is how one says that it is over; whoever sends another signal wants to see it in the code."""
        return 0 if self.number in (None, signal.SIGINT) else SIGNALLED + self.number

    @property
    def is_urgent(self) -> bool:
        """Whether whoever wants it to end has waited long enough; who has pressed Ctrl+C can do so again."""
        return self.exit_code != 0 and time.monotonic() - self.since > PATIENCE_S

    @contextmanager
    def set_by_signals(self) -> Iterator[None]:
        """They break nothing off in the middle; a second one ends everything, as ever."""
        numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        before = {number: signal.getsignal(number) for number in numbers}
        minded = numbers if threading.current_thread() is threading.main_thread() else []
        minded = [number for number in minded if before[number] is not signal.SIG_IGN]  # as nohup wants it

        def end(number: int, _frame: object) -> None:
            if self.number is None or number == signal.SIGINT:  # a second Ctrl+C is seen to elsewhere
                self.number, self.since = number, time.monotonic()
                self.set()
            elif time.monotonic() - self.since > ONE_SIGNAL_S:
                raise SystemExit(SIGNALLED + number)

        for number in minded:
            signal.signal(number, end)
        try:
            yield
        finally:
            for number in minded:
                signal.signal(number, before[number])
