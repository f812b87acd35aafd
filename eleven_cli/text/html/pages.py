"""A page: what is to be read of an HTML document, and where its headings and anchors are. Pure."""

from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from eleven_cli.text.html.asides import contents_among, headings_of_nothing, notes_among
from eleven_cli.text.html.decoding import decoded_markup
from eleven_cli.text.html.entities import with_entities
from eleven_cli.text.html.reader import Reader

_SENTENCE_END = tuple(".!?:;…。！？．")


class Heading(NamedTuple):
    paragraph: int  # its place on the page
    level: int
    title: str


@dataclass
class Page:
    """The paragraphs of one document; a heading is one that ends with a full stop.

    anchors      id -> the paragraph it stands in or before
    notes        how many paragraphs were left out, since they are notes in the middle of other text
    is_contents  whether lists of links into the book, which were left out, were all that it held
    """

    paragraphs: list[str] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)
    notes: int = 0
    is_contents: bool = False


def paragraphs_of(data: bytes) -> list[str]:
    """The paragraphs that are to be read of an HTML file, whatever its encoding. Raises UnsafeMarkup."""
    return page(with_entities(decoded_markup(data).text)).paragraphs


def page(markup: str) -> Page:
    """What is to be read of an HTML or XHTML document.

    That is without the numbers of notes and pages, notes, ruby annotations, images, navigation and lists of contents.
    """
    reader = Reader()
    reader.read(markup)
    found = reader.paragraphs
    notes, contents = notes_among(found, reader.references, reader.anchors), contents_among(found)
    left_out = notes | contents
    left_out |= headings_of_nothing(found, notes, contents)
    before = [0, *accumulate(at not in left_out for at in range(len(found)))]
    result = Page(notes=len(notes), is_contents=bool(contents))
    for at, paragraph in enumerate(found):
        if at in left_out:
            continue
        text = paragraph.text
        if paragraph.level:
            result.headings.append(Heading(before[at], paragraph.level, text.replace("\n", " ")))
            text = text if text.endswith(_SENTENCE_END) else text + "."
        result.is_contents = result.is_contents and bool(paragraph.level)
        result.paragraphs.append(text)
    result.anchors = {name: before[at] for name, at in reader.anchors.items()}
    return result
