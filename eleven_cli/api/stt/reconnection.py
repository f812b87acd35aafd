"""Opens the sockets of a live transcription: the first one, and another after each that was lost."""

from collections.abc import Callable

from eleven_cli.api.sockets.socket import Socket
from eleven_cli.errors import ElevenError

FIRST_PAUSES_S = (0.5, 1.0, 2.0)
PAUSES_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # before each try to connect again
MOST_IN_VAIN = 3  # connections in a row that took sound, and gave no transcript for it
IN_TROUBLE = (500, 502, 504)  # one that is busy was waited for before it was given up


class Reconnector:
    """Connects, and connects again ever more rarely while that is of no use.

    connect    opens a socket
    on_notice  is told of each trouble
    pause      waits; True when nothing is worth waiting for any more
    """

    def __init__(
        self, connect: Callable[[], Socket], on_notice: Callable[[str], None], pause: Callable[[float], bool | None]
    ) -> None:
        self._connect, self._on_notice, self._pause = connect, on_notice, pause
        self._failures = 0  # connections in a row that were of no use
        self._in_vain = 0

    def first(self) -> Socket:
        """Raises what the service refused with, and NetworkError when it cannot be reached."""
        for pause_s in FIRST_PAUSES_S:
            try:
                return self._connect()
            except ElevenError as failed:
                if not _may_pass(failed):
                    raise
                self._on_notice(f"{failed.message}; trying again in {pause_s:g} s")
                self._pause(pause_s)
        return self._connect()

    def again(self, error: ElevenError, *, made_progress: bool, has_begun: bool, has_asked: bool) -> Socket:
        """Connects after a connection that was lost with this error; raises it, or the newest, after the last try.

        has_begun  whether any session has: fewer tries while none has
        has_asked  whether a transcript was asked for on this one, which may be paid for each time
        """
        if made_progress:
            self._failures = self._in_vain = 0
        elif has_asked:
            self._in_vain += 1
            if self._in_vain > MOST_IN_VAIN:
                raise error
        most = len(PAUSES_S) if has_begun else len(FIRST_PAUSES_S) + 1
        if self._failures < most:
            self._on_notice(f"{error.message}; connecting again")
        while self._failures < most:
            pause_s = PAUSES_S[self._failures]
            self._failures += 1
            if pause_s and self._pause(pause_s):
                break
            try:
                return self._connect()
            except ElevenError as failed:
                if not _may_pass(failed):
                    raise
                error = failed
        raise error


def _may_pass(failed: ElevenError) -> bool:
    return failed.may_pass or failed.status in IN_TROUBLE
