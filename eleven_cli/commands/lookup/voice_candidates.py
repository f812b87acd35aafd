"""Which voice speaks: the one that was asked for, else the first that the account can use."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from eleven_cli.commands.lookup.voices import is_id, looked_up, voice_called
from eleven_cli.context import Context
from eleven_cli.errors import AuthError, LimitError, NotFound, PermissionMissing, UsageError
from eleven_cli.settings.api_key import WHAT_TO_TICK

if TYPE_CHECKING:
    from eleven_cli.api.voices import Voice

FACT = "first_usable_voice"
UNUSABLE = ("voice_not_found", "voice_access_denied", "paid_plan_required")
T = TypeVar("T")


def with_voice(context: Context, wanted: str | None, speak: Callable[[str], T]) -> T:
    """What `speak` gives for the id of the voice in force, which is `wanted` or set by an id or a name.

    Without a choice it is the first usable voice of the account, which is announced once, and remembered when it has
    spoken; should the service refuse a remembered one, another is looked up.
    """
    if wanted is not None and not wanted.strip():
        raise UsageError("the voice's name is empty", hint="leave --voice out for the first that you can use")
    if chosen := wanted or context.config.value("voice"):
        return _with_chosen(context, chosen.strip(), speak)
    if remembered := _remembered(context):
        try:
            return speak(remembered)
        except (NotFound, LimitError, AuthError) as refused:
            if not any(word in refused.code for word in UNUSABLE):
                raise
            context.memory.put(FACT, None)
    voice = _first(context)
    told = _announce(context, voice.voice_id, voice.name)
    speech = speak(voice.voice_id)
    context.memory.put(FACT, {"voice_id": voice.voice_id, "name": voice.name, "told": told})
    return speech


def voice_id_of(context: Context, word: str, *, has_key: bool) -> str:
    """The id of the voice that an id or a name means. Without a key a name cannot be looked up: AuthError."""
    if is_id(word.strip()):
        return word.strip()
    if not word.strip():
        raise UsageError("the voice's name is empty")
    if not has_key:
        raise AuthError(
            f"the voice {word} can be looked up by its name only with a key",
            hint="give the voice's id: --voice ID, or: eleven auth login",
        )
    return voice_called(context, word.strip()).voice_id


def _with_chosen(context: Context, word: str, speak: Callable[[str], T]) -> T:
    """What `speak` gives; when a remembered id has gone, the name may belong to another voice by now."""
    voice = voice_called(context, word)
    try:
        return speak(voice.voice_id)
    except NotFound as refused:
        if not voice.remembered or "voice" not in refused.code:
            raise
        anew = looked_up(context, word)
        if anew.voice_id == voice.voice_id:
            raise
    return speak(anew.voice_id)


def _remembered(context: Context) -> str | None:
    """The id of the voice that was taken the last time."""
    known = context.memory.get(FACT)
    if not isinstance(known, dict) or not isinstance(known.get("voice_id"), str):
        return None
    if not known.get("told") and _announce(context, known["voice_id"], str(known.get("name"))):
        context.memory.put(FACT, {**known, "told": True})
    return str(known["voice_id"])


def _announce(context: Context, voice_id: str, name: str) -> bool:
    """Say once which voice was taken without a choice; gives whether a person could see it."""
    context.terminal.remark(f"voice: {name} ({voice_id}), the first you can use; choose with --voice NAME")
    return context.terminal.stderr_is_terminal and not context.terminal.quiet


def _first(context: Context) -> "Voice":
    from eleven_cli.api.voices import first_usable_voice

    try:
        return first_usable_voice(context.client)
    except PermissionMissing as missing:
        missing.hint = f"choose a voice by its id, and none has to be looked up: --voice ID; or {WHAT_TO_TICK}"
        raise
