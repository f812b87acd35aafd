"""A terminal as a person sees it: rows of cells, made of what was written to it."""

import re
import unicodedata
from dataclasses import dataclass, field

TOKEN = re.compile(r"\x1b\[([?\d;]*)([@-~])|\x1b[=>]|.", re.DOTALL)


@dataclass
class Row:
    """cells: a wide character is followed by ""; continues: the line goes on in the next row."""

    cells: list[str] = field(default_factory=list)
    continues: bool = False


class Emulator:
    """Obeys what the program writes; anything it does not know is an error.

    reflows  breaks lines anew when its width changes; else what does not fit is gone
    """

    def __init__(self, columns: int, *, reflows: bool = True) -> None:
        self.columns, self._reflows = columns, reflows
        self._rows, self._row, self._column = [Row()], 0, 0

    def write(self, text: str) -> None:
        for token in TOKEN.finditer(text):
            if token[2]:
                self._obey(token[2], token[1])
            elif not token[0].startswith("\x1b"):
                self._put(token[0])

    @property
    def lines(self) -> list[str]:
        """The lines, whether or not they take several rows, down to the last that is not empty or has the cursor."""
        whole = [""]
        for row in self._rows:
            whole[-1] += "".join(row.cells)
            if not row.continues:
                whole.append("")
        return whole[:-1]

    @property
    def is_at_line_start(self) -> bool:
        return self._column == 0 and not self._rows[self._row].cells

    def resize(self, columns: int) -> None:
        self.columns = columns
        if not self._reflows:
            for row in self._rows:
                del row.cells[columns:]
            self._column = min(self._column, columns - 1)
            return
        before = sum(len(row.cells) for row in self._rows[: self._row]) + self._column
        lines = self._logical()
        self._rows, self._row, self._column = [Row()], 0, 0
        place = (0, 0)
        seen = 0
        for number, line in enumerate(lines):
            if number:
                self._put("\r")
                self._put("\n")
            if seen <= before:
                place = (self._row, before - seen)
            for cell in line:
                if cell:
                    self._put(cell)
                seen += 1
                if seen == before:
                    place = (self._row, self._column)
        self._row, self._column = place

    def _logical(self) -> list[list[str]]:
        lines: list[list[str]] = [[]]
        for row in self._rows:
            lines[-1] += row.cells
            if not row.continues:
                lines.append([])
        return lines[:-1]

    def _put(self, character: str) -> None:
        if character == "\r":
            self._column = 0
        elif character == "\n":
            self._next_row()
        elif character == "\b":
            self._column = max(min(self._column, self.columns - 1) - 1, 0)
        elif character != "\a":
            assert character.isprintable() or unicodedata.category(character[0]) == "Cf", ascii(character)
            self._show(character)

    def _show(self, character: str) -> None:
        width = width_of(character)
        cells = self._rows[self._row].cells
        if width == 0 and self._column:
            at = self._column - 1 if cells[self._column - 1] else self._column - 2
            cells[at] += character
            return
        if self._column + width > self.columns:
            self._rows[self._row].continues = True
            self._next_row()
            self._column, cells = 0, self._rows[self._row].cells
        cells += [" "] * (self._column - len(cells))
        cells[self._column : self._column + width] = [character, *[""] * (width - 1)]
        self._column += width

    def _next_row(self) -> None:
        self._row += 1
        if self._row == len(self._rows):
            self._rows.append(Row())

    def _obey(self, command: str, number: str) -> None:
        count = int(number) if number.isdigit() and number != "0" else 1
        row = self._rows[self._row]
        match command:
            case "A":
                self._row = max(self._row - count, 0)
            case "B":
                self._row = min(self._row + count, len(self._rows) - 1)
            case "C":
                self._column = min(self._column + count, self.columns - 1)
            case "D":
                self._column = max(self._column - count, 0)
            case "J" | "K":
                del row.cells[self._column :]
                row.continues = False
                if command == "J":
                    del self._rows[self._row + 1 :]
            case "P":
                del row.cells[self._column : self._column + count]
            case "@":
                row.cells[self._column : self._column] = [" "] * count
            case "m" | "h" | "l":
                pass
            case _:
                raise AssertionError(f"ESC [ {number} {command}")


def width_of(character: str) -> int:
    """Cells of a character, without asking the library that the program asks."""
    kinds = [unicodedata.category(part) for part in character]
    if kinds[0] in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character[0]) in "WF" else 1
