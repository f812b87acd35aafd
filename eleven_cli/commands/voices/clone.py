"""`eleven voices clone`: a voice from recordings."""

from typing import Annotated

import typer

from eleven_cli.commands.input.confirmation import confirmed, require_yes
from eleven_cli.commands.options import JsonFlag
from eleven_cli.commands.voices.fields import Description, Label, checked_name, checked_text, labels_of
from eleven_cli.context import Context

EXAMPLES = """eleven voices clone "My voice" me.wav
eleven voices clone Ana one.mp3 two.mp3 --label language=es --yes"""
EXAMPLE = "eleven voices clone NAME FILE…"
MINE = "Is it your own voice, or do you have the speaker's consent to clone it?"


def clone(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call the voice.", show_default=False)],
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Recordings of one speaker; - is stdin.", show_default=False),
    ],
    description: Description = None,
    label: Label = None,
    remove_noise: Annotated[bool, typer.Option("--remove-noise", help="Remove background noise first.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Confirm that the voice is yours to clone.")] = False,
    json: JsonFlag = False,
) -> None:
    """Make a voice of recordings of a speaker (an instant clone).

    A minute or two of clear speech without music or other voices is best. You confirm that the voice is your own, or
    that the speaker agrees: when asked on a terminal, elsewhere with --yes.
    """
    from eleven_cli.api.voices.changes import MOST_CLONE_BYTES, clone_voice
    from eleven_cli.commands.input.recordings import recordings
    from eleven_cli.commands.output.progress import UploadLine
    from eleven_cli.commands.voices.new_voice import announce, refuse_clone, warn_if_taken

    context: Context = ctx.obj
    terminal, name = context.terminal, checked_name(name)
    about = None if description is None else checked_text(description, "--description")
    labels = {key: value for key, value in labels_of(label or []).items() if value}
    require_yes(context, "clone", "confirm that the voice is your own, or that the speaker agrees", yes=yes)
    with recordings(terminal, files, most_bytes=MOST_CLONE_BYTES, example=EXAMPLE) as uploads:
        refuse_clone(context)
        known = warn_if_taken(context, name)
        confirmed(context, "clone", lambda: MINE, yes=yes)
        with terminal.progress() as progress:
            made = clone_voice(
                context.client,
                name,
                [upload.whole() for upload in uploads],
                description=about,
                labels=labels,
                remove_noise=remove_noise,
                known=known,
                sent=UploadLine(progress),
            )
    announce(context, made.voice_id, name, as_json=json, requires_verification=made.requires_verification)
    if made.requires_verification:
        terminal.warn(f"{name} cannot speak before you have proved on the website that the voice is yours")
