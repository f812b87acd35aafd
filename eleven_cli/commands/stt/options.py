"""The options of `eleven stt`, as types: their names, ranges and help."""

from enum import StrEnum
from typing import Annotated

import typer

from eleven_cli.commands import completed_by
from eleven_cli.commands.output.text_format import TextFormat

EXAMPLES = """eleven stt note.mp3 -o note.srt
eleven stt *.mp3 -o '{stem}.txt' --skip-existing
eleven stt --live
eleven help listening"""
GROUPS = {
    "Input": ("url", "input_format", "language", "keyterm", "no_verbatim", "model"),
    "Output": ("output", "format", "json", "timestamps", "entities", "redact", "no_clobber"),
    "Recordings": ("diarize", "speakers", "roles", "channels", "no_audio_events"),
    "Live": ("live", "mic", "once", "timeout", "commit", "silence", "vad_threshold", "min_speech_ms", "min_silence_ms"),
}


class Commit(StrEnum):
    VAD = "vad"
    MANUAL = "manual"


class Timestamps(StrEnum):
    NONE = "none"
    WORD = "word"
    CHARACTER = "character"


Live = Annotated[bool, typer.Option("--live", help="Transcribe the microphone, a pipe or a file in real time.")]
Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write there, such as '{stem}.srt': .txt .json .srt .vtt .docx .pdf .html …",
    ),
]
FormatName = Annotated[
    TextFormat | None,
    typer.Option("--format", case_sensitive=False, help="What to write. Default: by the suffix of -o, else text."),
]
NoClobber = Annotated[
    bool,
    typer.Option("--no-clobber", "--skip-existing", help="Do not replace existing files, and pay nothing for them."),
]
Diarize = Annotated[bool, typer.Option("--diarize", help="Tell the speakers apart: Speaker 1, Speaker 2 …")]
Speakers = Annotated[
    int | None,
    typer.Option("--speakers", min=1, max=32, metavar="N", help="At most this many speakers; implies --diarize."),
]
Channels = Annotated[bool, typer.Option("--channels", help="Each channel is a speaker with a transcript of its own.")]
Languages = Annotated[
    list[str] | None,
    typer.Option(
        "--language",
        metavar="CODE",
        help="Such as en or eng; several: repeat it, with -m scribe_v3. Default: detected.",
        autocompletion=completed_by("complete_language"),
    ),
]
Keyterms = Annotated[
    list[str] | None, typer.Option("--keyterm", metavar="WORDS", help="A name or term to listen for; repeatable.")
]
Roles = Annotated[
    bool, typer.Option("--roles", help="Name the speakers Agent and Customer; implies --diarize. Costs 10 % more.")
]
Redact = Annotated[
    list[str] | None,
    typer.Option(
        "--redact",
        metavar="KIND",
        help="Replace all, pii, phi, pci …, or types such as credit_card. Costs 30 % more to find, 30 % to replace.",
        autocompletion=completed_by("complete_entity"),
    ),
]
Entities = Annotated[
    bool, typer.Option("--entities", help="List the names, numbers and the like in it. Costs 30 % more.")
]
NoVerbatim = Annotated[
    bool, typer.Option("--no-verbatim", help="Omit filler words and false starts (scribe_v2, and live).")
]
NoAudioEvents = Annotated[bool, typer.Option("--no-audio-events", help="Omit audio events such as (laughter).")]
Times = Annotated[
    Timestamps | None, typer.Option("--timestamps", case_sensitive=False, help="The times in the JSON. Default: word.")
]
Url = Annotated[str | None, typer.Option("--url", metavar="URL", help="Transcribe the audio at this URL.")]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        metavar="ID",
        help="Default: scribe_v2, live scribe_v2_realtime.",
        autocompletion=completed_by("complete_stt_model"),
    ),
]
Json = Annotated[bool, typer.Option("--json", help="As --format json; jsonl if live, or for several files.")]
Mic = Annotated[
    str | None, typer.Option("--mic", metavar="NAME", help="The microphone, by its number or a part of its name.")
]
Once = Annotated[bool, typer.Option("--once", help="Transcribe one utterance, then exit; 1 if nothing was said.")]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", min=0.1, max=86400, metavar="S", help="With --once: how long to wait for speech."),
]
CommitBy = Annotated[
    Commit | None,
    typer.Option("--commit", case_sensitive=False, help="What ends a line: silence (vad), or Enter (manual)."),
]
Silence = Annotated[
    float | None, typer.Option("--silence", min=0.3, max=3, metavar="S", help="How long a silence ends a line.")
]
VadThreshold = Annotated[
    float | None, typer.Option("--vad-threshold", min=0.1, max=0.9, metavar="X", help="What counts as speech.")
]
MinSpeech = Annotated[
    int | None, typer.Option("--min-speech-ms", min=50, max=2000, metavar="MS", help="Ignore speech shorter than this.")
]
MinSilence = Annotated[
    int | None,
    typer.Option("--min-silence-ms", min=50, max=2000, metavar="MS", help="Ignore silence shorter than this."),
]
