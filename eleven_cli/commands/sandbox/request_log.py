"""What was asked of the server: a line each on stderr, an object each in the file of --log."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from eleven_cli.errors import UsageError
from eleven_cli.terminal import Terminal
from eleven_cli.terminal.messages import Tone

if TYPE_CHECKING:
    from eleven_cli.sandbox.http.requests_log import Entry


@contextmanager
def opened(path: Path | None) -> Iterator[TextIO | None]:
    """Opens a log that only its owner reads: it holds what was asked. Raises UsageError."""
    if path is None:
        yield None
        return
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", buffering=1)
    except OSError as failed:
        raise UsageError(f"cannot write {path}: {failed.strerror}", hint="--log FILE.jsonl") from failed
    with file:
        yield file


def request_logger(terminal: Terminal, file: TextIO | None) -> "Callable[[Entry], None]":
    """Gives what logs requests and failures on the terminal, and these and socket messages in the file."""
    from eleven_cli.sandbox.http.requests_log import ServedRequest, SocketMessage

    def log(entry: "Entry") -> None:
        if isinstance(entry, ServedRequest):
            terminal.log(*entry.parts(), tone=_tone(entry.status))
        if not isinstance(entry, SocketMessage):
            for line in entry.failure.splitlines():
                terminal.log(line)
        if file is not None and not file.closed:
            _add(file, entry, terminal)

    return log


def _add(file: TextIO, entry: "Entry", terminal: Terminal) -> None:
    try:
        file.write(json.dumps(entry.record()) + "\n")
    except OSError as failed:
        terminal.warn(f"the log ends here: {failed.strerror}")
        with suppress(OSError):  # what is left to be written
            file.close()


def _tone(status: int) -> Tone:
    if 0 < status < 400 or status in (1000, 1001, 1005):
        return Tone.GOOD
    return Tone.ODD if 0 < status < 500 else Tone.BAD
