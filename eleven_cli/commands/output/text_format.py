"""Resolves -o, --format and --json to the format and place of a text result."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import PurePath
from typing import NamedTuple

from eleven_cli.audio.codecs.sniff import SOUND_SUFFIXES
from eleven_cli.errors import UsageError
from eleven_cli.files.descriptors import is_stdout
from eleven_cli.files.sinks import refuse_folder


class TextFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    SRT = "srt"
    VTT = "vtt"
    DOCX = "docx"
    PDF = "pdf"
    HTML = "html"


SUBTITLES = (TextFormat.SRT, TextFormat.VTT)
DOCUMENTS = (TextFormat.DOCX, TextFormat.PDF, TextFormat.HTML)  # made by the service


class TextTarget(NamedTuple):
    """Where a transcript goes, and its format. file: None for stdout."""

    file: str | None
    format: TextFormat


SUFFIXES = {
    TextFormat.TEXT: ".txt",
    TextFormat.JSON: ".json",
    TextFormat.JSONL: ".jsonl",
    TextFormat.SRT: ".srt",
    TextFormat.VTT: ".vtt",
    TextFormat.DOCX: ".docx",
    TextFormat.PDF: ".pdf",
    TextFormat.HTML: ".html",
}


def chosen_text_format(
    word: TextFormat | None, output: str | None, *, as_json: bool, in_lines: bool
) -> TextFormat | None:
    """Resolve `--format word --json`. in_lines: whether there are several values, one on each line."""
    if not as_json:
        return word
    if word not in (None, TextFormat.JSON, TextFormat.JSONL):
        raise UsageError(f"give either --json or --format {word}, not both")
    suffix = PurePath(output or "").suffix.lower()
    implied = next((format for format in (TextFormat.JSON, TextFormat.JSONL) if suffix == SUFFIXES[format]), None)
    if not (word or implied) and suffix in SUFFIXES.values():
        raise UsageError(f"--json contradicts -o {output}", hint="omit --json, or name it .json")
    return word or implied or (TextFormat.JSONL if in_lines else TextFormat.JSON)


def text_target(
    output: str | None,
    word: TextFormat | None,
    formats: Sequence[TextFormat] = tuple(TextFormat),
    *,
    example: str = "speech",
) -> TextTarget:
    """Resolve `-o output --format word` to one of these formats; the first is the default.

    example   the name of a file without its suffix, where `output` is a folder
    """
    file = None if output is None or is_stdout(output) else output
    refuse_folder(file, example=example + SUFFIXES[word or formats[0]])
    suffix = PurePath(file or "").suffix.lower()
    implied = next((format for format in formats if suffix == SUFFIXES[format]), None)
    if implied and word and implied is not word:
        hint = f"omit --format, or name it {SUFFIXES[word]}"
        raise UsageError(f"--format {word} contradicts -o {output}", hint=hint)
    if suffix in SOUND_SUFFIXES:
        text = word or formats[0]
        raise UsageError(f"{output} is named like audio, but the result is text", hint=f"name it {SUFFIXES[text]}")
    if suffix and not (implied or word):
        known = " ".join(SUFFIXES[format] for format in formats)
        raise UsageError(f"cannot tell the format of {output}", hint=f"name it {known}, or add --format")
    return TextTarget(file, word or implied or formats[0])
