"""Finds the known words that an unknown word resembles, for "Did you mean …?"."""

import re
from collections.abc import Iterable, Iterator

MOST_NAMED = 3
MOST_SLIPS = 3
LETTERS_PER_SLIP = 3  # "--seed" may be a slip for "--sed", but not "--profile" one for "--file"
SHORTEST_PART = 2  # letters


def near(word: str, known: Iterable[str]) -> list[str]:
    """The known words that this one is a slip for, or the beginning or a part of; the likeliest first.

    A slip is a letter too many, too few, another one, or two in the wrong order: one for every three letters.
    """
    sought = _folded(word)
    found = {other: likeness for other in known if (likeness := _likeness(sought, _folded(other))) is not None}
    likeliest = min(found.values(), default=None)
    return [other for other, likeness in found.items() if likeness == likeliest][:MOST_NAMED]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question to put behind a sentence, or "" where nothing is near: " Did you mean --voice or --verbose?"."""
    return question(near(word, known))


def question(found: list[str]) -> str:
    """The same for words that are found already."""
    return f". Did you mean {either(found)}?" if found else ""


def either(words: list[str], last: str = "or") -> str:
    """Words in a row: "a, b or c"."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _folded(word: str) -> str:
    """Without case, dashes and other signs: "--voice-id" is "voice id", and so is "Voice_ID"."""
    return " ".join(re.findall(r"[^\W_]+", word.casefold()))


def _likeness(sought: str, known: str) -> tuple[int, int] | None:
    """The slips, then how much of the known word it is: 0 all, 1 the beginning, 2 a part. None for too many slips."""
    if len(sought) >= SHORTEST_PART and known.startswith(sought):
        return 0, int(known != sought)
    most = min(len(sought) // LETTERS_PER_SLIP, MOST_SLIPS)
    forms = [(known, 0), *((part, 2) for part in _parts(known, sought))]
    found = [(slips, rank) for form, rank in forms if (slips := _slips(sought, form, most)) <= most]
    if known and sought.startswith(f"{known} "):  # --voice-id
        found.append((MOST_SLIPS + 1, 0))
    return min(found, default=None)


def _parts(known: str, sought: str) -> Iterator[str]:
    """As many words of the known one as are sought, from each of its words on; the last may be unfinished."""
    words, count = known.split(), sought.count(" ") + 1
    for at in range(len(words)):
        rest = " ".join(words[at:])
        yield sought if len(sought) >= SHORTEST_PART and rest.startswith(sought) else " ".join(words[at : at + count])


def _slips(one: str, other: str, most: int) -> int:
    """The letters to add, remove, exchange or swap between two words; more than `most` if there are more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before, row = list[int](), list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        older, before, row = before, row, [at]
        for there, its in enumerate(other, 1):
            cost = min(before[there] + 1, row[-1] + 1, before[there - 1] + (letter != its))
            if at > 1 and there > 1 and (letter, one[at - 2]) == (other[there - 2], its):
                cost = min(cost, older[there - 2] + 1)
            row.append(cost)
    return row[-1]
