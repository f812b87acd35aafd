"""Terminal: what commands say, show and read."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from eleven_cli.errors import ElevenError, ReaderLeft, UsageError
from eleven_cli.terminal.keyboard import Keys, Lines
from eleven_cli.terminal.live import LiveLine, NoProgress, Progress, Status, width_of
from eleven_cli.terminal.stdout import StdoutSink, cannot_write, closed_stdout, refuse_closed
from eleven_cli.terminal.text import error_sentence, error_value, harmless_json, plain_value, printable, table

if TYPE_CHECKING:
    from eleven_cli.terminal.arriving import Arriving

SHORTEST_SECRET = 8
_KEY = re.compile(r"\bsk_[0-9A-Za-z]{16,}")  # what an API key looks like, typed where it does not belong
_RED, _YELLOW, _DIM, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"


class Terminal:
    """Where a command reads and writes.

    Made once in `run()` from the process's streams, and by tests from streams in memory.
    """

    def __init__(self, stdin: TextIO, stdout: TextIO, stderr: TextIO, environ: Mapping[str, str]) -> None:
        self._stdin, self._stdout, self._stderr = stdin, stdout, stderr
        self._plain = bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb"
        self.quiet = False
        self.debug = False
        self.json_errors = False
        self._status = ""
        self._secrets: list[str] = []
        self._at_line_start = True

    @classmethod
    def of_process(cls) -> "Terminal":
        """The terminal of this process. A stream that the parent closed reads as empty, or takes nothing."""
        stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115
        stdout = sys.stdout or closed_stdout()
        stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        for stream in (stdout, stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        return cls(stdin, stdout, stderr, os.environ)

    def hide(self, secret: str) -> None:
        """Never show this, whoever says it."""
        if len(secret) >= SHORTEST_SECRET:
            self._secrets.append(secret)

    # what kind of place this is

    @property
    def stdin_is_terminal(self) -> bool:
        return self._stdin.isatty()

    @property
    def stdin_is_file(self) -> bool:
        """Whether all of it is there already, and nobody writes it meanwhile."""
        import stat

        try:
            return stat.S_ISREG(os.fstat(self._stdin.fileno()).st_mode)
        except (OSError, ValueError):
            return False

    @property
    def stdout_is_terminal(self) -> bool:
        return self._stdout.isatty()

    @property
    def stderr_is_terminal(self) -> bool:
        return self._stderr.isatty()

    @property
    def width(self) -> int:
        """Columns of stdout's terminal; 80 where it does not say."""
        return width_of(self._stdout)

    @property
    def can_ask(self) -> bool:
        return self.stdin_is_terminal and self.stderr_is_terminal

    # results: stdout

    def print(self, text: str) -> None:
        """One line of the result."""
        self._to_stdout(printable(text) + "\n")

    def text(self, text: str) -> None:
        """Text of our own making, as it is: help pages, scripts."""
        self._to_stdout(text if text.endswith("\n") else text + "\n")

    def json(self, value: Any) -> None:
        """A value, indented on a terminal and on one line in a pipe."""
        import json

        layout: dict[str, Any] = {"indent": 2} if self.stdout_is_terminal else {"separators": (",", ":")}
        self._to_stdout(harmless_json(json.dumps(value, ensure_ascii=False, default=plain_value, **layout)) + "\n")

    def json_line(self, value: Any) -> None:
        """One of many values: one line each, on a terminal too."""
        import json

        self._to_stdout(
            harmless_json(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=plain_value)) + "\n"
        )

    def part(self, text: str) -> None:
        """A piece of a line that is still growing; "\\n" ends it."""
        self._to_stdout(text if text == "\n" else printable(text))

    def rows(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table with a header on a terminal; tab-separated lines without one in a pipe."""
        if self.stdout_is_terminal:
            self._to_stdout(table(columns, rows, width=width_of(self._stdout)))
        else:
            for row in rows:
                self._to_stdout("\t".join(printable(cell) for cell in row) + "\n")

    def refuse_closed_stdout(self) -> None:
        """Raise ElevenError where a result could not be written (`>&-`), before it is paid for."""
        refuse_closed(self._stdout)

    def audio(self) -> "StdoutSink":
        """Stdout for bytes. Refused on a terminal, where they would only do harm."""
        if self.stdout_is_terminal:
            raise UsageError(
                "audio is never written to a terminal",
                hint="write a file with -o FILE, or redirect: > FILE",
            )
        return StdoutSink(self._stdout)

    def _to_stdout(self, text: str) -> None:
        text = self._without_secrets(text)
        self._erase_status()
        try:
            self._stdout.write(text)
            self._stdout.flush()
        except BrokenPipeError as gone:
            raise ReaderLeft from gone
        except OSError as failed:
            raise cannot_write("standard output", failed) from failed
        self._at_line_start = text.endswith("\n")
        self._draw_status()

    # words for the person: stderr

    def note(self, text: str) -> None:
        """Something worth knowing; silent with --quiet."""
        if not self.quiet:
            self._say(printable(text))

    def warn(self, text: str) -> None:
        """Something that may be wrong; silent with --quiet."""
        if not self.quiet:
            self._say(self._coloured("warning:", _YELLOW) + " " + printable(text))

    def trace(self, text: str) -> None:
        """What --debug shows."""
        if self.debug:
            self._say(self._coloured(printable(text), _DIM))

    def report(self, value: Any) -> None:
        """One JSON object on stderr, whatever --quiet says: it was asked for."""
        import json

        self._say(harmless_json(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=plain_value)))

    def figures(self, text: str) -> None:
        """A line on stderr, whatever --quiet says: it was asked for."""
        self._say(printable(text))

    def block(self, text: str) -> None:
        """Several lines of our own on stderr, as they are."""
        self._say(text.rstrip("\n"))

    def error(self, error: ElevenError) -> None:
        """Why it failed: one sentence and one hint, or one JSON object with --json."""
        if self.json_errors:
            self.report({"error": error_value(error)})
            return
        self._say(self._coloured("error:", _RED) + " " + printable(error_sentence(error)))
        if error.hint:
            self._say("hint: " + printable(error.hint))

    def _say(self, line: str) -> None:
        self._erase_status()
        self._write_stderr(_KEY.sub("sk_****", self._without_secrets(line)) + "\n")
        self._draw_status()

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "****")
        return text

    def _write_stderr(self, text: str) -> None:
        with suppress(OSError, ValueError):  # nobody is left to be told
            self._stderr.write(text)
            self._stderr.flush()

    def _coloured(self, text: str, colour: str) -> str:
        return text if self._plain or not self.stderr_is_terminal else f"{colour}{text}{_PLAIN}"

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """One line on stderr that is replaced as work goes on and is gone at the end; nothing in a pipe."""
        if self.quiet or self.debug or not self.stderr_is_terminal:
            yield NoProgress()
            return
        with LiveLine(self._stderr, plain=self._plain) as line:
            yield line

    @contextmanager
    def status(self) -> Iterator[Progress]:
        """The bottom line of a terminal, below all that is printed meanwhile; nothing elsewhere."""
        if self.quiet or self.debug or not self.stderr_is_terminal:
            yield NoProgress()
            return
        try:
            yield Status(self._set_status)
        finally:
            self._set_status("")

    def _set_status(self, text: str) -> None:
        self._erase_status()
        self._status = printable(text)[: width_of(self._stderr) - 1]
        self._draw_status()

    def _erase_status(self) -> None:
        if self._status and self._at_line_start:
            self._write_stderr("\r\x1b[K")

    def _draw_status(self) -> None:
        if self._status and self._at_line_start:
            self._write_stderr(self._status)

    def flush(self) -> None:
        """Let nothing be left in a buffer when the process ends."""
        for stream in (self._stdout, self._stderr):
            with suppress(OSError, ValueError):  # a reader that left
                stream.flush()

    # input: stdin

    @property
    def stdin_bytes(self) -> BinaryIO | None:
        """Stdin as bytes; None where a person sits there."""
        return None if self.stdin_is_terminal else self._stdin.buffer

    def read(self) -> bytes:
        """Everything on stdin."""
        return self._stdin.buffer.read()

    def arriving(self) -> "Arriving":
        """Stdin as it arrives, with an eye on the clock."""
        from eleven_cli.terminal.arriving import Arriving

        return Arriving(self._stdin)

    def lines(self) -> "Lines":
        """The lines of stdin as they come, without waiting for any."""
        return Lines(self._stdin)

    def keys(self) -> "Keys":
        """Single keys from the terminal, without waiting for any; none where stdin is no terminal."""
        return Keys(self._stdin)

    def ask_secret(self, question: str) -> str:
        """A line typed without showing it. Only where `can_ask`."""
        import getpass

        return getpass.getpass(question, stream=self._stderr)
