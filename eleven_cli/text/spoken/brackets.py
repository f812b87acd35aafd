"""What one pair of square brackets is: a direction to act, words to read, or a mark that should not be heard. Pure."""

import re
from enum import Enum, auto
from typing import NamedTuple

from eleven_cli.text.boundaries import AUDIO_TAG_LENGTH, FIRST_WITHOUT_BLANKS
from eleven_cli.text.spoken.audio_tags import is_audio_tag

_NESTED = rf"\[[^\[\]\r\n]{{0,{AUDIO_TAG_LENGTH}}}"
_INNER = rf"(?:[^\[\]\r\n]|{_NESTED}\]){{0,{AUDIO_TAG_LENGTH + 1}}}"
_TARGET = r"\((?:(?=[^()\s]{0,2000}[:/.#])[^()\s]{0,2000}(?: \"[^\"\r\n]{0,200}\")?)?\)"
_PAIR = re.compile(rf"\[({_INNER})\]")
_OPEN_PAIR = re.compile(rf"\[{_INNER}(?:{_NESTED})?\Z")
_LINK, _LABEL = re.compile(_TARGET), re.compile(r"\[\d{0,4}\]")
_OPEN_LINK = re.compile(r"(?:\([^()\s]{0,2000}(?: (?:\"[^\"\r\n]{0,200}\"?)?)?\)?|\[\d{0,4}|:)?\Z")

_NUMBERS = r"(?!\d{4}-\d\d?-\d)\d{1,4}[a-z]?(?:\s*[,;–—-]\s*\d{1,4}[a-z]?)*"
_NAMES = r"[A-Z][\w'’-]+(?:(?:\s*(?:,|&|and|und|et|y)\s*|\s+)[A-Z][\w'’-]+){0,4}"
_MARK = re.compile(
    rf"[xX*+-]|\.{{2,}}|sic|citation needed|-?@.*|\^.*|{_NUMBERS}"
    rf"|(?:pp?|note|notes|nb|fn|n|ref|refs|fig|eq|ch|vol)\.?\s*{_NUMBERS}"
    r"|[A-Z][A-Za-z+]{1,5}\d{2,5}[a-z]?|(?:RFC|ISO|DIN|IEEE)[ -]?\d+"  # [Knu84]
    rf"|(?:{_NAMES})(?:\s+et\s+al\.?)?,?\s+(?:1[5-9]|20)\d\d[a-z]?(?:[,;:].*)?"  # [Smith et al., 2019]
)
_YEAR = re.compile(r"\d{4}")
_ADDRESS = re.compile(r"\w+://|www\.|\S+@\S+\.\w")
_LONGEST_INSERTION = 3  # letters: [T]he, colo[u]r, walk[ing]


class Meaning(Enum):
    KNOWN = auto()  # an audio tag
    UNKNOWN = auto()  # words that may be one
    WORDS = auto()  # words that are none, whatever the model makes of brackets
    MARK = auto()  # a citation, the number of a note, a box to tick: nothing to hear


class Bracket(NamedTuple):
    """words: what stands in it, without brackets of its own; end: where it ends, with what belongs to it."""

    meaning: Meaning
    words: str
    end: int


def bracket(text: str, start: int, before: str) -> Bracket | None:
    """The pair of brackets, on one line and not too long, that begins at `start`, after the character `before`."""
    found = _PAIR.match(text, start)
    if found is None:
        return None
    words, end = _without_brackets(found[1]), found.end()
    meaning = _meaning(words, before, text[end : end + 1])
    if found[1].startswith("[") and words:
        return Bracket(Meaning.WORDS, words.rpartition("|")[2], end)  # [[a page|of a wiki]]
    if meaning is not Meaning.KNOWN and (link := _LINK.match(text, end)):
        is_mark = meaning is Meaning.MARK and not _YEAR.fullmatch(words)
        return Bracket(meaning if is_mark else Meaning.WORDS, words, link.end())
    if meaning is Meaning.UNKNOWN and _LABEL.match(text, end):
        return Bracket(Meaning.WORDS, words, end)
    is_definition = words.startswith("^") and text[end : end + 1] == ":"
    return Bracket(meaning, words, end + is_definition)


def may_go_on(text: str, start: int) -> bool:
    """Whether it takes more than this text to know the bracket that begins at `start`, and what follows it."""
    found = _PAIR.match(text, start)
    return bool(_OPEN_LINK.match(text, found.end()) if found else _OPEN_PAIR.match(text, start))


def is_unfinished(text: str, start: int) -> bool:
    """Whether the bracket that begins at `start`, or the link after it, is cut off in the middle."""
    found = _PAIR.match(text, start)
    return may_go_on(text, start) if found is None else text[found.end() :].startswith("(") and may_go_on(text, start)


def _without_brackets(inner: str) -> str:
    """The text of a bracket, each inner bracket replaced by what is read of it."""
    at, words = 0, ""
    while (start := inner.find("[", at)) >= 0:
        nested = bracket(inner, start, inner[start - 1 : start])
        words += inner[at:start]
        at = start + 1
        if nested is not None:
            words, at = words + (nested.words if nested.meaning in (Meaning.WORDS, Meaning.UNKNOWN) else ""), nested.end
    return " ".join((words + inner[at:]).split())


def _meaning(words: str, before: str, after: str) -> Meaning:
    """Of words in brackets between two characters, which are "" at an end."""
    if _MARK.fullmatch(words) or not any(map(str.isalnum, words)):
        return Meaning.MARK
    if is_audio_tag(words):
        return Meaning.KNOWN
    is_glued = bool(before) and not before.isspace()
    if len(words) == 1 and words.islower() and words.isascii() and is_glued and not after.isalpha():
        return Meaning.MARK  # a note, as in Wikipedia
    if not any(map(str.isalpha, words)) or _ADDRESS.match(words) or _is_insertion(words, before, after):
        return Meaning.WORDS
    return Meaning.UNKNOWN


def _is_insertion(words: str, before: str, after: str) -> bool:
    """Whether somebody has put a few letters into a word."""
    if not words.isalpha() or words >= FIRST_WITHOUT_BLANKS:
        return False
    return len(words) == 1 or (len(words) <= _LONGEST_INSERTION and (before.isalpha() or after.isalpha()))
