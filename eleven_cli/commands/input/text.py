"""The text to speak: from the arguments, files or a pipe."""

import os
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from eleven_cli.errors import UsageError
from eleven_cli.terminal import Terminal

if TYPE_CHECKING:
    from eleven_cli.text.documents import Document

EXAMPLE = 'eleven tts "Hello, world"'


def is_from_stdin(words: Sequence[str], files: Sequence[str]) -> bool:
    """Whether the whole text comes from stdin."""
    return list(files) == ["-"] or list(words) == ["-"] or not (words or files)


def chapters_of(
    terminal: Terminal, words: Sequence[str], files: Sequence[str], markdown: bool | None
) -> list[tuple[str, str]]:
    """Read titles and texts, file by file; Markdown is cleaned if `markdown`, or by the suffix of the file.

    Raises UsageError if there is no text.
    """
    check_source(terminal, words, files)
    told = [(title, text) for title, text in _chapters(terminal, words, files, markdown) if not is_silent(text)]
    if not told:
        raise UsageError("the text is empty", hint=EXAMPLE)
    return told


def check_source(
    terminal: Terminal,
    words: Sequence[str],
    files: Sequence[str],
    *,
    command: str = "eleven tts",
    example: str = EXAMPLE,
) -> None:
    """Raise UsageError for two sources of text, or for none: stdin would wait for a person."""
    if words and files:
        raise UsageError("give either a text or --file, not both")
    if list(files).count("-") > 1:
        raise UsageError("stdin can be read only once", hint="give -f - once")
    refuse_names_of_files(terminal, words, command)
    if not words and not files and terminal.stdin_is_terminal:  # with - the text is typed there
        raise UsageError("no text", hint=f"{example}, or type it: {command} -")


def refuse_names_of_files(terminal: Terminal, words: Sequence[str], command: str) -> None:
    """Raise UsageError if the text is the name of a file; only warn if it may as well be a word."""
    if not words or not all(map(_is_file, words)):
        return
    hint = f"{command} {_options(words)}"
    if not all("." in word or os.sep in word for word in words):
        terminal.warn(f"{' '.join(words)!r} is taken as text; to read the file of that name: {hint}")
        return
    kept = "a file" if len(words) == 1 else "names of files"
    raise UsageError(f"the text is the name of {kept}: {' '.join(words)}", hint=hint)


def is_silent(text: str) -> bool:
    """Whether it holds nothing that can be spoken."""
    return all(char.isspace() or unicodedata.category(char) in ("Cf", "Cc") for char in text)


def text_of_words(words: Sequence[str]) -> str:
    """Join the arguments to a text. Raises UsageError if it is no text."""
    text = " ".join(words)
    if text.isascii() and text.isprintable():
        return text
    from eleven_cli.text.decoding import decoded
    from eleven_cli.text.escapes import without_escapes

    return without_escapes(decoded(os.fsencode(text), "the text"))


def read_document(terminal: Terminal, file: str) -> "Document":
    """Read a file, or stdin for "-". Raises UsageError."""
    from eleven_cli.text.documents import document

    if file == "-":
        read = document("", terminal.read())
    else:
        try:
            with Path(file).open("rb") as content:
                read = document(file, content if content.seekable() else content.read())
        except OSError as failed:
            raise UsageError(f"cannot read {file}: {failed.strerror or failed}") from failed
    for note in read.notes:
        terminal.warn(f"{'stdin' if file == '-' else file}: {note}")
    return read


def _chapters(
    terminal: Terminal, words: Sequence[str], files: Sequence[str], markdown: bool | None
) -> Iterator[tuple[str, str]]:
    if not is_from_stdin(words, files) and not files:
        text = text_of_words(words)
        yield "", _cleaned(text) if markdown else text
        return
    for file in files or ["-"]:
        read = read_document(terminal, file)
        wanted = _is_markdown(file) if markdown is None else markdown
        for title, text in ((chapter.title, chapter.text) for chapter in read.chapters):
            yield title, _cleaned(text) if wanted and read.is_text else text


def _cleaned(markdown: str) -> str:
    from eleven_cli.text.markdown import spoken

    return spoken(markdown)


def _is_markdown(file: str) -> bool:
    from eleven_cli.text.documents import MARKDOWN_SUFFIXES

    return file.lower().endswith(MARKDOWN_SUFFIXES)


def _is_file(word: str) -> bool:
    try:
        return os.path.isfile(word)
    except ValueError:
        return False


def _options(files: Sequence[str]) -> str:
    return " ".join(f"-f {quote(file)}" for file in files)
