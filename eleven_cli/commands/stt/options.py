"""The options of `eleven stt`, as types: their names, ranges and help."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import typer

from eleven_cli.commands.name_completion import complete_language, complete_stt_model


class Commit(StrEnum):
    VAD = "vad"
    MANUAL = "manual"


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    SRT = "srt"
    VTT = "vtt"


class Aligned(StrEnum):
    """What an alignment can be written as."""

    JSON = "json"
    SRT = "srt"
    VTT = "vtt"


class Timestamps(StrEnum):
    NONE = "none"
    WORD = "word"
    CHARACTER = "character"


class Place(NamedTuple):
    """Where a transcript goes, and as what. file: None for stdout."""

    file: str | None
    format: Format


Live = Annotated[bool, typer.Option("--live", help="Write down what is being said: microphone, pipe, or file.")]
Output = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write there, such as '{stem}.srt': .txt .json .jsonl .srt .vtt."
    ),
]
FormatName = Annotated[
    Format | None,
    typer.Option("--format", case_sensitive=False, help="What to write. Default: by the suffix of -o, else text."),
]
NoClobber = Annotated[
    bool,
    typer.Option("--no-clobber", "--skip-existing", help="Leave files that exist alone, and pay nothing for them."),
]
Diarize = Annotated[bool, typer.Option("--diarize", help="Tell who speaks: Speaker 1, Speaker 2 …")]
Speakers = Annotated[
    int | None, typer.Option("--speakers", min=1, max=32, metavar="N", help="How many at most; means --diarize.")
]
Channels = Annotated[bool, typer.Option("--channels", help="Each channel is a speaker, with a text of its own.")]
Language = Annotated[
    str | None,
    typer.Option(
        "--language", metavar="CODE", help="Such as en or eng. Default: found out.", autocompletion=complete_language
    ),
]
Keyterms = Annotated[
    list[str] | None, typer.Option("--keyterm", metavar="WORDS", help="A name or term to listen for; repeatable.")
]
NoAudioEvents = Annotated[bool, typer.Option("--no-audio-events", help="Leave out (laughter) and the like.")]
Times = Annotated[
    Timestamps | None, typer.Option("--timestamps", case_sensitive=False, help="The times in the JSON. Default: word.")
]
Url = Annotated[str | None, typer.Option("--url", metavar="URL", help="What is to be had there, such as a podcast.")]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        metavar="ID",
        help="Default: scribe_v2, live scribe_v2_realtime.",
        autocompletion=complete_stt_model,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="As --format json; jsonl if live, or for several files.")]
Mic = Annotated[str | None, typer.Option("--mic", metavar="NAME", help="Live: the microphone, by number or name.")]
CommitBy = Annotated[
    Commit | None,
    typer.Option(
        "--commit", case_sensitive=False, help="Live: a line ends after silence (vad), or with Enter (manual)."
    ),
]
Silence = Annotated[
    float | None, typer.Option("--silence", min=0.3, max=3, metavar="S", help="Live: how long a silence ends a line.")
]
VadThreshold = Annotated[
    float | None, typer.Option("--vad-threshold", min=0.1, max=0.9, metavar="X", help="Live: what counts as speech.")
]
MinSpeech = Annotated[
    int | None, typer.Option("--min-speech-ms", min=50, max=2000, metavar="MS", help="Live: the shortest speech.")
]
MinSilence = Annotated[
    int | None, typer.Option("--min-silence-ms", min=50, max=2000, metavar="MS", help="Live: the shortest silence.")
]
