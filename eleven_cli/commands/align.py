"""`eleven align`: when each word of a known text is said."""

from collections.abc import Iterator
from enum import StrEnum
from functools import partial
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from eleven_cli.commands.options import NoClobber
from eleven_cli.commands.output.text_format import TextFormat, text_target
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.files.identity import STANDARD_OUTPUT, refuse_overlap

if TYPE_CHECKING:
    from eleven_cli.api.stt.alignment import ForcedAlignment
    from eleven_cli.commands.output.text import TextOutput


class AlignmentFormat(StrEnum):
    JSON = "json"
    SRT = "srt"
    VTT = "vtt"


EXAMPLES = """eleven align note.mp3 "What is said in it" -o note.srt
eleven align chapter.mp3 -f chapter.txt -o words.json"""
EXAMPLE = 'eleven align recording.mp3 "What is said in it" -o subtitles.srt'
AudioFile = Annotated[str, typer.Argument(metavar="FILE", help="The recording; - is stdin.")]
Text = Annotated[
    list[str] | None,
    typer.Argument(metavar="[TEXT]...", help="What is said in it; - or a pipe is stdin.", show_default=False),
]
TextFile = Annotated[str | None, typer.Option("--file", "-f", metavar="FILE", help="Read the text from a file.")]
Output = Annotated[
    str | None, typer.Option("--output", "-o", metavar="FILE", help="Write there: .json .srt .vtt; - is stdout.")
]
FormatName = Annotated[
    AlignmentFormat | None,
    typer.Option("--format", case_sensitive=False, help="What to write. Default: by the suffix of -o, else json."),
]


def align(
    ctx: typer.Context,
    file: AudioFile,
    text: Text = None,
    text_file: TextFile = None,
    output: Output = None,
    format: FormatName = None,
    no_clobber: NoClobber = False,
) -> None:
    """Time each word of a text in its recording.

    The times go to stdout or to -o FILE, as JSON or as subtitles. A warning tells of a text that is not what is said.
    """
    from eleven_cli.api.stt import alignment as api
    from eleven_cli.commands.input.audio import audio_input
    from eleven_cli.commands.output.existing import keeps_existing
    from eleven_cli.commands.output.paid import write_paid
    from eleven_cli.commands.output.progress import waiting
    from eleven_cli.commands.output.text import TextOutput

    context: Context = ctx.obj
    terminal = context.terminal
    formats = [TextFormat(each.value) for each in AlignmentFormat]
    goes = text_target(output, TextFormat(format.value) if format else None, formats)
    if keeps_existing(terminal, goes.file, no_clobber=no_clobber):
        return
    said = _text(context, file, text or [], text_file, goes.file)
    with (
        audio_input(
            terminal, file, most_bytes=api.MOST_BYTES, takes_raw=False, output=goes.file, example=EXAMPLE
        ) as audio,
        TextOutput(terminal, goes.file, no_clobber=no_clobber) as written,
    ):
        client = context.client
        with waiting(terminal) as sent:
            found = api.align(client, audio.whole(), said, sent=sent)
        write_paid(written, goes.format, partial(_write, found))
    if doubt := api.misfit(found.answer):
        terminal.warn(doubt)


def _write(found: "ForcedAlignment", written: "TextOutput", format: TextFormat) -> None:
    if format is TextFormat.JSON:
        written.json(found.answer)
    else:
        written.lines(_lines(found, format))


def _text(context: Context, audio: str, words: list[str], file: str | None, output: str | None) -> str:
    """What is said, from the arguments or a file. Raises UsageError."""
    from eleven_cli.commands.input.text import is_silent, read_document, refuse_names, text_of_words

    terminal = context.terminal
    if words and file is not None:
        raise UsageError("give either a text or --file, not both")
    nothing = not words and file is None
    from_stdin = file == "-" or words == ["-"] or (nothing and audio != "-")
    if from_stdin and audio == "-":
        raise UsageError("the recording and the text cannot both come from standard input", hint=EXAMPLE)
    if (nothing and not from_stdin) or (from_stdin and terminal.stdin_is_terminal):
        raise UsageError("no text to align", hint=EXAMPLE)
    source = terminal.stdin_number if from_stdin else file
    refuse_overlap([("the text", source)], {"-o": output} if output else {STANDARD_OUTPUT: terminal.stdout_number})
    refuse_names(context, words, f"eleven align {quote(audio)}")
    if from_stdin or file:
        chapters = read_document(terminal, "-" if from_stdin or not file else file).chapters
        text = "\n\n".join(chapter.text for chapter in chapters)
    else:
        text = text_of_words(words)
    if is_silent(text):
        raise UsageError("the text is empty", hint=EXAMPLE)
    return text


def _lines(found: "ForcedAlignment", format: TextFormat) -> Iterator[str]:
    from eleven_cli.text.subtitles import ESCAPED_TAGS, TimedText, cues, srt, vtt

    shape = srt if format is TextFormat.SRT else vtt
    letters = (TimedText(text.translate(ESCAPED_TAGS), *times) for text, *times in found.characters)
    for piece in shape(cues(letters)):
        yield from piece.removesuffix("\n").split("\n")
