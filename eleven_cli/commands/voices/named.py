"""The voice that a command is about, by its name or id."""

from typing import TYPE_CHECKING, Annotated

import typer

from eleven_cli.commands.lookup.completion import complete_voice
from eleven_cli.commands.lookup.voice_candidates import voice_candidates
from eleven_cli.context import Context
from eleven_cli.errors import NotFound, UsageError

if TYPE_CHECKING:
    from eleven_cli.api.voices.voice import Voice

SEE_VOICES = "see your voices: eleven voices"
Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help="The voice's name or id.", autocompletion=complete_voice, show_default=False),
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
