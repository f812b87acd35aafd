"""The files of an EPUB: a zip archive of text in XML, not to be trusted. Pure."""

import re
import zipfile
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LARGEST_BYTES = 200_000_000  # of all that is unpacked
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, KeyError)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARED = re.compile(rb"\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([\w.:-]+)")


class BadBook(Exception):
    """What is wrong with the book, as the end of a sentence that begins with its name."""


class Archive:
    """The files of the book, as text, until it gets too much."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(BytesIO(content))
        except (*_UNREADABLE, NotImplementedError) as failed:
            raise BadBook("is no EPUB: it is not a zip archive") from failed
        self._names = set(self._zip.namelist())
        self._left = LARGEST_BYTES

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def text(self, name: str) -> str:
        """One file; one that declares entities is refused, since a few lines of them can make gigabytes."""
        text = _decoded(self._data(name), name)
        if "<!ENTITY" in text:
            raise BadBook(f"is not safe to read: {name} declares entities of its own")
        return text

    def tree(self, name: str) -> "Element":
        from xml.etree.ElementTree import ParseError, fromstring

        try:
            return fromstring(self.text(name))
        except (ParseError, ValueError) as failed:
            raise BadBook(f"is damaged: {name} is not well-formed") from failed

    def _data(self, name: str) -> bytes:
        if name not in self._names:
            raise BadBook(f"is damaged: {name} is missing")
        member = self._zip.getinfo(name)
        self._left -= member.file_size
        if self._left < 0:
            raise BadBook(f"would unpack to more than {LARGEST_BYTES // 1_000_000} MB")
        if member.compress_type not in _METHODS:
            raise BadBook(f"is damaged: {name} is packed in a way no EPUB may be")
        try:
            with self._zip.open(member) as file:
                return file.read(member.file_size + 1)  # its true size may be another: read() alone would unpack it all
        except _UNREADABLE as failed:
            raise BadBook(f"is damaged: {name} cannot be unpacked") from failed


def _decoded(data: bytes, name: str) -> str:
    """By its mark or its declaration, else UTF-8."""
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "")
    declared = _DECLARED.match(data)
    if (
        not encoding and declared and not declared[1].lower().startswith((b"utf-16", b"utf-32"))
    ):  # it would not be legible
        encoding = declared[1].decode()
    try:
        return data.decode(encoding or "utf-8")
    except (LookupError, ValueError) as failed:
        raise BadBook(f"is damaged: {name} is not {(encoding or 'utf-8').upper()} text") from failed
