"""What a document is, by its beginning or its name: text, something that can be read as text, or neither. Pure."""

import codecs
import re
from pathlib import PurePath
from shlex import quote
from typing import NamedTuple

from eleven_cli.errors import UsageError

MOST_UNDECIDED = 65536  # bytes that may pass before it is known what they are the beginning of


class Kind(NamedTuple):
    """name  what it is called
    way   the command that makes text of it, with {file} for its name; "" when it is read here
    """

    name: str
    way: str = ""


HTML = Kind("an HTML page")
SUBTITLES = Kind("subtitles")
ZIP = Kind("a zip archive", "unzip -p {file} | eleven tts")  # perhaps a book: its contents decide

_PANDOC = "pandoc {file} -t plain --wrap=none | eleven tts"
_OFFICE = "soffice --headless --cat {file} | eleven tts"
_PDF = Kind("a PDF", "pdftotext {file} - | eleven tts")
_RTF = Kind("an RTF document", _PANDOC)
_POSTSCRIPT = Kind("PostScript", "ps2ascii {file} | eleven tts")
_OLD_OFFICE = Kind("an Office document", _OFFICE)
_MOBI = Kind("a Kindle book", "ebook-convert {file} book.epub && eleven tts -f book.epub")
_DJVU = Kind("a DjVu document", "djvutxt {file} | eleven tts")
_FICTION_BOOK = Kind("a FictionBook", "pandoc -f fb2 {file} -t plain --wrap=none | eleven tts")
_XML = Kind("XML", "xmllint --xpath 'string(/)' {file} | eleven tts")
_IMAGE = Kind("an image", "tesseract {file} - | eleven tts")
_SOUND = Kind("audio", "eleven stt {file}")
_VIDEO = Kind("a video", "eleven stt {file}")
_SCRIPT = Kind("a script of subtitles", "ffmpeg -v error -i {file} -f srt - | eleven tts")
_PACKED = {
    suffix: Kind("a packed file", f"{program} -dc {{file}} | eleven tts")
    for suffix, program in {"gz": "gzip", "bz2": "bzip2", "xz": "xz", "zst": "zstd"}.items()
}
_TAR = Kind("a tar archive", "tar -xOf {file} | eleven tts")

_BY_BEGINNING: tuple[tuple[bytes, Kind], ...] = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"%PDF-", _PDF),
    (b"{\\rtf", _RTF),
    (b"%!PS", _POSTSCRIPT),
    (b"\xd0\xcf\x11\xe0", _OLD_OFFICE),
    (b"AT&TFORM", _DJVU),
    (b"\x89PNG", _IMAGE),
    (b"\xff\xd8\xff", _IMAGE),
    (b"GIF87a", _IMAGE),
    (b"GIF89a", _IMAGE),
    (b"II*\0", _IMAGE),
    (b"MM\0*", _IMAGE),
    (b"\0\0\1\0", _IMAGE),
    (b"ID3\2", _SOUND),
    (b"ID3\3", _SOUND),
    (b"ID3\4", _SOUND),
    (b"OggS\0", _SOUND),
    (b"fLaC\0", _SOUND),
    (b"FORM\0", _SOUND),
    (b"\xff\xfb", _SOUND),
    (b"\xff\xf3", _SOUND),
    (b"\xff\xf2", _SOUND),
    (b"\xff\xfa", _SOUND),
    (b"\xff\xf1", _SOUND),
    (b"\xff\xf9", _SOUND),
    (b"#!AMR\n", _SOUND),
    (b"MThd\0", _SOUND),
    (b"\x1aE\xdf\xa3", _VIDEO),
    (b"\x1f\x8b", _PACKED["gz"]),
    (b"BZh9", _PACKED["bz2"]),
    (b"\xfd7zXZ", _PACKED["xz"]),
    (b"\x28\xb5\x2f\xfd", _PACKED["zst"]),
)
_LATER: tuple[tuple[tuple[tuple[int, bytes], ...], Kind], ...] = (  # bytes at several places
    (((0, b"RIFF"), (8, b"WAVE")), _SOUND),
    (((0, b"RIFF"), (8, b"sfpk")), _SOUND),
    (((0, b"RIFF"), (8, b"WEBP")), _IMAGE),
    (((0, b"RIFF"), (8, b"AVI ")), _VIDEO),
    (((4, b"ftyphei"),), _IMAGE),
    (((4, b"ftypavif"),), _IMAGE),
    (((4, b"ftypmif"),), _IMAGE),
    (((4, b"ftypM4A"),), _SOUND),
    (((4, b"ftypM4B"),), _SOUND),
    (((4, b"ftyp"),), _VIDEO),
    (((0, b"BM"), (6, b"\0\0\0\0")), _IMAGE),
    (((60, b"BOOKMOBI"),), _MOBI),
    (((60, b"TEXtREAd"),), _MOBI),
    (((257, b"ustar"),), _TAR),
)
# Compiled when a text first needs them: most begin with neither "<" nor a digit.
_PROLOG = rb"(?is)(?:<\?[^>]*>|<!--(?:(?!-->).)*-->|<!doctype\b[^>\[]*(?:\[[^\]]*\][^>]*)?>|\s)*"
_ROOT = _PROLOG + rb"<([a-z][\w:.-]*)[\s/>]"
_ROOTS = {
    **dict.fromkeys((b"html", b"head", b"body", b"title", b"meta"), HTML),
    b"svg": _IMAGE,
    b"fictionbook": _FICTION_BOOK,
}
_SPEECH = b"speak"  # SSML is meant for the voice
_OPEN_ROOT = _PROLOG + rb"(?:<(?:[a-z][\w:.-]*|[?!][a-z][^>]*|!(?:-(?:-(?:(?!-->).)*)?)?|\?)?)?\Z"
_CUE = rb"\d+[ \t]*\r?\n\d+:\d\d:\d\d[,.]\d+[ \t]*-->"
_OPEN_CUE = rb"\d{1,9}[ \t]*\r?(?:\n[\d:,.]*[ \t]*-{0,2})?\Z"
_WEBVTT = b"WEBVTT"


def _suffixes(kind: Kind, words: str) -> dict[str, Kind]:
    return dict.fromkeys((f".{word}" for word in words.split()), kind)


_BY_SUFFIX = {
    **_suffixes(HTML, "html htm xhtml xht shtml"),
    **_suffixes(SUBTITLES, "srt vtt"),
    **_suffixes(ZIP, "zip"),
    **_suffixes(_PDF, "pdf"),
    **_suffixes(_POSTSCRIPT, "ps eps"),
    **_suffixes(_RTF, "rtf"),
    **_suffixes(Kind("a Word document", _PANDOC), "docx docm"),
    **_suffixes(Kind("an OpenDocument text", _PANDOC), "odt ott"),
    **_suffixes(_OLD_OFFICE, "doc dot xls xlsx ppt pptx ods odp pages"),
    **_suffixes(_MOBI, "mobi azw azw3 prc"),
    **_suffixes(_DJVU, "djvu djv"),
    **_suffixes(_FICTION_BOOK, "fb2"),
    **_suffixes(Kind("LaTeX", _PANDOC), "tex latex"),
    **_suffixes(Kind("reStructuredText", _PANDOC), "rst"),
    **_suffixes(Kind("an Org document", _PANDOC), "org"),
    **_suffixes(Kind("AsciiDoc", "asciidoctor -o - {file} > page.html && eleven tts -f page.html"), "adoc asciidoc"),
    **_suffixes(Kind("a notebook", _PANDOC), "ipynb"),
    **_suffixes(_SCRIPT, "ass ssa"),
    **_suffixes(_IMAGE, "png jpg jpeg gif webp bmp tif tiff heic avif svg ico"),
    **_suffixes(_SOUND, "mp3 wav ogg oga opus flac m4a m4b aac wma aiff aif amr mid midi"),
    **_suffixes(_VIDEO, "mp4 m4v mkv mov avi webm mpg mpeg wmv"),
    **_suffixes(_TAR, "tar tgz"),
    **{f".{suffix}": kind for suffix, kind in _PACKED.items()},
}
_HARDLY_TEXT = (ZIP, _IMAGE, _SOUND, _VIDEO, _TAR, *_PACKED.values())


def is_document_suffix(suffix: str) -> bool:
    """Whether it names a document, and nothing else: .org is the end of many a domain."""
    return suffix in _BY_SUFFIX and suffix != ".org" and _BY_SUFFIX[suffix] not in _HARDLY_TEXT


def kind_of(path: str, content: bytes) -> Kind | None:
    """What the file at `path`, "" for a stream, is; None for text. What it holds counts more than its name."""
    return kind_by_content(content) or _BY_SUFFIX.get(PurePath(path).suffix.lower())


def kind_by_content(beginning: bytes) -> Kind | None:
    """The same by content alone; None also while it is too short to tell."""
    for mark, kind in _BY_BEGINNING:
        if beginning.startswith(mark):
            return kind
    for places, kind in _LATER:
        if all(beginning.startswith(mark, at) for at, mark in places):
            return kind
    return _text_kind(beginning[_text_start(beginning) :][:MOST_UNDECIDED])


def is_undecided(beginning: bytes) -> bool:
    """Whether the next bytes of a stream may show that it is more than text."""
    if len(beginning) >= MOST_UNDECIDED or kind_by_content(beginning) is not None:
        return False
    text = beginning[_text_start(beginning) :]
    if not text or any(mark.startswith(beginning) for mark, _ in (*_BY_BEGINNING, (codecs.BOM_UTF8, None))):
        return True
    if text.startswith(b"<"):
        return re.match(_OPEN_ROOT, text) is not None
    return _WEBVTT.startswith(text) or (text[:1].isdigit() and re.match(_OPEN_CUE, text) is not None)


def refusal(kind: Kind, path: str) -> UsageError:
    """Why the document at `path`, "" for stdin, is not spoken, and how it can be."""
    file = quote(path) if path else "FILE"
    return UsageError(f"{path or 'stdin'} is {kind.name}, not text", hint=kind.way.format(file=file))


def _text_start(data: bytes) -> int:
    return len(data) - len(data.removeprefix(codecs.BOM_UTF8).lstrip())


def _text_kind(text: bytes) -> Kind | None:
    if text.startswith(b"{\\rtf"):
        return _RTF
    if text.startswith(_WEBVTT) and text[len(_WEBVTT) :][:1] in b" \t\r\n":
        return SUBTITLES
    if text[:1].isdigit() and re.match(_CUE, text):
        return SUBTITLES
    if not (text.startswith(b"<") and (root := re.match(_ROOT, text))):
        return None
    name = root[1].lower().rpartition(b":")[2]
    if name == _SPEECH or (name not in _ROOTS and not text.startswith(b"<?xml")):
        return None
    return _ROOTS.get(name, _XML)
