"""Whether a text can be paid: within what may be spent, and with what the account has left."""

from typing import TYPE_CHECKING

from eleven_cli.commands.output.counting import counted
from eleven_cli.commands.tts import cost
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, LimitError

if TYPE_CHECKING:
    from eleven_cli.api.account import Subscription

GAP_S = 3.0
UNLIMITED = "unlimited"


def check(context: Context, credits: int, most: int | None) -> None:
    """Raise LimitError for what is more than `most`, or than the account can pay.

    What is left is asked for free of charge; where it is not told (a key without `user_read`, say) nothing is checked.
    """
    if most is not None:
        cost.check(credits, most)
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


def _subscription(context: Context) -> "Subscription | None":
    from eleven_cli.api.account import subscription

    try:
        return subscription(context.client.twin(tell=lambda line: None, pause=_give_up), gap_s=GAP_S)
    except ElevenError:
        return None


def _give_up(pause_s: float) -> None:
    raise ElevenError("it is worth one try only")
