"""How things look as text: harmless characters, tables, errors. Pure."""

import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, is_dataclass
from itertools import groupby
from typing import Any

from eleven_cli.errors import ElevenError

_OUR_SIGNS = dict.fromkeys(map(ord, "·…"))  # a column each
_BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_OBEYED = re.compile(f"[\x7f-\x9f{_BIDI_CONTROLS}]")
COLUMN_GAP = 2
LEAST_CELLS = 6  # of a column: with fewer it says nothing
MOST_LINES = 2  # of a cell


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


def most_cells(text: str) -> int:
    """The same where the terminal shows the parts of a joined emoji side by side; terminals differ."""
    return cells(text) if text.isascii() else max(cells(text), sum(map(cells, text)))


def fitted(text: str, width: int, *, keep_end: bool = False, measure: Callable[[str], int] = cells) -> str:
    """What of the text fits into `width` cells: its beginning, or its end, with a … for the rest."""
    if measure(text) <= width:
        return text
    room, kept = width - 1, ""
    every = characters(text)
    for character in reversed(every) if keep_end else every:
        room -= measure(character)
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


def json_text(value: Any, *, is_indented: bool = False) -> str:
    """The value as JSON that a terminal may show: indented, or on one line."""
    import json

    layout: dict[str, Any] = {"indent": 2} if is_indented else {"separators": (",", ":")}
    return harmless_json(json.dumps(value, ensure_ascii=False, default=plain_value, **layout))


def harmless_json(text: str) -> str:
    """JSON with the characters escaped that JSON allows and terminals obey."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _shown(char: str) -> str:
    if char == "\t" or char == "\n":
        return " "
    if unicodedata.category(char) in ("Cc", "Cs") or char in _BIDI_CONTROLS:
        return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"
    return char


def error_reference(error: ElevenError) -> str:
    """What the service's support asks for: the service's own code and the request id, "" for neither."""
    code = error.code if error.code != error.default_code and error.status else ""
    request = f"request {error.request_id}" if error.request_id else ""
    return ", ".join(filter(None, [code, request]))


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
    """An aligned table with a header, `width` cells wide where that is possible.

    No cell is taller than two lines: what does not fit is cut, with a …; names and values, without a header, go on.
    Ids are never folded, so that they can be copied; where there is no room beside them, the last columns are left out.
    """
    return GrowingTable(columns, width).with_rows(rows)


class GrowingTable:
    """The same for rows that come in portions: the first portion decides how wide the columns are. What is longer
    later is folded and cut as in a narrow table, but for ids."""

    def __init__(self, columns: Sequence[str], width: int) -> None:
        self._columns, self._width = columns, width
        self._widths: list[int] = []

    def with_rows(self, rows: Iterable[Sequence[str]]) -> str:
        """The next lines, with the header before the first ones."""
        lines = [[printable(cell) for cell in row] for row in rows]
        if not self._widths:
            lines = [*([[name.upper() for name in self._columns]] if any(self._columns) else []), *lines]
            self._widths = _widths(self._columns, lines, self._width)
        most = MOST_LINES if any(self._columns) else sys.maxsize
        widths = [self._wide_enough(column, lines) for column in range(len(self._widths))]
        return "".join(_table_row(row, widths, most) for row in lines)

    def _wide_enough(self, column: int, lines: Sequence[Sequence[str]]) -> int:
        if _is_id(self._columns[column]):
            return max([self._widths[column], *(cells(line[column]) for line in lines)])
        is_last = column == len(self._widths) - 1
        taken = sum(self._widths[:-1]) + COLUMN_GAP * column
        return max(self._widths[column], self._width - taken) if is_last else self._widths[column]


def _is_id(name: str) -> bool:
    return name == "id" or name.endswith(" id")


def _table_row(row: Sequence[str], widths: Sequence[int], most_lines: int) -> str:
    folded = [_folded(cell, width, most_lines) for cell, width in zip(row, widths, strict=False)]
    gap = " " * COLUMN_GAP
    lines = []
    for number in range(max(map(len, folded), default=0)):
        cells_of_line = [cell[number] if number < len(cell) else "" for cell in folded]
        padded = (text + " " * (width - cells(text)) for text, width in zip(cells_of_line, widths, strict=False))
        lines.append(gap.join(padded).rstrip() + "\n")
    return "".join(lines) or "\n"


def _folded(text: str, width: int, most_lines: int) -> list[str]:
    """The text in lines of `width` cells: between words where they fit, cut with a … after so many."""
    lines: list[str] = []
    while cells(text) > width and len(lines) < most_lines - 1:
        line = _beginning(text, width)
        lines.append(line.rstrip())
        text = text[len(line) :].lstrip()
    return [*lines, fitted(text, width)]


def _beginning(text: str, width: int) -> str:
    """As many words as fit, or as much of the first one."""
    whole = ""
    for character in characters(text):
        if cells(whole + character) > width:
            break
        whole += character
    at_word = whole.rfind(" ") + 1
    is_cut_in_a_word = not text[len(whole) :].startswith(" ") and cells(whole[-1:]) == 1
    return whole[:at_word] if at_word and is_cut_in_a_word else whole


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """How many cells the columns take, so that they fit: texts give way first, down to their longest word, then the
    widest; ids never do. Fewer widths than columns where there is no room for all."""
    fields = list(zip(*rows, strict=True))
    widths = [max(map(cells, field)) for field in fields]
    is_id = list(map(_is_id, columns))
    words = [
        have if id_ else max(map(_longest_word, field)) for id_, have, field in zip(is_id, widths, fields, strict=True)
    ]
    least = [have if id_ else min(have, LEAST_CELLS) for id_, have in zip(is_id, widths, strict=True)]
    while len(least) > 1 and sum(least) + COLUMN_GAP * (len(least) - 1) > width:
        if is_id[len(least) - 1]:
            break
        least.pop()
    widths, words = widths[: len(least)], words[: len(least)]
    excess = sum(widths) + COLUMN_GAP * (len(widths) - 1) - width
    while excess > 0 and any(map(int.__gt__, widths, least)):
        room = [have - word for have, word in zip(widths, words, strict=True)]
        if max(room) <= 0:
            room = [have if have > few else 0 for have, few in zip(widths, least, strict=True)]
        widths[room.index(max(room))] -= 1
        excess -= 1
    return widths


def _longest_word(text: str) -> int:
    """In cells. Between wide characters, as of Chinese and Japanese, a line may end anywhere."""
    runs = [
        (wide, "".join(run)) for word in text.split() for wide, run in groupby(word, key=lambda char: cells(char) > 1)
    ]
    return max((2 if wide else cells(run) for wide, run in runs), default=1)
