"""A book's table of contents: EPUB 3's navigation document, or EPUB 2's NCX. Pure."""

from typing import NamedTuple

from eleven_cli.text.html.elements import types
from eleven_cli.text.html.tokens import End, Start, tokens

_LEVELS = ("ol", "ul", "navpoint")


class Entry(NamedTuple):
    title: str
    href: str  # as it is written, with its fragment
    depth: int


def entries(markup: str) -> list[Entry]:
    """The entries in the order of the document; titles may be "". Whatever cannot be understood is left out."""
    reader = _Reader()
    for token in tokens(markup):
        if isinstance(token, str):
            reader.text(token)
        elif isinstance(token, Start):
            reader.start(token)
        else:
            reader.end(token)
    return reader.entries


class _Reader:
    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._depth = 0
        self._open = False  # within the right <nav>, or the NCX' <navMap>
        self._title: list[str] | None = None
        self._href = ""

    def start(self, tag: Start) -> None:
        if tag.name == "navmap" or (tag.name == "nav" and "toc" in types(tag.attributes)):
            self._open = True
        elif self._open and tag.name in _LEVELS and not tag.closed:
            self._depth += 1
        elif self._open and tag.name in ("a", "text") and not tag.closed:
            self._title, self._href = [], tag.attributes.get("href", "")
        elif self._open and tag.name == "content" and self.entries:
            self.entries[-1] = self.entries[-1]._replace(href=tag.attributes.get("src", ""))

    def end(self, tag: End) -> None:
        if tag.name in ("nav", "navmap"):
            self._open, self._depth = False, 0
        elif self._open and tag.name in _LEVELS:
            self._depth -= 1
        elif tag.name in ("a", "text") and self._title is not None:
            self.entries.append(Entry(" ".join("".join(self._title).split()), self._href, self._depth))
            self._title = None

    def text(self, data: str) -> None:
        if self._title is not None:
            self._title.append(data)
