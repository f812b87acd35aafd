"""Results: what a command writes to stdout: text, tables, JSON and audio."""

import os
import stat
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, BinaryIO, TextIO

from eleven_cli.errors import ElevenError, OutputClosed, UsageError
from eleven_cli.terminal.screen import Screen, height_of, width_of, writing_stdout


class Results:
    """Stdout, for a person who reads a terminal and for a program that reads a pipe."""

    def __init__(self, screen: Screen, environ: Mapping[str, str], tell: Callable[[str], None]) -> None:
        self._screen, self._environ = screen, environ
        self._tell_beside = tell  # on stderr

    @property
    def _stdout(self) -> TextIO:
        return self._screen.stdout

    @property
    def stdout_is_terminal(self) -> bool:
        return self._stdout.isatty()

    @property
    def stdout_number(self) -> int | None:
        """The descriptor behind stdout; None where there is none."""
        return number_of(self._stdout)

    @property
    def width(self) -> int:
        """Columns of stdout's terminal; 80 where it does not say."""
        return width_of(self._stdout)

    def print(self, text: str) -> None:
        """One line of the result."""
        self._screen.write_result(self._harmless(text) + "\n")

    def text(self, text: str) -> None:
        """Text of our own making, as it is: help pages, scripts."""
        self._screen.write_result(text if text.endswith("\n") else text + "\n")

    def page(self, markdown: str) -> None:
        """A page of Markdown of our own making: rendered on a terminal, by the user's pager where one is set; as it
        is in a pipe."""
        is_dumb = self._environ.get("TERM") == "dumb"
        if not self.stdout_is_terminal or is_dumb:
            self.text(markdown)
            return
        from eleven_cli.terminal.pages import paged, pager_of, rendered

        page = rendered(markdown, self.width, plain=bool(self._environ.get("NO_COLOR")))
        pager = pager_of(self._environ)
        fits = self.stdout_number is None or page.count("\n") < height_of(self._stdout)
        if fits or not pager or not paged(page, pager, self._environ):
            self.text(page)

    def json(self, value: Any) -> None:
        """A value, indented on a terminal and on one line in a pipe."""
        from eleven_cli.terminal.text import json_text

        self._screen.write_result(json_text(value, is_indented=self.stdout_is_terminal) + "\n")

    def json_line(self, value: Any) -> None:
        """One of many values: one line each, on a terminal too."""
        from eleven_cli.terminal.text import json_text

        self._screen.write_result(json_text(value) + "\n")

    def part(self, text: str) -> None:
        """A piece of a line that is still growing; "\\n" ends it. Above a prompt it is shown when it is whole."""
        self._screen.write_part(text if text == "\n" else self._harmless(text))

    def rows(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        is_whole: bool = False,
        again: Sequence[str] = (),
    ) -> None:
        """A table with a header on a terminal, where long texts are cut unless it `is_whole`; tab-separated lines
        without a header in a pipe. `again` is the command line that lists the same for nothing, and knows --json."""
        from eleven_cli.terminal.table import MOST_LINES, GrowingTable

        if self.stdout_is_terminal:
            table = GrowingTable(columns, self.width, sys.maxsize if is_whole else MOST_LINES)
            self._screen.write_result(table.with_rows(rows))
            self._tell_left_out(table.left_out, again)
        else:
            self._tab_separated(rows)

    def facts(self, named: Iterable[tuple[str, str | None]]) -> None:
        """Names and values as a table of two columns, without those that have no value."""
        self.rows(("", ""), [(name, value) for name, value in named if value])

    def growing_rows(
        self,
        columns: Sequence[str],
        portions: Iterable[Sequence[Sequence[str]]],
        *,
        kept: str = "",
        again: Sequence[str] = (),
    ) -> int:
        """The same for rows that come in portions, and how many there were: each portion is shown before the next one
        is asked for, which it is only while somebody reads. On a terminal the first one decides how wide the columns
        are, and others are left out for `kept`."""
        from eleven_cli.terminal.table import GrowingTable

        table, count = GrowingTable(columns, self.width, kept=kept), 0
        for rows in portions:
            count += len(rows)
            if self.stdout_is_terminal:
                self._screen.write_result(table.with_rows(rows))
            else:
                self._tab_separated(rows)
            self.refuse_lost_stdout()
        self._tell_left_out(table.left_out, again)
        return count

    def _tell_left_out(self, columns: Sequence[str], again: Sequence[str]) -> None:
        if not columns:
            return
        from shlex import join

        at = list(again).index("--") if "--" in again else len(again)
        where = f"; all of it: eleven {join([*again[:at], '--json', *again[at:]])}" if again else ""
        self._tell_beside(f"not shown at {self.width} columns: {', '.join(columns)}{where}")

    def _tab_separated(self, rows: Iterable[Sequence[str]]) -> None:
        from eleven_cli.terminal.text import printable

        for row in rows:
            self._screen.write_result("\t".join(map(printable, row)) + "\n")

    def audio(self) -> "StdoutSink":
        """Stdout for bytes. Refused on a terminal, where they would only do harm."""
        if self.stdout_is_terminal:
            raise UsageError(
                "audio is never written to a terminal",
                hint="write a file with -o FILE, or redirect: > FILE",
            )
        return StdoutSink(self._stdout)

    def refuse_closed_stdout(self) -> None:
        """Raise ElevenError where a result could not be written (`>&-`), before it is paid for."""
        refuse_closed(self._stdout)

    def refuse_lost_stdout(self) -> None:
        """Raise OutputClosed if the reader of stdout has gone, before there is something to write."""
        if has_lost_its_reader(self._stdout):
            raise OutputClosed

    def _harmless(self, text: str) -> str:
        if text.isascii() and text.isprintable():  # without loading what knows the rest
            return text
        from eleven_cli.terminal.text import printable, without_controls

        return printable(text) if self.stdout_is_terminal else without_controls(text)


class StdoutSink:
    """Stdout as a place for audio: each write is flushed; a regular file (`> x.wav`) can be patched at its start."""

    def __init__(self, stdout: TextIO) -> None:
        self._stream = stdout.buffer
        self._start = _position_in_file(stdout)

    def __enter__(self) -> "StdoutSink":
        refuse_closed(self._stream)
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def write(self, data: bytes) -> None:
        with writing_stdout():
            self._stream.write(data)
            self._stream.flush()

    def rewrite_header(self, data: bytes) -> None:
        """Overwrite the first bytes that were written, where stdout is a file that allows it."""
        if self._start is not None:
            with writing_stdout():
                os.pwrite(self._stream.fileno(), data, self._start)

    def finish(self) -> None:
        pass


def refuse_closed(stream: TextIO | BinaryIO) -> None:
    """Raise ElevenError for a stdout that was closed, before anything is paid for that would have to go there."""
    try:
        import fcntl

        closed = fcntl.fcntl(stream.fileno(), fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
    except (ImportError, OSError, ValueError):  # it has no number
        return
    if closed:
        raise ElevenError("cannot write to standard output: it is closed", code="write_failed")


def has_lost_its_reader(stream: TextIO) -> bool:
    """Whether stdout is a pipe, a socket or a terminal whose other end is closed."""
    try:
        import select

        poll = select.poll()
        poll.register(stream.fileno(), 0)
        return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
    except (AttributeError, OSError, ValueError):  # it has no number, or the system has no poll
        return False


def number_of(stream: TextIO) -> int | None:
    """The descriptor behind a stream; None where there is none."""
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return None


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
