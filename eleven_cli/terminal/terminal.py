"""Terminal: what commands say, show and read."""

import io
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from eleven_cli.errors import ElevenError, OutputClosed, UsageError
from eleven_cli.processes import waiting_reader, waiting_writer
from eleven_cli.terminal.live import LiveLine, NoProgress, Progress, height_of, reflows, width_of
from eleven_cli.terminal.stdout import (
    StdoutSink,
    cannot_read,
    cannot_write,
    has_lost_its_reader,
    has_room,
    refuse_closed,
)
from eleven_cli.terminal.text import (
    error_reference,
    error_value,
    harmless_json,
    plain_value,
    printable,
    table,
    without_controls,
)

if TYPE_CHECKING:
    from eleven_cli.terminal.keyboard import Keys, Lines
    from eleven_cli.terminal.prompt import Prompt, TypedLines
    from eleven_cli.terminal.stdin_reader import StdinReader

SHORTEST_SECRET = 8
QUESTION = "text> "
_KEY = re.compile(r"\bsk_[0-9A-Za-z]{16,}")  # what an API key looks like, typed where it does not belong
_RED, _YELLOW, _DIM, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"


class Terminal:
    """Where a command reads and writes.

    Made once in `run()` from the process's streams, and by tests from streams in memory.
    """

    def __init__(self, stdin: TextIO, stdout: TextIO, stderr: TextIO, environ: Mapping[str, str]) -> None:
        self._stdin, self._stdout, self._stderr = stdin, stdout, stderr
        self._is_dumb = environ.get("TERM") == "dumb"
        self._plain = bool(environ.get("NO_COLOR")) or self._is_dumb
        self._environ = environ
        self.quiet = False
        self.debug = False
        self.json_errors = False
        self._live = LiveLine(stderr, reflows=reflows(environ))
        self._writing = threading.RLock()
        self._secrets: list[str] = []
        self.warnings: list[str] = []
        self._at_line_start = True
        self._prompt: Prompt | None = None
        self._growing = ""  # a line whose parts wait above the prompt for their end

    @classmethod
    def of_process(cls) -> "Terminal":
        """The terminal of this process. Its streams wait for a slow reader or writer, whatever mode they are in."""
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
        sys.stdin, sys.stdout, sys.stderr = self._stdin, self._stdout, self._stderr

    def redact(self, secret: str) -> None:
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
    def stdin_number(self) -> int | None:
        """The descriptor behind stdin; None where there is none."""
        return _number_of(self._stdin)

    @property
    def stdout_number(self) -> int | None:
        """The descriptor behind stdout; None where there is none."""
        return _number_of(self._stdout)

    @property
    def stderr_is_terminal(self) -> bool:
        return self._stderr.isatty()

    @property
    def width(self) -> int:
        """Columns of stdout's terminal; 80 where it does not say."""
        return width_of(self._stdout)

    @property
    def live_width(self) -> int:
        """Columns that the live line may take."""
        return width_of(self._stderr) - 1

    @property
    def can_ask(self) -> bool:
        return self.stdin_is_terminal and self.stderr_is_terminal

    # results: stdout

    def print(self, text: str) -> None:
        """One line of the result."""
        self._to_stdout(self._harmless(text) + "\n")

    def text(self, text: str) -> None:
        """Text of our own making, as it is: help pages, scripts."""
        self._to_stdout(text if text.endswith("\n") else text + "\n")

    def page(self, markdown: str) -> None:
        """A page of Markdown of our own making: rendered on a terminal, by the user's pager where one is set; as it
        is in a pipe."""
        if not self.stdout_is_terminal or self._is_dumb:
            self.text(markdown)
            return
        from eleven_cli.terminal.pages import paged, pager_of, rendered

        page, pager = rendered(markdown, self.width, plain=self._plain), pager_of(self._environ)
        fits = self.stdout_number is None or page.count("\n") < height_of(self._stdout)
        if fits or not pager or not paged(page, pager, self._environ):
            self.text(page)

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
        """A piece of a line that is still growing; "\\n" ends it. Above a prompt it is shown when it is whole."""
        if self._growing or self._asked(self._stdout):
            self._growing += self._harmless(text) if text != "\n" else text
            if text == "\n":
                whole, self._growing = self._growing, ""
                self._to_stdout(whole)
        elif text != "\n":
            self._to_stdout(self._harmless(text))
        elif not (self._at_line_start and self.stdout_is_terminal):  # a warning may have ended it
            self._to_stdout(text)

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

    def refuse_lost_stdout(self) -> None:
        """Raise OutputClosed where nobody reads stdout any more, before there is something to write."""
        if has_lost_its_reader(self._stdout):
            raise OutputClosed

    def _harmless(self, text: str) -> str:
        return printable(text) if self.stdout_is_terminal else without_controls(text)

    def _to_stdout(self, text: str) -> None:
        text = self._without_secrets(text)
        with self._writing:
            self._live.erase()
            if text.endswith("\n"):
                text = self._above_prompt(text, self._stdout)
            try:
                self._stdout.write(text)
                self._stdout.flush()
            except BrokenPipeError as gone:
                raise OutputClosed from gone
            except OSError as failed:
                raise cannot_write("standard output", failed) from failed
            self._at_line_start = (
                not text or text.endswith("\n") or bool(self._asked(self._stdout)) or not self.stdout_is_terminal
            )
            self._draw_live_line()

    # words for the person: stderr

    def note(self, text: str) -> None:
        """Something worth knowing; silent with --quiet."""
        if not self.quiet:
            self._say(printable(text))

    def remark(self, text: str) -> None:
        """Something that only a person who is watching may want to know: on a terminal only, silent with --quiet."""
        if self.stderr_is_terminal:
            self.note(text)

    def warn(self, text: str) -> None:
        """Something that may be wrong; silent with --quiet, but `warnings` holds it."""
        self.warnings.append(text)
        if not self.quiet:
            self._say(self._coloured("warning:", _YELLOW) + " " + printable(text))

    def log(self, text: str) -> None:
        """A line of a log; silent with --quiet, and dropped where stderr is a full pipe: nobody has to read a log."""
        if not self.quiet and has_room(self._stderr):
            self._say(printable(text))

    def trace(self, text: str) -> None:
        """What --debug shows."""
        if self.debug:
            self._say(self._coloured(printable(text), _DIM))

    def report(self, value: Any) -> None:
        """One JSON object on stderr, whatever --quiet says: it was asked for."""
        import json

        text = harmless_json(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=plain_value))
        self._say(text, is_result=True)

    def figures(self, text: str) -> None:
        """A line on stderr, whatever --quiet says: it was asked for."""
        self._say(printable(text), is_result=True)

    def block(self, text: str) -> None:
        """Several lines of our own on stderr, as they are."""
        self._say(text.rstrip("\n"))

    def error(self, error: ElevenError) -> None:
        """Why it failed: one sentence with what support asks for, and one hint; with --json one JSON object."""
        if self.json_errors:
            with suppress(ElevenError):  # nobody is left to be told
                self.report({"error": error_value(error)})
            return
        said = self._coloured("error:", _RED) + " " + printable(error.sentence)
        if reference := error_reference(error):
            said += " " + self._coloured(printable(f"({reference})"), _DIM)
        self._say(said)
        if error.hint:
            self._say("hint: " + printable(error.hint))

    def _say(self, line: str, *, is_result: bool = False) -> None:
        """A whole line on stderr, on a terminal below what stdout has begun and above the live line."""
        text = _KEY.sub("sk_****", self._without_secrets(line)) + "\n"
        with self._writing:
            self._live.erase()
            if not self._at_line_start and self.stderr_is_terminal:
                text, self._at_line_start = "\n" + text, True
            text = self._above_prompt(text, self._stderr)
            try:
                self._stderr.write(text)
                self._stderr.flush()
            except (OSError, ValueError) as failed:  # else nobody is left to be told
                if is_result and isinstance(failed, OSError):
                    raise cannot_write("standard error", failed) from failed
            self._draw_live_line()

    def _asked(self, stream: TextIO) -> str:
        """The prompt and what has been typed at it, where they stand on this stream."""
        return self._prompt.shown() if self._prompt is not None and stream.isatty() else ""

    def _above_prompt(self, text: str, stream: TextIO) -> str:
        """Whole lines, and the prompt drawn anew below them."""
        asked = self._asked(stream)
        if not asked:
            return text
        from eleven_cli.terminal.prompt import erasing

        return f"{erasing(asked, width_of(stream))}{text}{asked}"

    def _hide_prompt(self) -> None:
        """Take the prompt off the screen, and show what waited above it."""
        if self._prompt is None:
            return
        stream = self._stdout if self.stdout_is_terminal else self._stderr
        with self._writing:
            asked = self._asked(stream)
            self._prompt.hide()
            if asked:
                from eleven_cli.terminal.prompt import erasing

                with suppress(OSError, ValueError):
                    stream.write(erasing(asked, width_of(stream)))
                    stream.flush()

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "****")
        return text

    def _coloured(self, text: str, colour: str) -> str:
        return text if self._plain or not self.stderr_is_terminal else f"{colour}{text}{_PLAIN}"

    def progress(self) -> AbstractContextManager[Progress]:
        """The live line for work that goes on: dim, gone at the end; nothing in a pipe."""
        return self._live_line(is_dim=not self._plain)

    def status(self) -> AbstractContextManager[Progress]:
        """The live line for what is going on at the moment; nothing in a pipe."""
        return self._live_line(is_dim=False)

    @contextmanager
    def _live_line(self, *, is_dim: bool) -> Iterator[Progress]:
        if self.quiet or self.debug or self._is_dumb or self._prompt or not self.stderr_is_terminal:
            yield NoProgress()
            return
        try:
            yield _Shown(self._set_live_line, is_dim)
        finally:
            self._set_live_line("")

    def _set_live_line(self, text: str, *, keep_end: bool = False, is_dim: bool = False) -> None:
        with self._writing:
            if self._live.set(text, keep_end=keep_end, is_dim=is_dim):
                self._live.erase()
                self._draw_live_line()

    def _draw_live_line(self) -> None:
        if self._at_line_start:
            self._live.draw()

    # input: stdin

    @property
    def stdin_bytes(self) -> BinaryIO | None:
        """Stdin as bytes; None where a person sits there."""
        return None if self.stdin_is_terminal else self._stdin.buffer

    def read(self) -> bytes:
        """Everything on stdin. Raises ElevenError where it cannot be read."""
        try:
            return self._stdin.buffer.read()
        except OSError as failed:
            raise cannot_read(failed) from failed

    def arriving(self) -> "StdinReader":
        """Stdin as it arrives, with an eye on the clock; from a terminal line by line, with a prompt."""
        from eleven_cli.terminal.stdin_reader import StdinReader, TypedText

        if not self.stdin_is_terminal:
            return StdinReader(self._stdin)
        from eleven_cli.terminal.prompt import Prompt

        self._prompt = Prompt(self._stdin, self._stderr, QUESTION, is_edited=self.stdout_is_terminal)
        return TypedText(self._stdin, self._prompt.read_line)

    def lines(self, question: str) -> "Lines | TypedLines":
        """The lines of stdin as they come, without waiting for any; from a terminal with this prompt."""
        if not self.stdin_is_terminal or self._is_dumb or not (self.stdout_is_terminal or self.stderr_is_terminal):
            from eleven_cli.terminal.keyboard import Lines

            return Lines(self._stdin)
        from eleven_cli.terminal.prompt import Prompt, TypedLines

        self._prompt = Prompt(self._stdin, self._stderr, question, is_edited=self.stdout_is_terminal)
        return TypedLines(self._prompt, self._hide_prompt)

    def keys(self) -> "Keys":
        """Single keys from the terminal, without waiting for any; none where stdin is no terminal."""
        from eleven_cli.terminal.keyboard import Keys

        return Keys(self._stdin)

    def ask(self, question: str) -> str:
        """A line that a person types, without its end. Only where `can_ask`. Raises EOFError after Ctrl+D."""
        from eleven_cli.terminal.prompt import Prompt

        return Prompt(self._stdin, self._stderr, question, is_edited=self.stdout_is_terminal).read_line()

    def ask_secret(self, question: str) -> str:
        """A line typed without showing it. Only where `can_ask`."""
        import getpass

        from eleven_cli.terminal.keyboard import restored

        with restored(self._stdin):
            return getpass.getpass(question, stream=self._stderr)


class _Shown:
    """A live line, as whoever shows it sees it."""

    def __init__(self, show: Callable[..., None], is_dim: bool) -> None:
        self._show, self._is_dim = show, is_dim

    def update(self, line: str, *, keep_end: bool = False) -> None:
        self._show(line, keep_end=keep_end, is_dim=self._is_dim)


def _number_of(stream: TextIO) -> int | None:
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return None
