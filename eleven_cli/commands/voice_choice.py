"""Which voice speaks: the one that was asked for, else the first that the account can use."""

from collections.abc import Callable
from typing import TypeVar

from eleven_cli.api.voices import Voice, first_usable_voice
from eleven_cli.context import Context
from eleven_cli.errors import AuthError, LimitError, NotFound, PermissionMissing, UsageError

FACT = "first_usable_voice"
UNUSABLE = ("voice_not_found", "voice_access_denied", "paid_plan_required")
T = TypeVar("T")


def with_voice(context: Context, wanted: str | None, speak: Callable[[str], T]) -> T:
    """What `speak` gives for the voice in force.

    Without a choice it is the first usable voice of the account, which is announced, and remembered when it has
    spoken; should the service refuse a remembered one, another is looked up.
    """
    if wanted == "":
        raise UsageError("the voice's id is empty", hint="leave --voice out for the first that you can use")
    if chosen := wanted or context.config.value("voice"):
        return speak(chosen)
    if remembered := _remembered(context):
        try:
            return speak(remembered)
        except (NotFound, LimitError, AuthError) as refused:
            if not any(word in refused.code for word in UNUSABLE):
                raise
            context.memory.put(FACT, None)
    voice = _looked_up(context)
    context.terminal.note(f"voice: {voice.name} ({voice.voice_id}), the first you can use; choose with --voice ID")
    speech = speak(voice.voice_id)
    context.memory.put(FACT, {"voice_id": voice.voice_id, "name": voice.name})
    return speech


def _remembered(context: Context) -> str | None:
    """The id of the voice that was taken the last time."""
    known = context.memory.get(FACT)
    if not isinstance(known, dict) or not isinstance(known.get("voice_id"), str):
        return None
    context.terminal.note(f"voice: {known.get('name')} ({known['voice_id']}); choose with --voice ID")
    return str(known["voice_id"])


def _looked_up(context: Context) -> Voice:
    try:
        return first_usable_voice(context.client)
    except PermissionMissing as missing:
        missing.hint = "choose a voice, and none has to be looked up: --voice ID"
        raise
