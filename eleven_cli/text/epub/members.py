"""What lies in a zip archive, also where its list is lost; unpacked without trust in what it says. Pure."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

_HEADER = struct.Struct("<4s5H3L2H")
_HEADER_MARK = b"PK\x03\x04"
_NEXT_MARK = re.compile(rb"PK(?:\x03\x04|\x01\x02|\x07\x08)")
_LOCKED, _SIZES_FOLLOW, _UTF_8 = 0x1, 0x8, 0x800
_UNREADABLE = (zipfile.BadZipFile, struct.error, OSError, RuntimeError, ValueError, KeyError, NotImplementedError)
_PIECE = 4096  # bytes: what comes before a damaged one is kept


class Member(NamedTuple):
    """One file in the archive; sizes in bytes, -1 for unknown.

    other_name  what its name would be in UTF-8, where it does not say so
    start       of its header
    checksum    None for unknown
    """

    other_name: str
    start: int
    method: int
    is_locked: bool
    checksum: int | None
    packed_size: int
    size: int


def members(file: BinaryIO) -> dict[str, Member]:
    """The files by their names; {} for what is no archive, or an empty one."""
    with suppress(*_UNREADABLE):
        return {info.filename: _listed(info) for info in zipfile.ZipFile(file).infolist() if _is_file(info.filename)}
    file.seek(0)
    return dict(_found(file.read()))


def _is_file(name: str) -> bool:
    """Whether it names one: zipfile's own question fails for a name without a character."""
    return bool(name) and not name.endswith("/")


def unpacked(file: BinaryIO, member: Member, most: int) -> tuple[bytes, bool]:
    """What is in it, at most one byte more than `most`, and whether that is all. Raises ValueError."""
    file.seek(member.start)
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size or not header.startswith(_HEADER_MARK):
        raise ValueError("damaged")
    *_, name_size, extra_size = _HEADER.unpack(header)
    file.seek(name_size + extra_size, 1)
    if member.method == zipfile.ZIP_STORED:
        data = file.read(min(member.packed_size, most + 1))
        return data, len(data) >= min(member.packed_size, most + 1)
    if member.method != zipfile.ZIP_DEFLATED:
        raise ValueError("packed in a way no EPUB may be")
    return _inflated(file, member.packed_size, most + 1)


def _inflated(file: BinaryIO, left: int, room: int) -> tuple[bytes, bool]:
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces: list[bytes] = []
    while room > 0 and not unpack.eof:
        data = file.read(min(left, _PIECE))
        left -= len(data)
        try:
            piece = unpack.decompress(data, room) if data else unpack.flush()[:room]
        except zlib.error:
            return b"".join(pieces), False
        pieces.append(piece)
        room -= len(piece)
        if not data:
            break
    return b"".join(pieces), unpack.eof or room <= 0


def _listed(info: zipfile.ZipInfo) -> Member:
    name = _other_name(info.filename) if not info.flag_bits & _UTF_8 else info.filename
    locked = bool(info.flag_bits & _LOCKED)
    return Member(name, info.header_offset, info.compress_type, locked, info.CRC, info.compress_size, info.file_size)


def _found(data: bytes) -> Iterator[tuple[str, Member]]:
    """The files of an archive whose list, which stands at its end, is lost."""
    at = data.find(_HEADER_MARK)
    while 0 <= at <= len(data) - _HEADER.size:
        _, _, flags, method, _, _, checksum, packed, size, name_size, extra_size = _HEADER.unpack_from(data, at)
        start = at + _HEADER.size + name_size + extra_size
        raw = data[at + _HEADER.size : at + _HEADER.size + name_size]
        name = raw.decode("utf-8" if flags & _UTF_8 else "cp437", "replace")
        unknown = bool(flags & _SIZES_FOLLOW) and not packed
        if unknown:
            following = _NEXT_MARK.search(data, start)
            packed = (following.start() if following else len(data)) - start
        if name and not name.endswith("/"):
            yield (
                name,
                Member(
                    _other_name(name),
                    at,
                    method,
                    bool(flags & _LOCKED),
                    None if unknown else checksum,
                    packed,
                    -1 if unknown else size,
                ),
            )
        at = data.find(_HEADER_MARK, max(start + packed if packed < len(data) - start else start, at + 4))


def _other_name(name: str) -> str:
    try:
        return name.encode("cp437").decode("utf-8")
    except ValueError:
        return name
