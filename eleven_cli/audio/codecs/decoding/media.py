"""Decodes audio and films of any kind to 16-bit mono while they arrive: by PyAV if it is installed, else by ffmpeg."""

import shutil

from eleven_cli.audio.codecs.decoding.backends import AvBackend, ByteSource, FfmpegBackend
from eleven_cli.audio.codecs.sniff import M4A, MOV, MP4, FileType
from eleven_cli.errors import UsageError
from eleven_cli.packages import install

NEEDS_ITS_END = (M4A, MP4, MOV)  # their index is often at the end


def can_decode() -> bool:
    """Whether PyAV or ffmpeg is installed."""
    return _av_installed() or shutil.which("ffmpeg") is not None


def _av_installed() -> bool:
    """Whether PyAV is installed and can be imported."""
    try:
        import av  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


class MediaDecoder:
    """Reads media as s16 mono samples at `rate` Hz, inside a `with`.

    Entering decodes the first samples. Raises UsageError without a decoder, and for media without audio.
    """

    def __init__(self, source: ByteSource, kind: FileType, rate: int, name: str) -> None:
        self._decoder: AvBackend | FfmpegBackend
        self._kind, self._name = kind, name
        if not can_decode():
            hint = f"install ffmpeg, or: {install('av')}"
            raise UsageError(f"no decoder found for {kind.name}", hint=hint)
        self._decoder = (AvBackend if _av_installed() else FfmpegBackend)(source, kind, rate)
        self._pieces = iter(self._decoder)
        self._rest = b""

    def __enter__(self) -> "MediaDecoder":
        try:
            self._rest = next(self._pieces, b"")
            if not self._rest:
                raise self._undecodable(self._decoder.why)
        except BaseException:
            self._decoder.close()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self._decoder.close()

    def read(self, size: int) -> bytes:
        """Give `size` bytes, fewer only at the end."""
        while len(self._rest) < size and (piece := next(self._pieces, b"")):
            self._rest += piece
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def read1(self, size: int) -> bytes:
        """Give at most `size` bytes as they arrive; b"" at the end."""
        self._rest = self._rest or next(self._pieces, b"")
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def _undecodable(self, why: str) -> UsageError:
        if self._kind in NEEDS_ITS_END and not self._decoder.has_file:
            hint = "give the file by its name, or convert it: ffmpeg -i FILE whole.wav"
            return UsageError(f"{self._name} is {self._kind.name}, which cannot be decoded from a pipe", hint=hint)
        said = f": {why}" if why else ""
        return UsageError(f"{self._name} looks like {self._kind.name}, but holds no audio that can be decoded{said}")
