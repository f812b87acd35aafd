"""What is said of a text by the alias rules of dictionaries, and when each of its own characters is heard."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from .dictionary import Rule

Alias = tuple[str, str, bool, bool]
"""The string, what is said instead, whether case counts, and whether it must be a word."""
Replaced = list[tuple[int, int]]
"""Places in the text as it was written, each with its place in the text as it is said."""


def aliases_of(rules: Iterable[Rule]) -> tuple[Alias, ...]:
    """Gives the rules that say another text, in their order: the first that fits counts.

    The synthesizer cannot speak the sounds of IPA, so that the words of phoneme rules are read as they are written.
    """
    return tuple(
        (rule["string_to_replace"], rule["alias"], rule["case_sensitive"], rule["word_boundaries"])
        for rule in rules
        if rule["type"] == "alias"
    )


def said(text: str, aliases: tuple[Alias, ...]) -> tuple[str, Replaced]:
    """Gives what is said of a text, and which places of both belong together."""
    parts, places, at, length = list[str](), [(0, 0)], 0, 0
    for found in _pattern(aliases).finditer(text):
        alias = aliases[(found.lastindex or 1) - 1][1]
        for part, end in ((text[at : found.start()], found.start()), (alias, found.end())):
            parts.append(part)
            length += len(part)
            places.append((end, length))
        at = found.end()
    parts.append(text[at:])
    return "".join(parts), [*places, (len(text), length + len(text) - at)]


def as_written(times: Sequence[float], places: Replaced) -> list[float]:
    """Gives the times of the characters of the text as it was written, from those of the text as it is said."""
    written = [times[0]]
    for (start, said_start), (end, said_end) in pairwise(places):
        if end - start == said_end - said_start:
            written += times[said_start + 1 : said_end + 1]
        else:
            step = (times[said_end] - times[said_start]) / max(end - start, 1)
            written += [times[said_start] + step * count for count in range(1, end - start + 1)]
    return written


@lru_cache(maxsize=8)
def _pattern(aliases: tuple[Alias, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_one(string, case, words) for string, _, case, words in aliases) or r"(?!)")


def _one(string: str, case: bool, words: bool) -> str:
    sought = re.escape(string)
    if words:
        sought = rf"(?<!\w){sought}(?!\w)"
    return f"({sought})" if case else f"((?i:{sought}))"
