"""Transcribes one or several recordings; one that fails does not stop the others."""

import re
from collections.abc import Sequence
from pathlib import PurePath, PurePosixPath
from shlex import quote
from typing import NamedTuple
from urllib.parse import urlsplit

import typer

from eleven_cli.api.stt.transcription import TranscriptionRequest
from eleven_cli.commands.lookup.completion import STT_MODELS
from eleven_cli.commands.lookup.models import explaining_models
from eleven_cli.commands.output.existing import is_there, keeps_existing
from eleven_cli.commands.output.text_format import SUFFIXES, TextFormat, TextTarget, text_target
from eleven_cli.commands.stt.recorded import transcribe_recording
from eleven_cli.context import Context
from eleven_cli.errors import AuthError, ElevenError, OutputClosed, UsageError
from eleven_cli.files.identity import identity, refuse_overlap
from eleven_cli.files.sinks import check_place

_FIELD = re.compile(r"\{(stem|name|folder)\}")


class Recording(NamedTuple):
    """A file, stdin, or the audio at a URL. name: the one shown when there are several, "" for the only one."""

    file: str | None
    url: str | None
    target: TextTarget
    name: str = ""


def recordings_of(
    files: Sequence[str], url: str | None, output: str | None, word: TextFormat | None
) -> list[Recording]:
    """What `FILE… --url url -o output --format word` mean.

    In `output`, {stem} is the recording's name without its suffix, {name} with it, {folder} where it is. Raises
    UsageError where two transcripts would get one name, and for what makes no sense one after the other on stdout.
    """
    names: list[str | None] = [*files] or [None]
    several = len(names) > 1
    if several and url is not None:
        raise UsageError("give either --url or files, not both")
    example = "{stem}" if several else "speech"
    recordings = [
        Recording(
            file,
            url,
            text_target(_named(output, file, url), word, example=example),
            (file or "") if several else "",
        )
        for file in names
    ]
    if several:
        _refuse_as_one(recordings)
        _refuse_doubles(recordings)
    return recordings


def transcribe_all(
    context: Context,
    request: TranscriptionRequest,
    recordings: Sequence[Recording],
    input_format: str | None,
    *,
    no_clobber: bool,
) -> None:
    """Transcribe one after the other. Of several, a failure is said with the name, and the first one's exit code is
    that of all; the only one's is raised, as is what would stop the others, too."""
    if len(recordings) > 1:
        _check_places(recordings, no_clobber=no_clobber)
    first_code = done = 0
    try:
        for recording in recordings:
            try:
                _transcribe(context, request, recording, input_format, no_clobber=no_clobber)
            except ElevenError as failed:
                if not recording.name or isinstance(failed, AuthError | OutputClosed):
                    raise
                context.terminal.error(_with_name(failed, recording.name))
                first_code = first_code or failed.exit_code
            done += 1
    except KeyboardInterrupt as stopped:
        if len(recordings) > 1:
            going_on = "; to go on: the same with --skip-existing" if recordings[0].target.file else ""
            stopped.add_note(f"{done} of {len(recordings)} recordings {'is' if done == 1 else 'are'} done{going_on}")
        raise
    if first_code:
        raise typer.Exit(first_code)


def _transcribe(
    context: Context, request: TranscriptionRequest, recording: Recording, input_format: str | None, *, no_clobber: bool
) -> None:
    if keeps_existing(context.terminal, recording.target.file, no_clobber=no_clobber):
        return
    with explaining_models(context, "eleven stt", request.model_id, STT_MODELS):
        transcribe_recording(
            context,
            request,
            recording.target,
            file=recording.file,
            url=recording.url,
            input_format=input_format,
            name=recording.name,
            no_clobber=no_clobber,
        )


def _named(output: str | None, file: str | None, url: str | None) -> str | None:
    if output is None:
        return None
    address = PurePosixPath(urlsplit(url).path) if url else None
    recording = PurePath("stdin") if file in (None, "-") else PurePath(str(file))
    named = address or recording
    folder = "." if address else str(recording.parent)
    fields = {"stem": named.stem or "audio", "name": named.name or "audio", "folder": folder}
    return _FIELD.sub(lambda found: fields[found[1]], output)


def _refuse_as_one(recordings: Sequence[Recording]) -> None:
    """Refuses formats that cannot be written one after the other to stdout, such as subtitles."""
    shown = recordings[0].target
    if shown.file is None and shown.format not in (TextFormat.TEXT, TextFormat.JSONL):
        if shown.format is TextFormat.JSON:
            raise UsageError("several recordings cannot be one JSON value", hint="one on each line: --format jsonl")
        hint = f"one file for each: -o '{{stem}}{SUFFIXES[shown.format]}'"
        raise UsageError(f"several recordings cannot be one {shown.format} on standard output", hint=hint)
    if sum(recording.file == "-" for recording in recordings) > 1:
        raise UsageError("standard input can be read only once", hint="name - once")


def _refuse_doubles(recordings: Sequence[Recording]) -> None:
    taken: dict[object, Recording] = {}
    for recording in recordings:
        key = identity(recording.target.file)
        other = recording if key is None else taken.setdefault(key, recording)
        if other is not recording:
            said = f"{other.name} and {recording.name} would both be written to {recording.target.file}"
            raise UsageError(said, hint=_hint(other, recording))
        refuse_overlap([(f"the recording {one.name}", one.name) for one in recordings], {"-o": recording.target.file})


def _hint(one: Recording, other: Recording) -> str:
    """Suggests an -o that gives two recordings different names."""
    suffix = SUFFIXES[one.target.format]
    first, second = PurePath(one.name), PurePath(other.name)
    if first.stem != second.stem:
        field = "{stem}"
    elif first.name != second.name:
        field = "{name}"
    elif first.parent != second.parent:
        field = "{folder}/{stem}"
    else:
        return f"name {quote(other.name)} once"
    return f"a name for each: -o '{field}{suffix}'"


def _check_places(recordings: Sequence[Recording], *, no_clobber: bool) -> None:
    """Raises UsageError before anything is paid for where one of them could not be written."""
    for recording in recordings:
        if recording.target.file is not None and not (no_clobber and is_there(recording.target.file)):
            check_place(recording.target.file, example="{stem}" + SUFFIXES[recording.target.format])


def _with_name(failed: ElevenError, name: str) -> ElevenError:
    if name not in failed.message:
        failed.message = f"{name}: {failed.message}"
    return failed
