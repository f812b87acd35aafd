"""What speaking costs: estimated before, told afterwards."""

import math

from eleven_cli.api.models import cost_factor
from eleven_cli.commands.tts.bill import Bill
from eleven_cli.commands.tts.known_models import known_model
from eleven_cli.context import Context
from eleven_cli.errors import LimitError


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
            f"this would cost about {credits:,} credits, more than {most:,}",
            hint="raise --max-credits, or see: --dry-run",
            code="max_credits",
        )


def told(bill: Bill, factor: float) -> str:
    """What it cost, in words: exactly if the service said so."""
    if bill.credits is not None:
        return f"{bill.credits:,} credits"
    return f"about {estimate(bill.characters, factor):,} credits"
