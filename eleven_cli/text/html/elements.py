"""HTML's elements: what they are for, by their names, attributes and classes; and one that is open. Pure."""

import re
from functools import lru_cache
from typing import NamedTuple

from eleven_cli.text.html.marks import leads_inside

Attributes = dict[str, str]


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = (
    _names("address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption")
    | _names("figure footer form header hgroup hr html legend li main menu ol optgroup option p pre search section")
    | _names("summary table tbody tfoot thead tr ul head nav level1 level2 level3 level4 level5 level6 level")
    | _names("frontmatter bodymatter rearmatter doctitle docauthor")  # DTBook's
    | HEADINGS.keys()
) - _names("html")
IN_HEAD = _names("base link meta noscript object script style template title")
NOTE_HOLDERS = _names("p li aside dd dt div td tr blockquote dl")
SUPERSCRIPT = _names("sup super superscript")
_SILENT = _names("head title script style nav rt rp rtc svg template noscript annotation annotation-xml audio video")
_SILENT |= _names("object iframe canvas button select textarea datalist progress meter map frameset")
_SILENT_TYPES = _names("cover landmarks noteref page-list pagebreak toc backlink referrer loi lot index-term-refs")
_SILENT_CLASSES = _names("page-number pagenum pagenumber pageno noteref footnote-ref footnoteref fnref endnote-ref")
_SILENT_CLASSES |= _names("footnote-reference footnote-call footnote-back footnote-backref fn-backref reversefootnote")
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_NOTE_TYPES = _names("footnote footnotes endnote endnotes rearnote rearnotes")
_NOTE_CLASSES = _names("footnote footnotes endnote endnotes footnote-text footnotetext fn-text note-text")
_DROP_CAP = re.compile(r"(?:drop|initial|first)[-_]?(?:cap|caps|letter|capital)|^(?:initiale?|lettrine|versal)$")
_PAGE_PLACE = re.compile(r"(?:page|pg|p)[-_.]?(?:\d+|[ivxlcdm]+)", re.IGNORECASE)
_PAGE_CLASSES = _names("pagebreak page-break page_break pb page pgnum pagestart")
_REFERENCE_TYPES = _names("noteref")
_LONG_CLASS = " " * 100  # what is shorter is worth being kept
_NO: frozenset[str] = frozenset()


def _ending(ended: str, kept: str) -> tuple[frozenset[str], frozenset[str]]:
    return _names(ended), _names(kept)


ENDS_P = _ending("p", "table object button li td th dd caption")
ENDS = {  # what an element ends that was left open, and what keeps it from that
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


class Traits(NamedTuple):
    """What matters of an element for the text around it and in it.

    is_block      it stands in a paragraph of its own
    is_silent     nothing in it is to be read
    raises        it is a superscript
    is_note       it says itself that it holds the text of notes
    leads_inside  it is a link into the book
    """

    is_block: bool
    is_silent: bool
    raises: bool
    is_note: bool
    leads_inside: bool


def traits(tag: str, attributes: Attributes) -> Traits:
    if not attributes:
        return _traits_by_class(tag, None)
    if len(attributes) == 1 and len(attributes.get("class", _LONG_CLASS)) < len(_LONG_CLASS):
        return _traits_by_class(tag, attributes["class"])
    return _traits(tag, attributes)


@lru_cache(maxsize=1024)
def _traits_by_class(tag: str, name: str | None) -> Traits:
    return _traits(tag, {} if name is None else {"class": name})


def _traits(tag: str, attributes: Attributes) -> Traits:
    return Traits(
        is_block=tag in BLOCKS and not is_drop_cap(attributes),
        is_silent=is_silent(tag, attributes),
        raises=is_superscript(tag, attributes),
        is_note=is_note(tag, attributes),
        leads_inside=tag == "a" and leads_inside(attributes.get("href", "")),
    )


class OpenElement:
    """An element that is open.

    start          where its text begins
    after_text     whether the paragraph had begun before
    holds_heading  whether a heading stands in it
    hides          whether something silent stands in it that says so
    ways_back      the ids that links from a note to its number lead to
    """

    __slots__ = ("after_text", "attributes", "hides", "holds_heading", "id", "name", "start", "traits", "ways_back")

    def __init__(self, name: str, attributes: Attributes) -> None:
        self.name, self.attributes, self.id = name, attributes, attributes.get("id", "")
        self.traits = traits(name, attributes)
        self.start = (0, 0)
        self.ways_back: list[str] | tuple[()] = ()
        self.after_text = self.holds_heading = self.hides = False

    @property
    def href(self) -> str:
        return self.attributes.get("href", "") if self.name == "a" else ""


def types(attributes: Attributes) -> frozenset[str]:
    """What an element is for, as EPUB (`epub:type`, whatever the prefix) or ARIA (`role`) says."""
    found = frozenset(role.removeprefix("doc-") for role in _words(attributes["role"])) if "role" in attributes else _NO
    for name, value in attributes.items():
        if name.endswith(":type"):
            found |= _words(value)
    return found


def classes(attributes: Attributes) -> frozenset[str]:
    return _words(attributes["class"]) if "class" in attributes else _NO


@lru_cache(maxsize=1024)  # a book says the same few thousands of times
def _words(value: str) -> frozenset[str]:
    return frozenset(value.lower().split())


def is_silent(tag: str, attributes: Attributes) -> bool:
    """Whether nothing in the element is to be read."""
    if tag in _SILENT:
        return True
    return bool(attributes) and bool(
        "hidden" in attributes
        or attributes.get("aria-hidden", "").strip().lower() == "true"
        or types(attributes) & _SILENT_TYPES
        or classes(attributes) & _SILENT_CLASSES
        or _HIDDEN.search(attributes.get("style", ""))
    )


def is_note_reference(attributes: Attributes) -> bool:
    """Whether it says itself that it is the number of a note."""
    found = types(attributes) & _REFERENCE_TYPES or classes(attributes) & _SILENT_CLASSES
    return bool(found) and "href" in attributes


def is_note(tag: str, attributes: Attributes) -> bool:
    """Whether it says itself that it holds the text of notes."""
    if not attributes or tag in ("a", "sup"):
        return False
    return bool(types(attributes) & _NOTE_TYPES or classes(attributes) & _NOTE_CLASSES)


def is_drop_cap(attributes: Attributes) -> bool:
    return any(_DROP_CAP.search(name) for name in classes(attributes))


def is_superscript(tag: str, attributes: Attributes) -> bool:
    return tag == "sup" or bool(
        attributes and (classes(attributes) & SUPERSCRIPT or "vertical-align:super" in attributes.get("style", ""))
    )


def marks_a_page(tag: str, attributes: Attributes) -> bool:
    """Whether it may hold nothing but the number of a printed page."""
    place = "" if tag in BLOCKS else attributes.get("id") or attributes.get("name") or ""
    return bool(_PAGE_PLACE.fullmatch(place) or classes(attributes) & _PAGE_CLASSES)
