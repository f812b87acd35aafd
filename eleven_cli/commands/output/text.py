"""TextOutput: text on stdout, or in a file that is complete or absent."""

import json
from collections.abc import Iterable
from typing import Any, Self

from eleven_cli.errors import ExitStack
from eleven_cli.files.sinks import DirectSink, FileSink, file_sink
from eleven_cli.terminal import Terminal
from eleven_cli.terminal.text import harmless_json, printable, without_controls


class TextOutput:
    """Writes to a file, or to stdout if `file` is None. Opening raises UsageError if it cannot be written, before
    anything is paid for. A file appears when it is finished."""

    def __init__(self, terminal: Terminal, file: str | None, *, no_clobber: bool = False) -> None:
        self._terminal, self._file, self._is_all_given = terminal, file, False
        self._sink = (
            None if file is None else file_sink(file, no_clobber=no_clobber, is_text=True, example="speech.srt")
        )
        self._open = ExitStack()

    def __enter__(self) -> Self:
        if self._sink is None:
            self._terminal.refuse_closed_stdout()
        else:
            self._open.enter_context(self._sink)
        return self

    def __exit__(self, *exc: Any) -> None:
        self._open.__exit__(*exc)

    @property
    def terminal(self) -> Terminal:
        return self._terminal

    @property
    def file(self) -> str | None:
        """Its name; None for stdout."""
        return self._file

    @property
    def is_stdout(self) -> bool:
        return self._sink is None

    @property
    def is_all_given(self) -> bool:
        """Whether a file was given all of it, and only its name is missing."""
        return self._is_all_given

    def line(self, line: str) -> None:
        """Write one line at once."""
        if self._sink is None:
            self._terminal.print(line)
        else:
            self._write(self._harmless(line))

    def json_line(self, value: Any) -> None:
        """Write one of several values at once, as a line."""
        if self._sink is None:
            self._terminal.json_line(value)
        else:
            self._write(harmless_json(json.dumps(value, ensure_ascii=False, separators=(",", ":"))))

    def finish(self) -> None:
        """Complete the output."""
        if self._sink is not None:
            self._sink.write(b"")  # creates an empty file in place of an older part
            self._is_all_given = isinstance(self._sink, FileSink)
            self._sink.finish()

    def lines(self, lines: Iterable[str]) -> None:
        """Write all lines, and finish."""
        for line in lines:
            self.line(line)
        self.finish()

    def json(self, value: Any) -> None:
        """Write one value, and finish."""
        if self._sink is None:
            self._terminal.json(value)
            return
        self._write(harmless_json(json.dumps(value, ensure_ascii=False, indent=2)))
        self.finish()

    def document(self, data: bytes) -> None:
        """Write a document as it is, and finish."""
        if self._sink is None:
            stdout = self._terminal.audio()
            stdout.write(data)
            stdout.finish()
        else:
            self._sink.write(data)
            self.finish()

    def _write(self, text: str) -> None:
        assert self._sink is not None
        self._sink.write(f"{text}\n".encode("utf-8", "backslashreplace"))

    def _harmless(self, line: str) -> str:
        """Remove control characters; for a terminal by another name (/dev/tty) also bidirectional marks."""
        line = line.encode("utf-8", "replace").decode()
        on_terminal = isinstance(self._sink, DirectSink) and self._sink.is_terminal
        return printable(line) if on_terminal else without_controls(line)
