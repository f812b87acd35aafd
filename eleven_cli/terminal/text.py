"""How things look as text: harmless characters, tables, errors. Pure."""

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

from eleven_cli.errors import ElevenError

_BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_OBEYED = re.compile(f"[\x7f-\x9f{_BIDI_CONTROLS}]")
COLUMN_GAP = 2


def printable(text: str) -> str:
    """The text with everything that a terminal would obey written out: ESC as \\x1b, and so on."""
    return "".join(_shown(char) for char in text)


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
    cells = [[printable(cell) for cell in row] for row in rows]
    for name, column_width in zip(columns, _widths([[name.upper() for name in columns], *cells], width), strict=True):
        grid.add_column(Text(name.upper()), overflow="fold", width=column_width)
    for row in cells:
        grid.add_row(*map(Text, row))
    page = StringIO()
    Console(file=page, width=width, no_color=True, highlight=False, force_terminal=False).print(grid)
    return "".join(line.rstrip() + "\n" for line in page.getvalue().splitlines())


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """How wide the columns are, so that they fit: texts give way first, down to their longest word, then the widest."""
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    words = [max((len(word) for cell in column for word in cell.split()), default=1) for column in columns]
    excess = sum(widths) + COLUMN_GAP * (len(widths) - 1) - width
    while excess > 0 and max(widths) > 1:
        room = [have - least for have, least in zip(widths, words, strict=True)]
        at = room.index(max(room)) if max(room) > 0 else widths.index(max(widths))
        widths[at] -= 1
        excess -= 1
    return widths
