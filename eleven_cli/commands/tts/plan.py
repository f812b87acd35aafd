"""What is to be spoken, cut into requests, and which of them make one output."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from eleven_cli.commands.input.text import chapters_of, check_source, is_from_stdin
from eleven_cli.commands.tts.known_models import limit_of
from eleven_cli.commands.tts.wish import Wish
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.files.descriptors import is_stdout
from eleven_cli.files.identity import STANDARD_OUTPUT, Place, refuse_overlap
from eleven_cli.terminal import Terminal

PIECE_CHARACTERS = 5000  # of a text that needs several requests anyhow: little is lost with one, much can be at once
_NOT_SHOWN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control and bidi characters, lone surrogates, separators of lines
_JOINERS = "\u200c\u200d"  # Persian and families of emoji need them
_MOST_TITLE_BYTES = 160  # a file's name has room for 255
_FIELD = re.compile(r"\{(\w*)(:0?\d{1,3}d?)?\}")


class Part(NamedTuple):
    """What goes into one output: its texts, one request each, and which number the first of them has."""

    title: str
    texts: tuple[str, ...]
    first: int

    @property
    def numbers(self) -> range:
        return range(self.first, self.first + len(self.texts))


def parts_for(context: Context, wish: Wish) -> list[Part] | None:
    """What is to be spoken; None when it is still being written and will be spoken meanwhile.

    Raises UsageError for what cannot be.
    """
    _check(context, wish)
    refuse_overlap(sources(context.terminal, wish), _places(context.terminal, wish))
    apart = is_template(wish.outlets.file)
    if _is_live(context, wish, whole_first=wish.cache or apart):
        return None
    return parts_of(_chapters(context, wish), limit_of(context, wish.manner.model_id), apart=apart)


def chapters_for(context: Context, wish: Wish) -> list[tuple[str, str]]:
    """The titles and texts of what would be spoken. Raises UsageError for what cannot be."""
    _check(context, wish)
    _is_live(context, wish, whole_first=True)
    return _chapters(context, wish)


def _check(context: Context, wish: Wish) -> None:
    if wish.subtitles or wish.subtitles_format:
        from eleven_cli.commands.tts import subtitle_file

        subtitle_file.check(wish.subtitles, wish.subtitles_format, wish.outlets)
    check_source(context.terminal, wish.words, wish.files)


def _chapters(context: Context, wish: Wish) -> list[tuple[str, str]]:
    if wish.subtitles and is_template(wish.outlets.file) != is_template(wish.subtitles):
        raise UsageError("each chapter has its audio and its subtitles", hint="put {chapter:02d} into both names")
    return chapters_of(context.terminal, wish.words, wish.files, wish.markdown)


def sources(terminal: Terminal, wish: Wish) -> list[tuple[str, Place]]:
    """What is read, with a name for it: see files.identity."""
    files = ["-"] if is_from_stdin(wish.words, wish.files) else wish.files
    return [("the text", terminal.stdin_number if file == "-" else file) for file in files]


def _places(terminal: Terminal, wish: Wish) -> dict[str, Place]:
    """What is written, by its option."""
    subtitles = None if wish.subtitles is None or is_stdout(wish.subtitles) else wish.subtitles
    stdout = terminal.stdout_number if wish.outlets.stdout or subtitles != wish.subtitles else None
    return {"-o": wish.outlets.file, "--subtitles": subtitles, STANDARD_OUTPUT: stdout}


def _is_live(context: Context, wish: Wish, *, whole_first: bool) -> bool:
    if wish.live and not is_from_stdin(wish.words, wish.files):
        raise UsageError("--live is for text from a pipe", hint="llm 'tell me a story' | eleven tts --live")
    if wish.live and whole_first:
        raise UsageError("--live at once with what needs the whole text first", hint="leave --live out")
    may = not whole_first and is_from_stdin(wish.words, wish.files) and not context.terminal.stdin_is_file
    return may if wish.live is None else wish.live


def parts_of(chapters: Sequence[tuple[str, str]], limit: int, *, apart: bool) -> list[Part]:
    """One part for all chapters, or `apart` one for each; no text longer than `limit` characters."""
    if not apart:
        texts = [text for _, text in chapters]
        whole = "\n\n".join(texts)
        texts = [whole] if len(whole) <= limit else texts
        return [Part("", tuple(piece for text in texts for piece in _pieces(text, limit)), 0)]
    parts: list[Part] = []
    for title, text in chapters:
        first = parts[-1].numbers.stop if parts else 0
        parts.append(Part(title, tuple(_pieces(text, limit)), first))
    return parts


def is_template(path: str | None) -> bool:
    """Whether an output's name says where the chapter's number goes."""
    return path is not None and bool(_FIELD.search(path))


def named(template: str, number: int, title: str) -> str:
    """The name for one chapter: `{chapter}` is its number, `{chapter:02d}` with zeros, `{title}` its title."""
    harmless = _harmless(title) or f"chapter {number}"
    try:
        return template.format(chapter=number, title=harmless)
    except (KeyError, IndexError, ValueError):
        hint = "for example: -o 'book/{chapter:02d}.mp3', or with {title}"
        raise UsageError(f"not a name for chapters: {template}", hint=hint) from None


def _harmless(title: str) -> str:
    """The title as a part of a file's name: no separators, no control or bidi characters."""
    shown = "".join(
        " " if char in "/\\:" or (unicodedata.category(char) in _NOT_SHOWN and char not in _JOINERS) else char
        for char in title
    )
    short = " ".join(shown.split())[:80].encode()[:_MOST_TITLE_BYTES].decode(errors="ignore")
    return short.strip(" ." + _JOINERS)


def _pieces(text: str, limit: int) -> list[str]:
    if len(text) <= limit:
        return [text]
    from eleven_cli.text.splitting import pieces

    return list(pieces(text, min(limit, PIECE_CHARACTERS)))
