"""The text to speak: from the arguments, a file or a pipe."""

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
    if not text.strip():
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
        return _whole(" ".join(words))
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


def _whole(text: str) -> str:
    """Arguments that were no UTF-8 arrive with surrogates in them."""
    broken = next((char for char in text if "\ud800" <= char <= "\udfff"), None)
    if broken:
        raise UsageError(f"the text is not UTF-8: it holds the byte 0x{ord(broken) & 0xFF:02x}")
    return text
