"""A player that keeps a backup: a playback failure must not lose paid audio."""

import os
import tempfile
from contextlib import suppress
from typing import IO, Any

from eleven_cli.audio.codecs.wav import complete_header, wav_header
from eleven_cli.audio.formats import Format
from eleven_cli.audio.sinks import Sink
from eleven_cli.errors import AudioError


class BackupPlayer:
    """Plays `fmt` through another sink, and writes it to a temporary file, which stays only if playback fails: a note
    on the exception names it. If no file can be written, it only plays.
    """

    def __init__(self, player: Sink, fmt: Format) -> None:
        self._player, self._fmt = player, fmt
        self._file: IO[bytes] | None = None
        self._bytes = 0

    def __enter__(self) -> "BackupPlayer":
        self._player.__enter__()
        with suppress(OSError):
            suffix = ".wav" if self._fmt.codec == "pcm" else f".{self._fmt.codec}"
            self._file = tempfile.NamedTemporaryFile(prefix="eleven-", suffix=suffix, delete=False)
        if self._fmt.codec == "pcm":
            self._keep(wav_header(self._fmt.rate, channels=self._fmt.channels))
        return self

    def write(self, data: bytes) -> None:
        self._keep(data)
        self._bytes += len(data)
        self._player.write(data)

    def finish(self) -> None:
        self._player.finish()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        try:
            self._player.__exit__(kind, error, trace)
        finally:
            if self._file is not None and isinstance(error, AudioError) and self._bytes:
                self._complete(self._file)
                error.add_note(f"what arrived ({self._bytes:,} bytes) is kept in {self._file.name}")
            else:
                self._drop()

    def _keep(self, data: bytes) -> None:
        try:
            if self._file is not None:
                self._file.write(data)
        except OSError:  # no space left: playback matters more
            self._drop()

    def _complete(self, file: IO[bytes]) -> None:
        with suppress(OSError):
            if self._fmt.codec == "pcm":
                complete_header(file, self._fmt.rate, self._fmt.channels)
            file.close()

    def _drop(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                file.close()
            with suppress(OSError):
                os.unlink(file.name)
