"""A voice on its way into the account: what the plan allows, names that are taken, and what is said once it is there.

A key that may not ask for the plan is refused later, by the service.
"""

from shlex import quote
from typing import TYPE_CHECKING

from eleven_cli.commands.lookup.names import folded
from eleven_cli.commands.lookup.voices import Named, remember, remembered
from eleven_cli.commands.output.listing import BEGINS_ANEW
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


def warn_if_taken(context: Context, name: str) -> list[str]:
    """Tell where the account is known to have a voice of that name, for two can be told apart by their ids only; gives
    the ids of those it has."""
    taken = [voice.voice_id for voice in remembered(context)[0] if folded(voice.name) == folded(name)]
    if taken:
        context.terminal.warn(f"there is a voice called {name} already ({taken[0]})")
    return taken


def warn_of_no_id(context: Context, name: str) -> None:
    """Tell that the voice is there, although the service did not say under which id."""
    context.terminal.warn(f"the service did not tell the id of {name}; it is listed by: eleven voices")


def announce(context: Context, voice_id: str, name: str, *, as_json: bool, **more: object) -> None:
    """Remember the voice, and print its name and id. voice_id: "" where the service did not tell it."""
    terminal = context.terminal
    if voice_id:
        remember(context, [Named(voice_id, name)], all_of_them=False)
    else:
        warn_of_no_id(context, name)
    if as_json:
        terminal.json({"voice_id": voice_id or None, "name": name, **more})
    else:
        terminal.rows(("name", "id"), [(name, voice_id)])
    suggest_speaking(context, name)


def suggest_speaking(context: Context, name: str) -> None:
    """Show the command that speaks with a new voice; of a sandbox that ends with this run, that the voice does, too."""
    said = f'speak with it: eleven tts "Hello, world" --voice {quote(name)}'
    context.terminal.remark(BEGINS_ANEW if context.config.sandbox else said)


def _allowance(context: Context) -> "VoiceAllowance | None":
    """None where it is not told. Raises ElevenError where the id of a new voice could not be printed."""
    from eleven_cli.api.account.subscription import voice_allowance

    context.terminal.refuse_closed_stdout()
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
