"""What speech may cost: estimated for --dry-run, and held against the limit of a run and what the account can pay."""

import math
from typing import TYPE_CHECKING, Any

from eleven_cli.api.tts.models import DEFAULT_MODEL, LEAST_LIMIT, cost_factor
from eleven_cli.commands.options import check_limit
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, LimitError
from eleven_cli.terminal.messages import counted

if TYPE_CHECKING:
    from eleven_cli.api.account.subscription import Subscription

GAP_S = 3.0
UNLIMITED = "unlimited"


def factor_of(context: Context, model: str | None) -> float:
    """Credits a character: as the service said the last time that its models were listed, else as documented."""
    factor = _known_model(context, model).get("cost_factor")
    return float(factor) if isinstance(factor, int | float) else cost_factor(model)


def known_limit(context: Context, model: str) -> int:
    """Characters in one request of a model that is not documented: as the service said the last time."""
    limit = _known_model(context, model).get("character_limit")
    return limit if isinstance(limit, int) and limit > 0 else LEAST_LIMIT


def estimate(characters: int, factor: float) -> int:
    """Credits for so many characters."""
    return math.ceil(characters * factor)


def check_budget(context: Context, credits: int, max_credits: int | None) -> None:
    """Raises LimitError for what is more than `max_credits`, or than the account can pay.

    What is left is asked for free of charge; where it is not told (a key without `user_read`, say) nothing is checked.
    """
    if max_credits is not None:
        check_limit(credits, max_credits)
    if not credits or context.config.sandbox:
        return
    account = _subscription(context)
    if account is None or account.extension == UNLIMITED:
        return
    left = max(account.left, 0)
    payable = left + (account.extension if isinstance(account.extension, int) else 0)
    about = f"this would cost about {counted(credits, 'credit')}"
    if credits > payable:
        raise LimitError(
            f"{about}, and the account has {counted(payable, 'credit')} left",
            hint="eleven usage shows when they are renewed; --dry-run lists what each chapter costs",
            code="not_enough_credits",
        )
    if credits > left:
        context.terminal.warn(
            f"{about}: {counted(credits - left, 'credit')} more than the plan has left, at extra cost"
        )


def _known_model(context: Context, model: str | None) -> dict[str, Any]:
    """What is remembered of a model, or nothing."""
    from eleven_cli.commands.lookup.completion import MODELS_KEY

    known = context.account_cache.table(MODELS_KEY).get(model or DEFAULT_MODEL)
    return known if isinstance(known, dict) else {}


def _subscription(context: Context) -> "Subscription | None":
    from eleven_cli.api.account.subscription import subscription

    try:
        return subscription(context.client.clone(on_notice=lambda line: None, pause=_give_up), read_timeout_s=GAP_S)
    except ElevenError:
        return None


def _give_up(pause_s: float) -> None:
    raise ElevenError("it is worth one try only")
