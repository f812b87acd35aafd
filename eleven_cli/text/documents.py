"""Documents: what is to be spoken of a file or a stream, whatever it is made of. Pure."""

import codecs
import re
import zipfile
from contextlib import suppress
from io import BytesIO
from typing import NamedTuple

from eleven_cli.errors import UsageError
from eleven_cli.text import kinds
from eleven_cli.text.books import Chapter
from eleven_cli.text.decoding import decoded
from eleven_cli.text.escapes import without_escapes

MARKDOWN_SUFFIXES = (".md", ".markdown")
_BOOK_FILES = ("META-INF/container.xml", "mimetype")
_OFFICE_FILES = {
    "word/document.xml": ".docx",
    "ppt/presentation.xml": ".pptx",
    "xl/workbook.xml": ".xlsx",
}
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."


class Document(NamedTuple):
    """chapters  at least one
    is_text   whether they are as they were written, with the marks of Markdown where they have any
    """

    chapters: list[Chapter]
    is_text: bool


def document(path: str, content: bytes) -> Document:
    """The document that `content` was read from; `path` is its name, "" for stdin.

    Books, HTML and subtitles are known by what they hold, else by their suffix, and read as text. Raises UsageError,
    with the way out, for other documents, images and sound, and for what is no text.
    """
    kind = kinds.kind_of(path, content)
    is_book = path.lower().endswith(".epub") or (kind is kinds.ZIP and _is_book(content))
    if is_book:
        from eleven_cli.text.books import chapters

        return Document(chapters(path or "stdin", content), is_text=False)
    if kind is kinds.ZIP:
        kind = _kind_of_archive(content)
    if kind is kinds.HTML:
        return Document([_web_page(content)], is_text=False)
    if kind is not None and kind is not kinds.SUBTITLES:
        raise kinds.refusal(kind, path)
    text = without_escapes(decoded(content, path or "stdin"))
    if kind is kinds.SUBTITLES:
        from eleven_cli.text.subtitle_file import text_of

        words = text_of(text)
        return Document([Chapter("", words or text)], is_text=not words)
    if path.lower().endswith(MARKDOWN_SUFFIXES):
        from eleven_cli.text.books import chapters

        return Document(chapters(path, text.encode()), is_text=True)
    return Document([Chapter("", text)], is_text=True)


def _names(content: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return []


def _is_book(content: bytes) -> bool:
    names = _names(content)
    return _BOOK_FILES[0] in names or ("mimetype" in names and b"mimetypeapplication/epub+zip" in content[:200])


def _kind_of_archive(content: bytes) -> kinds.Kind:
    """What a zip archive that is no book is."""
    names = _names(content)
    suffix = next((suffix for name, suffix in _OFFICE_FILES.items() if name in names), "")
    if _OPEN_DOCUMENT in content[:200]:
        suffix = ".odt" if _OPEN_DOCUMENT + b"text" in content[:200] else ".odp"
    return kinds.kind_of(suffix and f"x{suffix}", b"") or kinds.ZIP


def _web_page(content: bytes) -> Chapter:
    from eleven_cli.text.html.pages import page

    try:
        return Chapter("", "\n\n".join(page(_markup(content)).paragraphs))
    except ValueError:
        raise UsageError("the HTML page cannot be read") from None


def _markup(content: bytes) -> str:
    """The text of an HTML page, by its mark, UTF-8, or what it declares; else as Windows has it."""
    declared = _CHARSET.search(content[:4096])
    marked = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    for encoding in (marked, declared[1].decode() if declared else "cp1252"):
        with suppress(LookupError, ValueError):
            return content.decode(encoding)
    return content.decode("cp1252", "replace")
