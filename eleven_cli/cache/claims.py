"""Has one process make some audio, while others that want the same wait instead of paying for it, too."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from eleven_cli.errors import ElevenError
from eleven_cli.files.folders import ensure_dir, open_private
from eleven_cli.files.locks import acquire, still_named
from eleven_cli.files.part_names import PART

LONGEST_WAIT_S = 600.0
SLICE_S = 0.05


class Claim:
    """The lock of the process that makes some audio; without effect where no file can be written."""

    def __init__(self, path: Path, file: BinaryIO | None) -> None:
        self._path, self._file = path, file

    def release(self) -> None:
        """Lets the next process have it; never raises."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                self._path.unlink()
            file.close()


def claim(
    audio: Path,
    *,
    is_there: Callable[[], bool],
    waiting: Callable[[], None] = lambda: None,
    stopped: Callable[[], bool] = lambda: False,
    longest_s: float = LONGEST_WAIT_S,
) -> Claim:
    """Waits until no other process makes the audio of that file, until it is there, or for `longest_s`.

    waiting   is called once if another process makes it
    stopped   whether to wait no longer: raises ElevenError
    """
    path = audio.with_name(f"{audio.name}.claim{PART}")  # which is cleared away like every other unfinished file
    until, notified = time.monotonic() + longest_s, False
    while True:
        try:
            file = _locked(path)
        except OSError:
            return Claim(path, None)
        if file is not None:
            return Claim(path, file)
        if (notified and is_there()) or time.monotonic() > until:
            return Claim(path, None)
        if stopped():
            raise ElevenError("cancelled while another process was creating the audio", code="given_up")
        if not notified:
            waiting()
            notified = True
        time.sleep(SLICE_S)


def _locked(path: Path) -> BinaryIO | None:
    """The file of that name, locked by us; None while another has it. Raises OSError."""
    ensure_dir(path.parent)
    file = os.fdopen(open_private(path, os.O_RDWR | os.O_CREAT), "r+b", buffering=0)
    if acquire(file) and still_named(file, path):
        return file
    file.close()  # in use, or removed just now by the one that had it
    return None
