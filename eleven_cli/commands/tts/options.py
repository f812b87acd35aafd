"""The options of `eleven tts`, as types: their names, ranges and help."""

from enum import StrEnum
from typing import Annotated

import typer

from eleven_cli.commands.name_completion import complete_language, complete_model, complete_voice


class Normalize(StrEnum):
    AUTO = "auto"
    ON = "on"
    OFF = "off"


class Stitch(StrEnum):
    TEXT = "text"
    IDS = "ids"


class SubtitlesFormat(StrEnum):
    SRT = "srt"
    VTT = "vtt"
    JSON = "json"


def _complete_format(incomplete: str) -> list[str]:
    from eleven_cli.audio.formats import all_names

    return [name for name in all_names() if name.startswith(incomplete)]


def _unit(help: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(min=0, max=1, metavar="X", help=help)
    return option


Text = Annotated[
    list[str] | None, typer.Argument(metavar="[TEXT]...", help="The text; - reads stdin.", show_default=False)
]
File = Annotated[
    list[str] | None,
    typer.Option(
        "--file", "-f", metavar="FILE", help="Read the text from a file; several are read in turn.", show_default=False
    ),
]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write there, in the format of the suffix; - is stdout."),
]
Play = Annotated[
    bool | None,
    typer.Option("--play/--no-play", help="Play it too. Default: on a terminal without -o.", show_default=False),
]
FormatName = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help="mp3, wav, pcm, opus, ulaw, alaw, or the API's name, such as mp3_44100_128.",
        autocompletion=_complete_format,
    ),
]
Voice = Annotated[
    str | None,
    typer.Option(
        "--voice",
        "-v",
        metavar="NAME",
        help="The voice, by name or id. Default: the first you can use.",
        autocompletion=complete_voice,
    ),
]
Model = Annotated[
    str | None,
    typer.Option("--model", "-m", metavar="ID", help="The model; see: eleven models.", autocompletion=complete_model),
]
Stability = Annotated[float | None, _unit("Low is lively, high is steady.")]
Similarity = Annotated[float | None, _unit("How close to the voice's recordings.")]
Style = Annotated[float | None, _unit("How much of the speaker's manner to exaggerate.")]
Speed = Annotated[float | None, typer.Option(min=0.25, max=4, metavar="X", help="0.7 is slow, 1.2 is fast.")]
SpeakerBoost = Annotated[
    bool | None,
    typer.Option(
        "--speaker-boost/--no-speaker-boost", help="Closer to the speaker, a little later.", show_default=False
    ),
]
Seed = Annotated[int | None, typer.Option(min=0, max=4294967295, metavar="N", help="Try to repeat an earlier result.")]
Language = Annotated[
    str | None,
    typer.Option(metavar="CODE", help="The text's language, such as de.", autocompletion=complete_language),
]
NormalizeMode = Annotated[
    Normalize | None, typer.Option(case_sensitive=False, help="Spell out numbers and dates.", show_default=False)
]
Markdown = Annotated[
    bool | None,
    typer.Option("--markdown/--no-markdown", help="Clean Markdown first. Default: for .md files.", show_default=False),
]
Live = Annotated[
    bool | None,
    typer.Option(
        "--live/--no-live", help="Speak stdin while it is being written. Default: from a pipe.", show_default=False
    ),
]
StitchMode = Annotated[
    Stitch,
    typer.Option(
        "--stitch", case_sensitive=False, help="How the pieces of a long text are joined: ids is smoothest, one by one."
    ),
]
Subtitles = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Write subtitles: .srt or .vtt; .json for each character's times; - is stdout."),
]
SubtitlesFormatName = Annotated[
    SubtitlesFormat | None,
    typer.Option(
        "--subtitles-format",
        case_sensitive=False,
        help="What they are, where the name has no suffix.",
        show_default=False,
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="List the chapters and what they would cost, and send nothing.")
]
MaxCredits = Annotated[
    int | None, typer.Option(min=0, metavar="N", help="Spend no more than about N credits (exit 5).")
]
Cache = Annotated[bool, typer.Option("--cache/--no-cache", help="Keep the audio, and reuse what is the same.")]
NoClobber = Annotated[bool, typer.Option("--no-clobber", help="Leave a file that exists alone, and pay nothing.")]
Stats = Annotated[bool, typer.Option("--stats", help="Show timings and cost on stderr.")]
StatsJson = Annotated[
    bool,
    typer.Option("--json", help="The same as JSON: on stdout, or on stderr where stdout has audio; errors on stderr."),
]
