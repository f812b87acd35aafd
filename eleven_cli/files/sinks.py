"""Files as places for a result: complete or not at all, and nothing that was paid for thrown away."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from shlex import quote
from typing import Any

from eleven_cli.errors import ElevenError, OutputClosed, UsageError
from eleven_cli.files.descriptors import access_mode, is_direct, is_stdout, opened_descriptor
from eleven_cli.files.part import PartFile
from eleven_cli.files.part_names import part_of, remove_stale_parts
from eleven_cli.processes import waiting_writer


def file_sink(
    path: str,
    *,
    no_clobber: bool = False,
    is_text: bool = False,
    option: str = "-o",
    example: str = "speech.mp3",
) -> "FileSink | DirectSink":
    """The sink for `-o path`: a regular file, or a device, a pipe or an open file by name, which is written directly.

    no_clobber   a file that exists by the end is left alone
    is_text      it may go to a terminal
    option       what names it, and `example` a name that would do

    Raises UsageError where nothing can be written, before anything is paid for.
    """
    if not path:
        raise UsageError(f"{option} names no file", hint=f"{option} {example}")
    if is_direct(path):
        return DirectSink(path, is_text=is_text, option=option)
    refuse_folder(path, option=option, example=example)
    return FileSink(path, no_clobber=no_clobber, option=option)


def refuse_folder(path: str | None, *, option: str = "-o", example: str = "speech.mp3") -> None:
    """Raise UsageError for the name of a folder, or what is written like one: "there/"."""
    if not path or is_stdout(path) or not (path.endswith("/") or os.path.isdir(path)):
        return
    folder = path.rstrip("/") or "/"
    name_a_file = f"name a file in it: {option} {quote(str(Path(path) / example))}"
    if os.path.isdir(path) or "{" in path:  # which is filled in later
        raise UsageError(f"{path} is a folder", hint=name_a_file)
    if os.path.lexists(folder):
        raise UsageError(f"{folder} is a file, not a folder", hint=f"{option} {quote(folder)}")
    raise UsageError(f"there is no folder {path}", hint=f"mkdir -p {quote(folder)}; {name_a_file}")


def check_place(path: str, *, option: str = "-o", example: str = "speech.mp3") -> None:
    """Raise UsageError where a result could not be put; nothing is left there. A pipe is not touched: it would take
    what is opened and closed for the end."""
    sink = file_sink(path, option=option, example=example)
    if isinstance(sink, FileSink):
        with sink:
            pass


def is_failure(error: BaseException | None) -> bool:
    """Whether an error leaves the recording incomplete; Ctrl+C and signals only end it."""
    return error is not None and not isinstance(error, KeyboardInterrupt | SystemExit)


class FileSink:
    """A file that appears under its name when it is complete.

    What arrives is collected in `NAME.part`; `finish()` renames it. After a failure the part stays if it holds
    anything, and the exception is told so. Should another run be writing that part, or should it be something else
    than a file of our own, the part has the process's number in its name.
    """

    never_waits = True

    def __init__(self, path: str, *, no_clobber: bool = False, option: str = "-o") -> None:
        self._named, self._no_clobber, self._option = path, no_clobber, option
        self._part = PartFile(path, in_place=True)
        self._bytes, self._finished = 0, False

    def __enter__(self) -> "FileSink":
        self._refuse_to_clobber()
        try:
            self._part.__enter__()
        except OSError as failed:
            raise _cannot_open(self._named, failed, self._option) from failed
        return self

    def write(self, data: bytes) -> None:
        try:
            if not self._bytes:
                self._part.file.truncate(0)  # an earlier failure's audio stays until there is something newer
            self._bytes += len(data)
            self._part.write(data)
        except OSError as failed:
            raise _not_written(self._named, failed) from failed

    def rewrite_header(self, data: bytes) -> None:
        """Overwrite the first bytes. Nothing once it is finished."""
        if self._finished:
            return
        try:
            os.pwrite(self._part.file.fileno(), data, 0)
        except OSError as failed:
            raise _not_written(self._named, failed) from failed

    def finish(self) -> None:
        self._refuse_to_clobber()
        try:
            self._part.commit()
        except OSError as failed:
            raise _not_written(self._named, failed) from failed
        self._finished = True
        remove_stale_parts(self._named)

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        with suppress(OSError):  # the reason is on its way already
            kept_bytes = 0 if self._finished else os.fstat(self._part.file.fileno()).st_size
            place = self._part.keep() if kept_bytes else None
            if place and self._bytes and error is not None:
                error.add_note(f"what arrived ({kept_bytes:,} bytes) is kept in {self._shown(place)}")
            if self._finished and isinstance(error, ElevenError):  # of something beside: a player, subtitles
                error.add_note(f"{self._named} is complete")
        self._part.__exit__()

    def _shown(self, place: Path) -> str:
        """The part as the user would name it."""
        return f"{self._named}.part" if place == part_of(self._part.final) else str(place)

    def _refuse_to_clobber(self) -> None:
        if self._no_clobber and os.path.lexists(self._part.final):
            raise ElevenError(f"{self._named} exists", code="file_exists", hint="omit --no-clobber to replace it")


class DirectSink:
    """A device, a named pipe, or an open file such as /dev/fd/63: written as it comes, with nothing to rename."""

    def __init__(self, path: str, *, is_text: bool = False, option: str = "-o") -> None:
        self._named, self._is_text, self._option = path, is_text, option
        self._descriptor = -1
        self._start: int | None = None
        self._begun = False

    def __enter__(self) -> "DirectSink":
        try:
            self._descriptor = self._opened()
        except OSError as failed:
            raise _cannot_open(self._named, failed, self._option) from failed
        if self.is_terminal and not self._is_text:
            self.finish()
            raise UsageError("audio is never written to a terminal", hint=f"write a file: {self._option} speech.mp3")
        return self

    @property
    def is_terminal(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: bytes) -> None:
        try:
            if not self._begun:
                self._begun, self._start = True, self._patchable_start()
            waiting_writer(self._descriptor, closefd=False).write(data)
        except BrokenPipeError as gone:
            raise OutputClosed from gone
        except OSError as failed:
            raise _not_written(self._named, failed) from failed

    def rewrite_header(self, data: bytes) -> None:
        """Overwrite the first bytes that were written, where it is a regular file that allows it."""
        if self._start is not None and self._descriptor >= 0:
            try:
                os.pwrite(self._descriptor, data, self._start)
            except OSError as failed:
                raise _not_written(self._named, failed) from failed

    def finish(self) -> None:
        try:
            self._close()
        except OSError as failed:
            raise _not_written(self._named, failed) from failed

    def __exit__(self, *exc: object) -> None:
        with suppress(OSError):
            self._close()

    def _opened(self) -> int:
        descriptor = opened_descriptor(self._named)
        if descriptor is None:
            return os.open(self._named, os.O_WRONLY)
        if access_mode(descriptor) & os.O_ACCMODE == os.O_RDONLY:
            os.close(descriptor)
            raise PermissionError(1, "it is open for reading only")
        return descriptor

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _patchable_start(self) -> int | None:
        """Where it stands in a regular file; None elsewhere, and where everything is appended."""
        is_regular = stat.S_ISREG(os.fstat(self._descriptor).st_mode)
        if not is_regular or access_mode(self._descriptor) & os.O_APPEND:
            return None
        return os.lseek(self._descriptor, 0, os.SEEK_CUR)


def _cannot_open(path: str, failed: OSError, option: str) -> UsageError:
    missing = isinstance(failed, FileNotFoundError) and not os.path.isdir(os.path.dirname(path) or ".")
    hint = f"mkdir -p {quote(os.path.dirname(path))}" if missing else f"write another file: {option} FILE"
    return UsageError(f"cannot write {path}: {failed.strerror or failed}", hint=hint)


def _not_written(path: str, failed: OSError) -> ElevenError:
    return ElevenError(f"cannot write {path}: {failed.strerror or failed}", code="write_failed")
