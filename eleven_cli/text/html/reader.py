"""From tags and text to paragraphs: what is open, what is silent, and where a paragraph ends. Pure."""

from collections import Counter

from eleven_cli.text.html import elements, letters, marks
from eleven_cli.text.html.asides import Paragraph, References
from eleven_cli.text.html.elements import BLOCKS, HEADINGS, Attributes
from eleven_cli.text.html.tokens import End, Start, tokens

_FAR = 64  # elements: no document nests them deeper by intent
_NEAR = 8  # elements around a paragraph that may make a note of it
_SHORT = 40  # characters of the longest mark, with its brackets
_MOSTLY = 0.9
_MANY = 20  # ways back: one note has fewer numbers
_NOTE_HOLDERS = frozenset(["p", "li", "aside", "dd", "dt", "div", "td", "tr", "blockquote", "dl"])


def _ending(ended: str, kept: str) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(ended.split()), frozenset(kept.split())


_ENDS_P = _ending("p", "table object button li td th dd caption")
_ENDS = {  # what an element ends that was left open, and what keeps it from that
    "li": _ending("li p", "ul ol menu dir table"),
    "dt": _ending("dt dd", "dl table"),
    "dd": _ending("dt dd", "dl table"),
    "tr": _ending("tr td th", "table"),
    "td": _ending("td th", "tr table"),
    "th": _ending("td th", "tr table"),
    "rt": _ending("rt rp", "ruby"),
    "rp": _ending("rt rp", "ruby"),
    "option": _ending("option", "select"),
    "a": _ending("a", "table td th li p div section"),
}


class _Open:
    """An element that is open.

    at             the paragraph, and the piece of it, that its text begins with
    after_text     whether the paragraph had begun before
    holds_heading  whether a heading stands in it
    ways_back      the ids that links from a note to its number lead to
    """

    __slots__ = ("after_text", "at", "attributes", "hides", "holds_heading", "is_block", "name", "raises", "ways_back")

    def __init__(self, name: str, attributes: Attributes) -> None:
        self.name, self.attributes = name, attributes
        self.at = (0, 0)
        self.ways_back: list[str] | tuple[()] = ()
        self.after_text = self.holds_heading = self.hides = self.raises = self.is_block = False

    @property
    def id(self) -> str:
        return self.attributes.get("id", "")

    @property
    def href(self) -> str:
        return self.attributes.get("href", "") if self.name == "a" else ""


class Reader:
    """Reads one document.

    paragraphs  all of them, in their order
    anchors     id -> the paragraph it stands in or before
    references  the numbers of notes
    """

    def __init__(self) -> None:
        self.paragraphs: list[Paragraph] = []
        self.anchors: dict[str, int] = {}
        self.references = References()
        self._stack: list[_Open] = []
        self._names: Counter[str] = Counter()  # of what is open
        self._silent: _Open | None = None
        self._level = 0  # of the heading we are in
        self._links = self._raised = self._notes = 0  # how many are open
        self._number = 0  # of the paragraph that is gathered
        self._ids: list[str] = []
        self._letter = ""  # that stood alone as a picture
        self._has_text = False
        self._way_back = ""
        self._begin_paragraph()

    def read(self, markup: str) -> None:
        for token in tokens(markup):
            if isinstance(token, str):
                self._text(token)
            elif isinstance(token, Start):
                self._start(token)
            else:
                self._end(token)
        while self._stack:
            self._close()
        self._end_paragraph()

    def _text(self, data: str) -> None:
        if self._silent is not None:
            return
        data = _with_single_blanks(data).replace("\xad", "")
        self._pieces.append(data)
        if self._links:
            self._linked.append(data)
        self._has_text = self._has_text or bool(data.strip(" [("))

    def _start(self, tag: Start) -> None:
        self._end_implied(tag.name)
        if self._silent is not None:
            if not tag.closed:
                self._push(_Open(tag.name, {}))
            return
        element = _Open(tag.name, tag.attributes)
        element.is_block = tag.name in BLOCKS and not (tag.attributes and elements.is_drop_cap(tag.attributes))
        if element.is_block:
            self._end_paragraph()
        if tag.attributes:
            self._note_anchors(element)
        element.at, element.after_text = (self._number, len(self._pieces)), self._has_text
        if not tag.closed:
            self._push(element)
            self._open(element)
        elif tag.name == "br":
            self._pieces.append("\n")
        elif tag.name == "img" and (letter := letters.picture(tag.attributes.get("alt", ""))):
            self._pieces.append(letter)

    def _open(self, element: _Open) -> None:
        name, attributes = element.name, element.attributes
        if elements.is_silent(name, attributes):
            self._fall_silent(element)
            return
        if name in HEADINGS:
            self._level = HEADINGS[name]
            for around in self._stack[-_NEAR:-1]:
                around.holds_heading = True
        elif name in ("td", "th") and "".join(self._pieces).strip():
            self._pieces.append(", ")
        self._links += marks.leads_inside(element.href)
        element.raises = elements.is_superscript(name, attributes)
        self._raised += element.raises
        self._notes += elements.is_note(name, attributes)

    def _fall_silent(self, element: _Open) -> None:
        self._silent = element
        if len(self._stack) > 1 and "aria-hidden" in element.attributes:
            self._stack[-2].hides = True
        if elements.is_note_reference(element.attributes):
            self._pieces.append(marks.REMOVED)
            self._refer(element)

    def _end(self, tag: End) -> None:
        if tag.name == "br":
            self._text("\n")
        if not self._names[tag.name]:
            return
        is_inline = tag.name not in BLOCKS and self._silent is None
        for depth, element in enumerate(reversed(self._stack[-_FAR:]), start=1):
            if element.name == tag.name:
                return self._close(depth)
            if is_inline and element.is_block:
                return None
        if not is_inline:
            while self._stack[-1].name != tag.name:
                self._close()
            self._close()
        return None

    def _end_implied(self, name: str) -> None:
        if self._silent is not None and self._silent.name == "head" and name not in elements.IN_HEAD:
            while self._silent is not None:
                self._close()
        if self._names["p"] and name in BLOCKS and name not in _ENDS:
            self._end_up_to(*_ENDS_P)
        if name in _ENDS:
            self._end_up_to(*_ENDS[name])

    def _end_up_to(self, ended: frozenset[str], kept: frozenset[str]) -> None:
        if not any(self._names[name] for name in ended):
            return
        last = 0
        for depth, element in enumerate(reversed(self._stack[-_FAR:]), start=1):
            if element.name in kept and element.name not in ended:
                break
            last = depth if element.name in ended else last
        self._close(last)

    def _push(self, element: _Open) -> None:
        self._stack.append(element)
        self._names[element.name] += 1

    def _close(self, how_many: int = 1) -> None:
        for _ in range(how_many):
            element = self._stack[-1]
            if self._silent is None:
                self._finish(element)
            elif self._silent is element:
                self._silent = None
            self._stack.pop()
            self._names[element.name] -= 1

    def _finish(self, element: _Open) -> None:
        if element.attributes or element.raises:
            self._take_out_marks(element)
        if element.is_block:
            self._end_paragraph()
        self._level = 0 if element.name in HEADINGS else self._level
        self._links -= marks.leads_inside(element.href)
        self._raised -= element.raises
        self._notes -= elements.is_note(element.name, element.attributes)

    def _take_out_marks(self, element: _Open) -> None:
        text = self._short_text(element)
        if text is None:
            return
        if not text.strip() and element.hides and "aria-label" in element.attributes:
            self._pieces.append(element.attributes["aria-label"])
        elif text.strip() and elements.marks_a_page(element.name, element.attributes) and marks.is_page_number(text):
            self._take_out(element)
        elif element.raises:
            if marks.is_raised_mark(text):
                self._take_out(element)
            self._raised_text = text
        elif element.href:
            self._end_link(element, text)

    def _end_link(self, element: _Open, text: str) -> None:
        raised = self._raised > 0 or (bool(text.strip()) and text.strip() == self._raised_text.strip())
        before = self._character_before(element)
        if text and not text.strip(marks.REMOVED + " "):
            self._refer(element)
        elif marks.is_way_back(text):
            self._take_out(element)
            self._lead_back(element)
        elif marks.is_mark(text, element.href, before, raised=raised):
            self._take_out(element)
            self._refer(element)
        else:
            if marks.may_be_mark(text):
                self._pieces[element.at[1] :] = [marks.OPEN, text, marks.CLOSE]
            leads = not element.after_text and marks.leads_a_note(text, element.href)
            if leads or (marks.may_be_mark(text) and before in ("[", "［")):
                self._refer(element)

    def _refer(self, element: _Open) -> None:
        """The number of a note leads to it; at the beginning of a paragraph it is the note's own, and leads back."""
        self._has_text = element.after_text
        if element.after_text:
            self.references.note(marks.fragment(element.attributes.get("href", "")), len(self.paragraphs))
        else:
            self._way_back = self._way_back or marks.fragment(element.attributes.get("href", ""))
            self._lead_back(element)

    def _lead_back(self, element: _Open) -> None:
        place = marks.fragment(element.attributes.get("href", ""))
        for around in self._stack[-_NEAR:] if place else ():
            if "id" in around.attributes and len(around.ways_back) < _MANY:
                around.ways_back = [*around.ways_back, place]

    def _take_out(self, element: _Open) -> None:
        self._pieces[element.at[1] :] = [marks.REMOVED]
        self._has_text = element.after_text

    def _short_text(self, element: _Open) -> str | None:
        """What the element holds, if that is short and all in one paragraph."""
        number, start = element.at
        if number != self._number or len(self._pieces) - start > _SHORT:
            return None
        pieces = self._pieces[start:]
        return "".join(pieces) if sum(map(len, pieces)) <= _SHORT else None

    def _character_before(self, element: _Open) -> str:
        """What the element is glued to, "" for nothing."""
        for piece in reversed(self._pieces[max(0, element.at[1] - _NEAR) : element.at[1]]):
            if piece := piece.strip(marks.OPEN + marks.CLOSE + marks.REMOVED):
                return piece[-1].strip()
        return ""

    def _note_anchors(self, element: _Open) -> None:
        for name in {element.attributes.get("id"), element.attributes.get("name")} - {None, ""}:
            self.anchors.setdefault(str(name), len(self.paragraphs))
            if not element.is_block and not self._has_text:
                self._ids.append(str(name))

    def _begin_paragraph(self) -> None:
        self._pieces: list[str] = []
        self._linked: list[str] = []
        self._has_text = False
        self._way_back = ""
        self._raised_text = ""
        self._number += 1

    def _end_paragraph(self) -> None:
        """What was gathered is a paragraph, if it is anything."""
        text = self._gathered()
        if text:
            linked = bool(self._linked) and _letters("".join(self._linked)) >= max(1, _MOSTLY * _letters(text))
            found = Paragraph(text, self._level, is_note=self._notes > 0, linked=linked, way_back=self._way_back)
            found.ids = self._ids
            found.owners = [
                around for around in self._stack[-_NEAR:] if around.name in _NOTE_HOLDERS and "id" in around.attributes
            ]
            self.paragraphs.append(found)
            self._ids = []
        if self._pieces:
            self._begin_paragraph()

    def _gathered(self) -> str:
        text = "".join(self._pieces)
        if not text or text.isspace():
            return ""
        letter, self._letter = self._letter, letters.lonely_letter(text)
        text = marks.without_marks(letters.with_letters(text))
        text = "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))
        return letter + text if letter and letters.continues(letter, text) else text


def _with_single_blanks(text: str) -> str:
    """The same as a substitution of each row of blanks, ten times as fast."""
    words = " ".join(text.split())
    if not words:
        return " " if text else ""
    return (" " if text[0].isspace() else "") + words + (" " if text[-1].isspace() else "")


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))
