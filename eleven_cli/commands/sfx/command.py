"""The `sfx` command: take the description, plan, make it, report."""

import math
from typing import Annotated

import typer

from eleven_cli.commands import options as shared
from eleven_cli.context import Context
from eleven_cli.errors import UsageError

EXAMPLES = """eleven sfx "rain on a tin roof"
eleven sfx "footsteps on gravel" --duration 4 -o steps.mp3
eleven sfx "a quiet engine room" --loop --duration 10 -o engine.wav
eleven help effects"""
GROUPS = {
    "Sound": ("file", "duration", "loop", "influence"),
    "Output": ("output", "format", "play", "no_clobber"),
    "Cost and reports": ("dry_run", "max_credits", "cache", "stats", "json"),
}
EXAMPLE = 'eleven sfx "rain on a tin roof"'
MOST_BYTES = 1 << 16  # of a pipe, which may never end
Text = Annotated[
    list[str] | None,
    typer.Argument(metavar="[TEXT]...", help="What should be heard; - reads stdin.", show_default=False),
]
File = Annotated[str | None, typer.Option("--file", "-f", metavar="FILE", help="Read the description from this file.")]
Duration = Annotated[
    float | None,
    typer.Option(min=0.5, max=30, metavar="SECONDS", help="How long the sound is. Default: as long as it needs."),
]
Loop = Annotated[bool, typer.Option("--loop", help="Make a sound that repeats without a seam.")]
Influence = Annotated[
    float | None,
    typer.Option(min=0, max=1, metavar="X", help="Low: more varied; high: closer to the words. Default: 0.3."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be sent and what it would cost.")]


def sfx(
    ctx: typer.Context,
    text: Text = None,
    file: File = None,
    output: shared.Output = None,
    play: shared.Play = None,
    format: shared.FormatName = None,
    duration: Duration = None,
    loop: Loop = False,
    influence: Influence = None,
    dry_run: DryRun = False,
    max_credits: shared.MaxCredits = None,
    cache: shared.Cache = False,
    no_clobber: shared.NoClobber = False,
    stats: shared.Stats = False,
    json: shared.StatsJson = False,
) -> None:
    """Make a sound effect from its description.

    The description, at most 450 characters, comes from the arguments, from --file, or from a pipe. The sound is played
    on a terminal, and written as it arrives to a pipe or to -o FILE.
    """
    from eleven_cli.api.audio.sound_effects import SoundEffect
    from eleven_cli.commands.output import plan_output
    from eleven_cli.commands.output.existing import keeps_existing
    from eleven_cli.commands.output.figures import check_report
    from eleven_cli.commands.sfx import run

    context: Context = ctx.obj
    terminal = context.terminal
    terminal.quiet = terminal.quiet or json  # each stream is to hold one JSON value
    plan = plan_output(output, format, play, on_terminal=terminal.stdout_is_terminal)
    check_report(terminal, plan, as_json=json)
    for name, value in {"--duration": duration, "--influence": influence}.items():
        if value is not None and not math.isfinite(value):
            raise UsageError(f"{name} must be a number, not {value}", hint="eleven sfx --help")
    if not dry_run and keeps_existing(terminal, plan.file, no_clobber=no_clobber, as_json=json):
        return
    effect = SoundEffect(_description(context, text or [], file), str(plan.fmt.wire), duration, influence, loop)
    if dry_run:
        run.report_estimate(context, effect, as_json=json)
        return
    if max_credits is None and (limit := context.config.number("max_credits")) is not None:
        max_credits = int(limit)
    made = run.EffectRun(context, plan, effect, max_credits)
    made.make(cache=cache, no_clobber=no_clobber)
    made.report(terminal, stats=stats, as_json=json)


def _description(context: Context, words: list[str], file: str | None) -> str:
    """The description of the sound. Raises UsageError without one, and for more than the service takes."""
    from eleven_cli.api.audio.sound_effects import MOST_CHARACTERS
    from eleven_cli.commands.input.text import check_source, is_silent, read_document, text_of_words

    files = [] if file is None else [file]
    check_source(context, words, files, command="eleven sfx", example=EXAMPLE)
    if words and words != ["-"]:
        text = text_of_words(words)
    else:
        read = read_document(context.terminal, file or "-", most_bytes=MOST_BYTES)
        text = "\n\n".join(chapter.text for chapter in read.chapters)
    text = text.strip()
    if is_silent(text):
        raise UsageError("the description is empty", hint=EXAMPLE)
    if len(text) > MOST_CHARACTERS:
        said = f"the description has {len(text):,} characters; the service takes {MOST_CHARACTERS}"
        raise UsageError(said, hint=f"say it shorter: {EXAMPLE}")
    return text
