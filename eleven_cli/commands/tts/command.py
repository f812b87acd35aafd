"""The `tts` command: its options, and from them a plan, a run, a report."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from eleven_cli.commands import completed_by
from eleven_cli.commands import options as shared
from eleven_cli.context import Context
from eleven_cli.terminal import Terminal

if TYPE_CHECKING:
    from eleven_cli.commands.tts.plan import SpeechPlan
    from eleven_cli.commands.tts.synthesizer import Usage

EXAMPLES = """eleven tts "Hello, world"
eleven tts -f book.epub -o 'book/{chapter:02d}.mp3'
llm "Tell me a story" | eleven tts --voice Imogen
eleven help pipes; eleven help books"""
GROUPS = {
    "Text": ("file", "markdown", "live", "language", "normalize", "tags", "replace", "lexicon", "dictionary"),
    "Output": ("output", "format", "play", "subtitles", "subtitles_format", "no_clobber"),
    "Voice": ("voice", "model", "stability", "similarity", "style", "speed", "speaker_boost", "seed"),
    "Effects": ("effect", "room", "background", "distance", "pan"),
    "Long texts": ("stitch",),
    "Cost and reports": ("dry_run", "max_credits", "cache", "stats", "json"),
}
Text = Annotated[
    list[str] | None, typer.Argument(metavar="[TEXT]...", help="The text; - reads stdin.", show_default=False)
]
File = Annotated[
    list[str] | None,
    typer.Option("--file", "-f", metavar="FILE", help="Read the text from this file; repeatable.", show_default=False),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        metavar="ID",
        help="The model; eleven models lists them.",
        autocompletion=completed_by("complete_model"),
    ),
]
Language = Annotated[
    str | None,
    typer.Option(
        metavar="CODE",
        help="The language of the text, such as de.",
        autocompletion=completed_by("complete_language"),
    ),
]
NormalizeMode = Annotated[
    Literal["auto", "on", "off"] | None,
    typer.Option(case_sensitive=False, help="Spell out numbers and dates.", show_default=False),
]
Markdown = Annotated[
    bool | None,
    typer.Option(
        "--markdown/--no-markdown", help="Remove the markup first. Default: for .md files.", show_default=False
    ),
]
Tags = Annotated[
    Literal["auto", "keep", "strip"],
    typer.Option(case_sensitive=False, help="[Tags] in brackets: acted or left out, by the model; see help tags."),
]
Replace = Annotated[
    list[str] | None,
    typer.Option(metavar="WORD=SPOKEN", help="Say SPOKEN instead of WORD; repeatable.", show_default=False),
]
LexiconOption = Annotated[
    str | None,
    typer.Option("--lexicon", metavar="FILE", help="Say words as this file says: WORD=SPOKEN on each line, or PLS."),
]
Dictionaries = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="Say words as this dictionary of the account says; at most 3.",
        autocompletion=completed_by("complete_dictionary"),
        show_default=False,
    ),
]
Live = Annotated[
    bool | None,
    typer.Option(
        "--live/--no-live", help="Speak stdin while it is being written. Default: from a pipe.", show_default=False
    ),
]
Effect = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Sound like a phone, a radio …; eleven effects lists them.",
        autocompletion=completed_by("complete_effect", "effect"),
    ),
]
Room = Annotated[
    str | None,
    typer.Option(
        metavar="NAME[:LEVEL]",
        help="Sound as in this room; :0.3 is a little. Stereo.",
        autocompletion=completed_by("complete_effect", "room"),
    ),
]
Background = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="What is heard behind the voice, such as a cafe.",
        autocompletion=completed_by("complete_effect", "background"),
    ),
]
Distance = Annotated[float | None, typer.Option(min=0, max=1, metavar="X", help="How far away the voice is.")]
Pan = Annotated[
    float | None, typer.Option(min=-1, max=1, metavar="X", help="Where: -1 is left, 1 is right. Stereo but for 0.")
]
StitchMode = Annotated[
    Literal["text", "ids"],
    typer.Option(
        "--stitch",
        case_sensitive=False,
        help="How the pieces are joined: ids is smoothest, one request at a time.",
    ),
]
Subtitles = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Write subtitles: .srt or .vtt; .json for each character's times; - is stdout."),
]
SubtitlesFormatName = Annotated[
    Literal["srt", "vtt", "json"] | None,
    typer.Option(
        "--subtitles-format",
        case_sensitive=False,
        help="Their format, where the file's name does not say.",
        show_default=False,
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="List the chapters and what they would cost, and send nothing.")
]


def tts(
    ctx: typer.Context,
    text: Text = None,
    file: File = None,
    output: shared.Output = None,
    play: shared.Play = None,
    format: shared.FormatName = None,
    voice: shared.Voice = None,
    model: Model = None,
    stability: shared.Stability = None,
    similarity: shared.Similarity = None,
    style: shared.Style = None,
    speed: shared.Speed = None,
    speaker_boost: shared.SpeakerBoost = None,
    seed: shared.Seed = None,
    language: Language = None,
    normalize: NormalizeMode = None,
    tags: Tags = "auto",
    replace: Replace = None,
    lexicon: LexiconOption = None,
    dictionary: Dictionaries = None,
    markdown: Markdown = None,
    live: Live = None,
    effect: Effect = None,
    room: Room = None,
    background: Background = None,
    distance: Distance = None,
    pan: Pan = None,
    stitch: StitchMode = "text",
    subtitles: Subtitles = None,
    subtitles_format: SubtitlesFormatName = None,
    dry_run: DryRun = False,
    max_credits: shared.MaxCredits = None,
    cache: shared.Cache = False,
    no_clobber: shared.NoClobber = False,
    stats: shared.Stats = False,
    json: shared.StatsJson = False,
) -> None:
    """Turn text into speech.

    The text comes from the arguments, from --file, or from a pipe, which is spoken while it is still being written.
    The audio is played on a terminal, and written as it arrives to a pipe or to -o FILE.
    """
    from eleven_cli.commands.tts.plan import plan_speech
    from eleven_cli.commands.tts.request import TTSOptions
    from eleven_cli.commands.tts.run import run

    context: Context = ctx.obj
    terminal = context.terminal
    terminal.quiet = terminal.quiet or json  # each stream is to hold one JSON value
    options = TTSOptions(
        text=text or [], file=file or [], markdown=markdown, live=live, language=language, normalize=normalize,
        output=output, play=play, format=format, subtitles=subtitles, subtitles_format=subtitles_format,
        voice=voice, model=model, stability=stability, similarity=similarity, style=style, speed=speed,
        speaker_boost=speaker_boost, seed=seed, tags=tags, replace=replace or [], lexicon=lexicon, stitch=stitch,
        dictionary=dictionary or [],
        effect=effect, room=room, background=background, distance=distance, pan=pan,
        dry_run=dry_run, max_credits=max_credits, cache=cache, no_clobber=no_clobber, json=json,
    )  # fmt: skip
    plan = plan_speech(context, options)
    if plan is None:  # what exists is left alone
        return
    if dry_run:
        from eleven_cli.commands.tts.report import report_estimate

        report_estimate(context, plan, as_json=json)
        return
    _report(terminal, plan, run(context, plan), stats=stats, as_json=json)


def _report(terminal: Terminal, plan: "SpeechPlan", usage: "Usage | None", *, stats: bool, as_json: bool) -> None:
    """Says what a run came to: one line for everybody, all figures for who asked."""
    if usage is not None and not (stats or as_json):
        from eleven_cli.commands.output.audio import summary
        from eleven_cli.terminal.messages import counted

        chapters = len(plan.parts)
        made = counted(chapters, "chapter") if chapters > 1 else plan.parts[0].output.name
        terminal.remark(summary(made, usage.meter, usage.cost))
    elif usage is not None:
        from eleven_cli.commands.tts.report import report_usage

        report_usage(terminal, plan, usage, as_json=as_json)
    elif as_json:
        from eleven_cli.commands.tts.report import report_skipped

        report_skipped(terminal, plan)
