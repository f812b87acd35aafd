"""Text that is a result: on stdout, or in a file that is complete or not there."""

import json
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any, Self

from eleven_cli.files.sinks import DirectSink, file_sink
from eleven_cli.terminal import Terminal
from eleven_cli.terminal.text import printable


class Written:
    """A file, or stdout where `file` is None. Opening raises UsageError where nothing can be written, before anything
    is paid for."""

    def __init__(self, terminal: Terminal, file: str | None, *, no_clobber: bool) -> None:
        self._terminal = terminal
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

    def lines(self, lines: Iterable[str]) -> None:
        """All of it, line by line."""
        if self._sink is None:
            for line in lines:
                self._terminal.print(line)
            return
        self._sink.write(b"")  # there may be nothing else, and an older part must not stand in for it
        for line in lines:
            self._sink.write(f"{self._harmless(line)}\n".encode("utf-8", "replace"))
        self._sink.finish()

    def _harmless(self, line: str) -> str:
        """To a terminal by another name (/dev/tty), too, no control characters go."""
        return printable(line) if isinstance(self._sink, DirectSink) and self._sink.is_terminal else line

    def json(self, value: Any) -> None:
        """All of it, as one value."""
        if self._sink is None:
            self._terminal.json(value)
            return
        text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
        self._sink.write(text.encode("utf-8", "backslashreplace"))
        self._sink.finish()
