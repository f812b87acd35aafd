"""EarlyConnection: a connection that is opened while the program is still being loaded."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

USABLE_S = 4.0  # a server hangs up on who says nothing: what is sent just then is lost, and may have been paid for


class EarlyConnection:
    """Opens it on a thread, for the first that asks.

    Nothing is sent on it but what TLS needs, and that only when it is known that somebody will ask: TLS costs a program
    that refuses its command line time. A program that never asks for it does not wait.

    reach    gives the socket, connected;  secure   gives it with TLS
    """

    def __init__(self, reach: Callable[[], Any], secure: Callable[[Any], Any]) -> None:
        self._reach, self._secure = reach, secure
        self._will_be_taken, self._wanted, self._opened = threading.Event(), threading.Lock(), threading.Event()
        self._socket: Any = None
        self._error: Exception | None = None
        self._has_begun, self._since = False, 0.0
        with suppress(RuntimeError):  # no thread is left: the one that asks opens it then
            threading.Thread(target=self._open, daemon=True).start()
            self._has_begun = True

    def will_be_taken(self) -> None:
        """Somebody will ask: let TLS begin."""
        self._will_be_taken.set()

    def take(self, timeout_s: float) -> Any:
        """The socket, after waiting for it no longer than that; None when it was taken before, and where it is too old
        to be relied on. Raises what it could not be opened with, and TimeoutError."""
        if not (self._has_begun and self._wanted.acquire(blocking=False)):
            return None
        self.will_be_taken()
        if not self._opened.wait(timeout_s):
            raise TimeoutError("timed out")
        is_fresh = time.monotonic() - self._since < USABLE_S
        if is_fresh and self._error is not None:
            raise self._error
        if self._socket is None or (is_fresh and _is_alive(self._socket)):
            return self._socket
        self._socket.close()
        return None

    def _open(self) -> None:
        try:
            reached = self._reach()
            if self._will_be_taken.wait(USABLE_S):
                self._socket = self._secure(reached)
            else:
                reached.close()
        except Exception as failed:
            self._error = failed
        self._since = time.monotonic()
        self._opened.set()


def _is_alive(raw: Any) -> bool:
    """Whether the other side has neither hung up nor spoken unasked. Tickets of TLS, which are no data, are taken."""
    import ssl

    raw.settimeout(0)
    try:
        raw.recv(1)
    except ssl.SSLWantReadError:
        return True
    except OSError:
        return False
    return False
