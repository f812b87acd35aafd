"""The live line: the bottom line of a terminal, below all that is written meanwhile. Widths are in cells."""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol, TextIO

from eleven_cli.terminal.text import cells, characters, fitted, printable

ERASE = "\r\x1b[K"
_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"


class Progress(Protocol):
    def update(self, line: str, *, keep_end: bool = False) -> None:
        """Show this line. Where it is too long, `keep_end` keeps its end instead of its beginning."""


class NoProgress:
    """For pipes, and where it should be quiet."""

    def update(self, line: str, *, keep_end: bool = False) -> None:
        pass


class LiveLine:
    """What stands at the bottom of the terminal behind `stream`, "" for nothing.

    Whoever writes to that terminal erases it before, and draws it after.

    reflows  whether the terminal breaks a line in two when it becomes narrower than that
    """

    def __init__(self, stream: TextIO, *, reflows: bool = True) -> None:
        self._stream, self._reflows = stream, reflows
        self._text, self._keep_end, self._is_dim = "", False, False
        self._drawn = ""

    def set(self, text: str, *, keep_end: bool = False, is_dim: bool = False) -> bool:
        """Take another text; gives whether it looks different, in the width that the terminal has now."""
        self._text, self._keep_end, self._is_dim = printable(text), keep_end, is_dim
        return self._shown() != self._drawn

    def erase(self) -> None:
        """Clear the line, if it was drawn, and all that a narrower terminal has made of it."""
        if self._drawn:
            plain = self._drawn.removeprefix(_DIM).removesuffix(_PLAIN)
            above = _rows(plain, width_of(self._stream)) - 1 if self._reflows else 0
            self._drawn = ""
            self._write(f"\r\x1b[{above}A\x1b[J" if above else ERASE)

    def draw(self) -> None:
        """Show the line at the cursor, which stands at the beginning of a line."""
        self._drawn = self._shown()
        if self._drawn:
            self._write(self._drawn)

    def _shown(self) -> str:
        text = fitted(self._text, width_of(self._stream) - 1, keep_end=self._keep_end)
        return f"{_DIM}{text}{_PLAIN}" if text and self._is_dim else text

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # a terminal that is gone must not cost the audio
            self._stream.write(text)
            self._stream.flush()


def reflows(environ: Mapping[str, str]) -> bool:
    """Whether a terminal is one of those that break a line anew when their width changes. Most do; where one that does
    not was taken for one, lines above would be erased."""
    term = environ.get("TERM", "")
    if "TMUX" in environ:
        return True
    return not (term in ("", "dumb", "linux") or term.startswith("screen") or {"STY", "XTERM_VERSION"} & set(environ))


def _rows(text: str, width: int) -> int:
    """How many rows a line takes; a wide character does not stand on two."""
    rows, column = 1, 0
    for character in characters(text) if cells(text) > width else ():
        size = cells(character)
        if column + size > width:
            rows, column = rows + 1, 0
        column += size
    return rows


def width_of(stream: TextIO) -> int:
    """Columns of a terminal; 80 where it does not say."""
    return _size_of(stream).columns or 80


def height_of(stream: TextIO) -> int:
    """Lines of a terminal; 24 where it does not say."""
    return _size_of(stream).lines or 24


def _size_of(stream: TextIO) -> os.terminal_size:
    try:
        return os.get_terminal_size(stream.fileno())
    except OSError:
        return os.terminal_size((0, 0))
