"""Terminal modes: changes them for keys and live lines, and restores them on every way out."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self, TextIO

LOCAL_MODES = 3  # where termios has them
PATIENCE_S = 1.0  # with another thread that changes the modes; one that is stuck is not waited for
_lock = threading.RLock()
_open: "list[restored | NoEcho]" = []
_is_over = False


def put_back() -> None:
    """Put every terminal back as it was, for a way out that leaves nothing else in order."""
    global _is_over
    _is_over = True
    release()


def release() -> None:
    """Put every terminal back as it was; what still needs it otherwise takes it again."""
    with _alone():  # else it could end the process while another thread has only begun to do the same
        for terminal in list(_open):
            terminal.put_back()


@contextmanager
def _alone() -> Iterator[None]:
    is_held = _lock.acquire(timeout=PATIENCE_S)
    try:
        yield
    finally:
        if is_held:
            _lock.release()


class restored:
    """A `with` that leaves the terminal behind `stream` as it was before, on every way out."""

    reads_keys = False

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._before: list[Any] | None = None

    def __enter__(self) -> Self:
        if self._is_terminal:
            _open.append(self)
            self._remember()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._is_terminal:
            self.put_back()
            _open.remove(self)

    def put_back(self) -> None:
        if self._before is not None:
            _set_modes(self._stream, self._before)

    def is_on(self, stream: TextIO) -> bool:
        """Whether it has changed the terminal behind that stream, too, or may have."""
        return self._before is not None and _is_same(self._stream, stream)

    def _remember(self) -> None:
        self._before = original_modes(self._stream)


class NoEcho:
    """Keeps keys that are typed from being echoed into a live line. They stay unread for the next reader: a prompt, or
    the shell. Ctrl+C and the like work as usual.
    """

    reads_keys = False

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.before: list[Any] | None = None

    def take(self) -> None:
        """Turn the echo off, if the terminal is ours. Called for each line: after a stop (Ctrl+Z, fg) it is as the
        shell left it."""
        with _alone():
            modes = modes_of(self._stream)
            if not _is_over and modes is not None and in_foreground(self._stream):
                self._silence(modes)

    def _silence(self, modes: list[Any]) -> None:
        import termios

        if modes[LOCAL_MODES] & termios.ECHO:
            self.before = modes
            if self not in _open:
                _open.append(self)
            silent = [*modes]
            silent[LOCAL_MODES] &= ~termios.ECHO
            _set_modes(self._stream, silent)

    def is_on(self, stream: TextIO) -> bool:
        return self.before is not None and _is_same(self._stream, stream)

    def put_back(self) -> None:
        """Turn the echo on again, unless single keys are being read: their reader puts the terminal back."""
        with _alone():
            before, self.before = self.before, None
            with suppress(ValueError):  # a signal may have done it just now
                _open.remove(self)
            if before is not None and not any(one.reads_keys and one.is_on(self._stream) for one in _open):
                _set_modes(self._stream, before)


def in_foreground(stream: TextIO) -> bool:
    """Whether this process may use the terminal."""
    try:
        return os.tcgetpgrp(stream.fileno()) == os.getpgrp()
    except (OSError, ValueError):  # another session's terminal, or gone: using it stops no process
        return True


def modes_of(stream: TextIO) -> list[Any] | None:
    """The modes that a terminal is in; None where it is gone, and on Windows."""
    try:
        import termios
    except ImportError:
        return None
    with suppress(termios.error, OSError, ValueError):
        return termios.tcgetattr(stream.fileno())
    return None


def original_modes(stream: TextIO) -> list[Any] | None:
    """Those that it had before a live line stood there."""
    before = (one.before for one in _open if isinstance(one, NoEcho) and one.is_on(stream))
    return next(before, None) or modes_of(stream)


def _set_modes(stream: TextIO, modes: list[Any]) -> None:
    """Set them; in the background do nothing, because the shell has taken the terminal and set its own."""
    import signal
    import termios

    if not in_foreground(stream):
        return
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])  # should the shell take it just now
    try:
        with suppress(termios.error, OSError, ValueError):  # the terminal is gone
            termios.tcsetattr(stream.fileno(), termios.TCSANOW, modes)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)


def _is_same(one: TextIO, other: TextIO) -> bool:
    """Whether both are one terminal."""
    try:
        return os.fstat(one.fileno()).st_rdev == os.fstat(other.fileno()).st_rdev
    except (OSError, ValueError):
        return False
