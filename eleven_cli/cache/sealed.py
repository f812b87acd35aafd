"""Reading files that were sealed (sealing.py); what is not whole is as if it were not there."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Self

from eleven_cli.cache.sealing import CHUNK_BYTES, LENGTHS, MAGIC
from eleven_cli.errors import ElevenError
from eleven_cli.files.locks import acquire, still_named

_DIGEST_BYTES = 32
_SEAL_BYTES = LENGTHS.size + _DIGEST_BYTES


class Sealed:
    """A whole file, open: it stays readable when its name goes. Close it, or use it in a `with`.

    facts        what was said when it was sealed
    byte_count   of the audio
    """

    def __init__(self, file: BinaryIO, lengths: tuple[int, int, int]) -> None:
        self._file = file
        self.byte_count, self._beside_bytes, facts_bytes = lengths
        self.facts: dict[str, Any] = _value(b"".join(self._blocks(self.byte_count + self._beside_bytes, facts_bytes)))

    @property
    def has_beside(self) -> bool:
        """Whether values were kept with the audio."""
        return self._beside_bytes > 0

    def chunks(self) -> Iterator[bytes]:
        """The audio. Raises ElevenError when the file is altered meanwhile."""
        return self._blocks(0, self.byte_count)

    def beside(self) -> Iterator[Any]:
        """The values that go with the audio, in their order."""
        rest = b""
        for block in self._blocks(self.byte_count, self._beside_bytes):
            *lines, rest = (rest + block).split(b"\n")
            yield from map(_value, lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def _blocks(self, start: int, size: int) -> Iterator[bytes]:
        return blocks(self._file, start, start + size)


def blocks(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """What a file holds between two places. Raises ElevenError when it does not."""
    while start < end:
        block = os.pread(file.fileno(), min(CHUNK_BYTES, end - start), start)
        if not block:
            raise ElevenError("a cache file was truncated while it was read", code="cache_damaged")
        start += len(block)
        yield block


def opened(path: Path, *, check: bool = True) -> Sealed | None:
    """The whole file of that name, or None; what is not whole is removed.

    check   read all of it and compare the digest; without, only the lengths
    """
    try:
        file = path.open("rb", buffering=0)
    except OSError:
        return None
    acquire(file, shared=True)
    try:
        lengths = _lengths(file)
        if lengths and not (check and _digest(file) != _stated_digest(file)):
            return Sealed(file, lengths)
        if still_named(file, path):  # and not a good one that came in its place
            path.unlink()
    except (OSError, ElevenError, ValueError):
        pass
    file.close()
    return None


def _lengths(file: BinaryIO) -> tuple[int, int, int] | None:
    size = os.fstat(file.fileno()).st_size
    if size < _SEAL_BYTES:
        return None
    magic, audio, beside, facts = LENGTHS.unpack(os.pread(file.fileno(), LENGTHS.size, size - _SEAL_BYTES))
    whole = magic == MAGIC and audio + beside + facts + _SEAL_BYTES == size
    return (audio, beside, facts) if whole else None


def _digest(file: BinaryIO) -> bytes:
    import hashlib

    digest = hashlib.sha256()
    for block in blocks(file, 0, os.fstat(file.fileno()).st_size - _DIGEST_BYTES):
        digest.update(block)
    return digest.digest()


def _stated_digest(file: BinaryIO) -> bytes:
    return os.pread(file.fileno(), _DIGEST_BYTES, os.fstat(file.fileno()).st_size - _DIGEST_BYTES)


def _value(data: bytes) -> Any:
    import json

    return json.loads(data)
