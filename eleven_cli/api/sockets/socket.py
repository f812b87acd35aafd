"""Socket: text messages over one WebSocket, and how the session ended."""

import json as json_format
import select
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eleven_cli.api.http.session import nothing
from eleven_cli.api.sockets.wire import TooLarge, Wire
from eleven_cli.errors import NetworkError

if TYPE_CHECKING:
    import websocket


SEND_TIMEOUT_S = 10.0
GOOD_BYE_S = 0.1
QUIET_S, DEAD_S = 4.0, 8.0  # after so long without a word it is pinged, and left when it does not answer for so long
NORMAL, ABNORMAL = 1000, 1006
NO_REFUSAL = (NORMAL, 1001, 1005, ABNORMAL, 1011, 1012, 1013)  # codes of a service that is only gone, or in trouble


class AwakeClock:
    """A monotonic clock in seconds that stands still while this process is stopped, so that nobody is blamed for what
    it did not hear. Who waits by it has to ask it every second or more often. From any thread."""

    LONGEST_STEP_S = 1.0

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._asked_at, self._slept_s = time.monotonic(), 0.0

    def __call__(self) -> float:
        with self._reading:
            now = time.monotonic()
            self._slept_s += max(0.0, now - self._asked_at - self.LONGEST_STEP_S)
            self._asked_at = now
            return now - self._slept_s


@dataclass(frozen=True)
class Close:
    """How a session ended. code as in RFC 6455, 1006 when the connection was lost; its reason is then in our words."""

    code: int
    reason: str = ""
    by_us: bool = False


class Socket:
    """One open WebSocket. One thread reads `messages`; any thread may send or close.

    closed   how it ended, None while it is open
    """

    def __init__(self, connection: "websocket.WebSocket", wire: Wire, trace: Callable[[str], None]) -> None:
        self._connection, self._wire = connection, wire
        self._trace = trace
        self._sending = threading.Lock()
        self._heard_at = time.monotonic()
        self._pinged_at: float | None = None  # while nothing has come since
        self.closed: Close | None = None

    def __enter__(self) -> "Socket":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
        if self.closed is not None and self.closed.by_us and self.closed.code != ABNORMAL:
            self._let_go()
        self._connection.shutdown()  # type: ignore[no-untyped-call]

    def messages(self, tick_s: float) -> Iterator[str | bytes | None]:
        """Messages as they come, bytes for binary ones; None when there was none for `tick_s` seconds.

        Ends when the session has ended; then `closed` says how.
        """
        while self.closed is None:
            if not self._readable(tick_s):
                self._see_whether_it_lives()
                yield None
                continue
            message = self._received()
            if message is not None:
                yield message

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one JSON message; silently nothing once the session has ended: the reader says how it did.

        Raises NetworkError when the network takes nothing for 10 s.
        """
        text = json_format.dumps(message)
        if self._trace is not nothing:
            from eleven_cli.api.http.tracing import shown

            self._trace(f"> {shown(text)}")
        import websocket

        with self._sending:
            if self.closed is not None:
                return
            try:
                self._connection.send(text)
            except websocket.WebSocketTimeoutException as failed:
                raise NetworkError("the connection stalled while sending", code="timeout") from failed
            except (websocket.WebSocketException, OSError, AttributeError):
                pass  # the reader will find the end, and its reason

    def drop(self, reason: str) -> None:
        """Give up a connection that is of no use any more, without a word to the other side; from any thread."""
        self.closed = self.closed or Close(ABNORMAL, reason, by_us=True)

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Say good-bye, once; does not wait for the answer."""
        if self.closed is not None:
            return
        self.closed = Close(code, reason, by_us=True)
        self._trace(f"> close {code} {reason}")
        import websocket

        with suppress(websocket.WebSocketException, OSError, AttributeError):
            self._connection.settimeout(0.1)  # a network that is stuck must not hold up the end
            self._connection.send_close(code, reason.encode())

    def _let_go(self) -> None:
        """Take what the other side still says, until it has hung up: closing with something unread resets the
        connection, and our good-bye may be lost with it."""
        raw: Any = self._connection.sock
        until = time.monotonic() + GOOD_BYE_S
        with suppress(OSError, ValueError, AttributeError):
            raw.settimeout(GOOD_BYE_S)
            while time.monotonic() < until and raw.recv(65536):
                pass

    def _see_whether_it_lives(self) -> None:
        """Of a peer that is gone the system may not know for minutes; one that is there has to answer a ping."""
        now = time.monotonic()
        if self._pinged_at is not None and now - self._pinged_at > DEAD_S:
            self._ended(Close(ABNORMAL, "the service does not answer any more"))
        elif self._pinged_at is None and now - self._heard_at > QUIET_S:
            self._pinged_at = now
            self._ping()

    def _ping(self) -> None:
        import websocket

        with self._sending, suppress(websocket.WebSocketException, OSError, AttributeError):
            self._connection.ping()

    def _readable(self, tick_s: float) -> bool:
        """Whether something can be read, within a tick; TLS may hold some that the system does not see."""
        raw = self._connection.sock
        if raw is None:
            return True
        pending = getattr(raw, "pending", None)
        if pending is not None and pending():
            return True
        return bool(select.select([raw], [], [], tick_s)[0])

    def _received(self) -> str | bytes | None:
        import websocket

        try:
            kind, data = self._connection.recv_data(control_frame=True)
        except websocket.WebSocketTimeoutException:
            return None  # in the middle of a frame: nothing is lost
        except (websocket.WebSocketException, OSError, ValueError, AttributeError) as lost:
            self._trace(f"< {lost}")
            self._ended(Close(ABNORMAL, str(lost) if isinstance(lost, TooLarge) else ""))
            return None
        self._heard_at, self._pinged_at = time.monotonic(), None
        self._wire.begin_message()
        if kind == websocket.ABNF.OPCODE_CLOSE:
            self._ended(_close_in(data))
            return None
        if kind == websocket.ABNF.OPCODE_TEXT:
            text: str = data.decode("utf-8", "replace")
            if self._trace is not nothing:
                from eleven_cli.api.http.tracing import shown

                self._trace(f"< {shown(text)}")
            return text
        return bytes(data) if kind == websocket.ABNF.OPCODE_BINARY else None

    def _ended(self, close: Close) -> None:
        self._trace(f"< close {close.code} {close.reason}")
        self.closed = self.closed or close


def _close_in(data: bytes) -> Close:
    if len(data) < 2:
        return Close(1005)
    return Close(int.from_bytes(data[:2], "big"), data[2:].decode("utf-8", "replace"))
