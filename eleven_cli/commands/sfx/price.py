"""What a sound effect may cost: as the service charged the last time, for it names no price beforehand."""

import math

from eleven_cli.api.json_fields import number
from eleven_cli.commands.options import TOO_MUCH, check_limit
from eleven_cli.context import Context
from eleven_cli.errors import LimitError
from eleven_cli.terminal.messages import counted

PRICES_KEY = "sound_effects"  # credits: `a_second` where a duration was chosen, `each` where the service chose it
_MOST_A_SECOND, _MOST_EACH = 40, 200  # as much as was ever published; a limit that is lower cannot be promised


def known_price(context: Context, duration_s: float | None) -> int | None:
    """Credits for one of this duration; None as long as none was charged."""
    price = number(context.account_cache.table(PRICES_KEY).get(_kind(duration_s)))
    return None if price is None else math.ceil(round(price * (duration_s or 1), 6))


def remember_price(context: Context, duration_s: float | None, credits: int | None) -> None:
    """Keep what the service charged, if it said so."""
    if not credits or known_price(context, duration_s) == credits:
        return
    known = context.account_cache.table(PRICES_KEY)
    context.account_cache.put(PRICES_KEY, {**known, _kind(duration_s): credits / (duration_s or 1)})


def check_price(context: Context, duration_s: float | None, max_credits: int) -> None:
    """Raise LimitError if it would cost more than `max_credits`, or if it may, while the price is unknown."""
    if (price := known_price(context, duration_s)) is not None:
        return check_limit(price, max_credits)
    most = _MOST_EACH if duration_s is None else math.ceil(_MOST_A_SECOND * duration_s)
    if most > max_credits:
        raise LimitError(
            f"this may cost up to about {counted(most, 'credit')}, more than {max_credits:,}; "
            "the exact price is known after the first one",
            hint=f"allow more: --max-credits {most}",
            code=TOO_MUCH,
        )


def _kind(duration_s: float | None) -> str:
    return "each" if duration_s is None else "a_second"
