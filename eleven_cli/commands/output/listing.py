"""A list that comes page after page."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from eleven_cli.api.paging import portions
from eleven_cli.terminal import Terminal

T = TypeVar("T")
BEGINS_ANEW = "each run with --sandbox begins anew; one that remembers: eleven sandbox"


def show_listed(
    terminal: Terminal,
    columns: Sequence[str],
    entries: Iterator[T],
    row: Callable[[T], Sequence[str]],
    *,
    size: int,
    as_json: bool,
    kept: str = "",
    again: Sequence[str],
) -> int:
    """Show entries as a table that grows with each page, or as one JSON value; gives how many there were.

    size   of a page
    kept   the column that a narrow terminal has room for rather than for others
    again  the command line
    """
    if not as_json:
        return terminal.growing_rows(columns, portions(map(row, entries), size), kept=kept, again=again)
    found = list(entries)
    terminal.json(found)
    return len(found)
