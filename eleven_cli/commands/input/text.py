"""The text to speak: from the arguments, files or a pipe."""

import os
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import join, quote
from typing import TYPE_CHECKING

from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.parsing.command_line import END_OF_OPTIONS
from eleven_cli.terminal import Terminal

if TYPE_CHECKING:
    from eleven_cli.text.documents import Document

EXAMPLE = 'eleven tts "Hello, world"'
_PATHS = ("/", "./", "../", "~/")


def is_from_stdin(words: Sequence[str], files: Sequence[str]) -> bool:
    """Whether the whole text comes from stdin."""
    return list(files) == ["-"] or list(words) == ["-"] or not (words or files)


def chapters_of(
    terminal: Terminal, words: Sequence[str], files: Sequence[str], markdown: bool | None
) -> list[tuple[str, str]]:
    """Read titles and texts, file by file; Markdown is cleaned if `markdown`, or by the suffix of the file.

    Raises UsageError if there is no text.
    """
    audible = [(title, text) for title, text in _chapters(terminal, words, files, markdown) if not is_silent(text)]
    if not audible:
        raise UsageError("the text is empty", hint=EXAMPLE)
    return audible


def check_source(
    context: Context,
    words: Sequence[str],
    files: Sequence[str],
    *,
    command: str = "eleven tts",
    example: str = EXAMPLE,
) -> None:
    """Raise UsageError for two sources of text, for none (stdin would wait for a person), and as `refuse_names`."""
    if words and files:
        of_a_pattern = command == "eleven tts" and all(map(_is_file, words))  # -f *.txt, of which only one was taken
        hint = " ".join([command, *(f"-f {quote(file)}" for file in (*files, *words))]) if of_a_pattern else ""
        raise UsageError("give either a text or --file, not both", hint=hint)
    if list(files).count("-") > 1:
        raise UsageError("stdin can be read only once", hint="give -f - once")
    refuse_names(context, words, command)
    if not words and not files and context.terminal.stdin_is_terminal:  # with - the text is typed there
        raise UsageError("no text", hint=f"{example}, or type it: {command} -")


def refuse_names(context: Context, words: Sequence[str], command: str) -> None:
    """Raise UsageError if the text is the name of a file or a URL, unless it stands after --.

    Only warn of a file whose name may as well be a word.
    """
    if not words or END_OF_OPTIONS in context.words:
        return
    text = " ".join(words)
    from_files = " ".join([command, *(f"-f {quote(word)}" for word in words)])
    as_text = f"to take it as text: {command} {END_OF_OPTIONS} {join(words)}"
    missing = [word for word in words if not _is_file(word)]
    if _is_url(text):
        raise UsageError(f"the text is a URL: {text}", hint=f"curl -sSL {quote(text)} | {command}; {as_text}")
    if all(map(_names_a_document, missing)) and missing:
        said = f"the text looks like a file name, but there is no such file: {' '.join(missing)}"
        raise UsageError(said, hint=f"to read a file: {from_files}; {as_text}")
    if missing:
        return
    if not all("." in word or os.sep in word for word in words):
        context.terminal.warn(f"{text!r} is taken as text; to read the file of that name: {from_files}")
        return
    named = "the name of a file" if len(words) == 1 else "a list of file names"
    raise UsageError(f"the text is {named}: {text}", hint=f"{from_files}; {as_text}")


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


def read_document(terminal: Terminal, file: str, *, most_bytes: int | None = None) -> "Document":
    """Read a file, or stdin for "-", which must end before `most_bytes`. Raises UsageError."""
    from eleven_cli.files.reading import MOST_BYTES, rest_of
    from eleven_cli.text.documents import document

    if file == "-":
        most_bytes = most_bytes or MOST_BYTES
        data = terminal.read(most_bytes)
        if len(data) == most_bytes:
            raise UsageError(f"stdin has {most_bytes:,} bytes or more", hint="give a short text")
        read = document("", data)
    else:
        try:
            with Path(file).open("rb") as content:
                read = document(file, content if Path(file).is_file() else rest_of(content, file))
        except OSError as failed:
            hint = f"download it first: curl -sSLO {quote(file)}" if _is_url(file) else ""
            raise UsageError(f"cannot read {file}: {failed.strerror or failed}", hint=hint) from failed
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


def _is_url(text: str) -> bool:
    scheme, colon, rest = text.strip().partition("://")
    return bool(colon and rest) and scheme.isascii() and scheme.isalnum() and not any(map(str.isspace, rest))


def _names_a_document(word: str) -> bool:
    """Whether it can hardly be anything else: "chapter1.txt", "./my notes.md", but not "read notes.md"."""
    suffix = word.rpartition(".")[2]
    if not suffix.isalnum() or suffix == word or (" " in word and not word.startswith(_PATHS)):
        return False
    from eleven_cli.text.documents import is_document_name

    return is_document_name(word)
