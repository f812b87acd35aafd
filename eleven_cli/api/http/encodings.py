"""Content encodings: undoes, piece by piece, what a server compressed although it was asked not to.

Source: RFC 9110 (the header), RFC 1950 to 1952 (deflate, gzip), RFC 7932 (br), RFC 8878 (zstd).
"""

import zlib
from collections.abc import Iterator
from typing import Any, ClassVar, Protocol

from eleven_cli.errors import ElevenError, NetworkError

PIECE_BYTES = 65536  # a bomb takes no more memory than its reader keeps
MOST_LAYERS = 5
_UNENCODED = ("", "identity", "none")
_PACKAGES = {"br": "brotli", "zstd": "backports.zstd"}


class Decompressor(Protocol):
    """One compressed body.

    is_complete  whether its end has been read
    damaged      what `pieces` raises for bytes that are none of this kind
    """

    @property
    def is_complete(self) -> bool: ...

    @property
    def damaged(self) -> type[Exception]: ...

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What can be told after these bytes, at most PIECE_BYTES at a time."""


def decoded(chunks: Iterator[bytes], encodings: str, server: str) -> Iterator[bytes]:
    """The body without the encodings that its header names, in chunks of at least one byte.

    Raises NetworkError for what is cut short or damaged, and ElevenError for an encoding that is not known here.
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
    try:
        match name:
            case "gzip" | "x-gzip":
                return Gzip()
            case "deflate":
                return Deflate()
            case "br":
                return Brotli()
            case "zstd":
                return Zstandard()
    except ImportError:
        pass
    from eleven_cli.packages import install

    hint = install(_PACKAGES[name]) if name in _PACKAGES else ""
    unknown = f"{server} answers in the encoding {name!r}, which it was not asked for"
    raise ElevenError(unknown, hint=hint, code="unknown_encoding")


def _decoded_once(chunks: Iterator[bytes], decompressor: Decompressor, server: str) -> Iterator[bytes]:
    for chunk in chunks:
        try:
            yield from filter(None, decompressor.pieces(chunk))
        except decompressor.damaged as why:
            raise NetworkError(f"the answer of {server} is damaged: {why}", code="damaged") from why
    if not decompressor.is_complete:
        raise NetworkError(f"the connection to {server} was lost: it ended too early")


class Gzip:
    """Members, one after the other. What follows them and begins like none is ignored, as gzip(1) does."""

    damaged: ClassVar = zlib.error
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
    """With the header of zlib, as the standard says, or without it, as some servers send it."""

    damaged: ClassVar = zlib.error

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


class Brotli:
    """Raises ImportError where there is no library for it."""

    FED_BYTES = 1024  # older libraries cannot be told how much to give at once

    def __init__(self) -> None:
        try:
            import brotlicffi as brotli
        except ImportError:
            import brotli
        self.damaged: type[Exception] = brotli.error
        self._stream = brotli.Decompressor()

    @property
    def is_complete(self) -> bool:
        return bool(self._stream.is_finished())

    def pieces(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), self.FED_BYTES):
            if not self.is_complete:
                yield from self._process(data[at : at + self.FED_BYTES])

    def _process(self, data: bytes) -> Iterator[bytes]:
        try:
            yield self._stream.process(data, output_buffer_limit=PIECE_BYTES)
        except TypeError:
            yield self._stream.process(data)
            return
        while not self._stream.can_accept_more_data():
            yield self._stream.process(b"", output_buffer_limit=PIECE_BYTES)


class Zstandard:
    """Frames, one after the other. Raises ImportError where there is no library for it."""

    def __init__(self) -> None:
        import sys

        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
        self.damaged: type[Exception] = zstd.ZstdError
        self._new: Any = zstd.ZstdDecompressor
        self._frame: Any = None
        self.is_complete = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while data:
            self._frame, self.is_complete = self._frame or self._new(), False
            yield self._frame.decompress(data, PIECE_BYTES)
            while not (self._frame.needs_input or self._frame.eof):
                yield self._frame.decompress(b"", PIECE_BYTES)
            if not self._frame.eof:
                return
            data, self._frame, self.is_complete = self._frame.unused_data, None, True


def _inflated(stream: Any, data: bytes) -> Iterator[bytes]:
    piece = None
    while data or piece:  # a full piece may leave something behind within zlib
        piece = stream.decompress(data, PIECE_BYTES)
        yield piece
        data = b"" if stream.eof else stream.unconsumed_tail
        piece = piece if len(piece) == PIECE_BYTES else b""
