"""Options that several commands share, how a date of theirs is read, and what --max-credits refuses."""

from typing import Annotated

import typer

from eleven_cli.commands import completed_by
from eleven_cli.errors import LimitError, UsageError

TOO_MUCH = "max_credits"


def check_limit(credits: int, max_credits: int) -> None:
    """Raises LimitError for what would cost more than --max-credits allows."""
    if credits > max_credits:
        from eleven_cli.terminal.messages import counted

        raise LimitError(
            f"this would cost about {counted(credits, 'credit')}, more than {max_credits:,}",
            hint="allow more with --max-credits N; --dry-run shows what it would cost",
            code=TOO_MUCH,
        )


def moment(word: str | None, option: str) -> int | None:
    """Seconds since 1970 of a date or a time in UTC. Raises UsageError."""
    from datetime import UTC, datetime

    if word is None:
        return None
    try:
        read = datetime.fromisoformat(word.strip())
        seconds = int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        seconds = -1
    if seconds < 0:
        raise UsageError(f'{option} takes a date or a time, not "{word}"', hint=f"{option} 2026-11-01")
    return seconds


def _format_names() -> list[str]:
    from eleven_cli.audio.formats import all_names

    return [*all_names()]


def _unit(help: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(min=0, max=1, metavar="X", help=help)
    return option


JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Limit = Annotated[int | None, typer.Option(min=1, metavar="N", help="Show at most this many.")]
After = Annotated[str | None, typer.Option(metavar="DATE", help="Only those from then on, such as 2026-11-01 (UTC).")]
Before = Annotated[str | None, typer.Option(metavar="DATE", help="Only those before that.")]
Play = Annotated[
    bool | None,
    typer.Option("--play/--no-play", help="Play it, too. Default: on a terminal without -o.", show_default=False),
]
NoClobber = Annotated[bool, typer.Option("--no-clobber", help="Do not replace an existing file, and pay nothing.")]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write there; the suffix decides the format; - is stdout."),
]
FormatName = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help="mp3, wav, pcm, opus, ulaw, alaw, or the API's name, such as mp3_44100_128.",
        autocompletion=_format_names,
    ),
]
Voice = Annotated[
    str | None,
    typer.Option(
        "--voice",
        "-v",
        metavar="NAME",
        help="The voice, by name or id. Default: the first you can use.",
        autocompletion=completed_by("complete_voice"),
    ),
]
Stability = Annotated[float | None, _unit("Low: more expressive; high: more stable.")]
Similarity = Annotated[float | None, _unit("How close to the original voice.")]
Style = Annotated[float | None, _unit("How much to exaggerate the speaker's style.")]
Speed = Annotated[
    float | None, typer.Option(min=0.25, max=4, metavar="X", help="1 is normal; most models take 0.7 to 1.2.")
]
SpeakerBoost = Annotated[
    bool | None,
    typer.Option(
        "--speaker-boost/--no-speaker-boost",
        help="More like the original speaker; slightly slower.",
        show_default=False,
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(min=0, max=4294967295, metavar="N", help="The same seed mostly gives the same audio."),
]
Stats = Annotated[bool, typer.Option("--stats", help="Show timings and cost on stderr.")]
StatsJson = Annotated[
    bool,
    typer.Option("--json", help="The same as JSON on stdout (on stderr where stdout has audio)."),
]
MaxCredits = Annotated[int | None, typer.Option(min=0, metavar="N", help="Spend at most about N credits (exit 5).")]
Cache = Annotated[bool, typer.Option("--cache/--no-cache", help="Keep the audio, and never pay for the same twice.")]
AudioFile = Annotated[
    str | None, typer.Argument(metavar="[FILE]", help="The audio; - or a pipe is stdin.", show_default=False)
]
InputFormat = Annotated[
    str | None,
    typer.Option("--input-format", metavar="NAME", help="Format of raw input, such as pcm_16000 (files are detected)."),
]
Mic = Annotated[
    str | None,
    typer.Option("--mic", metavar="NAME", help="Record from this microphone until Ctrl+C or 2 s of silence."),
]
