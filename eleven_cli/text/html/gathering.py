"""The paragraph that is gathered from pieces of text, of which some turn out to be marks. Pure."""

from eleven_cli.text.html import letters, marks

_SHORT = 40  # characters of the longest mark, with its brackets
_NEAR = 8  # pieces before a mark that may hold what it is glued to
_MOSTLY = 0.9

Place = tuple[int, int]
"""The number of a paragraph, and how many of its pieces come before."""


class Gathering:
    """One paragraph after the other.

    has_text     whether the paragraph has begun with more than blanks and brackets
    way_back     the id that the number of a note leads to, if it begins with one
    raised_text  what its last superscript holds
    """

    def __init__(self) -> None:
        self._number = 0
        self._letter = ""  # that stood alone as a picture
        self.has_text = False
        self._begin()

    @property
    def place(self) -> Place:
        return self._number, len(self._pieces)

    @property
    def is_blank(self) -> bool:
        return not "".join(self._pieces).strip()

    def is_linked(self, text: str) -> bool:
        """Whether nearly all letters of the paragraph, which is read as `text`, lead elsewhere in the book."""
        return bool(self._linked) and _letters("".join(self._linked)) >= max(1, _MOSTLY * _letters(text))

    def add(self, text: str, *, is_linked: bool) -> None:
        """Text of the document, whose blanks count as one."""
        text = with_single_blanks(text.replace("\xad", ""))
        self._pieces.append(text)
        if is_linked:
            self._linked.append(text)
        self.has_text = self.has_text or bool(text.strip(" [("))

    def insert(self, text: str) -> None:
        """What the document does not say in so many words."""
        self._pieces.append(text)

    def replace(self, start: Place, *pieces: str) -> None:
        """What was gathered since then was something else."""
        self._pieces[start[1] :] = pieces

    def short_text(self, start: Place) -> str | None:
        """What was gathered since then, if that is short and all in this paragraph."""
        number, first = start
        if number != self._number or len(self._pieces) - first > _SHORT:
            return None
        pieces = self._pieces[first:]
        return "".join(pieces) if sum(map(len, pieces)) <= _SHORT else None

    def character_before(self, start: Place) -> str:
        """What the text from there is glued to, "" for nothing."""
        first = start[1]
        for piece in reversed(self._pieces[max(0, first - _NEAR) : first]):
            if piece := piece.strip(marks.OPEN + marks.CLOSE + marks.REMOVED):
                return piece[-1].strip()
        return ""

    def text(self) -> str:
        """The paragraph as it is read, "" for none; a letter of its own is the beginning of the next one."""
        if not self._pieces or not (text := "".join(self._pieces)) or text.isspace():
            return ""
        letter, self._letter = self._letter, letters.lonely_letter(text)
        text = _trimmed(marks.without_marks(letters.with_letters(text)))
        return letter + text if letter and letters.continues(letter, text) else text

    def end(self) -> None:
        """The paragraph ends here, if it has begun."""
        if self._pieces:
            self._begin()

    def _begin(self) -> None:
        self._pieces: list[str] = []
        self._linked: list[str] = []
        self.has_text = False
        self.way_back = self.raised_text = ""
        self._number += 1


def with_single_blanks(text: str) -> str:
    """Each row of blanks as one."""
    if text.isprintable() and "  " not in text:  # blanks other than the space are not
        return text
    words = " ".join(text.split())
    if not words:
        return " " if text else ""
    return (" " if text[0].isspace() else "") + words + (" " if text[-1].isspace() else "")


def _trimmed(text: str) -> str:
    """Without empty lines and blanks that nobody sees, where no piece has two in a row."""
    if "\n" not in text and "  " not in text:
        return text.strip()
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))
