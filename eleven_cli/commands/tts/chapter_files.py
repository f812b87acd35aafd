"""The files of a text: what each chapter's is called, and that none of them is read at the same time."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from eleven_cli.commands.input.text import is_from_stdin
from eleven_cli.commands.output.audio import OutputPlan
from eleven_cli.commands.output.existing import is_there
from eleven_cli.commands.tts.command import TTSOptions
from eleven_cli.errors import UsageError
from eleven_cli.files.descriptors import is_stdout
from eleven_cli.files.identity import STANDARD_OUTPUT, Place, refuse_overlap
from eleven_cli.terminal import Terminal

_NOT_SHOWN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control and bidi characters, lone surrogates, separators of lines
_JOINERS = "\u200c\u200d"  # Persian and families of emoji need them
_MOST_TITLE_BYTES = 160  # a file's name has room for 255


class ChapterFiles(NamedTuple):
    """exists: one of them is there already, and both are left alone"""

    output: OutputPlan
    subtitles: str | None
    exists: bool = False

    @property
    def names(self) -> list[str]:
        return [file for file in (self.output.file, self.subtitles) if file]


def refuse_own_sources(terminal: Terminal, options: TTSOptions, output: OutputPlan) -> None:
    """Raises UsageError where a file would be read and written, or written twice."""
    subtitles = None if options.subtitles is None or is_stdout(options.subtitles) else options.subtitles
    stdout = terminal.stdout_number if output.stdout or subtitles != options.subtitles else None
    writes: dict[str, Place] = {"-o": output.file, "--subtitles": subtitles, STANDARD_OUTPUT: stdout}
    refuse_overlap(_sources(terminal, options), writes)


def files_of_chapters(
    terminal: Terminal, options: TTSOptions, output: OutputPlan, titles: Sequence[str]
) -> list[ChapterFiles]:
    """The files of each chapter, whose folders are made; `output` names the template.

    With --no-clobber the chapters that exist are left alone. Raises UsageError for names that would be the same, and
    for what is read itself.
    """
    chapters = [_files_of(options, output, number, title) for number, title in enumerate(titles, 1)]
    if len({chapter.output.file for chapter in chapters}) < len(chapters):
        raise UsageError("two chapters would be written to the same file", hint="put {chapter:02d} into its name")
    for chapter in chapters:
        refuse_overlap(_sources(terminal, options), {"-o": chapter.output.file, "--subtitles": chapter.subtitles})
        for file in chapter.names:
            _make_folder(Path(file).parent)
    return chapters


def chapter_name(template: str, number: int, title: str) -> str:
    """The name for one chapter: `{chapter}` is its number, `{chapter:02d}` with zeros, `{title}` its title."""
    harmless = _harmless(title) or f"chapter {number}"
    try:
        return template.format(chapter=number, title=harmless)
    except (KeyError, IndexError, ValueError):
        hint = "for example: -o 'book/{chapter:02d}.mp3', or with {title}"
        raise UsageError(f"not a valid name for chapters: {template}", hint=hint) from None


def _sources(terminal: Terminal, options: TTSOptions) -> list[tuple[str, Place]]:
    """What is read, with a name for it: see files.identity."""
    files = ["-"] if is_from_stdin(options.text, options.file) else options.file
    return [("the text", terminal.stdin_number if file == "-" else file) for file in files]


def _files_of(options: TTSOptions, output: OutputPlan, number: int, title: str) -> ChapterFiles:
    subtitles = chapter_name(options.subtitles, number, title) if options.subtitles else None
    chapter = ChapterFiles(output._replace(file=chapter_name(str(output.file), number, title)), subtitles)
    return chapter._replace(exists=options.no_clobber and any(map(is_there, chapter.names)))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failed:
        raise UsageError(f"cannot make the folder {folder}: {failed.strerror or failed}") from failed


def _harmless(title: str) -> str:
    """The title as a part of a file's name: no separators, no control or bidi characters."""
    shown = "".join(
        " " if char in "/\\:" or (unicodedata.category(char) in _NOT_SHOWN and char not in _JOINERS) else char
        for char in title
    )
    short = " ".join(shown.split())[:80].encode()[:_MOST_TITLE_BYTES].decode(errors="ignore")
    return short.strip(" ." + _JOINERS)
