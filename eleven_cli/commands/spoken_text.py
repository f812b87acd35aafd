"""The text to speak: from the arguments, a file or a pipe."""

import os
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from eleven_cli.errors import UsageError
from eleven_cli.terminal import Terminal
from eleven_cli.text.decoding import decoded

EXAMPLE = 'eleven tts "Hello, world"'
MARKDOWN_SUFFIXES = (".md", ".markdown")
BOOK_SUFFIXES = (".epub", *MARKDOWN_SUFFIXES)


def is_from_stdin(words: Sequence[str], file: str | None) -> bool:
    """Whether the text is to be read there."""
    return file == "-" or list(words) == ["-"] or (not words and file is None)


def chapters_of(
    terminal: Terminal, words: Sequence[str], file: str | None, markdown: bool | None
) -> list[tuple[str, str]]:
    """Titles and texts, one or more; Markdown cleaned when asked for or when the file is one.

    Raises UsageError when there is no text.
    """
    check_source(terminal, words, file)
    clean = cleaner(markdown, file)
    chapters = [(title, clean(text)) for title, text in _raw_chapters(terminal, words, file)]
    told = [(title, text) for title, text in chapters if not is_silent(text)]
    if not told:
        raise UsageError("the text is empty", hint=EXAMPLE)
    return told


def cleaner(markdown: bool | None, file: str | None) -> Callable[[str], str]:
    """What takes Markdown's marks away, where there are any to take."""
    if markdown or (markdown is None and file is not None and file.lower().endswith(MARKDOWN_SUFFIXES)):
        from eleven_cli.text.markdown import spoken

        return spoken
    return lambda text: text


def check_source(terminal: Terminal, words: Sequence[str], file: str | None) -> None:
    """Raises UsageError for a text in two places, or in none: a person would wait in vain."""
    if words and file is not None:
        raise UsageError("text and --file at once", hint="give one of them")
    if not is_from_stdin(words, file) or not terminal.stdin_is_terminal:
        return
    if words or file is not None:
        raise UsageError("no text: standard input is a terminal", hint=f"{EXAMPLE}, or: eleven tts < FILE")
    raise UsageError("no text", hint=EXAMPLE)


def is_silent(text: str) -> bool:
    """Whether there is nothing in it that can be spoken."""
    return all(char.isspace() or unicodedata.category(char) in ("Cf", "Cc") for char in text)


def _raw_chapters(terminal: Terminal, words: Sequence[str], file: str | None) -> list[tuple[str, str]]:
    if is_from_stdin(words, file):
        return [("", decoded(terminal.read(), "stdin"))]
    if file is None:
        return [("", decoded(os.fsencode(" ".join(words)), "the text"))]
    content = _content(file)
    if not file.lower().endswith(BOOK_SUFFIXES):
        return [("", decoded(content, file))]
    from eleven_cli.text.books import chapters

    return [(chapter.title, chapter.text) for chapter in chapters(file, content)]


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as failed:
        raise UsageError(f"cannot read {file}: {failed.strerror}") from failed
