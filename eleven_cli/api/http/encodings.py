"""Decompresses gzip and deflate piece by piece, for servers that compress although they were asked not to.

Source: RFC 9110 (the header), RFC 1950 to 1952 (deflate, gzip).
"""

import zlib
from collections.abc import Iterator
from typing import Any, Protocol

from eleven_cli.errors import ElevenError, NetworkError

PIECE_BYTES = 65536  # a bomb takes no more memory than its reader keeps
MOST_LAYERS = 5
_UNENCODED = ("", "identity", "none")


class Decompressor(Protocol):
    """One compressed body.

    is_complete  whether its end has been read
    """

    @property
    def is_complete(self) -> bool: ...

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Gives what these bytes decompress to, at most PIECE_BYTES at a time. Raises zlib.error."""


def decoded(chunks: Iterator[bytes], encodings: str, server: str) -> Iterator[bytes]:
    """Gives the body without the encodings that its header names, in chunks of at least one byte.

    Raises NetworkError for what is cut short or damaged, and ElevenError for any other encoding.
    """
    for name in reversed(_layers(encodings, server)):
        chunks = _decoded_once(chunks, _decompressor(name, server), server)
    return chunks


def _layers(encodings: str, server: str) -> list[str]:
    names = [name.strip().lower() for name in encodings.split(",")]
    layers = [name for name in names if name not in _UNENCODED]
    if len(layers) > MOST_LAYERS:
        raise ElevenError(f"{server} encodes its answer {len(layers)} times", code="unknown_encoding")
    return layers


def _decompressor(name: str, server: str) -> Decompressor:
    match name:
        case "gzip" | "x-gzip":
            return Gzip()
        case "deflate":
            return Deflate()
    unknown = f"{server} answers in the encoding {name!r}, which it was not asked for"
    raise ElevenError(unknown, code="unknown_encoding")


def _decoded_once(chunks: Iterator[bytes], decompressor: Decompressor, server: str) -> Iterator[bytes]:
    for chunk in chunks:
        try:
            yield from filter(None, decompressor.pieces(chunk))
        except zlib.error as why:
            raise NetworkError(f"the answer of {server} is damaged: {why}", code="damaged") from why
    if not decompressor.is_complete:
        raise NetworkError(f"the connection to {server} was lost: it ended too early")


class Gzip:
    """Decompresses one member after the other; ignores what follows them and is none, as gzip(1) does."""

    MAGIC = b"\x1f\x8b"

    def __init__(self) -> None:
        self._member: Any = None
        self._undecided = b""
        self._is_after_one = self._is_after_all = False

    @property
    def is_complete(self) -> bool:
        return self._is_after_one and self._member is None and not self._undecided

    def pieces(self, data: bytes) -> Iterator[bytes]:
        data, self._undecided = self._undecided + data, b""
        while data and not self._is_after_all:
            if self._member is None and self._is_after_one and not data.startswith(self.MAGIC):
                self._is_after_all = not self.MAGIC.startswith(data)
                self._undecided = b"" if self._is_after_all else data
                return
            self._member = self._member or zlib.decompressobj(16 + zlib.MAX_WBITS)
            yield from _inflated(self._member, data)
            if not self._member.eof:
                return
            data, self._member, self._is_after_one = self._member.unused_data, None, True


class Deflate:
    """Decompresses deflate with the header of zlib, as the standard says, or without, as some servers send it."""

    def __init__(self) -> None:
        self._stream: Any = None
        self._undecided = b""

    @property
    def is_complete(self) -> bool:
        return self._stream is not None and self._stream.eof

    def pieces(self, data: bytes) -> Iterator[bytes]:
        data, self._undecided = self._undecided + data, b""
        if self._stream is None and len(data) < 2:
            self._undecided = data
            return
        if self._stream is None:
            has_header = data[0] & 15 == zlib.DEFLATED and int.from_bytes(data[:2]) % 31 == 0
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
        if not self._stream.eof:
            yield from _inflated(self._stream, data)


def _inflated(stream: Any, data: bytes) -> Iterator[bytes]:
    piece = None
    while data or piece:  # a full piece may leave something behind within zlib
        piece = stream.decompress(data, PIECE_BYTES)
        yield piece
        data = b"" if stream.eof else stream.unconsumed_tail
        piece = piece if len(piece) == PIECE_BYTES else b""
