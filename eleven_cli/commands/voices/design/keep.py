"""`eleven voices keep`: a preview becomes a voice of the account."""

import time
from itertools import islice
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from eleven_cli.commands import completed_by
from eleven_cli.commands.lookup.completion import DESIGNS_KEY
from eleven_cli.commands.lookup.names import folded
from eleven_cli.commands.lookup.voice_candidates import forget_first_voice
from eleven_cli.commands.lookup.voices import remember
from eleven_cli.commands.options import JsonFlag
from eleven_cli.commands.voices.listing import COLUMNS, row
from eleven_cli.commands.voices.new_voice import refuse_one_more, suggest_speaking, warn_of_no_id
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, NotFound, PermissionMissing, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eleven_cli.api.voices.design import VoicePreview
    from eleven_cli.api.voices.voice import Voice

EXAMPLES = """eleven voices design "a calm, friendly narrator"
eleven voices keep GENERATED_ID Narrator"""
MOST_REMEMBERED = 60
MOST_COMPARED = 300
EXAMPLE_DESCRIPTION = "a calm, friendly narrator with a warm voice"
Description = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="What the voice is like, 20 to 1000 characters. Default: as it was asked for."),
]


def keep(
    ctx: typer.Context,
    generated_id: Annotated[
        str,
        typer.Argument(
            metavar="GENERATED_ID",
            help="The preview's id.",
            autocompletion=completed_by("complete_preview"),
            show_default=False,
        ),
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call the voice.", show_default=False)],
    description: Description = None,
    json: JsonFlag = False,
) -> None:
    """Keep a preview as a voice.

    Previews come from voices design and voices remix, and can be kept for a while. Their descriptions are
    remembered. It costs no credits.
    """
    context: Context = ctx.obj
    if not generated_id.strip():
        raise UsageError("the preview's id is empty", hint=f'eleven voices design "{EXAMPLE_DESCRIPTION}"')
    if description is None:
        description = _remembered_description(context, generated_id, name)
    check_description(description, hint=_again(generated_id, name))
    context.terminal.refuse_closed_stdout()
    check_name(context, name)
    try:
        voice = kept(context, generated_id, name, description)
    except NotFound as gone:
        gone.hint = gone.hint or f"eleven voices design {quote(description)} --keep {quote(name)}"
        raise
    if json:
        context.terminal.json(voice)
    else:
        context.terminal.rows(COLUMNS, [row(voice)])
    suggest_speaking(context, name)


def kept(context: Context, generated_id: str, name: str, description: str) -> "Voice":
    """Make a preview a voice, which is remembered by its name."""
    from eleven_cli.api.voices.design import keep as keep_preview

    voice = keep_preview(context.client, name.strip(), description, generated_id)
    if voice.voice_id:
        remember(context, [voice], all_of_them=False)
    else:
        warn_of_no_id(context, voice.name)
    forget_first_voice(context)
    return voice


def check_keeping(context: Context, name: str) -> None:
    """Raises what would refuse the voice after its previews were paid for: its name, or no room for it."""
    check_name(context, name)
    refuse_one_more(context)


def check_name(context: Context, name: str) -> None:
    """Raises for an empty name, and for one that a voice of the account has: a name would not say which is meant."""
    from eleven_cli.api.voices.listing import each_voice

    if not name.strip():
        raise UsageError("the voice's name is empty")
    try:
        listed = list(islice(each_voice(context.client, name.strip()), MOST_COMPARED))
    except PermissionMissing:  # then it cannot be known
        return
    if same := next((voice for voice in listed if folded(voice.name) == folded(name)), None):
        hint = f"choose another name, or delete that voice: eleven voices delete {same.voice_id}"
        raise ElevenError(f"a voice is called {same.name} already ({same.voice_id})", hint=hint, code="name_taken")


def check_description(description: str, *, hint: str, least: int | None = None) -> None:
    """Raises UsageError for a description that the service would refuse. least: None for that of a new voice."""
    from eleven_cli.api.voices.design import LEAST_DESCRIPTION, MOST_DESCRIPTION

    least = LEAST_DESCRIPTION if least is None else least
    count = len(description.strip())
    if not least <= count <= MOST_DESCRIPTION:
        said = f"a description has {least} to {MOST_DESCRIPTION:,} characters, and this one has {count:,}"
        raise UsageError(said, hint=hint)


def remember_designs(context: Context, previews: "Iterable[VoicePreview]", description: str) -> None:
    """Keep what the previews were asked for, so that they can be kept by their ids alone."""
    fact = {"description": description, "at": time.time()}
    known = context.account_cache.table(DESIGNS_KEY) | {preview.generated_voice_id: fact for preview in previews}
    context.account_cache.put(DESIGNS_KEY, dict(list(known.items())[-MOST_REMEMBERED:]))


def is_remembered(context: Context, generated_id: str) -> bool:
    """Whether it is a preview of an earlier run."""
    return generated_id in context.account_cache.table(DESIGNS_KEY)


def _remembered_description(context: Context, generated_id: str, name: str) -> str:
    from eleven_cli.api.voices.design import LEAST_DESCRIPTION

    design = context.account_cache.table(DESIGNS_KEY).get(generated_id)
    description = design.get("description") if isinstance(design, dict) else None
    again = _again(generated_id, name)
    if not isinstance(description, str):
        raise UsageError(f"the description of {generated_id} is not known", hint=again)
    if len(description) < LEAST_DESCRIPTION:
        said = f'a voice needs a description of {LEAST_DESCRIPTION} characters, and "{description}" is shorter'
        raise UsageError(said, hint=again)
    return description


def _again(generated_id: str, name: str) -> str:
    """The same command with a description that may be long enough."""
    return f'eleven voices keep {quote(generated_id)} {quote(name)} --description "{EXAMPLE_DESCRIPTION}"'
