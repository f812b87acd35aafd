"""Terminal: what commands say, show and read."""

import io
import os
import stat
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, BinaryIO, Protocol, TextIO

from eleven_cli.processes import waiting_reader, waiting_writer
from eleven_cli.terminal.messages import Messages
from eleven_cli.terminal.results import Results, number_of
from eleven_cli.terminal.screen import Screen, width_of

if TYPE_CHECKING:
    from eleven_cli.terminal.keyboard import Keys, Lines
    from eleven_cli.terminal.prompt import Prompt, TypedLines
    from eleven_cli.terminal.stdin_reader import StdinReader

QUESTION = "text> "


class Progress(Protocol):
    """A line that changes, for a person who watches."""

    def update(self, line: str, *, keep_end: bool = False) -> None:
        """Show this line. Where it is too long, `keep_end` keeps its end instead of its beginning."""


class Terminal(Results, Messages):
    """Where a command reads and writes.

    Made once in `run()` from the process's streams, and by tests from streams in memory.
    """

    def __init__(self, stdin: TextIO, stdout: TextIO, stderr: TextIO, environ: Mapping[str, str]) -> None:
        screen = Screen(stdout, stderr, environ)
        Results.__init__(self, screen, environ, self.note)
        Messages.__init__(self, screen, environ)
        self._stdin = stdin
        self._is_dumb = environ.get("TERM") == "dumb"

    @classmethod
    def of_process(cls) -> "Terminal":
        """The terminal of this process. Its streams wait for a slow reader or writer, even in non-blocking mode."""
        stdin = io.TextIOWrapper(waiting_reader(0, closefd=False), encoding="utf-8", errors="replace")
        stdout, stderr = (
            io.TextIOWrapper(
                waiting_writer(number, closefd=False), encoding="utf-8", errors="backslashreplace", write_through=True
            )
            for number in (1, 2)
        )
        return cls(stdin, stdout, stderr, os.environ)

    def install(self) -> None:
        """Make these the streams of everything that prints in this process, such as help pages."""
        sys.stdin, sys.stdout, sys.stderr = self._stdin, self._screen.stdout, self._screen.stderr

    def redact(self, secret: str) -> None:
        """Mask this secret in everything that is shown."""
        self._screen.redact(secret)

    # the live line

    def progress(self) -> AbstractContextManager[Progress]:
        """The live line for work that goes on: dim, gone at the end; nothing in a pipe."""
        return self._live_line(is_dim=not self._is_plain)

    def status(self) -> AbstractContextManager[Progress]:
        """The live line for what is going on while results are written; nothing in a pipe, nor where stdout is one:
        its reader may write to the same terminal, into the line."""
        return nullcontext(_NoProgress()) if _is_pipe(self._screen.stdout) else self._live_line(is_dim=False)

    @property
    def live_width(self) -> int:
        """Cells that the live line may take."""
        from eleven_cli.terminal.live import live_width

        return live_width(width_of(self._screen.stderr))

    def _live_line(self, *, is_dim: bool) -> AbstractContextManager[Progress]:
        if self.quiet or self.debug or self._is_dumb or not self.stderr_is_terminal:
            return nullcontext(_NoProgress())
        return self._screen.live_line(is_dim=is_dim, echoes=_is_pipe(self._stdin) or _is_pipe(self._screen.stdout))

    # stdin

    @property
    def stdin_is_terminal(self) -> bool:
        return self._stdin.isatty()

    @property
    def stdin_is_file(self) -> bool:
        """Whether it is a regular file: complete, and not written meanwhile."""
        try:
            return stat.S_ISREG(os.fstat(self._stdin.fileno()).st_mode)
        except (OSError, ValueError):
            return False

    @property
    def stdin_number(self) -> int | None:
        """The descriptor behind stdin; None where there is none."""
        return number_of(self._stdin)

    @property
    def stdin_bytes(self) -> BinaryIO | None:
        """Stdin as bytes; None where a person sits there."""
        return None if self.stdin_is_terminal else self._stdin.buffer

    @property
    def can_ask(self) -> bool:
        return self.stdin_is_terminal and self.stderr_is_terminal

    def read(self, most_bytes: int = -1) -> bytes:
        """Everything on stdin, or its first bytes. Raises ElevenError where it cannot be read."""
        try:
            return self._stdin.buffer.read(most_bytes)
        except OSError as failed:
            from eleven_cli.terminal.stdin_reader import cannot_read

            raise cannot_read(failed) from failed

    def arriving(self) -> "StdinReader":
        """Stdin as it arrives, with an eye on the clock; from a terminal line by line, with a prompt."""
        from eleven_cli.terminal.stdin_reader import StdinReader, TypedText

        if not self.stdin_is_terminal:
            return StdinReader(self._stdin)
        return TypedText(self._stdin, self._prompt(QUESTION).read_line)

    def lines(self, question: str) -> "Lines | TypedLines":
        """The lines of stdin as they come, without waiting for any; from a terminal with this prompt."""
        if not self.stdin_is_terminal or self._is_dumb or not (self.stdout_is_terminal or self.stderr_is_terminal):
            from eleven_cli.terminal.keyboard import Lines

            return Lines(self._stdin)
        from eleven_cli.terminal.prompt import TypedLines

        return TypedLines(self._prompt(question))

    def keys(self) -> "Keys":
        """Single keys from the terminal, without waiting for any; none where stdin is not a terminal."""
        from eleven_cli.terminal.keyboard import Keys

        return Keys(self._stdin)

    def ask(self, question: str) -> str:
        """A line that a person types, without its end. Only where `can_ask`. Raises EOFError after Ctrl+D."""
        try:
            return self._prompt(question).read_line()
        finally:
            self._screen.hide_prompt()

    def confirm(self, question: str) -> bool:
        """Whether the answer is yes; anything else is no, Ctrl+D too. Only where `can_ask`."""
        try:
            return self.ask(f"{question} [y/N] ").strip().casefold() in ("y", "yes")
        except EOFError:
            return False

    def ask_secret(self, question: str) -> str:
        """A line typed without showing it. Only where `can_ask`."""
        import getpass

        from eleven_cli.terminal.modes import restored

        with restored(self._stdin):
            return getpass.getpass(question, stream=self._screen.stderr)

    def _prompt(self, question: str) -> "Prompt":
        from eleven_cli.terminal.prompt import Prompt

        streams = (self._stdin, self._screen.stderr)
        prompt = Prompt(*streams, question, self._screen.hide_prompt, is_edited=self.stdout_is_terminal)
        self._screen.ask_with(prompt)
        return prompt


class _NoProgress:
    """For pipes, and where it should be quiet."""

    def update(self, line: str, *, keep_end: bool = False) -> None:
        pass


def _is_pipe(stream: TextIO) -> bool:
    try:
        mode = os.fstat(stream.fileno()).st_mode
        return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
    except (OSError, ValueError):
        return False
