"""The only module that touches stdin, stdout and stderr.

stdout carries results; everything said to the person goes to stderr. Text from elsewhere is data: its control
characters are shown, never obeyed.
"""

import os
import stat
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, is_dataclass
from typing import Any, Protocol, TextIO

from eleven_cli.errors import ElevenError, ReaderLeft, UsageError

_BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
COLUMN_GAP = 2
_RED, _YELLOW, _DIM, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"


class Progress(Protocol):
    def update(self, line: str) -> None: ...


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

    @classmethod
    def of_process(cls) -> "Terminal":
        """The terminal of this process. A stream that the parent closed reads as empty, or takes nothing."""
        stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115
        stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        for stream in (stdout, stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        return cls(stdin, stdout, stderr, os.environ)

    # what kind of place this is

    @property
    def stdin_is_terminal(self) -> bool:
        return self._stdin.isatty()

    @property
    def stdout_is_terminal(self) -> bool:
        return self._stdout.isatty()

    @property
    def stderr_is_terminal(self) -> bool:
        return self._stderr.isatty()

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
        self._to_stdout(json.dumps(value, ensure_ascii=False, default=_plain_value, **layout) + "\n")

    def rows(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table with a header on a terminal; tab-separated lines without one in a pipe."""
        if self.stdout_is_terminal:
            self._to_stdout(_table(columns, rows, width=_width_of(self._stdout)))
        else:
            for row in rows:
                self._to_stdout("\t".join(printable(cell) for cell in row) + "\n")

    def audio(self) -> "StdoutSink":
        """Stdout for bytes. Refused on a terminal, where they would only do harm."""
        if self.stdout_is_terminal:
            raise UsageError(
                "audio is never written to a terminal",
                hint="write a file with -o FILE, or redirect: eleven tts TEXT > speech.mp3",
            )
        return StdoutSink(self._stdout)

    def _to_stdout(self, text: str) -> None:
        try:
            self._stdout.write(text)
            self._stdout.flush()
        except BrokenPipeError as gone:
            raise ReaderLeft from gone
        except OSError as failed:
            raise cannot_write("standard output", failed) from failed

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

        self._say(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain_value))

    def lines(self, text: str) -> None:
        """Several lines of our own on stderr, as they are."""
        self._say(text.rstrip("\n"))

    def error(self, error: ElevenError) -> None:
        """Why it failed: one sentence and one hint, or one JSON object with --json."""
        if self.json_errors:
            self.report({"error": _error_value(error)})
            return
        self._say(self._coloured("error:", _RED) + " " + printable(_error_sentence(error)))
        if error.hint:
            self._say("hint: " + printable(error.hint))

    def _say(self, line: str) -> None:
        with suppress(OSError, ValueError):  # nobody is left to be told
            self._stderr.write(line + "\n")
            self._stderr.flush()

    def _coloured(self, text: str, colour: str) -> str:
        return text if self._plain or not self.stderr_is_terminal else f"{colour}{text}{_PLAIN}"

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """One line on stderr that is replaced as work goes on and is gone at the end; nothing in a pipe."""
        if self.quiet or self.debug or not self.stderr_is_terminal:
            yield _NoProgress()
            return
        with _LiveLine(self._stderr, plain=self._plain) as line:
            yield line

    def flush(self) -> None:
        """Let nothing be left in a buffer when the process ends."""
        for stream in (self._stdout, self._stderr):
            with suppress(OSError, ValueError):  # a reader that left
                stream.flush()

    # input: stdin

    def read(self) -> bytes:
        """Everything on stdin."""
        return self._stdin.buffer.read()

    def ask_secret(self, question: str) -> str:
        """A line typed without showing it. Only where `can_ask`."""
        import getpass

        return getpass.getpass(question, stream=self._stderr)


class StdoutSink:
    """Stdout as a place for audio: each write is flushed; a regular file (`> x.wav`) can be patched at its start."""

    def __init__(self, stdout: TextIO) -> None:
        self._stream = stdout.buffer
        self._start = _position_in_file(stdout)

    def __enter__(self) -> "StdoutSink":
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def write(self, data: bytes) -> None:
        try:
            self._stream.write(data)
            self._stream.flush()
        except BrokenPipeError as gone:
            raise ReaderLeft from gone
        except OSError as failed:
            raise cannot_write("standard output", failed) from failed

    def patch_start(self, data: bytes) -> None:
        """Overwrite the first bytes that were written, where stdout is a file that allows it."""
        if self._start is not None:
            os.pwrite(self._stream.fileno(), data, self._start)

    def finish(self) -> None:
        pass


class _NoProgress:
    def update(self, line: str) -> None:
        pass


class _LiveLine:
    """A transient rich line; rich is imported when the first line is shown, so that it delays no sound."""

    def __init__(self, stream: TextIO, *, plain: bool) -> None:
        self._stream, self._plain = stream, plain
        self._live: Any = None

    def __enter__(self) -> "_LiveLine":
        return self

    def update(self, line: str) -> None:
        from rich.text import Text

        if self._live is None:
            self._live = self._started()
        self._live.update(Text(printable(line), style="" if self._plain else "dim"), refresh=True)

    def _started(self) -> Any:
        from rich.console import Console
        from rich.live import Live

        console = Console(file=self._stream, no_color=self._plain, highlight=False)
        live = Live(console=console, transient=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
        live.start()
        return live

    def __exit__(self, *exc: object) -> None:
        if self._live is not None:
            self._live.stop()


def printable(text: str) -> str:
    """The text with everything that a terminal would obey written out: ESC as \\x1b, and so on."""
    return "".join(_shown(char) for char in text)


def cannot_write(where: str, failed: OSError) -> ElevenError:
    """What to say when writing failed for a reason of the system's."""
    return ElevenError(f"cannot write to {where}: {failed.strerror or failed}", code="write_failed")


def _shown(char: str) -> str:
    if char == "\t" or char == "\n":
        return " "
    if unicodedata.category(char) in ("Cc", "Cs") or char in _BIDI_CONTROLS:
        return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"
    return char


def _error_sentence(error: ElevenError) -> str:
    marks = [error.code] if error.code != error.default_code and error.status else []
    marks += [f"request {error.request_id}"] if error.request_id else []
    return error.sentence + (f" ({', '.join(marks)})" if marks else "")


def _error_value(error: ElevenError) -> dict[str, Any]:
    return {
        "code": error.code,
        "message": error.sentence,
        "hint": error.hint or None,
        "status": error.status,
        "request_id": error.request_id or None,
        "exit_code": error.exit_code,
    }


def _plain_value(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, width: int) -> str:
    from io import StringIO

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, COLUMN_GAP, 0, 0), show_header=any(columns))
    cells = [[printable(cell) for cell in row] for row in rows]
    for at, column in enumerate(columns):
        longest_word = max((len(word) for row in cells for word in row[at].split()), default=0)
        table.add_column(Text(column.upper()), overflow="fold", min_width=longest_word + COLUMN_GAP)
    for row in cells:
        table.add_row(*map(Text, row))
    page = StringIO()
    Console(file=page, width=width, no_color=True, highlight=False, force_terminal=False).print(table)
    return "".join(line.rstrip() + "\n" for line in page.getvalue().splitlines())


def _width_of(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


def _position_in_file(stream: TextIO) -> int | None:
    """Where stdout stands in a regular file that may be patched; None for pipes, devices and `>>`."""
    try:
        number = stream.fileno()
        if not stat.S_ISREG(os.fstat(number).st_mode) or _appends(number):
            return None
        return os.lseek(number, 0, os.SEEK_CUR)
    except OSError:
        return None


def _appends(number: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows has neither fcntl nor pwrite
        return True
    return bool(fcntl.fcntl(number, fcntl.F_GETFL) & os.O_APPEND)
