"""How things look as text: harmless characters, tables, errors. Pure."""

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from itertools import groupby
from typing import Any

from eleven_cli.errors import ElevenError

_OUR_SIGNS = dict.fromkeys(map(ord, "·…"))  # a column each
_BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_OBEYED = re.compile(f"[\x7f-\x9f{_BIDI_CONTROLS}]")
COLUMN_GAP = 2


def printable(text: str) -> str:
    """The text with everything that a terminal would obey written out: ESC as \\x1b, and so on."""
    return text if text.isascii() and text.isprintable() else "".join(_shown(char) for char in text)


def without_controls(text: str) -> str:
    """The same for a pipe: control characters are written out, but marks of direction belong to a text."""
    return "".join(char if char in _BIDI_CONTROLS else _shown(char) for char in text)


def cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.translate(_OUR_SIGNS).isascii():  # without loading what knows the rest
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fitted(text: str, width: int, *, keep_end: bool = False) -> str:
    """What of the text fits into `width` cells: its beginning, or its end, with a … for the rest."""
    if cells(text) <= width:
        return text
    room, kept = width - 1, ""
    every = characters(text)
    for character in reversed(every) if keep_end else every:
        room -= max(cells(character), sum(map(cells, character)))  # terminals differ in what joined emoji take
        if room < 0:
            break
        kept = character + kept if keep_end else kept + character
    return ("…" + kept if keep_end else kept + "…") if width > 0 else ""


def characters(text: str) -> list[str]:
    """What a reader takes for one character each."""
    if text.isascii():
        return list(text)
    import regex  # type: ignore[import-untyped]

    return [found[0] for found in regex.finditer(r"\X", text)]


def harmless_json(text: str) -> str:
    """JSON with the characters escaped that JSON allows and terminals obey."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _shown(char: str) -> str:
    if char == "\t" or char == "\n":
        return " "
    if unicodedata.category(char) in ("Cc", "Cs") or char in _BIDI_CONTROLS:
        return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"
    return char


def error_sentence(error: ElevenError) -> str:
    """The sentence, with the service's own code and the request id."""
    marks = [error.code] if error.code != error.default_code and error.status else []
    marks += [f"request {error.request_id}"] if error.request_id else []
    return error.sentence + (f" ({', '.join(marks)})" if marks else "")


def error_value(error: ElevenError) -> dict[str, Any]:
    """What --json says of an error."""
    return {
        "code": error.code,
        "message": error.sentence,
        "hint": error.hint or None,
        "status": error.status,
        "request_id": error.request_id or None,
        "exit_code": error.exit_code,
    }


def plain_value(value: Any) -> Any:
    """What JSON can hold in place of a value that it cannot."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, width: int) -> str:
    """An aligned table with a header, `width` columns wide; words are kept whole where they fit."""
    from io import StringIO

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, padding=(0, COLUMN_GAP, 0, 0), show_header=any(columns))
    texts = [[printable(cell) for cell in row] for row in rows]
    for name, column_width in zip(columns, _widths([[name.upper() for name in columns], *texts], width), strict=True):
        grid.add_column(Text(name.upper()), overflow="fold", width=column_width)
    for row in texts:
        grid.add_row(*map(Text, row))
    page = StringIO()
    Console(file=page, width=width, no_color=True, highlight=False, force_terminal=False).print(grid)
    return "".join(line.rstrip() + "\n" for line in page.getvalue().removesuffix("\n").split("\n"))


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """How many cells the columns take, so that they fit: texts give way first, down to their longest word, then the
    widest."""
    columns = list(zip(*rows, strict=True))
    widths = [max(map(cells, column)) for column in columns]
    words = [max(map(_longest_word, column)) for column in columns]
    characters = [max(map(cells, "".join(column)), default=1) for column in columns]
    excess = sum(widths) + COLUMN_GAP * (len(widths) - 1) - width
    while excess > 0 and any(map(int.__gt__, widths, characters)):
        room = [have - least for have, least in zip(widths, words, strict=True)]
        if max(room) <= 0:
            room = [have if have > least else 0 for have, least in zip(widths, characters, strict=True)]
        widths[room.index(max(room))] -= 1
        excess -= 1
    return widths


def _longest_word(text: str) -> int:
    """In cells. Between wide characters, as of Chinese and Japanese, a line may end anywhere."""
    runs = [
        (wide, "".join(run)) for word in text.split() for wide, run in groupby(word, key=lambda char: cells(char) > 1)
    ]
    return max((2 if wide else cells(run) for wide, run in runs), default=1)
