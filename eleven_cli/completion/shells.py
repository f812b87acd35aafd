"""How each shell is told: all that is offered is data, and stays one word when it is inserted.

bash and PowerShell insert what they get as it is, so that it is quoted here; zsh and fish quote it themselves.
"""

import re
from collections.abc import Iterable

from eleven_cli.commands.lookup.completion import Offered
from eleven_cli.completion.line import Typed

_PLAIN_IN_BASH = re.compile(r"([^\w./%+,-])")
_SPECIAL_IN_DOUBLE = re.compile(r'([\\"$`])')
_PLAIN_IN_POWERSHELL = re.compile(r"[\w.][\w./=-]*|--?[\w=-]+")
_QUOTES_OF_POWERSHELL = re.compile("(['‘’‚‛])")


def offerable(words: Iterable[str]) -> list[str]:
    """Those that can stand on a line: nothing in them moves the cursor or ends the line."""
    return [word for word in dict.fromkeys(words) if word.isprintable()]


def for_bash(words: Iterable[str], line: Typed) -> list[str]:
    """The words as bash may insert them after the part of the word that it keeps."""
    kept = line.word[: line.kept]
    quoted = (_quoted_for_bash(word, kept, line.quote) for word in words)
    return [word for word in quoted if word]


def _quoted_for_bash(word: str, kept: str, quote: str) -> str:
    otherwise = word.otherwise if isinstance(word, Offered) else ""
    if word[: len(kept)].casefold() != kept.casefold():
        return ""
    rest = word[len(kept) :]
    if _cannot_be_quoted(rest, quote):
        return _quoted_for_bash(otherwise, kept, quote) if otherwise else ""
    if quote:
        return rest if quote == "'" else _SPECIAL_IN_DOUBLE.sub(r"\\\1", rest)
    return _PLAIN_IN_BASH.sub(r"\\\1", rest)


def _cannot_be_quoted(word: str, quote: str) -> bool:
    """Readline does not close a quote after one, and ! means the history even in double quotes."""
    return (quote == "'" and "'" in word) or (quote == '"' and ("!" in word or word.endswith('"')))


def for_powershell(words: Iterable[str]) -> list[str]:
    """The words, in single quotes where they need any."""
    return [
        word if _PLAIN_IN_POWERSHELL.fullmatch(word) else "'" + _QUOTES_OF_POWERSHELL.sub(r"\1\1", word) + "'"
        for word in words
    ]
