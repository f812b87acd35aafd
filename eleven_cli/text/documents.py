"""Documents: extracts the text to speak from a file or a stream of any supported type. Pure."""

from io import BytesIO
from pathlib import PurePath
from typing import BinaryIO, NamedTuple

from eleven_cli.errors import UsageError
from eleven_cli.text import kinds
from eleven_cli.text.books import Chapter
from eleven_cli.text.decoding import decoded
from eleven_cli.text.escapes import without_escapes

MARKDOWN_SUFFIXES = (".md", ".markdown")
_BOOK_FILES = ("/meta-inf/container.xml", ".opf")
_BOOK_TYPE = b"mimetypeapplication/epub+zip"
_OFFICE_FILES = {
    "word/document.xml": ".docx",
    "ppt/presentation.xml": ".pptx",
    "xl/workbook.xml": ".xlsx",
}
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."


class Document(NamedTuple):
    """chapters  at least one
    is_text   whether they are as they were written, with the marks of Markdown where they have any
    notes     what is worth knowing of how it was read, a sentence each
    """

    chapters: list[Chapter]
    is_text: bool
    notes: tuple[str, ...] = ()


def is_document_name(path: str) -> bool:
    """Whether the suffix is one of a text, of a book, or of a document that another program makes text of."""
    suffix = PurePath(path).suffix.lower()
    return suffix in (".txt", ".text", ".epub", *MARKDOWN_SUFFIXES) or kinds.is_document_suffix(suffix)


def document(path: str, content: bytes | BinaryIO) -> Document:
    """The document that `content`, or an open file that can be sought in, holds; `path` is its name, "" for stdin.

    Books, HTML and subtitles are known by what they hold, else by their suffix, and read as text. Raises UsageError,
    with the way out, for other documents, images and sound, and for what is no text.
    """
    file = BytesIO(content) if isinstance(content, bytes) else content
    beginning = file.read(kinds.MOST_UNDECIDED)
    kind = kinds.kind_of(path, beginning)
    is_book = path.lower().endswith(".epub")
    names = _names(file) if kind is kinds.ZIP and not is_book else []
    if is_book or _is_book(names, beginning):
        return _book(path, file)
    if kind is kinds.ZIP:
        kind = _kind_of_archive(names, beginning)
    if kind is not None and kind not in (kinds.SUBTITLES, kinds.HTML):
        raise kinds.refusal(kind, path)
    content = beginning + file.read()
    if kind is kinds.HTML:
        return Document([_web_page(path, content)], is_text=False)
    return _written(path, kind, content)


def _written(path: str, kind: kinds.Kind | None, content: bytes) -> Document:
    text = without_escapes(decoded(content, path or "stdin"))
    if kind is kinds.SUBTITLES:
        from eleven_cli.text.subtitles.reading import text_of

        words = text_of(text)
        return Document([Chapter("", words or text)], is_text=not words)
    if path.lower().endswith(MARKDOWN_SUFFIXES):
        from eleven_cli.text.books import chapters

        return Document(chapters(path, text.encode()), is_text=True)
    return Document([Chapter("", text)], is_text=True)


def _book(path: str, file: BinaryIO) -> Document:
    from eleven_cli.text.books import epub

    file.seek(0)
    chapters, findings = epub(path or "stdin", file)
    return Document(chapters, is_text=False, notes=tuple(findings.sentences()))


def _names(file: BinaryIO) -> list[str]:
    from eleven_cli.text.epub.members import members

    file.seek(0)
    return list(members(file))


def _is_book(names: list[str], beginning: bytes) -> bool:
    """Whether the files of an archive make an EPUB: its container or its package, else what it says of itself."""
    plain = [f"/{name}".replace("\\", "/").lower() for name in names]
    return any(name.endswith(_BOOK_FILES) for name in plain) or bool(names and _BOOK_TYPE in beginning[:200])


def _kind_of_archive(names: list[str], content: bytes) -> kinds.Kind:
    """What a zip archive that is no book is."""
    suffix = next((suffix for name, suffix in _OFFICE_FILES.items() if name in names), "")
    if _OPEN_DOCUMENT in content[:200]:
        suffix = ".odt" if _OPEN_DOCUMENT + b"text" in content[:200] else ".odp"
    return kinds.kind_of(suffix and f"x{suffix}", b"") or kinds.ZIP


def _web_page(path: str, content: bytes) -> Chapter:
    from eleven_cli.text.html.entities import UnsafeMarkup
    from eleven_cli.text.html.pages import paragraphs_of

    try:
        return Chapter("", "\n\n".join(paragraphs_of(content)))
    except UnsafeMarkup:
        name = path or "stdin"
        raise UsageError(f"{name} is not safe to read: it declares recursive or external entities") from None
