"""EPUB: the chapters of an electronic book, from its zip archive. Pure.

Source: EPUB 3.3 and 2.0.1: `META-INF/container.xml` names the package, the package names the documents and their order.
What can be read is read, and what is left out is told; only what is dangerous, protected or empty is refused.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote

from eleven_cli.errors import UsageError
from eleven_cli.text.epub.archive import Archive, BadBook, BadDocument
from eleven_cli.text.epub.contents import Entry, entries
from eleven_cli.text.epub.findings import Assumed, Findings, LeftOut, Repeated
from eleven_cli.text.epub.package import PAGE_SUFFIXES, Reference, package_of, refuse_protected
from eleven_cli.text.html.pages import Page, page
from eleven_cli.text.html.tokens import Start, tokens

_PAGES = {"application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document"}
_NO_TEXT = ("image/", "audio/", "video/", "font/")
_PAGE_ROOTS = {"html", "body", "head", "dtbook", "div", "section", "article", "main", "p", "span"}
_PAGE_ROOTS |= {f"h{level}" for level in range(1, 7)}
_PLAIN_TEXT = "text/plain"
_EMPTY_LINES = re.compile(r"\r?\n\s*\n")
_TINY = 20  # letters that make no chapter of their own
_MOST_REPEATS = 1000
_TITLE_LEVEL = 2  # down to which a heading begins a chapter that the table of contents does not name


class Book(NamedTuple):
    """Title and text of each chapter, in reading order, and how it was read; an empty line between two paragraphs."""

    chapters: list[tuple[str, str]]
    findings: Findings


class _Part(NamedTuple):
    title: str | None  # None: neither the table of contents nor a heading has one
    listed: bool
    paragraphs: list[str]


@dataclass
class _Reading:
    """A book that is being read."""

    archive: Archive
    contents: str = ""  # the table of contents, "" for none
    named: dict[str, list[Entry]] = field(default_factory=dict)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    read: dict[str, Repeated] = field(default_factory=dict)

    def leave_out(self, name: str, reason: str) -> None:
        self.left_out.setdefault(name, LeftOut(name, reason))


def book(path: str, file: BinaryIO) -> Book:
    """The book at `path`, read from the open `file`.

    A document, or a part of it, that the table of contents does not name and that has no heading goes with the chapter
    before. Raises UsageError, naming `path`, for what cannot be read.
    """
    try:
        reading = _Reading(Archive(file))
        package = package_of(reading.archive)
        refuse_protected(reading.archive, package)
        _read_contents(reading, package.contents)
        found = list(_chapters(_parts(reading, package.order)))
    except BadBook as bad:
        raise UsageError(f"{path} {bad}") from None
    findings = _findings(reading, package.flaw)
    if not found:
        raise UsageError(": ".join([f"{path} holds no text", *islice(findings.sentences(), 1)]))
    return Book(found, findings)


def _findings(reading: _Reading, flaw: tuple[str, str] | None) -> Findings:
    assumed = [Assumed(*flaw)] if flaw else []
    assumed += [Assumed(name, what) for name, what in reading.archive.assumed.items()]
    repeated = [found for found in reading.read.values() if found.times > 1]
    return Findings(tuple(reading.left_out.values()), tuple(repeated), tuple(assumed))


def _parts(reading: _Reading, order: list[Reference]) -> Iterator[_Part]:
    linear = {reference.name for reference in order if reference.is_linear}
    order = list(_once_each(order))
    if len(order) - len({reference.name or reference.href for reference in order}) > _MOST_REPEATS:
        raise BadBook("is not safe to read: it repeats its documents thousands of times")
    for reference in order:
        document = _page(reading, reference)
        if document is None or not _letters(document.paragraphs, 1):
            continue
        if not reference.is_linear:
            if reference.name not in linear:
                reading.leave_out(reference.name, "the book keeps it out of its reading order")
            continue
        before = reading.read.get(reference.name)
        characters = sum(len(paragraph) + 2 for paragraph in document.paragraphs)
        reading.read[reference.name] = Repeated(reference.name, before.times + 1 if before else 1, characters)
        yield from _sections(document, reading.named.get(reference.name, []))


def _once_each(order: list[Reference]) -> Iterator[Reference]:
    """The order without documents that it names again by another id: such ids are places in one document."""
    ids: dict[tuple[str, bool], str] = {}
    for reference in order:
        place = (reference.name or reference.href, reference.is_linear)
        if ids.setdefault(place, reference.id) == reference.id:
            yield reference


def _page(reading: _Reading, reference: Reference) -> Page | None:
    """What is to be read of a document; None for one that is left out."""
    name = reference.name
    try:
        if not name:
            raise BadDocument("not in the book")
        if reference.media_type.startswith(_NO_TEXT) and not name.lower().endswith(PAGE_SUFFIXES):
            raise BadDocument(f"{reference.media_type}, not a text")
        return _page_of(reading, reference, reading.archive.text(name))
    except BadDocument as bad:
        reading.leave_out(name or reference.href or "a document without a name", str(bad))
        return None


def _page_of(reading: _Reading, reference: Reference, markup: str) -> Page | None:
    if reference.media_type not in _PAGES and not _is_page(markup):
        if reference.media_type == _PLAIN_TEXT:
            return Page([" ".join(text.split()) for text in _EMPTY_LINES.split(markup) if text.strip()])
        raise BadDocument(f"{reference.media_type or 'unknown'}, not a page")
    document = page(markup)
    if reference.name == reading.contents and not _holds_text(document):
        return None
    return document


def _is_page(markup: str) -> bool:
    """Whether it is one by what it begins with, whatever it is called."""
    first = next((token.name for token in tokens(markup[:20_000]) if isinstance(token, Start)), "")
    return first in _PAGE_ROOTS


def _holds_text(document: Page) -> bool:
    """Whether a page with the table of contents holds more than its heading."""
    headings = {heading.paragraph for heading in document.headings}
    return _letters([text for at, text in enumerate(document.paragraphs) if at not in headings], _TINY)


def _read_contents(reading: _Reading, candidates: list[str]) -> None:
    """The entries of the table of contents for each document, with nothing but the fragment for a link."""
    for name in candidates:
        try:
            found = entries(reading.archive.text(name))
        except BadDocument:
            continue
        reading.contents = reading.contents or name
        for entry in found:
            link, _, fragment = entry.href.partition("#")
            if entry.title and link and (document := _linked(reading.archive, name, link)):
                reading.named.setdefault(document, []).append(entry._replace(href=unquote(fragment)))
        if reading.named:
            reading.contents = name
            return


def _linked(archive: Archive, contents: str, link: str) -> str:
    try:
        return archive.linked(posixpath.dirname(contents.replace("\\", "/")), link)
    except BadBook:  # nothing is read from where it leads
        return ""


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


def _chapters(parts: Iterator[_Part]) -> Iterator[tuple[str, str]]:
    """The parts as chapters: what has no title continues the one before, if that is in the table of contents.

    A few words without a title always do; before the first chapter they go with that.
    """
    chapter: _Part | None = None
    waiting: list[str] = []
    follows = False
    for part in parts:
        if not _letters(part.paragraphs, 1):
            continue
        is_tiny = part.title is None and not _letters(part.paragraphs, _TINY)
        if part.title is None and chapter is not None and (follows or is_tiny):
            chapter.paragraphs.extend(part.paragraphs)
        elif is_tiny:
            waiting += part.paragraphs
        else:
            if chapter is not None:
                yield _joined(chapter)
            chapter, waiting = part._replace(paragraphs=[*waiting, *part.paragraphs]), []
        follows = follows or part.listed
    if chapter is None and waiting:
        chapter = _Part(None, False, waiting)
    if chapter is not None:
        yield _joined(chapter)


def _joined(chapter: _Part) -> tuple[str, str]:
    return chapter.title or "", "\n\n".join(chapter.paragraphs)


def _letters(paragraphs: list[str], enough: int) -> bool:
    """Whether there are so many letters or digits in them."""
    return sum(1 for _ in islice((char for text in paragraphs for char in text if char.isalnum()), enough)) == enough
