"""Aligned tables, measured in cells. Pure."""

import sys
from collections.abc import Iterable, Sequence
from itertools import groupby

from eleven_cli.terminal.text import cells, characters, fitted, printable

COLUMN_GAP = 2
LEAST_CELLS = 6  # of a column: with fewer it says nothing
MOST_LINES = 2  # of a cell
MOST_BROKEN = 2  # columns; of more, the last is left out before a word of any is broken


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, width: int, most_lines: int = MOST_LINES) -> str:
    """An aligned table with a header, `width` cells wide where that is possible.

    No cell is taller than `most_lines`: what does not fit is cut, with a …; names and values, without a header, go on.
    Ids are never folded, so that they can be copied; where there is no room beside them, the last columns are left out.
    """
    return GrowingTable(columns, width, most_lines).with_rows(rows)


class GrowingTable:
    """The same for rows that come in portions: the first portion decides how wide the columns are. What is longer
    later is folded and cut as in a narrow table, but for ids. `kept` is the column for which others are left out."""

    def __init__(self, columns: Sequence[str], width: int, most_lines: int = MOST_LINES, kept: str = "") -> None:
        self._columns, self._width, self._most_lines, self._kept = columns, width, most_lines, kept
        self._shown: list[int] = []
        self._widths: list[int] = []

    def with_rows(self, rows: Iterable[Sequence[str]]) -> str:
        """The next lines, with the header before the first ones."""
        lines = [[printable(cell) for cell in row] for row in rows]
        if not self._widths:
            lines = [*([[name.upper() for name in self._columns]] if any(self._columns) else []), *lines]
            self._shown, self._widths = _widths(self._columns, lines, self._width, self._kept)
        lines = [[line[number] for number in self._shown] for line in lines]
        most = self._most_lines if any(self._columns) else sys.maxsize
        widths = [self._wide_enough(column, lines) for column in range(len(self._widths))]
        return "".join(_table_row(row, widths, most) for row in lines)

    @property
    def left_out(self) -> list[str]:
        """The columns for which there was no room."""
        return [name for number, name in enumerate(self._columns) if self._widths and number not in self._shown]

    def _wide_enough(self, column: int, lines: Sequence[Sequence[str]]) -> int:
        if _is_id(self._columns[self._shown[column]]):
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


def _widths(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int, kept: str
) -> tuple[list[int], list[int]]:
    """The columns for which there is room, by their numbers, and how many cells they take, so that they fit: texts give
    way first, down to their longest word, then the widest; ids never do."""
    fields = list(zip(*rows, strict=True))
    widths = [max(map(cells, field)) for field in fields]
    is_id = list(map(_is_id, columns))
    words = [
        have if id_ else max(map(_longest_word, field)) for id_, have, field in zip(is_id, widths, fields, strict=True)
    ]
    least = [have if id_ else min(have, LEAST_CELLS) for id_, have in zip(is_id, widths, strict=True)]
    shown = list(range(len(columns)))
    while len(shown) > 1 and any(columns):  # names and values are nothing without each other
        wanted = words if len(shown) > MOST_BROKEN else least
        last = next(number for number in reversed(shown) if columns[number] != kept or not kept)
        if is_id[last] or sum(wanted[number] for number in shown) + COLUMN_GAP * (len(shown) - 1) <= width:
            break
        shown.remove(last)
    widths, words, least = ([each[number] for number in shown] for each in (widths, words, least))
    excess = sum(widths) + COLUMN_GAP * (len(widths) - 1) - width
    while excess > 0 and any(map(int.__gt__, widths, least)):
        room = [have - word for have, word in zip(widths, words, strict=True)]
        if max(room) <= 0:
            room = [have if have > few else 0 for have, few in zip(widths, least, strict=True)]
        widths[room.index(max(room))] -= 1
        excess -= 1
    return shown, widths


def _longest_word(text: str) -> int:
    """In cells. Between wide characters, as of Chinese and Japanese, a line may end anywhere."""
    runs = [
        (wide, "".join(run)) for word in text.split() for wide, run in groupby(word, key=lambda char: cells(char) > 1)
    ]
    return max((2 if wide else cells(run) for wide, run in runs), default=1)
