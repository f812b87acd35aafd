"""Forced alignment: finds when the words of a given text are spoken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from ..hearing.transcription import Word
from .words import spread_characters

LOSS, GUESSED_LOSS = 0.05, 2.5
_WORD = re.compile(r"\S+")
_PLAIN = re.compile(r"\W+")
TimeSpan = tuple[float, float]


def align_words(text: str, recognized: Sequence[Word], duration_s: float) -> dict[str, Any]:
    """Gives the response body: recognized words with their times, the others spread over the speech between them."""
    found = [match.group() for match in _WORD.finditer(text)]
    spans = _known(found, recognized)
    filled = _filled(found, spans, recognized, duration_s)
    losses = [GUESSED_LOSS if span is None else LOSS for span in spans]
    words = [
        {"text": word, "start": round(start, 3), "end": round(end, 3), "loss": loss}
        for word, (start, end), loss in zip(found, filled, losses, strict=True)
    ]
    loss = sum(losses) / len(losses)
    return {"characters": _characters(text, filled), "words": words, "loss": round(loss, 4)}


def _known(found: Sequence[str], recognized: Sequence[Word]) -> list[TimeSpan | None]:
    spans: list[TimeSpan | None] = [None] * len(found)
    known = [word for word in recognized if word.known]
    blocks = SequenceMatcher(None, list(map(_plain, found)), [_plain(word.text) for word in known], autojunk=False)
    for block in blocks.get_matching_blocks():
        for step in range(block.size):
            word = known[block.b + step]
            spans[block.a + step] = word.start_s, word.end_s
    return spans


def _filled(
    found: Sequence[str], spans: Sequence[TimeSpan | None], recognized: Sequence[Word], duration_s: float
) -> list[TimeSpan]:
    """Adds times for the words without any."""
    filled: list[TimeSpan] = []
    at = 0
    while at < len(found):
        span = spans[at]
        if span is not None:
            filled.append(span)
            at += 1
            continue
        until = next((later for later in range(at, len(found)) if spans[later] is not None), len(found))
        following = spans[until] if until < len(found) else None
        start = filled[-1][1] if filled else (recognized[0].start_s if recognized else 0.0)
        end = following[0] if following else (recognized[-1].end_s if recognized else duration_s)
        filled += _evenly(found[at:until], start, max(end, start))
        at = until
    return filled


def _evenly(words: Sequence[str], start_s: float, end_s: float) -> list[TimeSpan]:
    """Divides a time among words and the spaces between them, by their characters."""
    step = (end_s - start_s) / (sum(map(len, words)) + len(words) - 1)
    spans, at = [], start_s
    for word in words:
        spans.append((at, at + step * len(word)))
        at += step * (len(word) + 1)
    return spans


def _characters(text: str, spans: Sequence[TimeSpan]) -> list[dict[str, Any]]:
    """Gives every character of the text; those between two words lie between their times."""
    places = [match.span() for match in _WORD.finditer(text)]
    characters = list(spread_characters(text[: places[0][0]], spans[0][0], spans[0][0]))
    ends = [*((start, times[0]) for (start, _), times in zip(places[1:], spans[1:], strict=True)), None]
    for (first, last), (start_s, end_s), following in zip(places, spans, ends, strict=True):
        characters += spread_characters(text[first:last], start_s, end_s)
        until, until_s = following or (len(text), end_s)
        characters += spread_characters(text[last:until], end_s, until_s)
    return characters


def _plain(word: str) -> str:
    return _PLAIN.sub("", word.casefold()) or word
