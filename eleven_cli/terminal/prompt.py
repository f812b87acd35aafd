"""Lines that a person types, with editing and a history where the system has them."""

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self, TextIO

from eleven_cli.terminal.live import ERASE, rows
from eleven_cli.terminal.modes import restored


class Prompt:
    """Asks for line after line on the terminal.

    hide       takes it off the screen
    is_edited  the terminal shows the prompt itself and lets the line be edited; both streams have to be terminals
    """

    def __init__(
        self, stdin: TextIO, stderr: TextIO, question: str, hide: Callable[[], None], *, is_edited: bool
    ) -> None:
        self._stdin, self._stderr, self._question, self._is_edited = stdin, stderr, question, is_edited
        self.hide = hide
        self._is_open = False
        if is_edited:
            with suppress(ImportError):  # some systems have none
                import readline  # which makes `input` edit lines

                if "libedit" not in (readline.__doc__ or ""):
                    readline.parse_and_bind(r'"\e[": skip-csi-sequence')  # else F5 leaves a "~"
        restored(stdin).__enter__()  # on every way out: a thread that waits for a line cannot put it back

    def read_line(self) -> str:
        """The next line, without its end. Raises EOFError after Ctrl+D, OSError where the terminal is gone."""
        self._is_open = True
        try:
            line = input(self._question) if self._is_edited else self._plain_line()
        except (EOFError, KeyboardInterrupt):  # the cursor stands behind the question still
            self.hide()
            raise
        finally:
            self._is_open = False
        return line

    def shown(self) -> str:
        """The text of the terminal's last line: the question and what has been typed."""
        if not self._is_open:
            return ""
        if not self._is_edited:
            return self._question
        with suppress(ImportError):
            import readline

            return _as_typed(self._question + readline.get_line_buffer())
        return self._question

    def _plain_line(self) -> str:
        self._stderr.write(self._question)
        self._stderr.flush()
        line = self._stdin.readline()
        if not line:
            raise EOFError
        return line.rstrip("\r\n")


def _as_typed(line: str) -> str:
    """A line as readline shows it: a tab up to the next stop, another control character as ^A."""
    return "".join(f"^{chr(ord(char) ^ 0x40)}" if char < " " or char == "\x7f" else char for char in line.expandtabs())


def erasing(shown: str, width: int) -> str:
    """What clears the lines that a prompt takes on a terminal so wide; the cursor stands behind its last character."""
    above = rows(f"{shown} ", width) - 1
    return f"\x1b[{above}A\r\x1b[J" if above else ERASE


class TypedLines:
    """The lines that a person types at a prompt, taken as they come.

    ended   nothing more will come
    """

    def __init__(self, prompt: Prompt) -> None:
        self._prompt = prompt
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self.ended = False

    def __enter__(self) -> Self:
        if not self._reader.is_alive() and not self.ended:
            self._reader.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._prompt.hide()

    def poll(self) -> list[str]:
        """The lines that have come since, without their ends."""
        lines = []
        while not self.ended and not self._lines.empty():
            line = self._lines.get()
            self.ended = line is None
            lines += [] if line is None else [line]
        return lines

    def _read(self) -> None:
        with suppress(EOFError, OSError, ValueError):
            while True:
                self._lines.put(self._prompt.read_line())
        self._lines.put(None)
