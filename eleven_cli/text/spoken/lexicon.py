"""A lexicon: words, and what is said instead of them. Pure.

Whole words are replaced, in their own case; of several at one place the longest; and all in one pass, so that nothing
is replaced twice. A word ends where the next character is no letter, digit, `_` or accent of its own. Scripts that put
no blanks between words, or glue particles to them, have no such border: their words are found wherever they stand.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from eleven_cli.text.boundaries import MARKUP_TAG, OPEN_MARKUP_TAG, OPEN_TAG, TAG, TAG_LENGTH

# Thai to Burmese, Hangul, Khmer, Chinese and Japanese
_GLUED = "\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
_GLUED_RANGES = [(part[0], part[-1]) for part in re.findall(".-.", _GLUED)]
_RUN = rf"[^\W{_GLUED}]+"
_TOKEN = re.compile(rf"(?P<run>{_RUN})|\s{{1,100}}|.", re.DOTALL)  # takes 20 ms: one such pattern has to do
_LATIN = "[0-9A-Za-z_\u00d8-\u00f6\u00f8-\u024f]"
_PARAGRAPH = re.compile(r"[\r\n][^\S\r\n]*[\r\n](?<!\r\n)|\r\n[^\S\r\n]*[\r\n]")
_FEW = 20  # beginnings that one pattern looks for; with more it looks for any
_LONGEST_TAG = TAG_LENGTH + 5
_FIRST_MARK = "\u0300"
_JOINERS = "\u200c\u200d"


class Replaced(NamedTuple):
    """The characters from `start` to `end` are said instead of what was written."""

    start: int
    end: int
    written: str


class _Node:
    """A node of the trie of words: its children, and the replacement of the word that ends here."""

    __slots__ = ("following", "spoken")

    def __init__(self) -> None:
        self.following: dict[str, _Node] = {}
        self.spoken: str | None = None


class Lexicon:
    """Words, of which none is empty, and what is said instead.

    root     of the tree of their tokens
    longest  characters of a token
    """

    def __init__(self, entries: Mapping[str, str]) -> None:
        self.root, self.longest = _Node(), 0
        for written, spoken in entries.items():
            node = self.root
            for token in _tokens(written.strip()):
                if (following := node.following.get(token)) is None:
                    following = node.following[token] = _Node()
                node, self.longest = following, max(self.longest, len(token))
            node.spoken = spoken

    def beginnings(self, tag: str) -> re.Pattern[str]:
        """Finds what words may begin with; and tags, so that no word is found in them."""
        runs = [re.escape(first) for first in self.root.following if _is_letter(first[0])]
        others = [re.escape(first) for first in self.root.following if not _is_letter(first[0])]
        found = [tag]
        if len(runs) > _FEW:
            found.append(_RUN)
        elif runs:
            found.append(rf"(?<!{_LATIN})(?:{'|'.join(runs)})(?!{_LATIN})")
        if others:
            found.append(f"[{''.join(others)}]")
        return re.compile("|".join(found))


class Replacer:
    """Replaces the words of a lexicon in a text that comes in pieces; any pieces give the same.

    skips_brackets  whether what stands in square brackets is left alone: a model acts it
    replaced        what was, by its place in all that was given
    """

    def __init__(self, lexicon: Lexicon, *, skips_brackets: bool) -> None:
        self._lexicon = lexicon
        self._beginning = lexicon.beginnings(TAG if skips_brackets else MARKUP_TAG)
        self._open_tag = re.compile(OPEN_TAG if skips_brackets else OPEN_MARKUP_TAG)
        self._waiting = ""
        self._last = ""  # character that was read
        self._length = 0  # of what was given
        self.replaced: list[Replaced] = []

    def feed(self, text: str) -> str:
        """Gives the text that is certain; what may become a word of the lexicon waits."""
        return self._take(self._waiting + text, is_end=False)

    def pause(self) -> str:
        """What waits, unless it is the beginning of a word: nothing came for a while."""
        return "" if self._is_beginning(self._waiting) else self.rest()

    def rest(self) -> str:
        """What waits, since nothing more comes."""
        return self._take(self._waiting, is_end=True)

    def _take(self, text: str, *, is_end: bool) -> str:
        following, given, at = self._lexicon.root.following, list[str](), 0
        end = len(text) if is_end else self._undecided(text)
        for found in self._beginning.finditer(text, 0, end):
            if found[0] not in following or (start := found.start()) < at:
                continue
            if not _is_border(text[start - 1] if start else self._last, text[start]):
                continue
            match = self._longest_match(text, start, is_end=is_end)
            if match is None:
                end = start
                break
            stop, spoken = match
            if spoken is not None:
                given += [text[at:start], spoken]
                self._note(text[at:start], text[start:stop], spoken)
                at = stop
        end = max(end, at)
        given.append(text[at:end])
        self._length += end - at
        self._last = text[end - 1] if end else self._last
        self._waiting = text[end:]
        return "".join(given)

    def _note(self, plain: str, written: str, spoken: str) -> None:
        start = self._length + len(plain)
        self._length = start + len(spoken)
        self.replaced.append(Replaced(start, self._length, written))

    def _undecided(self, text: str) -> int:
        """The position of the undecided end: an open tag, or a word that may continue."""
        end = len(text)
        if found := self._open_tag.search(text, max(0, end - _LONGEST_TAG)):
            end = found.start()
        at = end
        while at and end - at <= self._lexicon.longest and _is_letter(text[at - 1]):
            at -= 1
        return at if end - at <= self._lexicon.longest else end

    def _longest_match(self, text: str, start: int, *, is_end: bool) -> tuple[int, str | None] | None:
        """Where the longest word from `start` ends and what is said instead, None for none; None while that is open."""
        node, at = self._lexicon.root, start
        longest: tuple[int, str | None] = (start, None)
        while node.following:
            token = _TOKEN.match(text, at)
            if not is_end and (token is None or self._may_grow(token, len(text))):
                return None
            following = node.following.get(_normal(token[0])) if token else None
            if token is None or following is None:
                break
            node, at = following, token.end()
            if node.spoken is not None and (at == len(text) or _is_border(text[at - 1], text[at])):
                longest = at, node.spoken
        return None if longest[0] == len(text) and not is_end else longest

    def _may_grow(self, token: re.Match[str], end: int) -> bool:
        is_last = token.end() == end and len(token[0]) <= self._lexicon.longest
        return is_last and token["run"] is not None

    def _is_beginning(self, text: str) -> bool:
        """Whether the text, cut off in the middle, is one of a word or tag."""
        if self._open_tag.match(text):
            return True
        node = self._lexicon.root
        tokens = _tokens(text)
        for token in tokens[:-1]:
            if (following := node.following.get(token)) is None:
                return False
            node = following
        last = tokens[-1] if tokens else ""
        if last in node.following:
            return bool(node.following[last].following)
        return bool(last) and any(token.startswith(last) for token in node.following)


def _tokens(text: str) -> list[str]:
    return [_normal(found[0]) for found in _TOKEN.finditer(text)]


def _normal(token: str) -> str:
    """The token as the tree has it: blanks are one blank, unless a paragraph ends there."""
    if not token.isspace():
        return token
    return "\n\n" if _PARAGRAPH.search(token) else " "


def _is_border(before: str, after: str) -> bool:
    """Whether a word may end and another begin between two characters; `before` is "" at the beginning."""
    if after >= _FIRST_MARK and (after in _JOINERS or unicodedata.category(after)[0] == "M"):
        return False
    return not (before and _is_letter(after) and _is_letter(before))


def _is_letter(char: str) -> bool:
    if char < _FIRST_MARK or char.isalnum():
        is_word = char.isalnum() or char == "_"
    else:
        is_word = char in _JOINERS or unicodedata.category(char)[0] == "M"
    return is_word and (char < _GLUED[0] or not any(first <= char <= last for first, last in _GLUED_RANGES))
