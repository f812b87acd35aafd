"""Where audio can go, and copying it there. Every sink is a `with`; leaving it without `finish()` means "stop now"."""

import errno
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol, Self

from eleven_cli.audio.formats import WAV_HEADER_BYTES, wav_header
from eleven_cli.errors import AudioError, ElevenError, UsageError


class Sink(Protocol):
    def __enter__(self) -> Self: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any, /) -> None: ...

    def write(self, data: bytes) -> None: ...

    def finish(self) -> None:
        """All is written: drain, complete, close."""


class PatchableSink(Sink, Protocol):
    def patch_start(self, data: bytes) -> None:
        """Overwrite the first bytes, where that is possible."""


def copy(chunks: Iterable[bytes], *sinks: Sink) -> None:
    """Each chunk to each sink as it comes, then finish them in order.

    A sink that fails with AudioError while others still work is given up, and its error raised at the end: a broken
    player must not cost the file.
    """
    alive, broken = list(sinks), None
    for chunk in chunks:
        for sink in list(alive):
            try:
                sink.write(chunk)
            except AudioError as error:
                if len(alive) == 1:
                    raise
                alive.remove(sink)
                broken = error
    for sink in alive:
        sink.finish()
    if broken:
        raise broken


class FileSink:
    """A file that appears under its name when it is complete.

    What arrives is collected in `NAME.part`; `finish()` renames it. After a failure the part stays if it holds
    anything, and the exception is told so. Devices and pipes are written directly. Raises UsageError where nothing
    can be written, before anything is paid for.
    """

    def __init__(self, path: str, *, no_clobber: bool = False) -> None:
        self._named = path
        self._no_clobber = no_clobber
        self._final = Path(os.path.realpath(path))
        self._direct = False
        self._part = self._final.with_name(self._final.name + ".part")
        self._file: BinaryIO | None = None
        self._bytes = 0

    def __enter__(self) -> "FileSink":
        mode = _mode_of(self._final)
        if mode is not None and stat.S_ISDIR(mode):
            raise UsageError(
                f"{self._named} is a folder", hint=f"name a file in it: -o {Path(self._named) / 'speech.mp3'}"
            )
        self._direct = mode is not None and not stat.S_ISREG(mode)
        self._refuse_to_clobber()
        self._file = self._opened()
        if mode is not None and not self._direct:
            os.chmod(self._part, stat.S_IMODE(mode))
        return self

    def write(self, data: bytes) -> None:
        assert self._file is not None
        try:
            if not self._bytes and not self._direct:
                self._file.truncate(0)  # an earlier failure's audio stays until there is something newer
            self._bytes += len(data)
            self._file.write(data)
            self._file.flush()
        except OSError as failed:
            raise self._not_written(failed) from failed

    def patch_start(self, data: bytes) -> None:
        if self._file is not None and not self._direct:
            self._file.flush()
            os.pwrite(self._file.fileno(), data, 0)

    def finish(self) -> None:
        try:
            self._close()
            self._refuse_to_clobber()
            if not self._direct:
                os.replace(self._part, self._final)
        except OSError as failed:
            raise self._not_written(failed) from failed
        self._bytes = 0

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        with suppress(OSError):  # the reason is on its way already
            self._close()
        if self._direct:
            return
        kept = self._part.stat().st_size if self._part.exists() else 0
        if self._bytes and kept and error is not None:
            error.add_note(f"what arrived ({kept:,} bytes) is kept in {self._named}.part")
        elif not kept:
            self._part.unlink(missing_ok=True)

    def _opened(self) -> BinaryIO:
        try:
            if self._direct:
                return open(self._final, "wb")
            if self._final.exists() and not os.access(self._final, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return os.fdopen(os.open(self._part, os.O_RDWR | os.O_CREAT, 0o666), "wb")
        except OSError as failed:
            reason = failed.strerror or str(failed)
            raise UsageError(
                f"cannot write {self._named}: {reason}", hint="choose another place with -o FILE"
            ) from failed

    def _refuse_to_clobber(self) -> None:
        if self._no_clobber and self._final.exists() and not self._direct:
            raise UsageError(f"{self._named} exists", hint="leave --no-clobber out to replace it")

    def _not_written(self, failed: OSError) -> ElevenError:
        return ElevenError(f"cannot write {self._named}: {failed.strerror or failed}", code="write_failed")

    def _close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            file.close()


class WavSink:
    """PCM in, WAV out to another sink: a header for a stream first, the true lengths when they are known."""

    def __init__(self, sink: PatchableSink, rate: int) -> None:
        self._sink, self._rate = sink, rate
        self._bytes = 0

    def __enter__(self) -> "WavSink":
        self._sink.__enter__()
        return self

    def write(self, data: bytes) -> None:
        if not self._bytes:
            data = wav_header(self._rate) + data
        self._sink.write(data)
        self._bytes += len(data)

    def finish(self) -> None:
        self._complete_header()
        self._sink.finish()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None:
            with suppress(OSError):  # the reason is on its way already
                self._complete_header()
        self._sink.__exit__(kind, error, trace)

    def _complete_header(self) -> None:
        if self._bytes:
            self._sink.patch_start(wav_header(self._rate, self._bytes - WAV_HEADER_BYTES))


def _mode_of(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None
    except OSError as failed:
        raise UsageError(f"cannot write {path}: {failed.strerror}") from failed
