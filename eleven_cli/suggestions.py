"""Finds the known words that an unknown word resembles, for "Did you mean …?"."""

from collections.abc import Iterable

MOST_NAMED = 3
LEAST_LIKENESS = 0.6
LIKENESS_OF_A_PART = 0.9
AS_LIKELY = 0.08


def near(word: str, known: Iterable[str]) -> list[str]:
    """The known words that this one resembles, or is the beginning or a part of; the likeliest first."""
    from difflib import SequenceMatcher

    sought = word.strip().casefold()
    found: dict[str, float] = {}
    for other in known:
        folded = other.casefold()
        likeness = SequenceMatcher(None, folded, sought).ratio()
        holds = folded.startswith(sought) if len(sought) == 2 else len(sought) > 2 and sought in folded
        if holds or likeness >= LEAST_LIKENESS:
            found[other] = max(likeness, LIKENESS_OF_A_PART if holds else 0)
    likeliest = max(found.values(), default=0)
    ordered = sorted(found, key=lambda other: -found[other])
    return [other for other in ordered if found[other] > likeliest - AS_LIKELY][:MOST_NAMED]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question to put behind a sentence, or "" where nothing is near: " Did you mean --voice or --verbose?"."""
    return question(near(word, known))


def question(found: list[str]) -> str:
    """The same for words that are found already."""
    return f". Did you mean {either(found)}?" if found else ""


def either(words: list[str], last: str = "or") -> str:
    """Words in a row: "a, b or c"."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
