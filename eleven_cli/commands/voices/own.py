"""A voice of the account that is to be changed: as the service lists it now, so that it never is another one."""

from collections.abc import Callable
from shlex import join, quote
from typing import TYPE_CHECKING

from eleven_cli.commands.lookup.voice_candidates import KEY, looks_like_id
from eleven_cli.commands.lookup.voices import fetch_voice, folded
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, NotFound, UsageError

if TYPE_CHECKING:
    from eleven_cli.api.voices.voice import Voice


def own_voice(context: Context, word: str, command: str) -> "Voice":
    """The voice that an id or a name means; several of one name are told apart by their ids. Raises NotFound."""
    from eleven_cli.api.voices.listing import voice_with

    if not word.strip():
        raise UsageError("the voice's name is empty", hint="see your voices: eleven voices")
    try:
        voice_id = word.strip() if looks_like_id(word.strip()) else fetch_voice(context, word.strip()).voice_id
        return voice_with(context.client, voice_id)
    except NotFound as unknown:
        unknown.hint = unknown.hint.replace("--voice ID", f"eleven voices {command} ID")
        raise


def require_whole_name(voice: "Voice", word: str, command: str) -> None:
    """Raises NotFound where the word is just the beginning of the voice's name."""
    if word.strip() != voice.voice_id and folded(word) != folded(voice.name):
        said = f'no voice is called "{word.strip()}"; {voice.name} ({voice.voice_id}) begins so'
        raise NotFound(said, hint=f"eleven voices {command} {quote(voice.name)}")


def confirmed(context: Context, command: str, question: Callable[[], str], *, yes: bool) -> None:
    """Ask on a terminal. Raises ElevenError for a no."""
    if not (yes or context.terminal.confirm(question())):
        raise ElevenError(f"nothing was {command}d", code="not_confirmed")


def require_yes(context: Context, command: str, what: str, *, yes: bool) -> None:
    """Raises UsageError without --yes where nobody can be asked."""
    if not (yes or context.terminal.can_ask):
        words = list(context.words)
        after = words.index(command) + 1 if command in words else len(words)
        raise UsageError(what, hint=f"eleven {join([*words[:after], '--yes', *words[after:]])}")


def warn_if_chosen(context: Context, voice: "Voice", what_happens: str) -> None:
    """Tell where the settings name this voice, and what to do."""
    setting = context.config.get("voice")
    if setting is None or not _means(setting.value, voice):
        return
    in_environment = setting.source.startswith("the environment")
    way_out = "set another one there" if in_environment else "eleven config set voice NAME"
    context.terminal.warn(f"{voice.name} is the voice of {setting.source}, and {what_happens}: {way_out}")


def is_remembered(context: Context, voice: "Voice") -> bool:
    """Whether it is the voice that speaks where none is chosen."""
    known = context.account_cache.get(KEY)
    return isinstance(known, dict) and known.get("voice_id") == voice.voice_id


def _means(word: str, voice: "Voice") -> bool:
    return word.strip() == voice.voice_id or folded(voice.name).startswith(folded(word))
