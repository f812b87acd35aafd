"""`eleven voices edit`, `settings` and `delete`: changes a voice of the account."""

from typing import TYPE_CHECKING, Annotated

import typer

from eleven_cli.commands.input.confirmation import confirmed, require_yes
from eleven_cli.commands.lookup.voice_candidates import forget_first_voice, is_first_voice
from eleven_cli.commands.lookup.voices import Named, forget, remember
from eleven_cli.commands.options import JsonFlag, Similarity, SpeakerBoost, Speed, Stability, Style, Yes
from eleven_cli.commands.voices.fields import Description, Label, checked_name, checked_text, labels_of
from eleven_cli.commands.voices.named import Name, own_voice, require_whole_name, warn_if_chosen
from eleven_cli.commands.voices.show import setting_rows
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, UsageError

if TYPE_CHECKING:
    from eleven_cli.api.voices.voice import Voice

EDIT_EXAMPLES = """eleven voices edit Robin --name "Robin (studio)"
eleven voices edit Robin --description "Plain." --label accent=british"""
SETTINGS_EXAMPLES = """eleven voices settings Robin
eleven voices settings Robin --stability 0.3 --speed 1.1"""
DELETE_EXAMPLES = """eleven voices delete Robin
eleven voices delete Sr4oaKhUIhRNQ6XTqcTl --yes"""


def edit(
    ctx: typer.Context,
    name: Name,
    new_name: Annotated[str | None, typer.Option("--name", metavar="NEW", help="What to call it from now on.")] = None,
    description: Description = None,
    label: Label = None,
    json: JsonFlag = False,
) -> None:
    """Rename or describe a voice of your account.

    What you do not give stays as it is. --label KEY= removes a label.
    """
    from eleven_cli.api.voices.changes import edit_voice

    context: Context = ctx.obj
    if new_name is None and description is None and not label:
        raise UsageError("nothing to change", hint="--name, --description or --label: eleven voices edit --help")
    new_name = None if new_name is None else checked_name(new_name)
    about = None if description is None else checked_text(description, "--description")
    new_labels = labels_of(label or [])
    voice = own_voice(context, name, "edit")
    about = voice.description if about is None else about
    labels = {key: value for key, value in {**voice.labels, **new_labels}.items() if value}
    if new_name not in (None, voice.name):
        warn_if_chosen(context, voice, new_name=new_name)
    edit_voice(
        context.client,
        voice.voice_id,
        new_name or voice.name,
        about if about or description is not None else None,
        labels if labels or new_labels else None,
    )
    _tell_edited(context, voice, new_name or voice.name, about, labels, as_json=json)


def settings(
    ctx: typer.Context,
    name: Name,
    stability: Stability = None,
    similarity: Similarity = None,
    style: Style = None,
    speed: Speed = None,
    speaker_boost: SpeakerBoost = None,
    json: JsonFlag = False,
) -> None:
    """Show how a voice speaks by default, or change it.

    Without options the settings are shown. What you do not give stays as it is.
    """
    from eleven_cli.api.voices.changes import set_voice_settings, voice_settings

    context: Context = ctx.obj
    given = {
        "stability": stability, "similarity_boost": similarity, "style": style, "speed": speed,
        "use_speaker_boost": speaker_boost,
    }  # fmt: skip
    changed = {key: value for key, value in given.items() if value is not None}
    voice = own_voice(context, name, "settings")
    current = {**voice_settings(context.client, voice.voice_id), **changed}
    if changed:
        set_voice_settings(context.client, voice.voice_id, current)
    if json:
        context.terminal.json(current)
    elif changed:
        context.terminal.remark(f"{voice.name}: {', '.join(' '.join(row) for row in setting_rows(changed))}")
    else:
        context.terminal.rows(("", ""), setting_rows(current))


def delete(
    ctx: typer.Context,
    name: Name,
    yes: Yes = False,
    json: JsonFlag = False,
) -> None:
    """Delete a voice of your account, for good.

    The whole name or the id is needed. You are asked on a terminal; elsewhere --yes is needed. A voice of the library
    is only removed from your account.
    """
    from eleven_cli.api.voices.changes import delete_voice

    context: Context = ctx.obj
    require_yes(context, "delete", "confirm that the voice is to be deleted for good", yes=yes)
    voice = own_voice(context, name, "delete")
    require_whole_name(voice, name, "delete")
    if voice.category == "premade":
        raise ElevenError(f"{voice.name} is a premade voice, which cannot be deleted", code="premade_voice")
    warn_if_chosen(context, voice)
    is_first = is_first_voice(context, voice.voice_id)
    if is_first:
        context.terminal.note(f"commands without --voice use {voice.name}; after this they take the next voice")
    confirmed(context, "delete", lambda: f"Delete {voice.name} ({voice.voice_id}) for good?", yes=yes)
    delete_voice(context.client, voice.voice_id)
    forget(context, voice.voice_id)
    if is_first:
        forget_first_voice(context)
    if json:
        context.terminal.json({"voice_id": voice.voice_id, "name": voice.name, "deleted": True})
    else:
        context.terminal.remark(f"deleted {voice.name} ({voice.voice_id})")


def _tell_edited(
    context: Context, voice: "Voice", name: str, description: str, labels: dict[str, str], *, as_json: bool
) -> None:
    remember(context, [Named(voice.voice_id, name)], all_of_them=False)
    if as_json:
        edited = {"voice_id": voice.voice_id, "name": name, "description": description, "labels": labels}
        context.terminal.json(edited)
    else:
        context.terminal.remark(f"{voice.name} is {name} now" if name != voice.name else f"changed {name}")
