"""The benchmark's table: rows of figures, targets as ratios, and plain aligned text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NOTHING = "–"


@dataclass(frozen=True)
class Row:
    """One measure of several programs.

    values   by program, in `unit`
    against  the program that eleven is divided by; "" where eleven's value is a ratio itself
    limit    the most that this ratio should be, None without a target
    floor    no value below it could have been seen
    """

    measure: str
    unit: str
    values: Mapping[str, float]
    against: str = ""
    limit: float | None = None
    floor: float = 0.0

    @property
    def ratio(self) -> float:
        return self.values["eleven"] / (self.values[self.against] if self.against else 1.0)

    def cells(self, programs: Sequence[str]) -> list[str]:
        """The words of this row, one for each column."""
        return [self.measure, self.unit, *(self._value(name) for name in programs), self._target(), self._verdict()]

    def _value(self, program: str) -> str:
        if program not in self.values:
            return NOTHING
        value = self.values[program]
        mark = "≤ " if value <= self.floor * 1.02 else ""
        return mark + (f"{value:.0f}" if value >= 200 else f"{value:.1f}" if value >= 10 else f"{value:.2f}")

    def _target(self) -> str:
        if self.limit is None:
            return NOTHING
        return f"≤ {self.limit:g}" + (f" × {self.against}" if self.against else "")

    def _verdict(self) -> str:
        shown = f"{self.ratio:.2f}" + (f" × {self.against}" if self.against else "")
        if self.limit is None:
            return shown
        return f"{shown} {'ok' if self.ratio <= self.limit else 'over'}"


def table(rows: Sequence[Row], programs: Sequence[str]) -> str:
    """All rows under a header: words to the left, figures to the right."""
    header = ["measure", "unit", *programs, "target", "ratio"]
    lines = [header, *(row.cells(programs) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    figures = range(2, 2 + len(programs))
    return "\n".join("  ".join(_aligned(line, widths, figures)).rstrip() for line in lines)


def _aligned(cells: Sequence[str], widths: Sequence[int], figures: range) -> list[str]:
    pairs = zip(cells, widths, strict=True)
    return [cell.rjust(width) if index in figures else cell.ljust(width) for index, (cell, width) in enumerate(pairs)]
