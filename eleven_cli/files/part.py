"""A file while it is written: it lies beside its final name as `NAME.part`, and takes that name in one step."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

from eleven_cli.files.locks import still_named
from eleven_cli.files.part_names import open_beside
from eleven_cli.processes import WaitingFile

CHUNK_BYTES = 1 << 20
NOT_REPLACEABLE = (errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS)
"""Why a name cannot be given to another file, although the file itself may take new content: it is a mount point (one
file of a container, say), it lies in a sticky folder and is somebody else's, the folder cannot be written."""


class PartFile:
    """A `with`; what is not committed by its end is removed, unless `keep()` was called.

    private    only the owner can read it
    in_place   where the name cannot be given to a new file, write into the file that has it

    path, file   where it is collected, open for reading and writing. It is locked, and a former one that no process
                 is writing is used again: `file` then holds what it held until that is truncated.

    Everything raises OSError, and entering it does so where the result could not be put.
    """

    def __init__(self, final: str | Path, *, private: bool = False, in_place: bool = False) -> None:
        self.final = Path(os.path.realpath(final))
        self._private, self._in_place = private, in_place
        self._is_beside, self._kept = True, False

    def __enter__(self) -> Self:
        former = _former(self.final, must_be_writable=not self._private)
        try:
            self.path, self.file = open_beside(self.final, 0o600 if self._private else 0o666)
        except OSError as refused:
            if former is None or not self._in_place or refused.errno not in NOT_REPLACEABLE:
                raise
            self.path, self.file = _opened_elsewhere(self.final)
            self._is_beside = False
        if self._private:
            os.fchmod(self.file.fileno(), 0o600)
        elif former is not None and self._is_beside:
            self._take_after(former)
        return self

    def __exit__(self, *exc: object) -> None:
        try:
            if not self._kept and self.is_there:
                with suppress(OSError):
                    self.path.unlink()
        finally:
            with suppress(OSError):  # a full disk is told of once
                self.file.close()

    def write(self, data: bytes) -> None:
        """Append, unbuffered: a reader of the file sees it immediately."""
        self.file.write(data)

    @property
    def is_there(self) -> bool:
        """Whether it still has its name: somebody may have removed it."""
        return still_named(self.file, self.path)

    def keep(self) -> Path:
        """It is not to be removed; gives where it is. One that lost its name meanwhile gets a new one."""
        self._kept = True
        if not self.is_there:
            self.path, rescued = _opened_elsewhere(self.final)
            with rescued:
                _copy(self.file.fileno(), rescued.fileno())
        return self.path

    def commit(self, *, durable: bool = False) -> None:
        """It is complete: it has the final name when this returns, and replaces the file that had it.

        durable   all of it is on the disk before, so that no loss of power takes it away
        """
        if durable:
            os.fsync(self.file.fileno())
        try:
            if not self.is_there:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))  # removed meanwhile
            if not self._is_beside:
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
            os.replace(self.path, self.final)  # while it is locked: no other process can have begun it again
            self._kept = True
        except OSError as refused:
            if not self._in_place or refused.errno not in NOT_REPLACEABLE:
                raise
            self._write_into_final()
        if durable:
            _sync_folder(self.final.parent)

    def _write_into_final(self) -> None:
        final = os.open(self.final, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600 if self._private else 0o666)
        try:
            _make_room(final, os.fstat(self.file.fileno()).st_size)
            _copy(self.file.fileno(), final)
            if self._private:
                with suppress(OSError):  # somebody else's file, which we may write
                    os.fchmod(final, 0o600)
        finally:
            os.close(final)

    def _take_after(self, former: os.stat_result) -> None:
        """The mode, and where we may the owner, of the file that is replaced."""
        number = self.file.fileno()
        facts = os.fstat(number)
        if (facts.st_uid, facts.st_gid) != (former.st_uid, former.st_gid):
            with suppress(OSError):
                os.fchown(number, former.st_uid, former.st_gid)
        os.fchmod(number, stat.S_IMODE(former.st_mode))


def write_private(path: str | Path, data: bytes, *, in_place: bool = False) -> None:
    """Replace a file in one step, readable by its owner alone; no other file stays. Raises OSError."""
    with PartFile(path, private=True, in_place=in_place) as part:
        part.file.truncate(0)
        part.write(data)
        part.commit()


def _former(final: Path, *, must_be_writable: bool) -> os.stat_result | None:
    """The file of that name, if there is one. Raises OSError when it could not be written."""
    try:
        facts = os.lstat(final)
        if not stat.S_ISREG(facts.st_mode):
            why = errno.EISDIR if stat.S_ISDIR(facts.st_mode) else errno.EINVAL
            raise OSError(why, os.strerror(why))
        if must_be_writable:  # opening says more than os.access: of attributes, network disks and root
            os.close(os.open(final, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK))
    except FileNotFoundError:
        return None
    return facts


def _opened_elsewhere(final: Path) -> tuple[Path, BinaryIO]:
    from tempfile import mkstemp

    number, path = mkstemp(prefix="eleven-", suffix=final.suffix)
    return Path(path), WaitingFile(number, "r+b")


def _make_room(file: int, size: int) -> None:
    """Raise OSError where the disk has no room, before anything is overwritten."""
    before = os.fstat(file).st_size
    try:
        os.posix_fallocate(file, 0, size or 1)
    except (AttributeError, OSError) as failed:
        if getattr(failed, "errno", 0) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            os.ftruncate(file, before)
            raise


def _copy(source: int, target: int) -> None:
    position = 0
    with WaitingFile(target, "wb", closefd=False) as file:
        while data := os.pread(source, CHUNK_BYTES, position):
            file.write(data)
            position += len(data)
        file.truncate(position)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # not every file system can
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
