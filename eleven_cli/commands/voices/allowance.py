"""What the account's plan says of voices, asked before anything is sent. A key that may not ask finds out later."""

from typing import TYPE_CHECKING

from eleven_cli.context import Context
from eleven_cli.errors import DESIGN_COMMAND, ElevenError, LimitError, NetworkError

if TYPE_CHECKING:
    from eleven_cli.api.account.subscription import VoiceAllowance

LIMIT = "voice_limit_reached"


def refuse_library_voice(context: Context) -> None:
    """Raises LimitError where the plan has no voices of the library, or no room for one more."""
    allowance = _allowance(context)
    if allowance and allowance.is_free_plan:
        said = "voices of the library need a paid plan to be used through the API, and yours is free"
        raise LimitError(said, hint=DESIGN_COMMAND, code="paid_plan_required")
    _refuse_one_more(allowance)


def refuse_clone(context: Context) -> None:
    """Raises LimitError where the plan has no cloning, or no room for one more voice."""
    allowance = _allowance(context)
    if allowance and allowance.may_clone is False:
        said = f"the {allowance.plan or 'current'} plan does not include voice cloning"
        raise LimitError(said, hint=DESIGN_COMMAND, code="paid_plan_required")
    _refuse_one_more(allowance)


def refuse_one_more(context: Context) -> None:
    """Raises LimitError where the plan has no room for one more voice."""
    _refuse_one_more(_allowance(context))


def _allowance(context: Context) -> "VoiceAllowance | None":
    from eleven_cli.api.account.subscription import voice_allowance

    try:
        return voice_allowance(context.client)
    except NetworkError:
        raise
    except ElevenError:
        return None


def _refuse_one_more(allowance: "VoiceAllowance | None") -> None:
    if allowance and allowance.is_used_up:
        said = f"all {allowance.slots} voice slots of the account are used"
        raise LimitError(said, hint="choose one to delete: eleven voices", code=LIMIT)
