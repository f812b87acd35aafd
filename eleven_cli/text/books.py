"""Books: a file's chapters, from EPUB, Markdown or plain text. Pure."""

import re
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO

from eleven_cli.text.decoding import decoded
from eleven_cli.text.markdown import spoken
from eleven_cli.text.markdown.front_matter import front_matter_end

if TYPE_CHECKING:
    from eleven_cli.text.epub.findings import Findings

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(frozen=True)
class Chapter:
    """A chapter's title, "" for none, and its text."""

    title: str
    text: str


@dataclass(frozen=True)
class _Heading:
    line: int
    level: int
    title: str


def chapters(path: str, content: bytes) -> list[Chapter]:
    """The chapters of the file that `content` was read from; at least one.

    An EPUB (known by its content, or its suffix) has those of its table of contents; Markdown (`.md`, `.markdown`) has
    those below its highest headings that occur more than once, as Markdown; anything else is one chapter. Raises
    UsageError for what cannot be read.
    """
    suffix = path.lower()
    if content.startswith(_ZIP) or suffix.endswith(".epub"):
        return epub(path, BytesIO(content))[0]
    text = decoded(content, path)
    return _markdown(text) if suffix.endswith((".md", ".markdown")) else [Chapter("", text)]


def epub(path: str, file: BinaryIO) -> "tuple[list[Chapter], Findings]":
    """The chapters of the EPUB at `path`, read from the open `file`, and how it was read. Raises UsageError."""
    from eleven_cli.text.epub.chapters import book

    found = book(path, file)
    return [Chapter(title, text) for title, text in found.chapters], found.findings


def _markdown(text: str) -> list[Chapter]:
    lines = _LINE.findall(text)
    headings = _headings(text)
    top_level = _top_level(headings)
    tops = [heading for heading in headings if heading.level == top_level]
    if not tops:
        return [Chapter(headings[0].title if headings else "", text)]
    ends = [*(heading.line for heading in tops[1:]), len(lines)]
    found = [Chapter(top.title, "".join(lines[top.line : end])) for top, end in zip(tops, ends, strict=True)]
    before = "".join(lines[: tops[0].line])
    if _without_front_matter(before).strip():
        title = headings[0].title if headings[0].line < tops[0].line else ""
        found.insert(0, Chapter(title, before))
    return found


def _top_level(headings: list[_Heading]) -> int:
    """The highest level that occurs more than once; 0 for none."""
    counts = Counter(heading.level for heading in headings)
    return min((level for level, count in counts.items() if count > 1), default=0)


def _headings(text: str) -> list[_Heading]:
    """The headings outside of quotations, lists and code."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").disable("inline").parse(_without_front_matter(text))
    return [
        _Heading(token.map[0], int(token.tag[1:]), _title(words.content))
        for token, words in pairwise(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map
    ]


def _without_front_matter(text: str) -> str:
    """The same with empty lines where the front matter was."""
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    end = front_matter_end(unix)
    return "\n" * unix.count("\n", 0, end) + unix[end:]


def _title(markdown: str) -> str:
    title = " ".join(spoken("# " + " ".join(markdown.split())).split())
    return title if markdown.endswith(".") else title.removesuffix(".")
