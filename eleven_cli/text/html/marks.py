"""Marks that are seen and not spoken: the numbers of notes and pages, and the ways back. Pure.

They are known by how they look and where they lead, since few books say what they are.
"""

import re

REMOVED = "\x05"  # stands where a mark was
OPEN, CLOSE = "\x01", "\x02"  # around a link that is a mark if brackets stand around it
LETTER_OPEN, LETTER_CLOSE = "\x03", "\x04"  # around what an image says that may be a letter

_NUMBER = r"(?:\d{1,4}|[ivxlc]{1,6}|[a-z]|[*†‡§¶#⁂※]{1,4}|[⁰¹²³⁴-⁹]{1,4}|[①-⑳])"
_MARK = re.compile(rf"[\[(［（〔]?\s*{_NUMBER}\s*[\])］）〕]?", re.IGNORECASE)
_CLEAR_MARK = re.compile(
    rf"[\[［〔]\s*(?:(?:foot|end)?note\s*|fn\s*|n\.?\s*|注|註)?{_NUMBER}\s*[\]］〕]|[*†‡§¶⁂※]{{1,4}}|[⁰¹²³⁴-⁹]{{1,4}}",
    re.IGNORECASE,
)
_LEADING = re.compile(rf"[\[(]?\s*{_NUMBER}\s*[\])]?\s*[.:)]?", re.IGNORECASE)
_ARROWS = re.compile(r"[\s\[(]*[↩↪↑⇑⇧⬆⏎↵↲⤴⤶⮐⮌◄◀←^]+[\ufe0e\ufe0f]?[\s\])]*")
_NOTE_PLACE = re.compile(
    r"_?(?:foot|end|rear)?_?(?:notes?|fn|ftn|fnt|edn|en|n)[-_.:]?[a-z]{0,6}[-_.:]?\d+", re.IGNORECASE
)
_OTHER_PLACE = re.compile(r"(?:fig|tab|eq|sec|ch|part|page|p|ex|box|step|item)[a-z]*[-_.:]?\d", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_SUP_MARK = re.compile(
    rf"[\s,;\[\]()–-]*(?:{REMOVED}[\s,;\[\]()–-]*)+|\s*[\[［]\s*{_NUMBER}\s*[\]］]\s*|\s*[*†‡§¶]{{1,4}}\s*"
)
_PAGE = re.compile(r"[\[({|\s]*(?:(?:pages?|pp?|pg|s)\b\.?\s*)?(?:\d{1,5}|[ivxlcdm]{1,8})[\])}|\s]*", re.IGNORECASE)
_ITEM = rf"(?:{OPEN}[^{CLOSE}]*+{CLOSE}|{REMOVED})"
_IN_BRACKETS = re.compile(
    rf"[\[［]\s*+{_ITEM}(?:\s*+[,;–-]?+\s*+{_ITEM})*+\s*+[\]］]|\(\s*+{REMOVED}(?:[\s,;]*+{REMOVED})*+\s*+\)"
)
_BEFORE_STOP = re.compile(rf"(?<![\s{REMOVED}])(?:\s*+{REMOVED})++\s*+(?=[.,;:!?)\]…])")
_SIGNS = re.compile(f"[{OPEN}{CLOSE}{REMOVED}]")


def leads_inside(href: str) -> bool:
    """Whether a link stays in the book."""
    return bool(href) and not _SCHEME.match(href)


def fragment(href: str) -> str:
    return href.partition("#")[2]


def is_way_back(text: str) -> bool:
    return bool(_ARROWS.fullmatch(text))


def is_mark(text: str, href: str, before: str, *, raised: bool) -> bool:
    """Whether a link is the number of a note; `before` is the character it is glued to, "" for none."""
    words = text.strip()
    if raised:
        return bool(_MARK.fullmatch(words))
    if not leads_inside(href) or "#" not in href:
        return False
    if _CLEAR_MARK.fullmatch(words):
        return True
    if not words.isdecimal() or len(words) > 4:
        return False
    place = fragment(href)
    glued = bool(before) and (before.isalpha() or before in "”’\"'»!?.,;:。」』") and not _OTHER_PLACE.match(place)
    return glued or bool(_NOTE_PLACE.fullmatch(place))


def may_be_mark(text: str) -> bool:
    """Whether it is the number of a note if it stands in brackets."""
    return bool(_MARK.fullmatch(text.strip()))


def leads_a_note(text: str, href: str) -> bool:
    """Whether a link at the beginning of a paragraph looks like the number that a note begins with."""
    return leads_inside(href) and "#" in href and bool(_LEADING.fullmatch(text.strip()) or is_way_back(text))


def names_a_note(place: str) -> bool:
    return bool(_NOTE_PLACE.fullmatch(place))


def is_raised_mark(text: str) -> bool:
    """Whether a superscript is no more than a mark, or what is left of some."""
    return bool(_SUP_MARK.fullmatch(text))


def is_page_number(text: str) -> bool:
    return bool(_PAGE.fullmatch(text))


def without_marks(text: str) -> str:
    """The paragraph without the marks in brackets, and without the signs for those that were taken out."""
    if OPEN not in text and REMOVED not in text:
        return text
    return _SIGNS.sub("", _BEFORE_STOP.sub("", _IN_BRACKETS.sub(REMOVED, text)))
