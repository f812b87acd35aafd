"""EPUB: the chapters of an electronic book, from its zip archive. Pure.

Source: EPUB 3.3 and 2.0.1: `META-INF/container.xml` names the package, the package names the documents and their order.
"""

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from eleven_cli.errors import UsageError
from eleven_cli.text.epub.archive import Archive, BadBook
from eleven_cli.text.epub.contents import Entry, entries
from eleven_cli.text.html.pages import Page, page

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = {"application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document"}
_NCX = "application/x-dtbncx+xml"
_FONT_SCRAMBLING = {"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"}
_FONTS = (".otf", ".ttf", ".ttc", ".woff", ".woff2")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_TINY = 20  # letters that make no chapter of their own
_TITLE_LEVEL = 2  # down to which a heading begins a chapter that the table of contents does not name


class _Item(NamedTuple):
    name: str  # in the archive
    media_type: str
    properties: set[str]


class _Package(NamedTuple):
    pages: list[str]
    contents: str  # the table of contents, "" for none


class _Part(NamedTuple):
    title: str | None  # None: neither the table of contents nor a heading has one
    listed: bool
    paragraphs: list[str]


def chapters(path: str, content: bytes) -> list[tuple[str, str]]:
    """Title and text of each chapter, in reading order; paragraphs are kept apart by an empty line.

    A document, or a part of it, that the table of contents does not name and that has no heading goes with the chapter
    before. Documents without a text are left out. Raises UsageError, naming `path`, for what cannot be read.
    """
    try:
        archive = Archive(content)
        found = _joined(_parts(archive))
    except BadBook as bad:
        raise UsageError(f"{path} {bad}") from None
    if not found:
        raise UsageError(f"{path} holds no text")
    return found


def _parts(archive: Archive) -> Iterator[_Part]:
    if _CONTAINER not in archive:
        raise BadBook(f"is no EPUB: it has no {_CONTAINER}")
    _refuse_protected(archive)
    package = _package(archive)
    named = _named(archive, package.contents)
    for name in package.pages:
        if name != package.contents:
            yield from _sections(_page(archive, name), named.get(name, []))


def _page(archive: Archive, name: str) -> Page:
    try:
        return page(archive.text(name))
    except ValueError as failed:
        raise BadBook(f"is damaged: {name} is not well-formed") from failed


def _refuse_protected(archive: Archive) -> None:
    if _ENCRYPTION not in archive:
        return
    for data in _all(archive.tree(_ENCRYPTION), "EncryptedData"):
        methods = {method.get("Algorithm", "") for method in _all(data, "EncryptionMethod")}
        names = [reference.get("URI", "") for reference in _all(data, "CipherReference")]
        if not methods & _FONT_SCRAMBLING and not all(name.lower().endswith(_FONTS) for name in names):
            raise BadBook("is protected against copying (DRM)")


def _package(archive: Archive) -> _Package:
    """The documents in reading order."""
    name = next((root.get("full-path", "") for root in _all(archive.tree(_CONTAINER), "rootfile")), "")
    root = archive.tree(_resolved("", name))
    items = {
        item.get("id", ""): _Item(
            item.get("href", ""), item.get("media-type", ""), set(item.get("properties", "").split())
        )
        for item in _all(root, "item")
    }
    base = posixpath.dirname(name)
    pages = []
    for reference in _all(root, "itemref"):
        if (item := items.get(reference.get("idref", ""))) is None:
            raise BadBook(f"is damaged: its order names {reference.get('idref', 'nothing')!r}, which it does not have")
        if reference.get("linear") != "no" and item.media_type in _PAGES:
            pages.append(_resolved(base, item.name))
    contents = [item.name for item in items.values() if "nav" in item.properties]
    contents += [item.name for item in items.values() if item.media_type == _NCX]
    return _Package(pages, _resolved(base, contents[0]) if contents else "")


def _named(archive: Archive, contents: str) -> dict[str, list[Entry]]:
    """The entries of the table of contents for each document, with nothing but the fragment for a link."""
    found: dict[str, list[Entry]] = {}
    for entry in entries(archive.text(contents)) if contents in archive else []:
        link, _, fragment = entry.href.partition("#")
        if entry.title and link:
            name = posixpath.normpath(posixpath.join(posixpath.dirname(contents), unquote(link)))
            found.setdefault(name, []).append(entry._replace(href=unquote(fragment)))
    return found


def _sections(document: Page, named: list[Entry]) -> Iterator[_Part]:
    """The document in parts, one for each of the highest entries that point into it."""
    highest = min((entry.depth for entry in named), default=0)
    titles: dict[int, str] = {}
    for entry in named:
        if entry.depth == highest:
            titles.setdefault(document.anchors.get(entry.href, 0), entry.title)
    starts = sorted({0, *titles})
    for start, end in zip(starts, [*starts[1:], len(document.paragraphs)], strict=True):
        title = titles.get(start, _heading(document, start, end))
        yield _Part(title, start in titles, document.paragraphs[start:end])


def _heading(document: Page, start: int, end: int) -> str | None:
    found = (head for head in document.headings if start <= head.paragraph < end and head.level <= _TITLE_LEVEL)
    return next((head.title for head in found), None)


def _joined(parts: Iterator[_Part]) -> list[tuple[str, str]]:
    """The parts as chapters: what has no title continues the one before, if that is in the table of contents."""
    found: list[tuple[str, list[str]]] = []
    follows = False
    for part in parts:
        letters = sum(map(str.isalnum, "".join(part.paragraphs)))
        if letters < (1 if part.listed else _TINY):
            continue
        if part.title is None and follows:
            found[-1][1].extend(part.paragraphs)
        else:
            found.append((part.title or "", part.paragraphs))
        follows = follows or part.listed
    return [(title, "\n\n".join(paragraphs)) for title, paragraphs in found]


def _resolved(base: str, href: str) -> str:
    """The name in the archive that a link means; it has to stay in there."""
    name = posixpath.normpath(posixpath.join(base, unquote(href.partition("#")[0])))
    if not href or _SCHEME.match(href) or name.startswith("/") or name.split("/")[0] == "..":
        raise BadBook(f"is damaged: {href!r} is not in it")
    return name


def _all(root: "Element", name: str) -> "Iterator[Element]":
    """All elements of that name, whatever their namespace."""
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == name)
