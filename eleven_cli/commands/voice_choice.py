"""Which voice speaks: the one that was asked for, else the first that the account can use."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from eleven_cli.api.voices import Voice, first_usable_voice
from eleven_cli.context import Context
from eleven_cli.errors import NotFound, PermissionMissing

FACT = "first_usable_voice"
T = TypeVar("T")


def with_voice(context: Context, wanted: str | None, speak: Callable[[str], T]) -> T:
    """What `speak` gives for the voice in force.

    Without a choice it is the first usable voice of the account, which is announced and remembered; should the
    service not know a remembered one any more, it is looked up again.
    """
    if chosen := wanted or context.config.value("voice"):
        return speak(chosen)
    for voice_id, remembered in _first_usable(context):
        try:
            return speak(voice_id)
        except NotFound as gone:
            if not remembered or "voice_not_found" not in gone.code:
                raise
            context.memory.put(FACT, None)
    raise AssertionError("unreachable: a voice that was just looked up is used or its error raised")


def _first_usable(context: Context) -> Iterator[tuple[str, bool]]:
    """A remembered voice, then one freshly looked up; each with whether it was remembered."""
    known = context.memory.get(FACT)
    if isinstance(known, dict) and known.get("voice_id"):
        context.terminal.note(f"voice: {known.get('name')} ({known['voice_id']}); choose with --voice ID")
        yield known["voice_id"], True
    voice = _looked_up(context)
    context.memory.put(FACT, {"voice_id": voice.voice_id, "name": voice.name})
    context.terminal.note(f"voice: {voice.name} ({voice.voice_id}), the first you can use; choose with --voice ID")
    yield voice.voice_id, False


def _looked_up(context: Context) -> Voice:
    try:
        return first_usable_voice(context.client)
    except PermissionMissing as missing:
        missing.hint = "choose a voice, and none has to be looked up: --voice ID"
        raise
