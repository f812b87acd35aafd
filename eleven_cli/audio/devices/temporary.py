"""A temporary file of audio, for a player that reads files only, or as a backup of what is played."""

import os
import tempfile
from contextlib import suppress

from eleven_cli.audio.codecs.wav import complete_header, wav_header
from eleven_cli.audio.formats import Format


class TemporaryAudio:
    """A file of `fmt`, samples as WAV; its maker removes it. Raises OSError.

    byte_count   of the audio in it
    """

    def __init__(self, fmt: Format) -> None:
        self._fmt, self.byte_count = fmt, 0
        suffix = ".wav" if fmt.codec == "pcm" else f".{fmt.codec}"
        self._file = tempfile.NamedTemporaryFile(prefix="eleven-", suffix=suffix, delete=False)  # noqa: SIM115
        self.name = self._file.name
        if fmt.codec == "pcm":
            self._file.write(wav_header(fmt.rate, channels=fmt.channels))

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.byte_count += len(data)

    def complete(self) -> None:
        """Make it a file that players read."""
        if self._fmt.codec == "pcm":
            complete_header(self._file, self._fmt.rate, self._fmt.channels)
        self._file.close()

    def remove(self) -> None:
        """Remove it, whatever is wrong with it."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            os.unlink(self.name)
