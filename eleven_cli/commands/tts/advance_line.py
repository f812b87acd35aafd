"""How far a long text is, in one line of a given width. Pure."""

from collections.abc import Sequence

from eleven_cli.commands.output.bars import bar
from eleven_cli.commands.output.counting import counted
from eleven_cli.commands.tts.advance import Advance

LONG_S = 90


def advance_line(advance: Advance, credits: int, width: int) -> str:
    """The share, the characters, the credits spent, and the time left where it is known; what fits into the width."""
    done, total = advance.characters, advance.total
    share = done / total if total else 1.0
    left = _time_left(advance.left_s)
    spent = counted(credits, "credit")
    return _widest(
        [
            [bar(share), f"{done:,} of {total:,} characters", spent, left],
            [f"{share:.0%}", f"{done:,} of {total:,} characters", spent, left],
            [f"{share:.0%}", f"{done:,}/{total:,}", spent, left],
            [f"{share:.0%}", spent, left],
            [f"{share:.0%}", left],
            [f"{share:.0%}"],
        ],
        width,
    )


def _widest(candidates: Sequence[Sequence[str]], width: int) -> str:
    lines = [" · ".join(filter(None, parts)) for parts in candidates]
    return next((line for line in lines if len(line) <= width), lines[-1])


def _time_left(left_s: float | None) -> str:
    if left_s is None:
        return ""
    return f"{left_s / 60:.0f} min left" if left_s >= LONG_S else f"{left_s:.0f} s left"
