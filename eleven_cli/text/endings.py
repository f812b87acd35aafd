"""Where a sentence, a clause, a paragraph or a word ends. Pure.

The difficulty is the full stop, which also ends abbreviations, initials and ordinal numbers.
"""

import re
from collections.abc import Iterator
from enum import Enum
from itertools import islice

from eleven_cli.text.punctuation import BLANK, BREAKS, CLOSERS, CLOSING, OPENING, STOP, STOPS_AND_BREAKS, WIDE_STOP


class Ending(Enum):
    """What a full stop, or another such mark, is."""

    SURE = "the end"
    LIKELY = "the end, unless a small letter or a number follows"
    DOUBTFUL = "part of an abbreviation or a number, and the end too unless a small letter follows"
    NUMBERING = "part of an abbreviation when a digit follows, otherwise the end"
    NONE = "part of an abbreviation or a number"


def _words(ending: Ending, words: str) -> dict[str, Ending]:
    return dict.fromkeys(words.split(), ending)


# In small letters, without the last stop. What is shorter than PLAIN_WORD needs no entry where it may end a sentence.
_ABBREVIATIONS = {
    **_words(Ending.NONE, "mr mrs ms mx dr prof st mt gen col maj sgt capt lt cmdr adm rev hon sen rep gov pres"),
    **_words(Ending.NONE, "messrs fr hr frl dipl dott sig avv mme mmes mlle mgr dhr mevr drs sr sra srta ud uds"),
    **_words(Ending.NONE, "vs cf ca approx esp viz resp incl inkl exkl ggf evtl vgl bzw sog bspw zzgl bijv ee av"),
    **_words(Ending.NONE, "ing mag hl frhr ul św inż проф акад им ул пл просп пер св тов гр см ср тел"),
    **_words(Ending.DOUBTFUL, "etc inc ltd co corp bros llc jr al ave blvd dept usw u.a enz ecc a.m p.m ph.d chr"),
    **_words(Ending.LIKELY, "abbr abschn abtlg allg anat aprox apprx assn assoc ausschl avail biol bzgl chap chron"),
    **_words(
        Ending.LIKELY,
        "cont einschl ehem engl entspr equiv excl exmo fras frz gebr gegr gesch gest",
    ),
    **_words(Ending.LIKELY, "godz histor hrsg ibid illus illustr insb insbes intl ital jahrh jährl lat misc mtl"),
    **_words(Ending.LIKELY, "monatl nachm natl orig pagg pers pseud publ págs sigg spett suppl tbsp techn tägl transl"),
    **_words(Ending.LIKELY, "min max sek mio std avg div ext rel obs univ urspr verf vorm versch wiss wöchentl zob"),
    **_words(Ending.LIKELY, "напр прим разг букв соотв сокр устар"),
    **_words(Ending.LIKELY, "itd itp tzn tzw dvs osv atd тыс руб коп etym lfde mind durchschn staatl abt geb gem bes"),
    **_words(Ending.NUMBERING, "no nos nr num núm nro art abs vol vols fig figs ch chap sec secs eq eqs ed eds pp pg"),
    **_words(Ending.NUMBERING, "abb bd bde kap ziff anm rn rz tab tel op cap pág págs str est стр рис табл гл"),
    **_words(Ending.NUMBERING, "jan feb mar apr jun jul aug sep sept oct okt nov dec dez"),
}
_LONGEST_WORD = 24
_PLAIN_WORD = 3  # letters: what has so many, and a vowel, is an abbreviation only if it is listed
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxzßбвгджзйклмнпрстфхцчшщ")
_LONGEST_END = 8
_TRIES = 100  # marks that may turn out to be abbreviations
_FIRST_WITHOUT_ALPHABET = "\u2e80"  # from where on a letter is a word of its own
_ACCENTS = r"[\u0300-\u036f]?"
_INITIALS = re.compile(rf"(?:[^\W\d_]{_ACCENTS}|[^\W\d_]{{2}})(?:[.-]{{1,2}}[^\W\d_]{{1,2}})+|[^\W\d_]{_ACCENTS}")
_LETTER_AT_THE_END = re.compile(rf"(?<!\w)([^\W\d_]){_ACCENTS}\Z")
_SIGNS = frozenset("<>=+*/×÷≤≥")
_ROMAN = re.compile(r"[IVXLCDM]+")
_NUMBER = re.compile(r"\d[\d.,:]*")
_PRONOUN_I = re.compile(r"[^\W\d_],?\s+I\Z")

# Large classes of characters take milliseconds to compile: each is compiled when a text first needs it.
_SENTENCE = rf"{WIDE_STOP}\s*|(?P<stop>{STOP}(?:{BLANK}{{1,2}}[»›”)\]}}]++(?=[\s,;:.!?…»)]|\Z))?)\s+"
_CLAUSE = rf"[,;:–—]++{CLOSERS}\s+|[，、；：—]++{CLOSERS}\s*|\n\s*"
_PARAGRAPH = r"\n[^\S\n]*\n\s*"
_WORD = r"\s+"


def ending_at(text: str, at: int, end: int, floor: int) -> Ending:
    """What the mark is that stands from `at` to `end` with its closing quotes; looks back to `floor` at the most."""
    marks = text[at:end]
    stops = marks.rstrip(CLOSING)
    if stops == ".":
        return _after_word(text[max(floor, at - _LONGEST_WORD) : at])
    if stops in ("…", "...") or (stops != marks and stops[-1] in "!?"):  # "Well... maybe", "'Stop!' he said"
        return Ending.LIKELY
    return Ending.LIKELY if text[at - 1 : at].isspace() else Ending.SURE  # "Hélas ! il est trop tard"


def is_end(ending: Ending, text: str, after: int, stop: int) -> bool | None:
    """Whether such a mark ends its sentence, by what follows between `after` and `stop`; None while nothing does.

    Before a new line only the sure ones do: the new line itself says enough.
    """
    if ending in (Ending.SURE, Ending.NONE):
        return ending is Ending.SURE
    if not (char := _following(text, after, stop)):
        return None
    if char in STOPS_AND_BREAKS:
        return False
    is_lower, is_digit = char.islower(), char.isdigit()
    if ending is Ending.LIKELY:
        return not (is_lower or is_digit)  # "max. 20"
    return not (is_digit if ending is Ending.NUMBERING else is_lower)


def _following(text: str, at: int, stop: int) -> str:
    """What comes after blanks and opening quotes: a new line, an audio tag's bracket, or a word; "" for nothing."""
    while at < stop:
        char = text[at]
        if char == "[" and at + 1 < stop and _is_letter(text[at + 1]):
            return char  # begins a sentence, whatever its letters
        if char in BREAKS or not (char.isspace() or char in OPENING):
            return char
        at += 1
    return ""


def sentence_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Where sentences end between two positions, with the white space after them; the last one first."""
    floor = max(0, start - _LONGEST_WORD)
    for found in islice(_from_the_last(_SENTENCE, text, start, end), _TRIES):
        if found["stop"] is None or _ends_before_more(text, found.start(), found.end("stop"), floor):
            yield found.end()


def _ends_before_more(text: str, at: int, after: int, floor: int) -> bool:
    """Whether the mark ends a sentence, with all of the text to see: before a small letter none does."""
    ending = ending_at(text, at, after, floor)
    following = _following(text, after, len(text))
    if ending is Ending.SURE and following and following not in BREAKS:
        return following not in STOPS_AND_BREAKS and not following.islower()
    return bool(is_end(ending, text, after, len(text)))


def clause_ends(text: str, start: int, end: int) -> Iterator[int]:
    """After a comma and the like, or a line; the last one first."""
    return (found.end() for found in _from_the_last(_CLAUSE, text, start, end))


def paragraph_ends(text: str, start: int, end: int) -> Iterator[int]:
    """After an empty line; the last one first."""
    return (found.end() for found in _from_the_last(_PARAGRAPH, text, start, end))


def word_ends(text: str, start: int, end: int) -> Iterator[int]:
    """After white space; the last one first."""
    return (found.end() for found in _from_the_last(_WORD, text, start, end))


def _from_the_last(pattern: str, text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    before = max(0, start - _LONGEST_END)  # for what begins there and ends here
    return reversed([found for found in re.compile(pattern).finditer(text, before, end) if found.end() >= start])


def _after_word(before: str) -> Ending:
    """What a single full stop after these characters is."""
    word = "" if before[-1:].isspace() else "".join(before.split()[-1:]).lstrip(OPENING)
    earlier = before.removesuffix(word)
    if word == "I":
        return Ending.DOUBTFUL if _PRONOUN_I.search(before) else Ending.NONE
    if len(word) == 1 and _without_blanks(earlier)[-1:] in _SIGNS:
        return Ending.LIKELY  # "if x < y"
    if _NUMBER.fullmatch(word):
        return Ending.NONE if len(word) <= 2 else Ending.DOUBTFUL
    known = _ABBREVIATIONS.get(word.lower())
    if known is Ending.DOUBTFUL or (known is None and not _is_initials(word)):
        known = known or _of_unknown(word)
        is_short = len(word) <= 2 or (len(word) == 3 and word.islower())
        return Ending.NONE if word and is_short and _is_after_letter(earlier) else known
    return known or Ending.NONE


def _is_initials(word: str) -> bool:
    """Letters with stops between them, or one letter that is no word of its own."""
    if not _INITIALS.fullmatch(word):
        return False
    return _has_alphabet(word[0]) or word[1:2].isalnum()


def _is_after_letter(before: str) -> bool:
    """Whether it ends with one letter and its stop: "z. " of "z. B." """
    letter = _without_blanks(before)
    if letter == before or not letter.endswith("."):
        return False
    found = _LETTER_AT_THE_END.search(letter, 0, len(letter) - 1)
    return found is not None and _has_alphabet(found[1])


def _without_blanks(text: str) -> str:
    """Without the blanks at its end, unless there is a new line among them."""
    shorter = text.rstrip()
    return shorter if not any(char in BREAKS for char in text[len(shorter) :]) else text


def _is_letter(char: str) -> bool:
    return char.isalnum() and not char.isdecimal()


def _has_alphabet(letter: str) -> bool:
    return not _FIRST_WITHOUT_ALPHABET <= letter <= "\U0003ffff"


def _of_unknown(word: str) -> Ending:
    """What the stop after a word is that is no known abbreviation: short ones may be one all the same."""
    if word.lower().endswith("str"):
        return Ending.NUMBERING  # "Hauptstr. 5"
    if len(word) < _PLAIN_WORD or _CONSONANTS.issuperset(word.lower()) or _ROMAN.fullmatch(word):
        return Ending.LIKELY
    return Ending.SURE
