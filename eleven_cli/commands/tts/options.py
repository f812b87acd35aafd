"""The options of `eleven tts`, as types: their names, ranges and help."""

from enum import StrEnum
from typing import Annotated

import typer

from eleven_cli.commands.lookup.completion import complete_language, complete_model, complete_voice

EXAMPLES = """eleven tts "Hello, world"
eleven tts -f book.epub -o 'book/{chapter:02d}.mp3'
llm "Tell me a story" | eleven tts --voice Imogen
eleven help pipes; eleven help books"""
GROUPS = {
    "Text": ("file", "markdown", "live", "language", "normalize"),
    "Output": ("output", "format", "play", "subtitles", "subtitles_format", "no_clobber"),
    "Voice": ("voice", "model", "stability", "similarity", "style", "speed", "speaker_boost", "seed"),
    "Long texts": ("stitch",),
    "Cost and reports": ("dry_run", "max_credits", "cache", "stats", "json"),
}


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
    typer.Option("--file", "-f", metavar="FILE", help="Read the text from this file; repeatable.", show_default=False),
]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write there; the suffix decides the format; - is stdout."),
]
Play = Annotated[
    bool | None,
    typer.Option("--play/--no-play", help="Play it, too. Default: on a terminal without -o.", show_default=False),
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
    typer.Option(
        "--model", "-m", metavar="ID", help="The model; eleven models lists them.", autocompletion=complete_model
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
Language = Annotated[
    str | None,
    typer.Option(metavar="CODE", help="The language of the text, such as de.", autocompletion=complete_language),
]
NormalizeMode = Annotated[
    Normalize | None, typer.Option(case_sensitive=False, help="Spell out numbers and dates.", show_default=False)
]
Markdown = Annotated[
    bool | None,
    typer.Option(
        "--markdown/--no-markdown", help="Remove the markup first. Default: for .md files.", show_default=False
    ),
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
    SubtitlesFormat | None,
    typer.Option(
        "--subtitles-format",
        case_sensitive=False,
        help="Their format, where the name does not tell.",
        show_default=False,
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="List the chapters and what they would cost, and send nothing.")
]
MaxCredits = Annotated[int | None, typer.Option(min=0, metavar="N", help="Spend at most about N credits (exit 5).")]
Cache = Annotated[bool, typer.Option("--cache/--no-cache", help="Keep the audio, and never pay for the same twice.")]
NoClobber = Annotated[bool, typer.Option("--no-clobber", help="Do not replace an existing file, and pay nothing.")]
Stats = Annotated[bool, typer.Option("--stats", help="Show timings and cost on stderr.")]
StatsJson = Annotated[
    bool,
    typer.Option("--json", help="The same as JSON on stdout (on stderr where stdout has audio)."),
]
