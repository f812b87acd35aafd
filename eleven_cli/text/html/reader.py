"""Turns tags and text into paragraphs: tracks open and silent elements, and where paragraphs end. Pure."""

from eleven_cli.text.html import elements, letters, marks
from eleven_cli.text.html.asides import Paragraph, References
from eleven_cli.text.html.elements import BLOCKS, HEADINGS, OpenElement
from eleven_cli.text.html.gathering import Gathering, with_single_blanks
from eleven_cli.text.html.tokens import End, PlainParagraph, Start, paragraphs_and_tokens

_FAR = 64  # elements: no document nests them deeper by intent
_NEAR = 8  # elements around a paragraph that may make a note of it
_MANY = 20  # ways back: one note has fewer numbers
_P, _END_OF_P = Start("p", {}, False), End("p")


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
        self._stack: list[OpenElement] = []
        self._names: dict[str, int] = {}  # how many of each are open
        self._silent: OpenElement | None = None
        self._level = 0  # of the heading we are in
        self._links = self._raised = self._notes = 0  # how many are open
        self._ids: list[str] = []
        self._gathering = Gathering()

    def read(self, markup: str) -> None:
        for token in paragraphs_and_tokens(markup):
            if isinstance(token, str):
                self._text(token)
            elif isinstance(token, PlainParagraph):
                self._plain_paragraph(token.text)
            elif isinstance(token, Start):
                self._start(token)
            else:
                self._end(token)
        while self._stack:
            self._close()
        self._end_paragraph()

    def _text(self, data: str) -> None:
        if self._silent is None:
            self._gathering.add(data, is_linked=self._links > 0)

    def _plain_paragraph(self, text: str) -> None:
        """What `_start`, `_text` and `_end` do for it: nothing in it can be a mark, and nothing remains open."""
        if self._silent is not None or self._links:
            self._start(_P)
            if text:
                self._text(text)
            return self._end(_END_OF_P)
        self._end_implied("p")
        self._end_paragraph()
        if text:
            self._gathering.add(text, is_linked=False)
            self._end_paragraph(_NEAR - 1)
        return None

    def _start(self, tag: Start) -> None:
        self._end_implied(tag.name)
        if self._silent is not None:
            if not tag.closed:
                self._push(OpenElement(tag.name, {}))
            return
        element = OpenElement(tag.name, tag.attributes)
        if element.traits.is_block:
            self._end_paragraph()
        if tag.attributes:
            self._note_anchors(element)
        element.start, element.after_text = self._gathering.place, self._gathering.has_text
        if not tag.closed:
            self._push(element)
            self._open(element)
        elif tag.name == "br":
            self._gathering.insert("\n")
        elif tag.name == "img" and (letter := letters.picture(tag.attributes.get("alt", ""))):
            self._gathering.insert(letter)

    def _open(self, element: OpenElement) -> None:
        name, traits = element.name, element.traits
        if traits.is_silent:
            self._fall_silent(element)
            return
        if name in HEADINGS:
            self._level = HEADINGS[name]
            for around in self._stack[-_NEAR:-1]:
                around.holds_heading = True
        elif name in ("td", "th") and not self._gathering.is_blank:
            self._gathering.insert(", ")
        self._count(element, 1)

    def _count(self, element: OpenElement, by: int) -> None:
        traits = element.traits
        self._links += by * traits.leads_inside
        self._raised += by * traits.raises
        self._notes += by * traits.is_note

    def _fall_silent(self, element: OpenElement) -> None:
        self._silent = element
        if len(self._stack) > 1 and "aria-hidden" in element.attributes:
            self._stack[-2].hides = True
        if elements.is_note_reference(element.attributes):
            self._gathering.insert(marks.REMOVED)
            self._refer(element)

    def _end(self, tag: End) -> None:
        if tag.name == "br":
            self._text("\n")
        if not self._names.get(tag.name):
            return
        is_inline = tag.name not in BLOCKS and self._silent is None
        for depth, element in enumerate(reversed(self._stack[-_FAR:]), start=1):
            if element.name == tag.name:
                return self._close(depth)
            if is_inline and element.traits.is_block:
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
        if self._names.get("p") and name in BLOCKS and name not in elements.ENDS:
            self._end_up_to(*elements.ENDS_P)
        if name in elements.ENDS:
            self._end_up_to(*elements.ENDS[name])

    def _end_up_to(self, ended: frozenset[str], kept: frozenset[str]) -> None:
        if not any(self._names.get(name) for name in ended):
            return
        last = 0
        for depth, element in enumerate(reversed(self._stack[-_FAR:]), start=1):
            if element.name in kept and element.name not in ended:
                break
            last = depth if element.name in ended else last
        self._close(last)

    def _push(self, element: OpenElement) -> None:
        self._stack.append(element)
        self._names[element.name] = self._names.get(element.name, 0) + 1

    def _close(self, how_many: int = 1) -> None:
        for _ in range(how_many):
            element = self._stack[-1]
            if self._silent is None:
                self._finish(element)
            elif self._silent is element:
                self._silent = None
            self._stack.pop()
            self._names[element.name] -= 1

    def _finish(self, element: OpenElement) -> None:
        if element.attributes or element.traits.raises:
            self._take_out_marks(element)
        if element.traits.is_block:
            self._end_paragraph()
        if element.name in HEADINGS:
            self._level = 0
        self._count(element, -1)

    def _take_out_marks(self, element: OpenElement) -> None:
        text = self._gathering.short_text(element.start)
        if text is None:
            return
        if not text.strip() and element.hides and "aria-label" in element.attributes:
            self._gathering.insert(with_single_blanks(element.attributes["aria-label"]))
        elif text.strip() and elements.marks_a_page(element.name, element.attributes) and marks.is_page_number(text):
            self._take_out(element)
        elif element.traits.raises:
            if marks.is_raised_mark(text):
                self._take_out(element)
            self._gathering.raised_text = text
        elif element.href:
            self._end_link(element, text)

    def _end_link(self, element: OpenElement, text: str) -> None:
        raised = self._raised > 0 or (bool(text.strip()) and text.strip() == self._gathering.raised_text.strip())
        before = self._gathering.character_before(element.start)
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
                self._gathering.replace(element.start, marks.OPEN, text, marks.CLOSE)
            leads = not element.after_text and marks.leads_a_note(text, element.href)
            if leads or (marks.may_be_mark(text) and before in ("[", "［")):
                self._refer(element)

    def _refer(self, element: OpenElement) -> None:
        """The number of a note leads to it; at the beginning of a paragraph it is the note's own, and leads back."""
        place = marks.fragment(element.attributes.get("href", ""))
        self._gathering.has_text = element.after_text
        if element.after_text:
            self.references.note(place, len(self.paragraphs))
        else:
            self._gathering.way_back = self._gathering.way_back or place
            self._lead_back(element)

    def _lead_back(self, element: OpenElement) -> None:
        place = marks.fragment(element.attributes.get("href", ""))
        for around in self._stack[-_NEAR:] if place else ():
            if "id" in around.attributes and len(around.ways_back) < _MANY:
                around.ways_back = [*around.ways_back, place]

    def _take_out(self, element: OpenElement) -> None:
        self._gathering.replace(element.start, marks.REMOVED)
        self._gathering.has_text = element.after_text

    def _note_anchors(self, element: OpenElement) -> None:
        for name in {element.attributes.get("id"), element.attributes.get("name")} - {None, ""}:
            self.anchors.setdefault(str(name), len(self.paragraphs))
            if not element.traits.is_block and not self._gathering.has_text:
                self._ids.append(str(name))

    def _end_paragraph(self, near: int = _NEAR) -> None:
        """What was gathered is a paragraph, if it is anything. near: how many elements around it count."""
        gathering = self._gathering
        if text := gathering.text():
            found = Paragraph(
                text,
                self._level,
                is_note=self._notes > 0,
                linked=gathering.is_linked(text),
                way_back=gathering.way_back,
            )
            found.ids = self._ids
            found.owners = [each for each in self._stack[-near:] if each.id and each.name in elements.NOTE_HOLDERS]
            self.paragraphs.append(found)
            self._ids = []
        gathering.end()
