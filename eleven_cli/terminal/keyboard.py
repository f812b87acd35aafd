"""Reads lines and keys from stdin as they come, while other work continues."""

import codecs
import os
from contextlib import suppress
from typing import TextIO

from eleven_cli.terminal.modes import LOCAL_MODES, in_foreground, modes_of, original_modes, restored


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


class Keys(restored):
    """The keys that are pressed on a terminal, which is put back as it was on every way out.

    In the background there are none: the system stops a process that reads or changes the terminal there, and a stopped
    process handles no signal.
    """

    reads_keys = True

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a paste may end within a character

    def _remember(self) -> None:
        self._take()

    def _take(self) -> bool:
        """Switch the terminal to single keys, if it is ours. Called for each poll: after a stop (Ctrl+Z, fg) it is as
        the shell left it, and a background job may have come to the foreground."""
        if not self._is_terminal or not in_foreground(self._stream):
            return False
        if modes := modes_of(self._stream):
            import termios
            import tty

            if modes[LOCAL_MODES] & termios.ICANON:
                self._before = self._before or original_modes(self._stream)
                with suppress(termios.error):  # the terminal is gone
                    tty.setcbreak(self._stream.fileno())
        return True

    @property
    def available(self) -> bool:
        """Whether there is a keyboard."""
        return self._before is not None

    def poll(self) -> str:
        """Gives what was typed since the last call, "" for nothing."""
        if not self._take() or not _readable(self._stream):
            return ""
        try:
            return self._decoder.decode(os.read(self._stream.fileno(), 1024))
        except OSError:  # the terminal is gone; the signal that says so may come a moment later
            return ""


def _readable(stream: TextIO) -> bool:
    import select

    return bool(select.select([stream.fileno()], [], [], 0)[0])
