"""The voice that a command is about, by its name or id; one that is changed is looked up in the account again."""

from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from eleven_cli.commands import completed_by
from eleven_cli.commands.lookup.names import folded
from eleven_cli.commands.lookup.voice_candidates import looks_like_id, voice_candidates
from eleven_cli.commands.lookup.voices import fetch_voice
from eleven_cli.context import Context
from eleven_cli.errors import NotFound, UsageError

if TYPE_CHECKING:
    from eleven_cli.api.voices.voice import Voice

SEE_VOICES = "see your voices: eleven voices"
Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="The voice's name or id.",
        autocompletion=completed_by("complete_voice"),
        show_default=False,
    ),
]


def called(context: Context, name: str, command: str) -> "Voice":
    """The voice of that name or id. `command` is the one that takes an id in place of the name."""
    from eleven_cli.api.voices.listing import voice_with

    if not name.strip():
        raise UsageError("the voice's name is empty", hint=SEE_VOICES)
    try:
        for candidate in voice_candidates(context, name):
            with candidate as voice_id:
                return voice_with(context.client, voice_id)
        raise AssertionError("the last candidate's refusal is raised")
    except NotFound as unknown:
        by_id = unknown.hint.replace("--voice ID", f"eleven voices {command} ID")
        unknown.hint = SEE_VOICES if unknown.status else by_id
        raise


def own_voice(context: Context, word: str, command: str) -> "Voice":
    """The voice that an id or a name means; several of one name are told apart by their ids. Raises NotFound."""
    from eleven_cli.api.voices.listing import voice_with

    if not word.strip():
        raise UsageError("the voice's name is empty", hint=SEE_VOICES)
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


def warn_if_chosen(context: Context, voice: "Voice", *, new_name: str | None = None) -> None:
    """Tell where the settings name a voice that is about to go, or to be called otherwise, and what to do."""
    setting = context.config.get("voice")
    is_named = setting is not None and folded(voice.name).startswith(folded(setting.value))
    if setting is None or not (is_named or (new_name is None and setting.value.strip() == voice.voice_id)):
        return
    profile = f"--profile {quote(context.config.profile or '')} " if setting.source.startswith("profile") else ""
    way_out = f"eleven {profile}config {f'set voice {quote(new_name)}' if new_name else 'unset voice'}"
    if setting.source.startswith("the environment"):
        variable = setting.source.split("(")[-1].rstrip(")")
        way_out = f"export {variable}={voice.voice_id}" if new_name else f"unset {variable}"
    context.terminal.warn(f"{setting.source} names {voice.name} as the voice: {way_out}")
