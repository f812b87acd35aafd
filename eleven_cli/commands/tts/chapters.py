"""The chapters of a text: how each is spoken, and into which files it goes."""

import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from eleven_cli.api.tts.models import is_expressive
from eleven_cli.commands.input.text import is_from_stdin, is_silent
from eleven_cli.commands.output import OutputPlan
from eleven_cli.commands.tts.request import TTSOptions
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.terminal import Terminal
from eleven_cli.terminal.messages import counted

if TYPE_CHECKING:
    from eleven_cli.files.identity import Place
    from eleven_cli.text.spoken.form import Said, SpokenRules

HOW_TO_REPLACE = "eleven tts \"We follow WCAG.\" --replace 'WCAG=W C A G'"
_NOT_SHOWN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control and bidi characters, lone surrogates, separators of lines
_JOINERS = "\u200c\u200d"  # Persian and families of emoji need them
_MOST_TITLE_BYTES = 160  # a file's name has room for 255


def spoken_rules(context: Context, options: TTSOptions, model: str | None) -> "SpokenRules":
    """How the texts of this run are spoken. Raises UsageError for a lexicon that cannot be read."""
    from eleven_cli.text.spoken.form import SpokenRules

    return SpokenRules(acts=is_expressive(model), tags=options.tags, words=_words(context, options))


def spoken_chapters(
    rules: "SpokenRules", chapters: Sequence[tuple[str, str]], *, remembers: bool, gap: str | None
) -> "tuple[list[tuple[str, str]], list[Said]]":
    """The same titles, and what is said of each text; and which words each output says in another way.

    remembers   whether these words are wanted
    gap         stands between the chapters of the one output; None where each has its own

    Raises UsageError where nothing is left to say.
    """
    from eleven_cli.text.spoken.form import joined

    left, said = list[tuple[str, str]](), list["Said"]()
    for title, text in chapters:
        form = rules.form().remember() if remembers else rules.form()
        spoken = form.whole(text)
        if not is_silent(spoken):
            left.append((title, spoken))
            said += filter(None, [form.said])
    if not left:
        raise UsageError("nothing is left to say: the text is only tags", hint="--tags keep leaves them as they are")
    return left, said if gap is None or not said else [joined(said, gap)]


def refuse_own_sources(terminal: Terminal, options: TTSOptions, output: OutputPlan) -> None:
    """Raises UsageError where a file would be read and written, or written twice."""
    from eleven_cli.files.descriptors import is_stdout
    from eleven_cli.files.identity import STANDARD_OUTPUT, refuse_overlap

    subtitles = None if options.subtitles is None or is_stdout(options.subtitles) else options.subtitles
    stdout = terminal.stdout_number if output.stdout or subtitles != options.subtitles else None
    writes: dict[str, Place] = {"-o": output.file, "--subtitles": subtitles, STANDARD_OUTPUT: stdout}
    refuse_overlap(_sources(terminal, options), writes)


class ChapterFiles(NamedTuple):
    """Where a chapter goes. exists: it is there already and is left alone."""

    output: OutputPlan
    subtitles: str | None
    exists: bool


def chapter_files(
    terminal: Terminal, options: TTSOptions, output: OutputPlan, titles: Sequence[str]
) -> list[ChapterFiles]:
    """Makes the names of the files of each chapter from the template, and their folders.

    With --no-clobber the chapters that exist are left alone: where one of the two files is there, both are. Raises
    UsageError for names that would be the same, and for what is read itself.
    """
    from eleven_cli.files.identity import refuse_overlap

    chapters = [_files(options, output, number, title) for number, title in enumerate(titles, 1)]
    if len({chapter.output.file for chapter in chapters}) < len(chapters):
        raise UsageError("two chapters would be written to the same file", hint="put {chapter:02d} into its name")
    for chapter in chapters:
        refuse_overlap(_sources(terminal, options), {"-o": chapter.output.file, "--subtitles": chapter.subtitles})
        for file in filter(None, (chapter.output.file, chapter.subtitles)):
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


def _words(context: Context, options: TTSOptions) -> dict[str, str]:
    """Every word with another wording: of the settings, of the file, and of the options, which count most."""
    words = context.config.lexicon
    if options.lexicon is not None:
        words |= _file(context, options.lexicon)
    return words | dict(map(_replacement, options.replace))


def _file(context: Context, path: str) -> dict[str, str]:
    from eleven_cli.files.reading import content_of
    from eleven_cli.text.spoken.lexicon_file import lexicon_file

    found = lexicon_file(path, content_of(path))
    if found.phonemes:
        left_out = f"{path}: {counted(found.phonemes, 'rule')} without an alias left out"
        context.terminal.warn(f"{left_out}: their sounds are for a dictionary of the account")
    return found.entries


def _replacement(given: str) -> tuple[str, str]:
    from eleven_cli.text.decoding import decoded
    from eleven_cli.text.spoken.lexicon_file import entry

    try:
        return entry(decoded(os.fsencode(given), "--replace"))
    except ValueError as wrong:
        raise UsageError(f'--replace takes WORD=SPOKEN, not "{given}": {wrong}', hint=HOW_TO_REPLACE) from None


def _sources(terminal: Terminal, options: TTSOptions) -> "list[tuple[str, Place]]":
    """What is read, with a name for it: see files.identity."""
    files = ["-"] if is_from_stdin(options.text, options.file) else options.file
    return [("the text", terminal.stdin_number if file == "-" else file) for file in files]


def _files(options: TTSOptions, output: OutputPlan, number: int, title: str) -> ChapterFiles:
    from eleven_cli.commands.output.existing import is_there

    file = chapter_name(str(output.file), number, title)
    subtitles = chapter_name(options.subtitles, number, title) if options.subtitles else None
    exists = options.no_clobber and any(map(is_there, filter(None, (file, subtitles))))
    return ChapterFiles(output._replace(file=file), subtitles, exists)


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
