"""`eleven voices design` and `remix`: voices made of words."""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from eleven_cli.commands import options as shared
from eleven_cli.commands.voices.design.keep import EXAMPLE_DESCRIPTION, Description, check_description, check_keeping
from eleven_cli.commands.voices.design.run import PreviewOptions, make
from eleven_cli.commands.voices.named import Name, called
from eleven_cli.context import Context
from eleven_cli.errors import UsageError

if TYPE_CHECKING:
    from eleven_cli.commands.voices.design.previews import PreviewPlan

DESIGN_EXAMPLES = """eleven voices design "an old sailor, gruff and kind"
eleven voices design "an old sailor, gruff and kind" -o 'sailor-{n}.mp3'
eleven voices design "a calm, friendly narrator" --keep Narrator"""
REMIX_EXAMPLES = """eleven voices remix Narrator "a little older, and slower"
eleven voices remix Narrator "the same, but Scottish" --keep Ewan"""
GROUPS = {
    "Voice": ("text", "model", "guidance", "seed", "quality", "loudness", "reference", "strength"),
    "Result": ("keep", "description", "output", "play", "no_clobber", "json"),
}
EXAMPLE_CHANGE = "a little older, and slower"
MOST_REFERENCE_BYTES = 40 << 20
MOST_DESCRIPTION_BYTES = 1 << 20  # far more than the service takes


def _models() -> list[str]:
    from eleven_cli.api.voices.design import MODELS

    return [*MODELS]


Keep = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Keep one under this name: the one you choose on a terminal, else the first."),
]
Text = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="What they say, 100 to 1000 characters. Default: what suits the description."),
]
Seed = Annotated[
    int | None, typer.Option(min=0, max=2**31 - 1, metavar="N", help="The same seed gives the same voices.")
]
Guidance = Annotated[
    float | None,
    typer.Option(min=0, max=100, metavar="X", help="How closely to follow the description; high may sound artificial."),
]
Loudness = Annotated[float | None, typer.Option(min=-1, max=1, metavar="X", help="How loud the voice is.")]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write them there; {n} is the number, as in 'voice-{n}.mp3'."),
]


def design(
    ctx: typer.Context,
    description: Annotated[
        str | None,
        typer.Argument(
            metavar="[DESCRIPTION]", help="The voice in 20 to 1000 characters; - reads stdin.", show_default=False
        ),
    ] = None,
    keep: Keep = None,
    text: Text = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", metavar="ID", help="The model.", autocompletion=_models),
    ] = None,
    guidance: Guidance = None,
    seed: Seed = None,
    quality: Annotated[
        float | None, typer.Option(min=-1, max=1, metavar="X", help="Higher: better, with less variety.")
    ] = None,
    loudness: Loudness = None,
    reference: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A recording that it should resemble; needs eleven_ttv_v3.")
    ] = None,
    strength: Annotated[
        float | None,
        typer.Option(min=0, max=1, metavar="X", help="With --reference: how much the description counts against it."),
    ] = None,
    output: Output = None,
    play: shared.Play = None,
    no_clobber: shared.NoClobber = False,
    json: shared.JsonFlag = False,
) -> None:
    """Design a voice of your own from a description.

    Three previews are made. On a terminal they are played, one after the other; with --output they are written; in a
    pipe their ids are listed. They cost credits, however many you keep; voices keep keeps one by its id, for free.

    It works on any plan, and the voice is your own: you can use it through the API.
    """
    from eleven_cli.api.voices.design import MODEL_WITH_REFERENCE, MODELS, DesignRequest
    from eleven_cli.api.voices.design import design as ask
    from eleven_cli.commands.lookup.models import refuse_other_kind
    from eleven_cli.suggestions import either

    context: Context = ctx.obj
    context.terminal.quiet = context.terminal.quiet or json  # each stream is to hold one JSON value
    wanted = _description(context, description)
    check_description(wanted, hint=f'eleven voices design "{EXAMPLE_DESCRIPTION}"')
    _check_text(text)
    if strength is not None and reference is None:
        raise UsageError("--strength needs --reference", hint="add --reference FILE")
    refuse_other_kind(model, "design voices", "eleven voices design", hint=f"--model {either(list(MODELS))}")
    if reference is not None and model not in (None, MODEL_WITH_REFERENCE):
        raise UsageError(f"--reference needs the model {MODEL_WITH_REFERENCE}", hint=f"--model {MODEL_WITH_REFERENCE}")
    plan = _plan(context, output, play, no_clobber=no_clobber)
    if plan is None:
        return
    request = DesignRequest(
        wanted,
        str(plan.fmt.wire),
        text=text,
        model=MODEL_WITH_REFERENCE if reference is not None else model,
        seed=seed,
        guidance=guidance,
        quality=quality,
        loudness=loudness,
        reference=None if reference is None else _recording(reference),
        strength=strength,
    )
    if keep is not None:
        check_keeping(context, keep)
    make(context, plan, request, ask, PreviewOptions(keep, wanted, no_clobber, json))


def remix(
    ctx: typer.Context,
    name: Name,
    change: Annotated[
        str,
        typer.Argument(metavar="CHANGE", help="What should be different, 5 to 1000 characters.", show_default=False),
    ],
    keep: Keep = None,
    description: Description = None,
    text: Text = None,
    guidance: Guidance = None,
    seed: Seed = None,
    loudness: Loudness = None,
    output: Output = None,
    play: shared.Play = None,
    no_clobber: shared.NoClobber = False,
    json: shared.JsonFlag = False,
) -> None:
    """Change a voice of your own by a description.

    Three previews are made, as by voices design. They cost credits, however many you keep. A voice that is kept needs a
    description of at least 20 characters: CHANGE, or --description.
    """
    from eleven_cli.api.voices.design import LEAST_CHANGE, DesignRequest
    from eleven_cli.api.voices.design import remix as ask

    context: Context = ctx.obj
    context.terminal.quiet = context.terminal.quiet or json  # each stream is to hold one JSON value
    wanted = change.strip()
    check_description(wanted, least=LEAST_CHANGE, hint=f'eleven voices remix {quote(name)} "{EXAMPLE_CHANGE}"')
    _check_text(text)
    plan = _plan(context, output, play, no_clobber=no_clobber)
    if plan is None:
        return
    described = wanted
    if keep is not None or description is not None:
        described = _description_to_keep(context, description, name, wanted, keep)
    request = DesignRequest(wanted, str(plan.fmt.wire), text=text, guidance=guidance, seed=seed, loudness=loudness)
    voice = called(context, name, "remix")
    if keep is not None:
        check_keeping(context, keep)
    choices = PreviewOptions(keep, described, no_clobber, json)
    make(context, plan, request, lambda client, asked: ask(client, voice.voice_id, asked), choices)


def _plan(context: Context, output: str | None, play: bool | None, *, no_clobber: bool) -> "PreviewPlan | None":
    from eleven_cli.commands.voices.design.previews import plan_previews

    return plan_previews(context.terminal, output, play, no_clobber=no_clobber)


def _description(context: Context, given: str | None) -> str:
    if given is not None and given != "-":
        return given.strip()
    if context.terminal.stdin_is_terminal:
        raise UsageError("no description of the voice", hint=f'eleven voices design "{EXAMPLE_DESCRIPTION}"')
    from eleven_cli.text.decoding import decoded

    return decoded(context.terminal.read(MOST_DESCRIPTION_BYTES), "stdin").strip()


def _description_to_keep(context: Context, description: str | None, name: str, change: str, keep: str | None) -> str:
    """What a remix is kept with: asked for where the change alone is too short for it."""
    from eleven_cli.api.voices.design import LEAST_DESCRIPTION

    described = change if description is None else description.strip()
    if description is None and len(described) < LEAST_DESCRIPTION and context.terminal.can_ask:
        try:
            question = f"describe the new voice, in {LEAST_DESCRIPTION} characters or more: "
            described = context.terminal.ask(question).strip()
        except EOFError:
            described = ""
    kept_as = f" --keep {quote(keep)}" if keep is not None else ""
    again = f'eleven voices remix {quote(name)} {quote(change)}{kept_as} --description "{EXAMPLE_DESCRIPTION}"'
    check_description(described, hint=again)
    return described


def _check_text(text: str | None) -> None:
    from eleven_cli.api.voices.design import LEAST_TEXT, MOST_TEXT

    if text is not None and not LEAST_TEXT <= len(text) <= MOST_TEXT:
        said = f"--text has {LEAST_TEXT} to {MOST_TEXT:,} characters, and this one has {len(text):,}"
        raise UsageError(said, hint="omit --text for one that suits the description")


def _recording(path: Path) -> bytes:
    from eleven_cli.audio.codecs.sniff import HEAD_BYTES, sniff_format

    try:
        with path.open("rb") as file:
            data = file.read(MOST_REFERENCE_BYTES + 1)
    except OSError as failed:
        raise UsageError(f"cannot read {path}: {failed.strerror or failed}", hint="--reference FILE") from failed
    if sniff_format(data[:HEAD_BYTES]) is None:
        raise UsageError(f"{path} is not a recognised audio file", hint="--reference recording.wav")
    if len(data) > MOST_REFERENCE_BYTES:
        raise UsageError(f"{path} is larger than {MOST_REFERENCE_BYTES >> 20} MB", hint="a few seconds are enough")
    return data
