"""Cache files that are valid only when complete: written by EntryWriter, read by EntryReader.

    audio | metadata, one JSON line each | facts, in JSON | the seal

The seal, of a fixed size, holds the lengths of the three and a digest of everything before it: it shows whether a
file was truncated or altered.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO, Self

from eleven_cli.errors import ElevenError
from eleven_cli.files.locks import acquire, still_named
from eleven_cli.files.part import PartFile

CHUNK_BYTES = 1 << 16
LENGTHS = Struct("<8s3Q")  # of audio, metadata and facts, after the magic
MAGIC = b"eleven-1"
_DIGEST_BYTES = 32
_SEAL_BYTES = LENGTHS.size + _DIGEST_BYTES


class EntryWriter:
    """Writes a file beside its final name, locked, and renames it in one step when it is complete.

    All methods but `close()` raise OSError. A file that is closed without `commit()` is removed.
    """

    def __init__(self, final: Path) -> None:
        import hashlib

        self._part = PartFile(final, private=True).__enter__()
        self._file = self._part.file
        self._file.truncate(0)
        self._digest = hashlib.sha256()
        self._metadata: BinaryIO | None = None
        self.audio_bytes = self.metadata_bytes = 0

    def write(self, audio: bytes) -> None:
        """Appends audio; readers of the file see it immediately."""
        self._append(audio)
        self.audio_bytes += len(audio)

    def write_metadata(self, value: Any) -> None:
        """Adds a value that goes with the audio."""
        from tempfile import TemporaryFile  # it has no name, so that nobody needs to remove it

        if self._metadata is None:
            self._metadata = TemporaryFile(dir=self._part.final.parent)  # noqa: SIM115
        self.metadata_bytes += self._metadata.write(_json(value) + b"\n")

    def seal(self, facts: Mapping[str, Any]) -> int:
        """Ends the file with these facts and the seal; gives its size."""
        for block in self._metadata_blocks():
            self._append(block)
        stated = _json(facts)
        self._append(stated + LENGTHS.pack(MAGIC, self.audio_bytes, self.metadata_bytes, len(stated)))
        self._part.write(self._digest.digest())
        return self._file.tell()

    def commit(self, *, durable: bool = False) -> None:
        """Gives the file its final name; if `durable`, once it is on the disk, so that it survives a power cut."""
        self._part.commit(durable=durable)

    def view(self) -> BinaryIO:
        """Opens the file for reading; this stays possible after it was closed, renamed or removed."""
        return os.fdopen(os.dup(self._file.fileno()), "rb", buffering=0)

    def close(self) -> None:
        """Closes the file, and removes it unless it was committed; never raises."""
        self._part.__exit__()
        if self._metadata is not None:
            with suppress(OSError):  # a full disk was reported already
                self._metadata.close()

    def _append(self, data: bytes) -> None:
        self._part.write(data)
        self._digest.update(data)

    def _metadata_blocks(self) -> Iterator[bytes]:
        if metadata := self._metadata:
            metadata.seek(0)
            yield from iter(lambda: metadata.read(CHUNK_BYTES), b"")


class EntryReader:
    """Reads a complete file, also after it was removed. Close it, or use it in a `with`.

    facts        those that it was sealed with
    byte_count   of the audio
    """

    def __init__(self, file: BinaryIO, lengths: tuple[int, int, int]) -> None:
        self._file = file
        self.byte_count, self._metadata_bytes, facts_bytes = lengths
        self.facts: dict[str, Any] = _value(b"".join(self._blocks(self.byte_count + self._metadata_bytes, facts_bytes)))

    @property
    def has_metadata(self) -> bool:
        """Whether values were kept with the audio."""
        return self._metadata_bytes > 0

    def chunks(self) -> Iterator[bytes]:
        """The audio. Raises ElevenError if the file was truncated meanwhile."""
        return self._blocks(0, self.byte_count)

    def metadata(self) -> Iterator[Any]:
        """The values that go with the audio, in order."""
        rest = b""
        for block in self._blocks(self.byte_count, self._metadata_bytes):
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
    """Reads a file from `start` to `end`. Raises ElevenError if it is shorter."""
    while start < end:
        block = os.pread(file.fileno(), min(CHUNK_BYTES, end - start), start)
        if not block:
            raise ElevenError("a cache file was truncated while it was read", code="cache_damaged")
        start += len(block)
        yield block


def open_entry(path: Path, *, check: bool = True) -> EntryReader | None:
    """Opens a complete file; None without one. An incomplete one is removed.

    check   whether the digest of all of it is compared, not only the lengths
    """
    try:
        file = path.open("rb", buffering=0)
    except OSError:
        return None
    acquire(file, shared=True)
    try:
        lengths = _lengths(file)
        if lengths and not (check and _digest(file) != _stated_digest(file)):
            return EntryReader(file, lengths)
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
    magic, audio, metadata, facts = LENGTHS.unpack(os.pread(file.fileno(), LENGTHS.size, size - _SEAL_BYTES))
    whole = magic == MAGIC and audio + metadata + facts + _SEAL_BYTES == size
    return (audio, metadata, facts) if whole else None


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


def _json(value: Any) -> bytes:
    import json

    return json.dumps(value, separators=(",", ":")).encode()
