"""Splits a text into the segments that are synthesized one by one, without losing a character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

MAX_SEGMENT = 120
MAX_PAUSE_S = 3.0
_BREAK = re.compile(r"""<break\s+time\s*=\s*["'](\d+(?:\.\d+)?)(m?s)["']\s*/?>""")
_DIRECTION = re.compile(r"\[([^\[\]]*)\]|<break\b[^<>]*>")
_PAUSES_S = {"short pause": 0.3, "pause": 0.6, "long pause": 1.2}
_SENTENCE_END = re.compile(r"[.!?…।。！？]+[\"'”’»)\]]*\s+|\n\s*")
_CLAUSE_END = re.compile(r"[,;:—–、，]\s+")
_SPACE = re.compile(r"\s+")
_ABBREVIATION = re.compile(r"\b(?:[A-Z]|Dr|Mrs?|Ms|Prof|St|Sr|Jr|Mt|No|vs|Hr|Fr)\.\s+$")


class Markup(Enum):
    """What of a text is not read aloud: nothing, break tags, which pause, or stage directions in brackets.

    Of the directions only the pauses are acted; break tags mean nothing to models that act.
    """

    NONE = auto()
    SSML = auto()
    DIRECTIONS = auto()


@dataclass(frozen=True)
class TextSegment:
    """A segment of a text: speech, or with `pause_s` a tag.

    `ends` is false where a long sentence was cut between words, so that no pause follows.
    """

    text: str
    pause_s: float | None = None
    ends: bool = True


def split_text(text: str, markup: Markup) -> Iterator[TextSegment]:
    """Splits a text; the texts of the segments, joined, are the text."""
    done = 0
    for tag in _tags(text, markup):
        yield from _sentences(text[done : tag.start()])
        yield TextSegment(tag[0], pause_s=_pause_s(tag, markup))
        done = tag.end()
    yield from _sentences(text[done:])


def _tags(text: str, markup: Markup) -> Iterator[re.Match[str]]:
    if markup is Markup.SSML:
        return _BREAK.finditer(text)
    return _DIRECTION.finditer(text) if markup is Markup.DIRECTIONS else iter(())


def _pause_s(tag: re.Match[str], markup: Markup) -> float:
    if markup is Markup.SSML:
        return min(float(tag[1]) / (1000 if tag[2] == "ms" else 1), MAX_PAUSE_S)
    return _PAUSES_S.get((tag[1] or "").strip().lower(), 0.0)


def _sentences(text: str) -> Iterator[TextSegment]:
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if not _ABBREVIATION.search(text[start : end.end()]):
            yield from _short(text[start : end.end()])
            start = end.end()
    yield from _short(text[start:])


def _short(sentence: str) -> Iterator[TextSegment]:
    while len(sentence) > MAX_SEGMENT:
        cut, ends = _cut(sentence)
        yield TextSegment(sentence[:cut], ends=ends)
        sentence = sentence[cut:]
    if sentence:
        yield TextSegment(sentence)


def _cut(sentence: str) -> tuple[int, bool]:
    """Gives where to cut a long sentence: after a clause, else between words, else anywhere."""
    for pattern, ends in ((_CLAUSE_END, True), (_SPACE, False)):
        cuts = [found.end() for found in pattern.finditer(sentence[: MAX_SEGMENT + 1])]
        if cuts and MAX_SEGMENT // 4 < cuts[-1] <= MAX_SEGMENT:
            return cuts[-1], ends
    return MAX_SEGMENT, False
