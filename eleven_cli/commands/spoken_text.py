"""The text to speak: from the arguments, a file or a pipe."""

import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from eleven_cli.errors import UsageError
from eleven_cli.terminal import Terminal
from eleven_cli.text.decoding import decoded

EXAMPLE = 'eleven tts "Hello, world"'
MARKDOWN_SUFFIXES = (".md", ".markdown")


def spoken_text(terminal: Terminal, words: Sequence[str], file: str | None, markdown: bool | None) -> str:
    """The text, Markdown cleaned when asked for or when the file is one. Raises UsageError when there is none."""
    text = _raw_text(terminal, words, file)
    if markdown or (markdown is None and file is not None and file.lower().endswith(MARKDOWN_SUFFIXES)):
        from eleven_cli.text.markdown import spoken

        text = spoken(text)
    if all(char.isspace() or unicodedata.category(char) in ("Cf", "Cc") for char in text):
        raise UsageError("the text is empty", hint=EXAMPLE)
    return text


def _raw_text(terminal: Terminal, words: Sequence[str], file: str | None) -> str:
    if words and file is not None:
        raise UsageError("text and --file at once", hint="give one of them")
    if file == "-" or list(words) == ["-"]:
        return _from_stdin(terminal)
    if file is not None:
        return decoded(_content(file), file)
    if words:
        return decoded(os.fsencode(" ".join(words)), "the text")
    if terminal.stdin_is_terminal:
        raise UsageError("no text", hint=EXAMPLE)
    return _from_stdin(terminal)


def _from_stdin(terminal: Terminal) -> str:
    if terminal.stdin_is_terminal:
        raise UsageError("no text: standard input is a terminal", hint=f"{EXAMPLE}, or: eleven tts < FILE")
    return decoded(terminal.read(), "stdin")


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as failed:
        raise UsageError(f"cannot read {file}: {failed.strerror}") from failed
