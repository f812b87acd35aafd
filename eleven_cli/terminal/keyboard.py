"""Stdin while other things go on: lines and keys, taken as they come."""

import codecs
import os
from contextlib import suppress
from typing import Any, Self, TextIO


class Lines:
    """The lines of a stream, taken as they come.

    ended   nothing more will come
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._rest = b""
        self.ended = False

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def poll(self) -> list[str]:
        """The lines that have come since, without their ends."""
        while not self.ended and _readable(self._stream):
            piece = self._piece()
            if piece is None:
                break
            self._rest += piece or (b"\n" if self._rest else b"")
            self.ended = not piece
        *whole, self._rest = self._rest.split(b"\n")
        return [line.decode("utf-8", "replace").rstrip("\r") for line in whole]

    def _piece(self) -> bytes | None:
        """The next bytes, b"" at the end; None where another process was faster."""
        try:
            return os.read(self._stream.fileno(), 65536)
        except BlockingIOError:
            return None
        except OSError:  # the terminal is gone
            return b""


LOCAL_MODES = 3  # where termios has them
_open: "list[restored]" = []


def put_back() -> None:
    """Put every terminal back as it was, for a way out that leaves nothing else in order."""
    for terminal in list(_open):
        terminal.put_back()


class restored:
    """A `with` that leaves the terminal behind `stream` as it was before, on every way out."""

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
        import signal
        import termios

        if self._before is None or not _in_foreground(self._stream):
            return  # the shell has taken the terminal back, and put it as it wants to have it
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])  # should it do so just now
        with suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(self._stream.fileno(), termios.TCSANOW, self._before)

    def _remember(self) -> None:
        try:
            import termios
        except ImportError:  # Windows
            return
        with suppress(termios.error, OSError, ValueError):
            self._before = termios.tcgetattr(self._stream.fileno())


class Keys(restored):
    """The keys that are pressed on a terminal, which is put back as it was on every way out.

    In the background there are none: whoever touches the terminal there is stopped by the system, and no longer minds
    any signal.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a paste may end within a character

    def _remember(self) -> None:
        self._take()

    def _take(self) -> bool:
        """Have the terminal give keys at once, if it is ours to use. Whoever was stopped finds it as the shell has it,
        and whoever began in the background may have come to the foreground."""
        import termios
        import tty

        if not self._is_terminal or not _in_foreground(self._stream):
            return False
        with suppress(termios.error):  # the terminal is gone
            now = termios.tcgetattr(self._stream.fileno())
            if now[LOCAL_MODES] & termios.ICANON:
                self._before = self._before or now
                tty.setcbreak(self._stream.fileno())
        return True

    @property
    def available(self) -> bool:
        """Whether there is a keyboard."""
        return self._before is not None

    def poll(self) -> str:
        """What was typed since the last time, "" for nothing."""
        if not self._take() or not _readable(self._stream):
            return ""
        try:
            return self._decoder.decode(os.read(self._stream.fileno(), 1024))
        except OSError:  # the terminal is gone; the signal that says so may come a moment later
            return ""


def _in_foreground(stream: TextIO) -> bool:
    """Whether this process may use the terminal."""
    try:
        return os.tcgetpgrp(stream.fileno()) == os.getpgrp()
    except OSError:  # it is not this session's, or gone: nobody is stopped for that
        return True


def _readable(stream: TextIO) -> bool:
    import select

    return bool(select.select([stream.fileno()], [], [], 0)[0])
