"""The benchmark's table: rows of figures, targets as ratios, and plain aligned text."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NOTHING = "–"
NEVER = "never"  # what takes for ever, as a figure infinity


@dataclass(frozen=True)
class Row:
    """One measure of several programs.

    values    by program, in `unit`; a whole number is a count
    against   the program that eleven is divided by; "" where eleven's value stands for itself
    limit     the most that the quotient, or the value, should be; None without a target
    floor     no value below it could have been seen
    at_least  the limit is the least that it should be
    """

    measure: str
    unit: str
    values: Mapping[str, float]
    against: str = ""
    limit: float | None = None
    floor: float = 0.0
    at_least: bool = False

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
        if value == math.inf or isinstance(value, int):
            return NEVER if value == math.inf else str(value)
        mark = "≤ " if self.floor and value <= self.floor * 1.02 else ""
        return mark + (f"{value:.0f}" if value >= 200 else f"{value:.1f}" if value >= 10 else f"{value:.2f}")

    def _target(self) -> str:
        if self.limit is None:
            return NOTHING
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {self.limit:g}" + (f" × {self.against}" if self.against else "")

    def _verdict(self) -> str:
        shown = f"{self.ratio:.2f}" + (f" × {self.against}" if self.against else "")
        shown = "" if self.unit and not self.against else f"{shown} "  # it stands under the program's name already
        if self.limit is None:
            return shown.rstrip()
        return shown + self._judgement(self.limit)

    def _judgement(self, limit: float) -> str:
        if self.at_least:
            return "ok" if self.ratio >= limit else "under"
        return "ok" if self.ratio <= limit else "over"


def middle_and_worst(
    measure: str, unit: str, figures: Mapping[str, Sequence[float]], limit: float | None, *, at_least: bool = False
) -> list[Row]:
    """Two rows of what was measured several times with each program."""
    middle = {program: statistics.median(values) for program, values in figures.items()}
    worst = {program: min(values) if at_least else max(values) for program, values in figures.items()}
    return [
        Row(f"{measure}, median", unit, middle, limit=limit, at_least=at_least),
        Row(f"{measure}, worst", unit, worst, limit=limit, at_least=at_least),
    ]


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
