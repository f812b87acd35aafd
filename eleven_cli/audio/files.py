"""Files as places for audio: complete or not at all, and nothing that was paid for thrown away."""

import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from shlex import quote
from typing import Any, BinaryIO

from eleven_cli.audio.sinks import PatchableSink
from eleven_cli.errors import ElevenError, UsageError
from eleven_cli.streams import waiting_writer

_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d+)")


def file_sink(path: str, *, no_clobber: bool = False, example: str = "speech.mp3") -> PatchableSink:
    """The sink for `-o path`: a regular file, or a device, a pipe or a descriptor, which is written directly.

    Raises UsageError where nothing can be written, before anything is paid for; `example` is a name that would do.
    """
    if not path:
        raise UsageError("-o names no file", hint=f"-o {example}")
    if path.endswith("/") or os.path.isdir(path):
        raise UsageError(f"{path} is a folder", hint=f"name a file in it: -o {quote(str(Path(path) / example))}")
    if _DESCRIPTOR.fullmatch(path) or (os.path.exists(path) and not os.path.isfile(path)):
        return DirectSink(path)
    return FileSink(path, no_clobber=no_clobber)


class FileSink:
    """A file that appears under its name when it is complete.

    What arrives is collected in `NAME.part`; `finish()` renames it. After a failure the part stays if it holds
    anything, and the exception is told so. Should another run be writing that part, or should it be something else
    than a file of its own, the part has the process's number in its name.
    """

    def __init__(self, path: str, *, no_clobber: bool = False) -> None:
        self._named, self._no_clobber = path, no_clobber
        self._final = Path(os.path.realpath(path))
        self._bytes = 0

    def __enter__(self) -> "FileSink":
        self._refuse_to_clobber()
        try:
            if self._final.exists() and not os.access(self._final, os.W_OK):
                raise PermissionError(1, "Permission denied")
            self._part, self._file = _opened_part(self._final)
            if self._final.exists():
                os.fchmod(self._file.fileno(), stat.S_IMODE(self._final.stat().st_mode))
        except OSError as failed:
            raise _cannot_open(self._named, failed) from failed
        return self

    def write(self, data: bytes) -> None:
        try:
            if not self._bytes:
                self._file.truncate(0)  # an earlier failure's audio stays until there is something newer
            self._bytes += len(data)
            self._file.write(data)
            self._file.flush()
        except OSError as failed:
            raise _not_written(self._named, failed) from failed

    def patch_start(self, data: bytes) -> None:
        try:
            self._file.flush()
            os.pwrite(self._file.fileno(), data, 0)
        except OSError as failed:
            raise _not_written(self._named, failed) from failed

    def finish(self) -> None:
        self._refuse_to_clobber()
        try:
            self._file.flush()
            os.replace(self._part, self._final)  # while it is open, and so locked: nobody else can have begun it anew
            self._bytes = 0
            self._file.close()
        except OSError as failed:
            raise _not_written(self._named, failed) from failed

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if self._file.closed:
            return
        kept = os.fstat(self._file.fileno()).st_size
        if self._bytes and kept and error is not None:
            shown = self._named if self._part.name == self._final.name + ".part" else str(self._part)
            error.add_note(f"what arrived ({kept:,} bytes) is kept in {shown.removesuffix('.part')}.part")
        elif not kept:
            self._part.unlink(missing_ok=True)
        with suppress(OSError):  # the reason is on its way already
            self._file.close()

    def _refuse_to_clobber(self) -> None:
        if self._no_clobber and self._final.exists():
            raise UsageError(f"{self._named} exists", hint="leave --no-clobber out to replace it")


class DirectSink:
    """A device, a named pipe, or a descriptor such as /dev/fd/63: written as it comes, with nothing to rename."""

    def __init__(self, path: str) -> None:
        self._named = path

    def __enter__(self) -> "DirectSink":
        descriptor = _DESCRIPTOR.fullmatch(self._named)
        try:
            self._file = waiting_writer(os.dup(int(descriptor[1]))) if descriptor else open(self._named, "wb")
        except OSError as failed:
            raise _cannot_open(self._named, failed) from failed
        if self._file.isatty():
            raise UsageError("audio is never written to a terminal", hint="write a file: -o speech.mp3")
        return self

    def write(self, data: bytes) -> None:
        try:
            self._file.write(data)
            self._file.flush()
        except OSError as failed:
            raise _not_written(self._named, failed) from failed

    def patch_start(self, data: bytes) -> None:
        pass

    def finish(self) -> None:
        try:
            self._file.close()
        except OSError as failed:
            raise _not_written(self._named, failed) from failed

    def __exit__(self, *exc: object) -> None:
        with suppress(OSError):
            self._file.close()


def _opened_part(final: Path) -> tuple[Path, BinaryIO]:
    """An open file beside the final one that is nobody else's; the usual name if possible."""
    usual = final.with_name(final.name + ".part")
    with suppress(OSError):
        file = os.fdopen(os.open(usual, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666), "wb")
        if _is_ours(file, usual):
            return usual, file
        file.close()
    own = final.with_name(f"{final.name}.{os.getpid()}.part")
    return own, os.fdopen(os.open(own, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666), "wb")


def _is_ours(file: BinaryIO, path: Path) -> bool:
    """Whether it is a plain file that only we write, and still the one of that name."""
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    except ImportError:  # Windows locks what is open by itself
        pass
    facts, named = os.fstat(file.fileno()), path.stat()
    return stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1 and os.path.samestat(facts, named)


def _cannot_open(path: str, failed: OSError) -> UsageError:
    return UsageError(f"cannot write {path}: {failed.strerror or failed}", hint="choose another place with -o FILE")


def _not_written(path: str, failed: OSError) -> ElevenError:
    return ElevenError(f"cannot write {path}: {failed.strerror or failed}", code="write_failed")
