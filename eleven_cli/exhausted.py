"""Recognizes errors whose cause is that this process may open no more descriptors or threads."""

import errno
import os

from eleven_cli.errors import ElevenError, notes_of

_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)
_LONGEST_CHAIN = 20


def exhausted(failed: BaseException) -> ElevenError | None:
    """What to say where it began with a file, a socket or a thread too many; None for any other failure."""
    for error in _chain(failed):
        if isinstance(error, OSError) and error.errno in _NO_DESCRIPTOR:
            return _with_notes(_no_descriptors(), failed)
        if "can't start new thread" in str(error):
            return _with_notes(_no_threads(), failed)
    return None


def exhausted_now() -> ElevenError | None:
    """The same for a failure that hides it, as that of looking up a name: whether nothing can be opened right now."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as failed:
        return exhausted(failed)
    return None


def _no_descriptors() -> ElevenError:
    hint = "raise the limit of open files: ulimit -n 4096"
    return ElevenError("too many open files or connections", hint=hint, code="system_error")


def _no_threads() -> ElevenError:
    hint = "close other programs, or raise the limit: ulimit -u"
    return ElevenError("too many threads or processes", hint=hint, code="system_error")


def _with_notes(error: ElevenError, failed: BaseException) -> ElevenError:
    for note in notes_of(failed):
        error.add_note(note)
    return error


def _chain(failed: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    error: BaseException | None = failed
    while error is not None and len(found) < _LONGEST_CHAIN:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
