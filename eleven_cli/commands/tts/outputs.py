"""Where each part of a text goes."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from eleven_cli.commands.output.audio import Outlets
from eleven_cli.commands.output.existing_files import is_there
from eleven_cli.commands.tts.plan import Part, is_template, named
from eleven_cli.commands.tts.wish import Wish
from eleven_cli.errors import UsageError
from eleven_cli.files.identity import Place, refuse_overlap


class Output(NamedTuple):
    """One output's audio, and the file for its subtitles or None.

    pieces   of how many it is made, None when nobody knows
    there    whether it exists already and is to be left alone
    title    of the chapter, where it is one
    """

    outlets: Outlets
    subtitles: str | None
    pieces: int | None
    there: bool = False
    title: str = ""


def outputs_for(wish: Wish, parts: Sequence[Part] | None, reads: Sequence[tuple[str, Place]] = ()) -> list[Output]:
    """One output for everything, or one for each part where the file's name says so; folders are made for these.

    With --no-clobber the chapters that exist are left alone. Raises UsageError for names that would be the same, and
    for what is read itself.
    """
    if parts is None or not is_template(wish.outlets.file):
        return [Output(wish.outlets, wish.subtitles, None if parts is None else sum(len(part.texts) for part in parts))]
    outputs = [_numbered(wish, number, part) for number, part in enumerate(parts, 1)]
    files = [str(output.outlets.file) for output in outputs]
    if len(set(files)) < len(files):
        raise UsageError("two chapters would have the same file", hint="put {chapter:02d} into its name")
    if wish.no_clobber:
        outputs = [output._replace(there=any(map(is_there, _files(output)))) for output in outputs]
    for output in outputs:
        refuse_overlap(reads, {"-o": output.outlets.file, "--subtitles": output.subtitles})
        for file in _files(output):
            _make_folder(Path(file).parent)
    return outputs


def _files(output: Output) -> list[str]:
    return [file for file in (output.outlets.file, output.subtitles) if file]


def _numbered(wish: Wish, number: int, part: Part) -> Output:
    outlets = replace(wish.outlets, file=named(str(wish.outlets.file), number, part.title))
    subtitles = named(wish.subtitles, number, part.title) if wish.subtitles else None
    return Output(outlets, subtitles, len(part.texts), title=part.title)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failed:
        raise UsageError(f"cannot make the folder {folder}: {failed.strerror or failed}") from failed
