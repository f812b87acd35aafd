"""Letters that are pictures or stand apart: the beginnings of words in beautiful books. Pure."""

import re

from eleven_cli.text.html.marks import LETTER_CLOSE, LETTER_OPEN

_LETTERS = re.compile(r"[\"'“‘„«»¿¡(\[]{0,3}[^\W\d_]{1,3}['’]?")
_ANY = rf"{LETTER_OPEN}([^{LETTER_CLOSE}]*+){LETTER_CLOSE}"
_PICTURE = re.compile(_ANY)
_GLUED = re.compile(rf"(?<=[^\W_]){_ANY}|{_ANY}(?=[^\W_])")
_FIRST = re.compile(rf"\A\s*{LETTER_OPEN}(\W*[^\W\d_]){LETTER_CLOSE}\s+(?=[^\W\d_])")
_ALONE = re.compile(rf"\s*{_ANY}\s*")
_CONSONANTS = frozenset("BCDFGHJKLMNPQRSTVWXZ")  # no word of its own in any language that sets them large


def picture(alt: str) -> str:
    """What may be spoken of a picture within a text: its letters, marked as such; "" for any other."""
    alt = " ".join(alt.split())
    return f"{LETTER_OPEN}{alt}{LETTER_CLOSE}" if _LETTERS.fullmatch(alt) else ""


def with_letters(text: str) -> str:
    """The text with those of its pictures that belong to a word."""
    if LETTER_OPEN not in text:
        return text
    text = _FIRST.sub(lambda found: found[1] + ("" if is_no_word(found[1]) else " "), text)
    text = _GLUED.sub(lambda found: found[1] or found[2] or "", text)
    return _PICTURE.sub("", text)


def lonely_letter(text: str) -> str:
    """The letter of a paragraph that is nothing but its picture; "" for any other."""
    found = _ALONE.fullmatch(text) if LETTER_OPEN in text else None
    return found[1] if found and sum(map(str.isalpha, found[1])) == 1 else ""


def continues(letter: str, text: str) -> bool:
    """Whether a paragraph goes on with the word that this letter begins."""
    word = text.split(maxsplit=1)[0] if text else ""
    return word[:1].islower() or (word.isupper() and is_no_word(letter))


def is_no_word(letters: str) -> bool:
    return letters.strip("\"'“‘„«»¿¡([").upper() in _CONSONANTS
