"""Transcribes a recording and writes the transcript."""

import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from shlex import quote

from eleven_cli.api.http.bodies import FilePart
from eleven_cli.api.stt.transcription import LEAST_S, MOST_BYTES, Transcription, TranscriptionRequest, transcribe
from eleven_cli.commands.input.audio import audio_input
from eleven_cli.commands.output.paid import write_paid
from eleven_cli.commands.output.progress import waiting
from eleven_cli.commands.output.text import TextOutput
from eleven_cli.commands.output.text_format import DOCUMENTS, TextFormat, TextTarget
from eleven_cli.commands.stt.rendering import entity_lines, paragraphs, subtitles, turns_of
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.terminal import Terminal
from eleven_cli.text.subtitles import srt, vtt

EXAMPLE = "eleven stt recording.mp3, or speak: eleven stt --live --mic default"
Material = tuple[FilePart | str, list[tuple[str, str]]]


def transcribe_recording(
    context: Context,
    request: TranscriptionRequest,
    target: TextTarget,
    *,
    file: str | None,
    url: str | None,
    input_format: str | None,
    name: str = "",
    no_clobber: bool,
) -> None:
    """Transcribes FILE, stdin or the audio at `url`; with `name`, as one of several."""
    terminal = context.terminal
    with (
        _material(terminal, file, url, input_format, target.file) as (audio, more_fields),
        TextOutput(terminal, target.file, no_clobber=no_clobber) as written,
    ):
        client, started = context.client, time.monotonic()
        with waiting(terminal) as sent:
            result = transcribe(client, request, audio, more_fields, sent=sent)
        write_paid(written, target.format, lambda place, format: _write(result, request, format, place, name))
    of_what = target.file or name
    terminal.remark(" · ".join(filter(None, [of_what, _facts(result, time.monotonic() - started)])))


def _write(
    result: Transcription, request: TranscriptionRequest, format: TextFormat, written: TextOutput, name: str
) -> None:
    """Writes the transcript; of several on stdout, with the name before each line."""
    if format in DOCUMENTS:
        written.document(result.document(format))
        return
    if format is TextFormat.JSON:
        written.json(result.answer)
        return
    if format is TextFormat.JSONL:
        written.json_line({"file": name, **result.answer} if name else result.answer)
        written.finish()
        return
    prefix = f"{name}:" if name and written.is_stdout else ""
    written.lines(f"{prefix}{line}" for line in _lines(result, format, diarized=request.diarize))


@contextmanager
def _material(
    terminal: Terminal, file: str | None, url: str | None, input_format: str | None, output: str | None
) -> Iterator[Material]:
    if url is not None:
        _check_url(url, file, input_format)
        yield url, []
        return
    if file is not None and not os.path.exists(file) and _is_address(file):
        raise UsageError(f"{file} is a URL, not a file", hint=f"eleven stt --url {quote(file)}")
    with audio_input(
        terminal, file, input_format=input_format, most_bytes=MOST_BYTES, output=output, example=EXAMPLE
    ) as audio:
        if audio.seconds is not None and audio.seconds < LEAST_S:
            raise UsageError(f"{audio.name} is too short: the service needs {LEAST_S} s of sound", hint=EXAMPLE)
        yield audio.whole(), audio.file_format


def _check_url(url: str, file: str | None, input_format: str | None) -> None:
    if file is not None or input_format is not None:
        raise UsageError(f"give either --url or {'a file' if file else '--input-format'}, not both")
    if not _is_address(url):
        raise UsageError(f"not a URL: {url}", hint="--url https://example.com/podcast.mp3")


def _is_address(text: str) -> bool:
    scheme, _, rest = text.partition("://")
    return scheme.lower() in ("http", "https") and bool(rest) and text.isprintable() and " " not in text


def _lines(result: Transcription, format: TextFormat, *, diarized: bool) -> Iterator[str]:
    if format is TextFormat.TEXT:
        yield from paragraphs(turns_of(result, diarized=diarized))
        yield from entity_lines(entity for transcript in result.transcripts for entity in transcript.entities)
        return
    shape = srt if format is TextFormat.SRT else vtt
    for piece in shape(subtitles(result, diarized=diarized)):
        yield from piece.removesuffix("\n").split("\n")


def _facts(result: Transcription, took_s: float) -> str:
    sound = "" if math.isnan(result.seconds) else f"{result.seconds:.1f} s of sound"
    transcript = f"transcript {result.id}" if result.id else ""
    return " · ".join(filter(None, [result.language, sound, f"{took_s:.1f} s", transcript]))
