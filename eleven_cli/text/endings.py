"""Where a sentence, a clause, a paragraph or a word ends. Pure.

The difficulty is the full stop, which also ends abbreviations, initials and ordinal numbers.
"""

import re
from collections.abc import Iterator
from enum import Enum
from itertools import islice

_CLOSING = "\"'”’»«“‘›‹)]}』」）】〉》*_~`"  # German closes with “ and «, where no blank is before them
_WIDE_CLOSING = "\"'”’»)]}›」』）】〉》*_~`"
_OPENING = "\"'“‘«„»‹›¿¡([{*_~`—–-"
STOPS = ".!?…‼‽⁇⁈⁉"  # want a blank after them
# Those of scripts without small letters, which stand for nothing else, and the wide ones want none.
_SCRIPTS = "։׃؟؝؞۔܀܁܂߹।॥။።፧፨།༎។៕᙮᠃᠉᥄᥅᱾᱿᪨᪩᪪᪫᭚᭛᭞᭟꓿꘎꘏꛳꛷꡶꡷꣎꣏꤯꧈꧉꩝꩞꩟꫰꫱꯫"
_WIDE_STOPS = f"。！？｡︒︕︖﹒﹖﹗{_SCRIPTS}"
_WIDE_POINT = r"(?<!\d)(?<!\b[A-Za-zＡ-Ｚａ-ｚ])．"  # which is in numbers and initials, too
BREAK = r"\n\v\f\r\x85\u2028\u2029"
BLANK = rf"[^\S{BREAK}]"
_CLOSERS = rf"[{re.escape(_CLOSING)}]*+"
STOPS_OR_BREAKS = rf"{STOPS}{_WIDE_STOPS}．{BREAK}"
STOP = rf"(?<![{STOPS}])[{STOPS}]++{_CLOSERS}"
WIDE_STOP = rf"(?:[{_WIDE_STOPS}]|{_WIDE_POINT})[{STOPS}{_WIDE_STOPS}．]*+[{re.escape(_WIDE_CLOSING)}]*+"


class Ending(Enum):
    """What a full stop, or another such mark, is."""

    SURE = "the end"
    LIKELY = "the end, unless a small letter follows"
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
_VOWEL = re.compile(r"[^b-df-hj-np-tv-xzßбвгджзйклмнпрстфхцчшщ]")
_LONGEST_END = 8
_TRIES = 100  # marks that may turn out to be abbreviations
_LAST_WORD = re.compile(rf"[^\s{re.escape(_OPENING)}]\S*\Z")
_LETTER = r"[^\W\d_\u2e80-\U0003ffff][\u0300-\u036f]?"  # one that no word of its own is written with
_INITIALS = re.compile(rf"(?:{_LETTER}|[^\W\d_]{{2}})(?:[.-]{{1,2}}[^\W\d_]{{1,2}})+|{_LETTER}")
_AFTER_LETTER = re.compile(rf"(?<!\w){_LETTER}\.{BLANK}+\Z")
_AFTER_SIGN = re.compile(rf"[<>=+*/×÷≤≥]{BLANK}*\Z")
_ROMAN = re.compile(r"[IVXLCDM]+")
_NUMBER = re.compile(r"\d[\d.,:]*")
_PRONOUN_I = re.compile(r"[^\W\d_],?\s+I\Z")
_AUDIO_TAG = r"\[(?=[^\W\d_])"  # begins a sentence, whatever its letters
_NEXT = re.compile(
    rf"(?:{BLANK}|(?!\[)[{re.escape(_OPENING)}]|\[(?=[\W\d_]))*+"
    rf"(?:(?P<line>[{BREAK}])|(?P<letter>{_AUDIO_TAG}|(?![{re.escape(_OPENING)}])\S))"
)
_SPACED_CLOSER = re.compile(rf"{BLANK}{{1,2}}(?:[»›”)\]}}])++(?:(?P<closed>(?=[\s,;:.!?…»)]))|(?P<open>\Z))?")

_SENTENCE = re.compile(rf"{WIDE_STOP}\s*|(?P<stop>{STOP}(?:{BLANK}{{1,2}}[»›”)\]}}]++(?=[\s,;:.!?…»)]|\Z))?)\s+")
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
    return Ending.LIKELY if text[at - 1 : at].isspace() else Ending.SURE  # "Hélas ! il est trop tard"


def is_end(ending: Ending, text: str, after: int, stop: int) -> bool | None:
    """Whether such a mark ends its sentence, by what follows between `after` and `stop`; None while nothing does.

    Before a new line only the sure ones do: the new line itself says enough.
    """
    if ending in (Ending.SURE, Ending.NONE):
        return ending is Ending.SURE
    if (following := _NEXT.match(text, after, stop)) is None:
        return None
    if (letter := following["letter"]) is None or letter in STOPS_OR_BREAKS:
        return False
    return not (letter.isdigit() if ending is Ending.NUMBERING else letter.islower())


def after_spaced_closers(text: str, end: int, stop: int) -> int | None:
    """Where a mark that ends at `end` ends with its closing quotes, should they stand apart from it: `« Viens ! »`.

    None while the characters before `stop` do not tell whether they close or open.
    """
    found = _SPACED_CLOSER.match(text, end, stop)
    if found is None or found["closed"] is None:
        return end if found is None or found["open"] is None else None
    return found.end()


def sentence_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Where sentences end between two positions, with the white space after them; the last one first."""
    floor = max(0, start - _LONGEST_WORD)
    for found in islice(_from_the_last(_SENTENCE, text, start, end), _TRIES):
        if found["stop"] is None or _ends_before_more(text, found.start(), found.end("stop"), floor):
            yield found.end()


def _ends_before_more(text: str, at: int, after: int, floor: int) -> bool:
    """Whether the mark ends a sentence, with all of the text to see: before a small letter none does."""
    ending = ending_at(text, at, after, floor)
    following = _NEXT.match(text, after)
    if ending is Ending.SURE and following and following["letter"]:
        ending = Ending.LIKELY
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


def _from_the_last(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    before = max(0, start - _LONGEST_END)  # for what begins there and ends here
    return reversed([found for found in pattern.finditer(text, before, end) if found.end() >= start])


def _after_word(before: str) -> Ending:
    """What a single full stop after these characters is."""
    found = _LAST_WORD.search(before)
    word = found[0] if found else ""
    if word == "I":
        return Ending.DOUBTFUL if _PRONOUN_I.search(before) else Ending.NONE
    if len(word) == 1 and found and _AFTER_SIGN.search(before, 0, found.start()):
        return Ending.LIKELY  # "if x < y"
    if _NUMBER.fullmatch(word):
        return Ending.NONE if len(word) <= 2 else Ending.DOUBTFUL
    known = _ABBREVIATIONS.get(word.lower())
    if known is Ending.DOUBTFUL or (known is None and not _INITIALS.fullmatch(word)):
        known = known or _of_unknown(word)
        is_short = len(word) <= 2 or (len(word) == 3 and word.islower())
        return Ending.NONE if found and is_short and _AFTER_LETTER.search(before, 0, found.start()) else known
    return known or Ending.NONE


def _of_unknown(word: str) -> Ending:
    """What the stop after a word is that is no known abbreviation: short ones may be one all the same."""
    if word.lower().endswith("str"):
        return Ending.NUMBERING  # "Hauptstr. 5"
    if len(word) < _PLAIN_WORD or not _VOWEL.search(word.lower()) or _ROMAN.fullmatch(word):
        return Ending.LIKELY
    return Ending.SURE
