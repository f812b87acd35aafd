"""Stdout as a place for bytes."""

import os
import stat
from typing import BinaryIO, TextIO

from eleven_cli.errors import ElevenError, OutputClosed


class StdoutSink:
    """Stdout as a place for audio: each write is flushed; a regular file (`> x.wav`) can be patched at its start."""

    def __init__(self, stdout: TextIO) -> None:
        self._stream = stdout.buffer
        self._start = _position_in_file(stdout)

    def __enter__(self) -> "StdoutSink":
        refuse_closed(self._stream)
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def write(self, data: bytes) -> None:
        try:
            self._stream.write(data)
            self._stream.flush()
        except BrokenPipeError as gone:
            raise OutputClosed from gone
        except OSError as failed:
            raise cannot_write("standard output", failed) from failed

    def rewrite_header(self, data: bytes) -> None:
        """Overwrite the first bytes that were written, where stdout is a file that allows it."""
        if self._start is not None:
            try:
                os.pwrite(self._stream.fileno(), data, self._start)
            except OSError as failed:
                raise cannot_write("standard output", failed) from failed

    def finish(self) -> None:
        pass


def refuse_closed(stream: TextIO | BinaryIO) -> None:
    """Raise ElevenError for a stdout that was closed, before anything is paid for that would have to go there."""
    try:
        import fcntl

        closed = fcntl.fcntl(stream.fileno(), fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
    except (ImportError, OSError, ValueError):  # it has no number
        return
    if closed:
        raise ElevenError("cannot write to standard output: it is closed", code="write_failed")


def has_lost_its_reader(stream: TextIO) -> bool:
    """Whether stdout is a pipe, a socket or a terminal whose other end is closed."""
    try:
        import select

        poll = select.poll()
        poll.register(stream.fileno(), 0)
        return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
    except (AttributeError, OSError, ValueError):  # it has no number, or the system has no poll
        return False


def has_room(stream: TextIO) -> bool:
    """Whether a line can be written without waiting for whoever reads."""
    try:
        import select

        poll = select.poll()
        poll.register(stream.fileno(), select.POLLOUT)
        return bool(poll.poll(0))
    except (AttributeError, OSError, ValueError):  # it has no number, or the system has no poll
        return True


def cannot_write(where: str, failed: OSError) -> ElevenError:
    """What to say when writing failed for a reason of the system's."""
    return ElevenError(f"cannot write to {where}: {failed.strerror or failed}", code="write_failed")


def cannot_read(failed: OSError) -> ElevenError:
    """The same for reading standard input."""
    return ElevenError(f"cannot read standard input: {failed.strerror or failed}", code="read_failed")


def _position_in_file(stream: TextIO) -> int | None:
    """Where stdout stands in a regular file that may be patched; None for pipes, devices and `>>`."""
    try:
        number = stream.fileno()
        if not stat.S_ISREG(os.fstat(number).st_mode) or _appends(number):
            return None
        return os.lseek(number, 0, os.SEEK_CUR)
    except OSError:
        return None


def _appends(number: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows has neither fcntl nor pwrite
        return True
    return bool(fcntl.fcntl(number, fcntl.F_GETFL) & os.O_APPEND)
