"""Command lines that are ready to be pasted: a hint shows the line that was meant."""

import re
from collections.abc import Iterable, Mapping

from eleven_cli.parsing.command_line import END_OF_OPTIONS, Line, Role, Word

_LIKE_WORDS = r"-[^\W\d_]+([\s,;:!?'’…].*)?"  # not compiled: every run would pay for what only errors need
_LIKE_A_KEY = r"\bsk_\w|[0-9a-f]{32}"
MOST_SHOWN = 300


def taken_for_options(line: Line) -> list[Word]:
    """Words that were read as a short option with its value, or as none, and may have been meant as text: "-face"."""
    return [
        word
        for word in line.words
        if word.role is Role.UNKNOWN
        or (
            word.role is Role.OPTION
            and word.is_short
            and word.attached
            and re.fullmatch(_LIKE_WORDS, word.text, re.DOTALL)
        )
    ]


def as_text(line: Line, meant: Iterable[Word]) -> str:
    """The whole line, ready to be pasted, with these words taken for text, too; "" where it cannot be shown."""
    wanted = list(meant)
    texts = [word for word in line.words if word.role is Role.ARGUMENT or word in wanted]
    others = [word.text for word in line.words if word not in texts and word.role is not Role.END]
    return shown([*others, END_OF_OPTIONS, *(word.text for word in texts)])


def with_words(line: Line, changes: Mapping[Word, Iterable[str]]) -> str:
    """The whole line, ready to be pasted, with other words instead of some; "" where it cannot be shown."""
    return shown([text for word in line.words for text in changes.get(word, (word.text,))])


def with_option(words: Iterable[str], option: str, value: object, command: str) -> list[str]:
    """The words with another value of a long option; one that is not there is put after the name of the command."""
    kept, given = list(words), [option, str(value)]
    for at, word in enumerate(kept):
        if word == option:
            return [*kept[:at], *given, *kept[at + 2 :]]
        if word.startswith(f"{option}="):
            return [*kept[:at], *given, *kept[at + 1 :]]
    at = kept.index(command) + 1 if command in kept else len(kept)
    return [*kept[:at], *given, *kept[at:]]


def shown(words: Iterable[str], most: int = MOST_SHOWN) -> str:
    """A line as a shell takes it; "" where that would be more than so many characters, or might show a key."""
    from shlex import join

    line = join(["eleven", *words])
    return line if len(line) <= most and line.isprintable() and not might_show_a_key(line) else ""


def might_show_a_key(text: str) -> bool:
    return bool(re.search(_LIKE_A_KEY, text, re.IGNORECASE))
