"""The live line: the bottom line of a terminal, below all that is written meanwhile. Widths are in cells."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TextIO

from eleven_cli.terminal.modes import NoEcho
from eleven_cli.terminal.text import cells, characters, fitted, most_cells, printable

ERASE = "\r\x1b[K"
_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"


class LiveLine:
    """A line that changes, as its owner sees it.

    changed  called when there is another text
    """

    def __init__(self, changed: Callable[[], None], *, is_dim: bool) -> None:
        self._changed, self._is_dim = changed, is_dim
        self._text, self._keep_end = "", False

    def update(self, line: str, *, keep_end: bool = False) -> None:
        self._text, self._keep_end = printable(line), keep_end
        self._changed()

    def fitted(self, width: int) -> str:
        """What of it is shown in so many cells."""
        text = fitted(self._text, width, keep_end=self._keep_end, measure=most_cells)
        return f"{_DIM}{text}{_PLAIN}" if text and self._is_dim else text


class LiveLines:
    """The live lines of the terminal behind `stream`: the newest stands at its bottom. Every writer to that
    terminal erases it first, and draws it again afterwards.

    columns  how many the terminal has now
    reflows  whether the terminal breaks a line in two when it becomes narrower than that
    echoes   keys that are typed are shown, though they break the line: other programs may use the terminal meanwhile,
             and what one of them finds there it puts back later
    """

    def __init__(
        self, stream: TextIO, columns: Callable[[], int], *, reflows: bool = True, echoes: bool = True
    ) -> None:
        self._stream, self._columns, self._reflows = stream, columns, reflows
        self._no_echo = None if echoes else NoEcho(stream)
        self._lines: list[LiveLine] = []
        self._drawn = ""

    def add(self, line: LiveLine) -> None:
        self._lines.append(line)

    def remove(self, line: LiveLine) -> None:
        self._lines.remove(line)

    def show_keys(self, *, unless_drawn: bool = False) -> None:
        """Have keys echoed again, until a line is drawn."""
        if self._no_echo is not None and not (unless_drawn and self._lines):
            self._no_echo.put_back()

    def has_changed(self) -> bool:
        """Whether it would look different, in the width that the terminal has now."""
        return self._shown() != self._drawn

    def erase(self) -> None:
        """Clear the line, if it was drawn, and all that a narrower terminal has made of it."""
        if self._drawn:
            plain = self._drawn.removeprefix(_DIM).removesuffix(_PLAIN)
            above = rows(plain, self._columns()) - 1 if self._reflows else 0
            self._write(f"\r\x1b[{above}A\x1b[J" if above else ERASE)
            self._drawn = ""

    def draw(self) -> None:
        """Show the line at the cursor, which stands at the beginning of a line."""
        self._drawn = self._shown()
        if self._drawn:
            if self._no_echo is not None:
                self._no_echo.take()
            self._write(self._drawn)

    def _shown(self) -> str:
        return self._lines[-1].fitted(live_width(self._columns())) if self._lines else ""

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # a terminal that is gone must not cost the audio
            self._stream.write(text)
            self._stream.flush()


def live_width(columns: int) -> int:
    """Cells that a live line may take: a terminal writes ^C behind it, and it must not reach the last column."""
    return max(columns - 1 - len("^C"), 1)


def reflows(environ: Mapping[str, str]) -> bool:
    """Whether the terminal wraps lines again when its width changes. Most do; if one that does not were taken for one,
    lines above would be erased."""
    term = environ.get("TERM", "")
    if "TMUX" in environ:
        return True
    return not (term in ("", "dumb", "linux") or term.startswith("screen") or {"STY", "XTERM_VERSION"} & set(environ))


def rows(text: str, width: int) -> int:
    """How many rows of so many cells a line takes; a wide character does not stand on two."""
    count, column = 1, 0
    for character in characters(text) if cells(text) > width else ():
        size = cells(character)
        if column + size > width:
            count, column = count + 1, 0
        column += size
    return count
