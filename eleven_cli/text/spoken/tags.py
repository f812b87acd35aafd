"""Square brackets, and pauses in SSML, in the way that a model understands them. Pure.

Models that act take whatever stands in brackets for a direction, and know no SSML; others read it aloud.
"""

import re
from enum import StrEnum

from eleven_cli.text.boundaries import FIRST_WITHOUT_BLANKS, TAG_LENGTH

PAUSE = "[pause]"
_BREAK = rf"(?i)</?break\b[^<>]{{0,{TAG_LENGTH}}}>(?:</break\s{{0,9}}>)?"
_OPEN_BREAK = rf"(?i)</?(?:b(?:r(?:e(?:a(?:k(?:[^\w<>][^<>]{{0,{TAG_LENGTH}}})?)?)?)?)?)?\Z"
_NO_PAUSE = r"(?is)</|.*\b(?:time\s*=\s*[\"']?0*(?:\.0*)?m?s|strength\s*=\s*[\"']?none)\b"
_OPENERS = {  # by what is looked for: brackets, pauses
    (True, False): r"\[",
    (True, True): r"\[|<(?=/?[bB][rR]|/?[bB]?\Z)",
    (False, True): r"<(?=/?[bB][rR]|/?[bB]?\Z)",
}
_BLANKS = (" ", "\t")
_STOPS = (".", "!", "?", "…")
_CLOSERS = tuple(".,;:!?…)»”’")  # before which a blank is one too many
_OPENING = tuple("“„‘«(¿¡")


class Brackets(StrEnum):
    """What becomes of them: tags are ACTED, or words are READ without brackets and tags left out, or all are KEPT."""

    ACTED = "acted"
    READ = "read"
    KEPT = "kept"


class TagFilter:
    """Gives a text that comes in pieces with the tags that are to be heard; any pieces give the same.

    has_pauses   whether a pause is to be `[pause]`, and not SSML's `<break>`
    """

    def __init__(self, brackets: Brackets, *, has_pauses: bool) -> None:
        self._brackets = brackets
        self._opener = re.compile(_OPENERS[brackets is not Brackets.KEPT, has_pauses])
        self._waiting = ""
        self._last = ""  # character that was given

    def feed(self, text: str) -> str:
        """Gives the text that is certain; an open tag waits, and so does a blank before it."""
        return self._take(self._waiting + text, is_end=False)

    def pause(self) -> str:
        """What waits, unless it is the beginning of a tag: nothing came for a while."""
        waiting = self._waiting.lstrip(" \t")
        return "" if waiting and _is_cut_off(waiting) else self.rest()

    def rest(self) -> str:
        """What waits, since nothing more comes."""
        return self._take(self._waiting, is_end=True)

    def _take(self, text: str, *, is_end: bool) -> str:
        given, at, end = list[str](), 0, len(text)
        while opener := self._opener.search(text, at):
            start = opener.start()
            before = text[start - 1] if start > at else self._last
            found = self._tag(text, start, before, is_end=is_end)
            if found is None:
                end = start
                break
            words, after = found
            plain = text[at:start]
            if not words:
                plain, after = self._closed_up(plain, text, after)
            given.append(plain + words)
            self._last, at = (plain + words)[-1:] or self._last, after
        if not is_end and end > at and text[end - 1] in _BLANKS and self._may_drop(text[at : end - 1]):
            end -= 1
        self._waiting = text[end:]
        given.append(text[at:end])
        self._last = given[-1][-1:] or self._last
        return "".join(given)

    def _tag(self, text: str, start: int, before: str, *, is_end: bool) -> tuple[str, int] | None:
        """The spoken form of the tag at `start`, and its end; None until it is complete."""
        tag = _pause if text[start] == "<" else self._bracket
        return tag(text, start, before, is_end=is_end)

    def _bracket(self, text: str, start: int, before: str, *, is_end: bool) -> tuple[str, int] | None:
        from eleven_cli.text.spoken.brackets import Meaning, bracket, may_go_on

        if not is_end and may_go_on(text, start):
            return None
        found = bracket(text, start, before)
        if found is None:
            return text[start], start + 1
        meaning, words, end = found
        if self._brackets is Brackets.ACTED and meaning in (Meaning.KNOWN, Meaning.UNKNOWN):
            return f"[{words}]", end
        if meaning in (Meaning.KNOWN, Meaning.MARK):
            return _apart("", before, text[end : end + 1]), end
        return _apart(words, before, text[end : end + 1]) if meaning is Meaning.UNKNOWN else words, end

    def _closed_up(self, plain: str, text: str, end: int) -> tuple[str, int]:
        """The text before a tag that was left out, and where the text after it begins: with one blank, not with two."""
        following = text[end : end + 1]
        if plain.endswith(_BLANKS) and self._may_drop(plain[:-1]):
            is_too_many = not following or following.isspace() or following in _CLOSERS
            return plain[:-1] if is_too_many else plain, end
        before = plain[-1:] or self._last
        begins = not before or before.isspace() or before in _OPENING
        return plain, end + (begins and following in _BLANKS)

    def _may_drop(self, before: str) -> bool:
        """Whether a blank after this may be left out with a tag that follows it: it is given late."""
        last = before[-1:] or self._last
        return bool(last) and not last.isspace() and last not in _STOPS


def _is_cut_off(text: str) -> bool:
    """Whether it is a tag that is cut off in the middle."""
    if text[0] == "[":
        from eleven_cli.text.spoken.brackets import is_unfinished

        return is_unfinished(text, 0)
    return text[0] == "<" and _is_open_break(text, 0)


def _is_open_break(text: str, at: int) -> bool:
    return re.compile(_OPEN_BREAK).match(text, at) is not None


def _pause(text: str, start: int, before: str, *, is_end: bool) -> tuple[str, int] | None:
    found = re.compile(_BREAK).match(text, start)
    if found is None:
        return None if not is_end and _is_open_break(text, start) else (text[start], start + 1)
    end = found.end()
    if not is_end and (end == len(text) or _is_open_break(text, end)):
        return None
    following = text[end : end + 1]
    if re.match(_NO_PAUSE, found[0]):
        return _apart("", before, following), end
    return _apart(PAUSE, before, following), end


def _apart(words: str, before: str, following: str) -> str:
    """The words between two characters, not glued to letters as the tag was."""
    before, following = ("" if each >= FIRST_WITHOUT_BLANKS else each for each in (before, following))
    if not words:
        return " " if before.isalnum() and following.isalnum() else ""
    return (" " if before and not before.isspace() else "") + words + (" " if following.isalnum() else "")
