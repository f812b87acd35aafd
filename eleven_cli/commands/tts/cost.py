"""What speaking costs: estimated before, told afterwards."""

import math
from typing import TYPE_CHECKING

from eleven_cli.api.models import cost_factor
from eleven_cli.commands.output.counting import counted
from eleven_cli.commands.tts.known_models import known_model
from eleven_cli.context import Context
from eleven_cli.errors import LimitError

if TYPE_CHECKING:
    from eleven_cli.commands.tts.bill import Bill

TOO_MUCH = "max_credits"


def factor_of(context: Context, model: str | None) -> float:
    """Credits a character: as the service said the last time that its models were listed, else as documented."""
    factor = known_model(context, model).get("cost_factor")
    return float(factor) if isinstance(factor, int | float) else cost_factor(model)


def estimate(characters: int, factor: float) -> int:
    """Credits for so many characters."""
    return math.ceil(characters * factor)


def check(credits: int, most: int) -> None:
    """Raises LimitError when it would be more than `most`."""
    if credits > most:
        raise LimitError(
            f"this would cost about {counted(credits, 'credit')}, more than {most:,}",
            hint="allow more with --max-credits N; --dry-run shows what it would cost",
            code=TOO_MUCH,
        )


def told(bill: "Bill") -> str:
    """What was spent, in words: exactly if the service said so."""
    return ("" if bill.credits is not None else "about ") + counted(bill.spent, "credit")
