"""Writing files that are whole or do not count.

    audio | values beside it, one JSON line each | facts, in JSON | the seal

The seal, of a fixed size, holds the lengths of the three and a digest of everything before it: a file that was cut
off or altered has none that fits.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO

from eleven_cli.files.part import PartFile

CHUNK_BYTES = 1 << 16
LENGTHS = Struct("<8s3Q")  # of audio, values and facts, after the magic
MAGIC = b"eleven-1"


class Sealing:
    """A file while it is written: it lies beside its final name, locked, and takes that name in one step when whole.

    Everything but `close()` raises OSError; what was closed before it appeared is removed.
    """

    def __init__(self, final: Path) -> None:
        import hashlib

        self._part = PartFile(final, private=True).__enter__()
        self._file = self._part.file
        self._file.truncate(0)
        self._digest = hashlib.sha256()
        self._beside: BinaryIO | None = None
        self.audio_bytes = self.beside_bytes = 0

    def write(self, audio: bytes) -> None:
        """Add audio; whoever reads the file sees it at once."""
        self._append(audio)
        self.audio_bytes += len(audio)

    def write_beside(self, value: Any) -> None:
        """Add a value that goes with the audio."""
        from tempfile import TemporaryFile  # it has no name, so that nobody needs to remove it

        if self._beside is None:
            self._beside = TemporaryFile(dir=self._part.final.parent)  # noqa: SIM115
        self.beside_bytes += self._beside.write(_json(value) + b"\n")

    def seal(self, facts: Mapping[str, Any]) -> int:
        """It is complete, and these facts go with it; gives the size of the file."""
        for block in self._blocks_beside():
            self._append(block)
        stated = _json(facts)
        self._append(stated + LENGTHS.pack(MAGIC, self.audio_bytes, self.beside_bytes, len(stated)))
        self._part.write(self._digest.digest())
        return self._file.tell()

    def appear(self, *, durable: bool = False) -> None:
        """Under its name. `durable`: not before all of it is on the disk, so that no loss of power takes it away."""
        self._part.commit(durable=durable)

    def view(self) -> BinaryIO:
        """The file, opened once more: stays readable whatever becomes of this and of the names."""
        return os.fdopen(os.dup(self._file.fileno()), "rb", buffering=0)

    def close(self) -> None:
        """Never raises: either it is there under its name, or it is of no use."""
        self._part.__exit__()
        if self._beside is not None:
            with suppress(OSError):  # a full disk is told of once
                self._beside.close()

    def _append(self, data: bytes) -> None:
        self._part.write(data)
        self._digest.update(data)

    def _blocks_beside(self) -> Iterator[bytes]:
        if beside := self._beside:
            beside.seek(0)
            yield from iter(lambda: beside.read(CHUNK_BYTES), b"")


def _json(value: Any) -> bytes:
    import json

    return json.dumps(value, separators=(",", ":")).encode()
