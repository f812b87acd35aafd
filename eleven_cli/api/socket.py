"""Socket: text messages over one WebSocket, and how the session ended. Foreign exceptions become ours here."""

import json as json_format
import select
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eleven_cli.api import http
from eleven_cli.api.failures import failure, redirected
from eleven_cli.api.network.failures import NETWORK_HINT
from eleven_cli.errors import NetworkError

if TYPE_CHECKING:
    import websocket

    from eleven_cli.api.network.connector import Connector

SEND_TIMEOUT_S = 10.0
GOOD_BYE_S = 0.1
NORMAL, ABNORMAL = 1000, 1006
NO_REFUSAL = (NORMAL, 1001, 1005, ABNORMAL, 1011, 1012, 1013)  # codes of a service that is only gone, or in trouble


@dataclass(frozen=True)
class Close:
    """How a session ended. code as in RFC 6455, 1006 when the connection was lost without a word."""

    code: int
    reason: str = ""
    by_us: bool = False


class Socket:
    """One open WebSocket. One thread reads `messages`; any thread may send or close.

    closed   how it ended, None while it is open
    """

    def __init__(self, connection: "websocket.WebSocket", trace: Callable[[str], None]) -> None:
        self._connection = connection
        self._trace = trace
        self._sending = threading.Lock()
        self._heard_at = time.monotonic()
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
        self._trace(f"> {_shortened(text)}")
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

    def ping(self) -> None:
        """Ask for a sign of life, to which `silent_s` tells the answer."""
        import websocket

        with self._sending, suppress(websocket.WebSocketException, OSError, AttributeError):
            if self.closed is None:
                self._connection.ping()

    @property
    def silent_s(self) -> float:
        """For how many seconds nothing has come, not even an answer to a ping."""
        return time.monotonic() - self._heard_at

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
            self._ended(Close(ABNORMAL, str(lost)))
            return None
        self._heard_at = time.monotonic()
        if kind == websocket.ABNF.OPCODE_CLOSE:
            self._ended(_close_in(data))
            return None
        if kind == websocket.ABNF.OPCODE_TEXT:
            text: str = data.decode("utf-8", "replace")
            self._trace(f"< {_shortened(text)}")
            return text
        return bytes(data) if kind == websocket.ABNF.OPCODE_BINARY else None

    def _ended(self, close: Close) -> None:
        self._trace(f"< close {close.code} {close.reason}")
        self.closed = self.closed or close


def connect(url: str, headers: Mapping[str, str], connector: "Connector", trace: Callable[[str], None]) -> Socket:
    """Open a WebSocket. Raises what the server refused the handshake with, a redirect, too, and NetworkError."""
    import websocket

    trace(f"> connect {url.partition('?')[0]}")
    if words := connector.route_to(url).words:
        trace(f"> {words}")
    raw = connector.open(url, http.CONNECT_TIMEOUT_S)
    connection = websocket.WebSocket(
        skip_utf8_validation=True,  # done in pure Python there: a second for 5 MB in which no ping is answered
        enable_multithread=True,
    )
    try:
        raw.settimeout(http.CONNECT_TIMEOUT_S)
        with _our_errors(_host(url), connection):
            lines = [f"{name}: {value}" for name, value in headers.items()]
            connection.connect(url, header=lines, suppress_origin=True, redirect_limit=0, socket=raw)  # type: ignore[no-untyped-call]
        _check_for_redirect(_host(url), connection)
    except BaseException:
        raw.close()
        raise
    connection.settimeout(SEND_TIMEOUT_S)
    return Socket(connection, trace)


@contextmanager
def _our_errors(server: str, connection: "websocket.WebSocket") -> Iterator[None]:
    """The door for what websocket-client raises while it shakes hands."""
    import websocket

    try:
        yield
    except websocket.WebSocketBadStatusException as refused:
        answer: Mapping[str, str] = refused.resp_headers or {}
        if 300 <= refused.status_code < 400:
            raise redirected(server, refused.status_code, answer) from refused
        raise failure(refused.status_code, answer, refused.resp_body or b"") from refused
    except (websocket.WebSocketTimeoutException, TimeoutError) as failed:
        late = f"{server} did not answer within {http.CONNECT_TIMEOUT_S:.0f} s"
        raise NetworkError(late, code="timeout") from failed
    except (websocket.WebSocketException, OSError) as failed:
        _check_for_redirect(server, connection)
        reason = getattr(failed, "strerror", None) or str(failed)
        raise NetworkError(f"cannot connect to {server}: {reason}", hint=NETWORK_HINT) from failed
    except (ValueError, LookupError) as failed:  # its parser takes what comes for HTTP
        raise NetworkError(f"cannot connect to {server}: it does not answer as a web server does") from failed


def _check_for_redirect(server: str, connection: "websocket.WebSocket") -> None:
    """websocket-client takes a redirect for a success, and hands the key on: it is told to follow none."""
    answer = connection.handshake_response
    if answer is not None and 300 <= answer.status < 400:
        raise redirected(server, answer.status, answer.headers)


def _close_in(data: bytes) -> Close:
    if len(data) < 2:
        return Close(1005)
    return Close(int.from_bytes(data[:2], "big"), data[2:].decode("utf-8", "replace"))


def _host(url: str) -> str:
    return url.partition("//")[2].partition("/")[0].partition("?")[0]


def _shortened(text: str, most: int = 300) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"
