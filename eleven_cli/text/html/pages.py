"""A page of a book: what is to be read of an XHTML document, and where its headings and anchors are. Pure.

Forgiving, as books are: HTML's own parser, which knows no entities but HTML's.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = (
    _names(
        "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer"
    )
    | _names("form header hr li main ol p pre section summary table tbody tfoot thead tr ul")
    | _HEADINGS.keys()
)
_VOID = _names("area base br col embed hr img input link meta param source track wbr")
_SILENT = _names("head script style nav rt rp svg template annotation annotation-xml audio video object iframe")
_SILENT_TYPES = _names("cover landmarks noteref page-list pagebreak toc")
_SILENT_CLASSES = _names("page-number pagenum pagenumber pageno")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_NO_TAG = re.compile(r"<(?![!?])(?=[^<>]*(?:<|\Z))")  # html.parser takes minutes over a row of them
_SENTENCE_END = tuple(".!?:;…。！？")

_Attributes = dict[str, str]


class Heading(NamedTuple):
    paragraph: int  # its place on the page
    level: int
    title: str


@dataclass
class Page:
    """The paragraphs of one document; a heading is one that ends with a full stop."""

    paragraphs: list[str] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)  # id -> the paragraph it stands in or before


def page(markup: str) -> Page:
    """What is to be read of an XHTML document.

    That is without the numbers of notes and pages, ruby annotations, images and navigation. Raises ValueError for what
    no parser could read.
    """
    reader = _Reader()
    read_into(reader, markup)
    reader.end_paragraph()
    return reader.page


def read_into(reader: HTMLParser, markup: str) -> None:
    """Feeds a parser a whole document. Raises ValueError for what no parser could read."""
    try:
        reader.feed(_NO_TAG.sub("&lt;", markup))
        reader.close()
    except AssertionError as failed:  # as html.parser says it
        raise ValueError(str(failed)) from failed


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._text: list[str] = []
        self._level = 0  # of the heading we are in
        self._silent, self._depth = "", 0  # the element that is left out, and how many of its kind are open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = tag.rpartition(":")[2]
        if self._silent:
            self._depth += tag == self._silent
            return
        if tag in _BLOCKS:
            self.end_paragraph()
        attributes = {name: value or "" for name, value in attrs}
        self._note_anchor(attributes)
        if tag not in _VOID and _is_silent(tag, attributes):
            self._silent, self._depth = tag, 1
        elif tag == "br":
            self._text.append("\n")
        elif tag in ("td", "th") and "".join(self._text).strip():
            self._text.append(", ")
        self._level = _HEADINGS.get(tag, self._level)

    def handle_endtag(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if self._silent:
            self._depth -= tag == self._silent
            self._silent = self._silent if self._depth else ""
        elif tag in _BLOCKS:
            self.end_paragraph()
            self._level = 0 if tag in _HEADINGS else self._level

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._text.append(re.sub(r"\s+", " ", data).replace("\xad", ""))

    def unknown_decl(self, data: str) -> None:
        if data.startswith("CDATA["):
            self.handle_data(data.removeprefix("CDATA["))

    def end_paragraph(self) -> None:
        """What was gathered is a paragraph, if it is anything."""
        lines = (" ".join(line.split()) for line in "".join(self._text).split("\n"))
        text = "\n".join(filter(None, lines))
        self._text = []
        if text and self._level:
            self.page.headings.append(Heading(len(self.page.paragraphs), self._level, text.replace("\n", " ")))
            text = text if text.endswith(_SENTENCE_END) else text + "."
        if text:
            self.page.paragraphs.append(text)

    def _note_anchor(self, attributes: _Attributes) -> None:
        for name in {attributes.get("id"), attributes.get("name")} - {None, ""}:
            self.page.anchors.setdefault(str(name), len(self.page.paragraphs))


def types(attributes: _Attributes) -> set[str]:
    """What an element is for, as EPUB (`epub:type`) or ARIA (`role`) says."""
    roles = (role.removeprefix("doc-") for role in attributes.get("role", "").split())
    return {*attributes.get("epub:type", "").split(), *roles}


def _is_silent(tag: str, attributes: _Attributes) -> bool:
    return bool(
        tag in _SILENT
        or "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or types(attributes) & _SILENT_TYPES
        or set(attributes.get("class", "").lower().split()) & _SILENT_CLASSES
        or _HIDDEN.search(attributes.get("style", ""))
    )
