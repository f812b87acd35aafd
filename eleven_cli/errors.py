"""Every way to fail, with its exit code and its way out.

    ElevenError              1  refused for another reason, or anything else foreseen
    ├── UsageError           2  impossible command line
    │   └── PackageMissing      it needs a Python package that is not here, or does not work
    ├── AuthError            3  no key, bad key
    │   └── PermissionMissing   the key works, but not for this
    ├── NotFound             4  voice, model, agent, conversation or path
    ├── LimitError           5  credits, plan or rate limit
    ├── NetworkError         6  cannot connect, TLS, time-out, connection lost
    │   └── NotConnected        there is no connection, so nothing was sent or paid for
    ├── AudioError           7  sound device or player: none, busy, refused
    └── OutputClosed         141  the reader of our pipe is gone: nothing to say

Notes added with `add_note` (what was kept of a broken download, say) belong to the message. What is open where one is
raised, or where a signal comes, is closed by an `ExitStack`.
"""

import contextlib
import errno
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")

_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)
_LONGEST_CHAIN = 20

DESIGN_COMMAND = 'eleven voices design "a calm, friendly narrator with a warm voice" --keep Narrator'  # on any plan


class ElevenError(Exception):
    """Something foreseen went wrong.

    message     one sentence, without a full stop when it ends in a name or a number
    hint        the next thing to do, best a command
    code        the service's own name for it, or ours
    status      the HTTP status, where there was one
    request_id  what the service's support asks for
    headers     of the service's answer, by lower-case name
    exit_code   what the program exits with
    may_pass    whether the same may succeed the next time
    """

    exit_code = 1
    default_code = "error"
    may_pass = False

    def __init__(
        self, message: str, *, hint: str = "", code: str = "", status: int | None = None, request_id: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code
        self.status = status
        self.request_id = request_id
        self.headers: Mapping[str, str] = {}

    def __str__(self) -> str:
        return self.message  # also where it was made better on its way

    @property
    def sentence(self) -> str:
        """The message and everything noted on the way up."""
        notes = notes_of(self)
        return "; ".join([self.message.rstrip("."), *notes]) if notes else self.message


class UsageError(ElevenError):
    """What was asked for cannot be."""

    exit_code = 2
    default_code = "usage_error"


class PackageMissing(UsageError):
    """It needs a Python package that is not here, or does not work."""

    default_code = "package_missing"


class AuthError(ElevenError):
    """No key, or a bad one."""

    exit_code = 3
    default_code = "auth_error"


class PermissionMissing(AuthError):
    """The key works, but not for this."""

    default_code = "missing_permissions"


class NotFound(ElevenError):
    """There is no such voice, model, agent, conversation or path."""

    exit_code = 4
    default_code = "not_found"


class LimitError(ElevenError):
    """Credits, the plan or the rate limit do not allow it."""

    exit_code = 5
    default_code = "limit_error"


class NetworkError(ElevenError):
    """Cannot connect, TLS, a time-out, or a connection that was lost. received: the beginning of the JSON that was"""

    exit_code = 6
    default_code = "network_error"
    may_pass = True
    received = b""


class NotConnected(NetworkError):
    """No connection. may_pass: whether another try could succeed; not with a wrong proxy, certificate or host name."""

    def __init__(self, message: str, *, may_pass: bool = False, hint: str = "", code: str = "") -> None:
        super().__init__(message, hint=hint, code=code)
        self.may_pass = may_pass


class AudioError(ElevenError):
    """A sound device or player: none, busy, or refused."""

    exit_code = 7
    default_code = "audio_error"


class OutputClosed(ElevenError):
    """The reader of our pipe is gone: nothing is said."""

    exit_code = 141
    default_code = "reader_left"

    def __init__(self) -> None:
        super().__init__("the reader of the pipe left")


def notes_of(error: BaseException) -> list[str]:
    """What `add_note` left on an exception, but for what Python itself adds in the middle of a class (since 3.12)."""
    return [note for note in getattr(error, "__notes__", []) if not note.startswith("Error calling __set_name__")]


def exhausted(failed: BaseException) -> ElevenError | None:
    """What to say where it began with a file, a socket or a thread too many; None for any other failure."""
    for error in chain_of(failed):
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


def chain_of(failed: BaseException) -> list[BaseException]:
    """An exception, and those behind it."""
    found: list[BaseException] = []
    error: BaseException | None = failed
    while error is not None and len(found) < _LONGEST_CHAIN:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


class ExitStack(contextlib.ExitStack):
    """A `contextlib.ExitStack` that exits whatever was entered.

    That one notes what it has to exit only after it was entered: a signal in between, which often comes just when a
    wait is over, would leave it open.
    """

    def enter_context(self, manager: AbstractContextManager[T, bool | None]) -> T:
        """Enter it, and exit it at the end; gives what it gives."""
        entering = _Entering(manager)
        self.push(entering.exit)
        return entering.enter()


class _Entering(Generic[T]):
    """A manager on the stack, entered or not."""

    def __init__(self, manager: AbstractContextManager[T, bool | None]) -> None:
        self._manager = manager
        self._given: tuple[T, ...] = ()

    def enter(self) -> T:
        self._given = (self._manager.__enter__(),)  # Python handles no signal between a return and what takes it
        return self._given[0]

    def exit(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._manager.__exit__(kind, error, trace) if self._given else None
