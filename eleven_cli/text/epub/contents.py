"""A book's table of contents: EPUB 3's navigation document, or EPUB 2's NCX. Pure."""

from contextlib import suppress
from html.parser import HTMLParser
from typing import NamedTuple

from eleven_cli.text.html.pages import read_into, types

_LEVELS = ("ol", "navpoint")


class Entry(NamedTuple):
    title: str
    href: str  # as it is written, with its fragment
    depth: int


def entries(markup: str) -> list[Entry]:
    """The entries in the order of the document; titles may be "". Whatever cannot be understood is left out."""
    reader = _Reader()
    with suppress(ValueError):
        read_into(reader, markup)
    return reader.entries


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.entries: list[Entry] = []
        self._depth = 0
        self._open = False  # within the right <nav>, or the NCX' <navMap>
        self._title: list[str] | None = None
        self._href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "navmap" or (tag == "nav" and "toc" in types(attributes)):
            self._open = True
        elif self._open and tag in _LEVELS:
            self._depth += 1
        elif self._open and tag in ("a", "text"):
            self._title, self._href = [], attributes.get("href", "")
        elif self._open and tag == "content" and self.entries:
            self.entries[-1] = self.entries[-1]._replace(href=attributes.get("src", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("nav", "navmap"):
            self._open, self._depth = False, 0
        elif self._open and tag in _LEVELS:
            self._depth -= 1
        elif tag in ("a", "text") and self._title is not None:
            self.entries.append(Entry(" ".join("".join(self._title).split()), self._href, self._depth))
            self._title = None

    def handle_data(self, data: str) -> None:
        if self._title is not None:
            self._title.append(data)
