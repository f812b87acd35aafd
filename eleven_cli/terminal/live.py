"""Lines on stderr that change: transient progress, and a status line below everything else."""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TextIO

from eleven_cli.terminal.text import printable


class Progress(Protocol):
    def update(self, line: str) -> None: ...


class NoProgress:
    """For pipes, and where it should be quiet."""

    def update(self, line: str) -> None:
        pass


class Status:
    """A status line: shown again only when it changes."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show, self._last = show, ""

    def update(self, line: str) -> None:
        if line != self._last:
            self._last = line
            self._show(line)


class LiveLine:
    """A transient rich line; rich is imported when the first line is shown, so that it delays no sound."""

    def __init__(self, stream: TextIO, *, plain: bool) -> None:
        self._stream, self._plain = stream, plain
        self._live: Any = None

    def __enter__(self) -> "LiveLine":
        return self

    def update(self, line: str) -> None:
        from rich.text import Text

        with suppress(OSError, ValueError):  # a terminal that is gone must not cost the audio
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
        with suppress(OSError, ValueError):
            if self._live is not None:
                self._live.stop()


def width_of(stream: TextIO) -> int:
    """Columns of a terminal; 80 where it does not say."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80
