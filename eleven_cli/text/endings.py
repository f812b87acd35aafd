"""Where a sentence, a clause, a paragraph or a word ends. Pure.

The difficulty is the full stop, which also ends abbreviations, initials and ordinal numbers.
"""

import re
from collections.abc import Iterator
from enum import Enum
from itertools import islice

_CLOSING = "\"'”’»)]}›」』）】〉》*_~`"
_OPENING = "\"'“‘«„»‹¿¡([{*_~`—–-"
STOPS = ".!?…؟۔।॥։።"  # want a blank after them
_WIDE_STOPS = "。！？｡"  # want none
BREAK = r"\n\v\f\r\x85\u2028\u2029"
BLANK = rf"[^\S{BREAK}]"
_CLOSERS = rf"[{re.escape(_CLOSING)}]*+"
STOPS_OR_BREAKS = rf"{STOPS}{_WIDE_STOPS}{BREAK}"
STOP = rf"(?<![{STOPS}])[{STOPS}]++{_CLOSERS}"
WIDE_STOP = rf"[{_WIDE_STOPS}][{STOPS}{_WIDE_STOPS}]*+{_CLOSERS}"


class Ending(Enum):
    """What a full stop, or another such mark, is."""

    SURE = "the end"
    LIKELY = "the end, unless a small letter follows"
    DOUBTFUL = "part of an abbreviation or a number, and the end too unless a small letter follows"
    NUMBERING = "part of an abbreviation when a digit follows, otherwise the end"
    NONE = "part of an abbreviation or a number"


def _words(ending: Ending, words: str) -> dict[str, Ending]:
    return dict.fromkeys(words.split(), ending)


# In small letters, without the last stop: English, German, French, Spanish, Italian, Portuguese, Dutch.
_ABBREVIATIONS = {
    **_words(Ending.NONE, "mr mrs ms mx dr prof st mt gen col maj sgt capt lt cmdr adm rev hon sen rep gov pres"),
    **_words(Ending.NONE, "messrs fr hr frl dipl dott sig avv mme mmes mlle mgr dhr mevr drs sr sra srta ud uds"),
    **_words(Ending.NONE, "vs v cf ca c approx esp viz resp incl inkl exkl ggf evtl vgl bzw sog bspw zzgl bijv"),
    **_words(Ending.DOUBTFUL, "etc inc ltd co corp bros llc jr al ave blvd dept usw u.a enz ecc a.m p.m ph.d"),
    **_words(Ending.NUMBERING, "no nos nr num núm art abs vol fig figs ch chap sec eq ed pp p pg s"),
    **_words(Ending.NUMBERING, "jan feb mar apr jun jul aug sep sept oct okt nov dec dez"),
}
_LONGEST_WORD = 24
_LONGEST_END = 8
_TRIES = 100  # marks that may turn out to be abbreviations
_LAST_WORD = re.compile(rf"[^\s{re.escape(_OPENING)}]\S*\Z")
_INITIALS = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")
_NUMBER = re.compile(r"\d[\d.,:]*")
_PRONOUN_I = re.compile(r"[^\W\d_],?\s+I\Z")
_NEXT = re.compile(
    rf"(?:{BLANK}|[{re.escape(_OPENING)}])*(?:(?P<line>[{BREAK}])|(?P<letter>(?![{re.escape(_OPENING)}])\S))"
)

_SENTENCE = re.compile(rf"{WIDE_STOP}\s*|(?P<stop>{STOP})\s+")
_CLAUSE = re.compile(rf"[,;:–—]++{_CLOSERS}\s+|[，、；：—]++{_CLOSERS}\s*|\n\s*")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_WORD = re.compile(r"\s+")


def ending_at(text: str, at: int, end: int, floor: int) -> Ending:
    """What the mark is that stands from `at` to `end` with its closing quotes; looks back to `floor` at the most."""
    marks = text[at:end]
    stops = marks.rstrip(_CLOSING)
    if stops == ".":
        return _after_word(text[max(floor, at - _LONGEST_WORD) : at])
    if stops in ("…", "...") or (stops != marks and stops[-1] in "!?"):  # "Well... maybe", "'Stop!' he said"
        return Ending.LIKELY
    return Ending.SURE


def is_end(ending: Ending, text: str, after: int, stop: int) -> bool | None:
    """Whether such a mark ends its sentence, by what follows between `after` and `stop`; None while nothing does.

    Before a new line only the sure ones do: the new line itself says enough.
    """
    if ending in (Ending.SURE, Ending.NONE):
        return ending is Ending.SURE
    if (following := _NEXT.match(text, after, stop)) is None:
        return None
    if (letter := following["letter"]) is None:
        return False
    return not (letter.isdigit() if ending is Ending.NUMBERING else letter.islower())


def sentence_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Where sentences end between two positions, with the white space after them; the last one first."""
    floor = max(0, start - _LONGEST_WORD)
    for found in islice(_from_the_last(_SENTENCE, text, start, end), _TRIES):
        after = found.end("stop")
        if after < 0 or is_end(ending_at(text, found.start(), after, floor), text, after, len(text)):
            yield found.end()


def clause_ends(text: str, start: int, end: int) -> Iterator[int]:
    """After a comma and the like, or a line; the last one first."""
    return (found.end() for found in _from_the_last(_CLAUSE, text, start, end))


def paragraph_ends(text: str, start: int, end: int) -> Iterator[int]:
    """After an empty line; the last one first."""
    return (found.end() for found in _from_the_last(_PARAGRAPH, text, start, end))


def word_ends(text: str, start: int, end: int) -> Iterator[int]:
    """After white space; the last one first."""
    return (found.end() for found in _from_the_last(_WORD, text, start, end))


def _from_the_last(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    before = max(0, start - _LONGEST_END)  # for what begins there and ends here
    return reversed([found for found in pattern.finditer(text, before, end) if found.end() >= start])


def _after_word(before: str) -> Ending:
    """What a single full stop after these characters is."""
    found = _LAST_WORD.search(before)
    word = found[0] if found else ""
    if word == "I":
        return Ending.DOUBTFUL if _PRONOUN_I.search(before) else Ending.NONE
    if (known := _ABBREVIATIONS.get(word.lower())) is not None:
        return known
    if _NUMBER.fullmatch(word):
        return Ending.NONE if len(word) <= 2 else Ending.DOUBTFUL
    initials = _INITIALS.fullmatch(word) or (len(word) == 1 and word.isupper())
    return Ending.NONE if initials else Ending.SURE
