"""Bars: how far something is, and how loud, for lines that a person watches. Pure."""

CELLS = 20
LOWEST_DB = -60.0


def bar(share: float, cells: int = CELLS) -> str:
    """A share from 0 to 1; what is beyond is full or empty."""
    return ("█" * round(min(max(share, 0.0), 1.0) * cells)).ljust(cells, "·")


def level_bar(level_db: float, cells: int = CELLS) -> str:
    """A level: -60 dBFS is empty, 0 dBFS is full."""
    return bar(1 - level_db / LOWEST_DB, cells)
