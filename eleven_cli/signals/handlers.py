"""The one place that installs signal handlers.

Ctrl+C, SIGTERM and SIGHUP become exceptions, so that every `with` on the way out is left in good order. A second
Ctrl+C exits immediately, even during clean-up. What would end the process without any clean-up (SIGQUIT and the like)
still does, but gives the terminal back first; so does Ctrl+Z.
"""

from __future__ import annotations  # with it only built-in modules are loaded before Ctrl+C is handled

import _thread
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from sys import UnraisableHookArgs
    from types import FrameType
    from typing import NoReturn

SIGNALLED = 128  # what a shell adds to the number of the signal that ended a command
SIGINT = 2
INTERRUPTED = SIGNALLED + SIGINT
ABORTING = ("SIGINT", "SIGTERM", "SIGHUP")
KILLING = ("SIGQUIT", "SIGABRT", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGPROF", "SIGXCPU", "SIGIO", "SIGPWR")
STOPPING = ("SIGTSTP",)
NEVER = float("-inf")
RESEND_AFTER_S = 0.002
ONE_PRESS_S = 0.01  # timeout(1) and others send a signal twice
WAKING = "SIGURG"  # the system ignores it, unless it has a handler: then it interrupts a wait in C
WAKE_AFTER_S = 0.02
WAKE_UNTIL_S = 1.0
HANDLED_WITHIN_S = 0.5  # the handler may run before the watching thread learns of the signal
KILLED_WITHIN_S = 0.25


class Signals:
    """The handlers of this process.

    leave      exits immediately with this code
    put_back   restores the terminal, from any thread
    release    restores it for the time that the process is stopped by Ctrl+Z
    """

    def __init__(
        self, leave: Callable[[int], NoReturn], put_back: Callable[[], None], release: Callable[[], None] = lambda: None
    ) -> None:
        self._leave, self._put_back, self._release = leave, put_back, release
        self._main = _thread.get_ident()
        self._pressed_at = self._handled_at = self._aborted_at = NEVER
        self._presses = self._parts_ended = 0

    def install(self) -> None:
        """Handle signals from now on. Ignored signals stay ignored, as nohup and background jobs want it."""
        import signal

        global _installed
        _installed = self
        for names, handler in ((ABORTING, self.abort), (KILLING, self._die), (STOPPING, self._stop)):
            for number in numbers_of(names):
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    signal.signal(number, handler)
        for number in numbers_of((WAKING,)):
            signal.signal(number, lambda *_: None)
        received, send = os.pipe()
        os.set_blocking(send, False)
        signal.set_wakeup_fd(send, warn_on_full_buffer=False)
        try:
            _thread.start_new_thread(self._watch, (received,))
        except RuntimeError:  # no thread is left: then a second Ctrl+C waits for the first to be handled
            signal.set_wakeup_fd(-1)
        sys.unraisablehook = self._on_unraisable

    def abort(self, number: int, frame: FrameType | None) -> None:
        """Raise what ends the command."""
        if is_deferred(self.abort, number, frame):
            return
        if number != SIGINT:
            raise SystemExit(number + SIGNALLED)
        import signal

        self.handled(is_abort=True)
        signal.signal(number, lambda *_: None)  # a second one must not disturb the clean-up after the first
        raise KeyboardInterrupt

    def handled(self, *, is_abort: bool) -> None:
        """Note that a Ctrl+C was handled; after one that aborts, the next exits immediately."""
        self._handled_at = time.monotonic()
        if not is_abort:
            self._parts_ended += 1
        elif self._aborted_at == NEVER:
            self._aborted_at = self._handled_at

    def _watch(self, received: int) -> None:
        """See signals even while the main thread waits in C, where Python runs no handler."""
        waking = numbers_of((WAKING,))
        after_s = WAKE_UNTIL_S
        while True:
            if after_s < WAKE_UNTIL_S and not _is_readable(received, after_s):
                self._wake(waking)
                after_s *= 2
            elif numbers := set(os.read(received, 64)).difference(waking):
                self._see(numbers)
                after_s = WAKE_AFTER_S if waking else WAKE_UNTIL_S

    def _see(self, numbers: set[int]) -> None:
        for number in numbers:
            if number == SIGINT:
                self._on_press(time.monotonic())
            elif number in numbers_of(KILLING):
                self._put_back()
                time.sleep(KILLED_WITHIN_S)
                self._leave(number + SIGNALLED)

    def _wake(self, waking: list[int]) -> None:
        """Interrupt what the main thread waits for.

        A signal that came after Python had looked for one, and just before a wait began, did not interrupt that wait.
        """
        import signal

        for number in waking:
            signal.pthread_kill(self._main, number)

    def _on_press(self, now: float) -> None:
        before, self._pressed_at = self._pressed_at, now
        if now - before <= ONE_PRESS_S:
            return
        self._presses += 1
        is_another = self._presses > self._parts_ended + 1  # not the aborting one, which a busy machine shows us late
        is_aborting = is_another and NEVER < self._aborted_at < now - ONE_PRESS_S
        is_stuck = before > NEVER and self._handled_at < before - HANDLED_WITHIN_S
        if is_aborting or is_stuck:
            self._leave(INTERRUPTED)

    def _die(self, number: int, _frame: FrameType | None) -> None:
        """End by the same signal, so that the parent sees which one, with the terminal as it was."""
        import signal

        self._put_back()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        """Stop by the same signal, with the terminal as it was, until the shell lets it go on."""
        import signal

        self._release()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
        signal.signal(number, self._stop)

    def _on_unraisable(self, lost: UnraisableHookArgs) -> None:
        """An exception raised during a callback, such as those of the import system, is lost: send its signal again."""
        if not isinstance(lost.exc_value, KeyboardInterrupt | SystemExit):
            sys.__unraisablehook__(lost)
            return
        import signal

        number = code_of(lost.exc_value) - SIGNALLED
        signal.signal(number, self.abort)
        self._aborted_at = NEVER
        try:
            _thread.start_new_thread(self._send_again, (number,))
        except RuntimeError:
            os.kill(os.getpid(), number)

    def _send_again(self, number: int) -> None:
        import signal

        time.sleep(RESEND_AFTER_S)
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(self._main, number)
        else:
            _thread.interrupt_main(signal.Signals(number))


_installed: Signals | None = None  # as signal handlers themselves, one per process


def code_of(stopped: BaseException) -> int:
    """The exit code of a KeyboardInterrupt or a SystemExit."""
    return INTERRUPTED if isinstance(stopped, KeyboardInterrupt) else int(getattr(stopped, "code", 0) or 0)


_deferring = 0  # how many parts the main thread is in where nothing may be raised
_deferred: list[Callable[[], None]] = []


def defer() -> None:
    """From here to `undefer` in the main thread, whose only it is, signals raise nothing."""
    global _deferring
    _deferring += 1


def undefer() -> None:
    """The end of that part: raises now what a signal would have raised within it."""
    global _deferring
    _deferring -= 1
    if not _deferring:
        raise_deferred()


def raise_deferred() -> None:
    """Raise what a signal would have raised since `defer`."""
    global _deferring
    if _deferred:
        within, _deferring = _deferring, 0
        try:
            _deferred.pop(0)()
        finally:
            _deferring = within


def is_deferred(handler: Callable[[int, FrameType | None], None], number: int, frame: FrameType | None) -> bool:
    """Whether nothing may be raised now; then the handler is called where that part ends."""
    if _deferring:
        _deferred.append(lambda: handler(number, frame))
    return bool(_deferring)


def note_handled(*, is_abort: bool) -> None:
    """Tell the installed handlers, if there are any, that a Ctrl+C was handled."""
    if _installed is not None:
        _installed.handled(is_abort=is_abort)


def abort(number: int, frame: FrameType | None) -> NoReturn:
    """Do what the installed handler does."""
    if _installed is not None:
        _installed.abort(number, frame)
    raise KeyboardInterrupt


def _is_readable(descriptor: int, within_s: float) -> bool:
    import select

    return bool(select.select([descriptor], [], [], within_s)[0])


def numbers_of(names: tuple[str, ...]) -> list[int]:
    """Those that this system has."""
    import signal

    return [int(getattr(signal, name)) for name in names if hasattr(signal, name)]
