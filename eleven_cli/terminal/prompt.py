"""Lines that a person types, with editing and a history where the system has them."""

from contextlib import suppress
from typing import TextIO

from eleven_cli.terminal.keyboard import restored


class Prompt:
    """Asks for line after line on the terminal.

    is_edited  the terminal shows the prompt itself and lets the line be edited; both streams have to be terminals
    """

    def __init__(self, stdin: TextIO, stderr: TextIO, question: str, *, is_edited: bool) -> None:
        self._stdin, self._stderr, self._question, self._is_edited = stdin, stderr, question, is_edited
        self._is_open = False
        if is_edited:
            with suppress(ImportError):  # some systems have none
                import readline  # noqa: F401 (makes `input` edit lines)
        restored(stdin).__enter__()  # on every way out: a thread that waits for a line cannot put it back

    def read_line(self) -> str:
        """The next line, without its end. Raises EOFError after Ctrl+D, OSError where the terminal is gone."""
        self._is_open = True
        try:
            return input(self._question) if self._is_edited else self._plain_line()
        finally:
            self._is_open = False

    def shown(self) -> str:
        """What stands on the terminal's last line: the question and what has been typed by now."""
        if not self._is_open:
            return ""
        if not self._is_edited:
            return self._question
        with suppress(ImportError):
            import readline

            return self._question + readline.get_line_buffer()
        return self._question

    def _plain_line(self) -> str:
        self._stderr.write(self._question)
        self._stderr.flush()
        line = self._stdin.readline()
        if not line:
            raise EOFError
        return line.rstrip("\r\n")
