"""The files of an EPUB: a zip archive of text in XML, not to be trusted, and often not quite well made. Pure."""

import posixpath
import re
import unicodedata
import zlib
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import unquote

from eleven_cli.text.epub.members import Member, members, unpacked
from eleven_cli.text.html.decoding import decoded_markup
from eleven_cli.text.html.entities import UnsafeMarkup, with_entities
from eleven_cli.text.html.tokens import count_of

LARGEST_BYTES = 200_000_000  # of all that is unpacked
CONTAINER = "META-INF/container.xml"
_CONTROLS = bytes([*range(0x09), *range(0x0E, 0x20), 0x7F])
_MOST_CONTROLS = 0.05  # of a text: what is encrypted or an image has twice as many
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_NOT_THE_BOOK = "__macosx/"


class BadBook(Exception):
    """What is wrong with the book, as the end of a sentence that begins with its name."""


class BadDocument(Exception):
    """Why one document cannot be read, in few words."""


class Archive:
    """The files of the book, as text, until it gets too much.

    assumed  what was assumed to read a file that is not quite right
    root     the folder of the archive that the book lies in, "" mostly
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._members = members(file)
        if not self._members and not _is_empty_archive(file):
            raise BadBook("is not an EPUB: it is not a zip archive")
        self._left = LARGEST_BYTES
        self.assumed: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        for name, member in self._members.items():
            for other in (name, member.other_name):
                if not name.lower().startswith(_NOT_THE_BOOK):
                    self._folded.setdefault(_folded(other), name)
        self.root = self._root()

    def __iter__(self) -> Iterator[str]:
        """The names in the archive, without those that a Mac adds."""
        return (name for name in self._members if not name.lower().startswith(_NOT_THE_BOOK))

    def find(self, path: str) -> str:
        """The name in the archive that is meant, whatever its case or spelling; "" for none."""
        return path if path in self._members else self._folded.get(_folded(path), "")

    def linked(self, base: str, href: str) -> str:
        """The name that a link from the folder `base` means, "" for none. Raises BadBook for one that leads out."""
        if not href or _SCHEME.match(href):
            return ""
        link = unquote(re.split("[#?]", href.strip())[0].replace("\\", "/"))
        path = posixpath.normpath(posixpath.join(base, link.lstrip("/") if link.startswith("/") else link))
        inside = re.sub(r"^(?:\.\./)+", "", path)
        absolute = posixpath.normpath(posixpath.join(self.root, link.lstrip("/")))
        found = self.find(inside) or self.find(absolute) or self.find(re.sub(r"^(?:\.\./)+", "", absolute))
        if not found and (inside != path or link.startswith("/")):
            raise BadBook(f"is damaged: {href!r} is not in it")
        return found

    def text(self, name: str) -> str:
        """One file. Raises BadDocument, and BadBook for one that is dangerous."""
        found = decoded_markup(self._data(name))
        if not _is_text(found.text):
            raise BadDocument("not a text")
        if found.assumption:
            self.assumed.setdefault(name, found.assumption)
        try:
            return with_entities(found.text)
        except UnsafeMarkup:
            raise BadBook(f"is not safe to read: {name} declares recursive or external entities") from None

    def _data(self, name: str) -> bytes:
        member = self._members.get(name)
        if member is None:
            raise BadDocument("missing")
        if member.is_locked:
            raise BadDocument("locked with a password")
        self._left -= max(0, member.size)
        if self._left < 0:
            raise BadBook(f"would unpack to more than {LARGEST_BYTES // 1_000_000} MB")
        return self._unpacked(name, member)

    def _unpacked(self, name: str, member: Member) -> bytes:
        most = member.size if member.size >= 0 else self._left
        try:
            data, is_whole = unpacked(self._file, member, most)
        except ValueError as failed:
            raise BadDocument(str(failed)) from None
        if len(data) > most:
            if member.size < 0:
                raise BadBook(f"would unpack to more than {LARGEST_BYTES // 1_000_000} MB")
            raise BadDocument("larger than it says")
        self._left -= len(data) if member.size < 0 else 0
        if not is_whole and not data:
            raise BadDocument("damaged")
        if not is_whole:
            self.assumed[name] = "is damaged: read as far as it goes"
        elif member.checksum is not None and zlib.crc32(data) != member.checksum:
            self.assumed[name] = "is damaged: its checksum is another"
        return data

    def _root(self) -> str:
        containers = [name for name in self._folded if f"/{name}".endswith(f"/{CONTAINER.lower()}")]
        shortest = self._folded[min(containers, key=len)] if containers else ""
        return posixpath.dirname(posixpath.dirname(shortest.replace("\\", "/")))


def _is_empty_archive(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(4) == b"PK\x05\x06"


def _folded(name: str) -> str:
    name = posixpath.normpath(unquote(name).replace("\\", "/")).lstrip("/")
    return unicodedata.normalize("NFC", name).casefold()


def _is_text(text: str) -> bool:
    return count_of(_CONTROLS, text) <= max(20, len(text) * _MOST_CONTROLS)
