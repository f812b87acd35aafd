"""http.client's connections, opened by a Connector: the head of an answer must be whole and come soon, and a refusal is
read before an upload is complete. `ask` sends a request on one of its own, as what is paid is sent, and the first of a
run: loading requests would take a third of its processor time.

Source: RFC 9110 (interim answers), RFC 9112 (framing).
"""

import errno
import http.client
import json
import select
import ssl
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from eleven_cli.api.http import MOST_INTERIM, UNQUOTED, Opener, Request, costs_told, is_interim
from eleven_cli.errors import NetworkError

if TYPE_CHECKING:
    from eleven_cli.api.network.connector import Connector

HEAD_S = 20.0  # from its first byte to its last
SEND_GAP_S = 60.0  # how long a server may take nothing of what it is sent
_HANGING_UP = (errno.EPIPE, errno.ECONNRESET, errno.EPROTOTYPE)  # the last is macOS's
_WITHOUT_BODY = ("GET", "HEAD")


class Answer(http.client.HTTPResponse):
    """An answer on a connection; interim ones (100, 102, 103) are skipped.

    Raises IncompleteRead where the head is cut off, another HTTPException for what is not HTTP, and NetworkError where
    it does not come to its end. was_read: whether all of its body was taken, and another may follow
    """

    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self._sock, self.was_read = sock, False

    def begin(self) -> None:
        if self.headers is not None:
            return
        patience_s = self._sock.gettimeout()
        until = None if patience_s is None else time.monotonic() + patience_s
        for _ in range(MOST_INTERIM):
            self._read_head()
            if not is_interim(self.status):
                return self._take_framing()
            if until is not None and time.monotonic() > until:  # they are no answer: it is not waited for any longer
                raise TimeoutError("nothing but interim answers")
            self.headers = self.msg = None  # the next one is read in its place
        raise http.client.HTTPException("interim answers without end")

    def take(self, most_bytes: int) -> bytes:
        """What has arrived of the body, at least a byte; b"" at its end. Raises IncompleteRead where it ends before."""
        chunk = self.read1(most_bytes)
        if not chunk and self.length:  # http.client leaves this to its caller
            raise http.client.IncompleteRead(b"", self.length)
        self.was_read = not chunk and not self.will_close
        return chunk

    def set_timeout(self, timeout_s: float) -> None:
        """How long the server may be silent while the rest is read, in seconds."""
        self._sock.settimeout(timeout_s)

    def _read_head(self) -> None:
        body, self.fp = self.fp, _Head(self.fp, self._sock)  # type: ignore[assignment]
        try:
            super().begin()
        finally:
            if self.fp is not None:
                self.fp = body

    def _take_framing(self) -> None:
        """What http.client takes for a body as it stands, framing included, or for one that ends with the connection.
        Of two lengths one is wrong."""
        if len(set(",".join(self.headers.get_all("content-length", [])).replace(" ", "").split(","))) > 1:
            raise http.client.HTTPException("it has two lengths")
        codings = ",".join(self.headers.get_all("transfer-encoding") or []).strip().lower()
        if codings not in ("", "chunked", "identity"):
            raise http.client.HTTPException(f"its transfer encoding {codings!r} is unknown")
        if codings == "chunked" and not self.chunked:
            self.chunked, self.chunk_left, self.length = True, None, None


class _Head:
    """The lines of a head. Its first byte may come as late as the connection allows, the rest must follow soon."""

    def __init__(self, file: Any, sock: Any) -> None:
        self._file, self._sock = file, sock
        self._until: float | None = None

    def readline(self, limit: int) -> bytes:
        """A line with its end, or its first `limit` bytes; b"" where nothing came at all."""
        line = b""
        while len(line) < limit and not line.endswith(b"\n"):
            has_begun = self._until is not None
            waiting = self._arrived()
            if not waiting and has_begun:
                raise http.client.IncompleteRead(line)
            if not waiting:
                return b""
            line += self._file.read(min(waiting.find(b"\n") + 1 or len(waiting), limit - len(line)))
        return line

    def close(self) -> None:
        self._file.close()

    def _arrived(self) -> bytes:
        """What has arrived by now, or what arrives next; b"" at the end."""
        if self._until is None:
            waiting = self._file.peek(1)
            self._until = time.monotonic() + HEAD_S
            return bytes(waiting)
        usual_s, left_s = self._sock.gettimeout(), self._until - time.monotonic()
        if left_s <= 0:
            raise _too_slow()
        self._sock.settimeout(left_s if usual_s is None else min(usual_s, left_s))
        try:
            return bytes(self._file.peek(1))
        except TimeoutError:
            raise _too_slow() from None
        finally:
            self._sock.settimeout(usual_s)


def _too_slow() -> NetworkError:
    return NetworkError(f"the server did not finish its response headers within {HEAD_S:.0f} s", code="timeout")


class OurConnection:
    """What a class of connections, http.client's or urllib3's, comes after, so that a Connector opens them."""

    response_class = Answer

    def __init__(self, opener: Opener, url: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._opener, self._url = opener, url

    def connect(self) -> None:
        self.sock = self._opener.open(self._url, self.timeout)  # type: ignore[attr-defined]
        self.sock.settimeout(SEND_GAP_S)
        self.is_verified = True  # or it would not have been opened

    def close(self) -> None:
        self._opener.closing(self.sock)
        super().close()  # type: ignore[misc]

    def send(self, data: Any) -> None:
        """A server that refuses and hangs up while it is being sent something breaks the pipe. After that what it has
        said is read; but TLS, and a server that takes nothing any more, do not break it in that way."""
        try:
            super().send(data)  # type: ignore[misc]
        except ssl.SSLEOFError as gone:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe") from gone
        except TimeoutError as stalled:
            if not select.select([self.sock], [], [], 0)[0]:
                raise NetworkError(f"the server accepted no data for {SEND_GAP_S:g} s", code="timeout") from stalled
            raise BrokenPipeError(errno.EPIPE, "Broken pipe") from stalled


def connection_class(usual: type) -> Any:
    """The class of connections, http.client's or urllib3's, with what is ours before it."""
    return type("Connection", (OurConnection, usual), {})


class OwnResponse:
    """The Response of api/http that came on a connection of its own.

    is_kept   whether that stays open after an answer that allows it
    """

    def __init__(self, connection: Any, answer: Answer, *, is_kept: bool) -> None:
        self._connection, self._answer, self._is_kept = connection, answer, is_kept
        self.status = answer.status
        names = dict.fromkeys(name.lower() for name in answer.headers)
        self.headers: Mapping[str, str] = {name: ", ".join(answer.headers.get_all(name, [])) for name in names}

    def read(self, most_bytes: int) -> bytes:
        return self._answer.take(most_bytes)

    def set_timeout(self, timeout_s: float) -> None:
        self._answer.set_timeout(timeout_s)

    def close(self) -> None:
        self._answer.close()
        if not (self._is_kept and self._answer.was_read):
            self._connection.close()

    def take_connection(self) -> Any:
        """The socket of a connection that was kept, for other requests; None where there is none."""
        if not self._answer.was_read:
            return None
        raw, self._connection.sock = self._connection.sock, None
        return raw

    def drop_connection(self) -> None:
        """Closes the connection that was kept, if any."""
        if self._answer.was_read:
            self._connection.close()


def ask(connector: "Connector", request: Request, *, is_kept: bool = False) -> OwnResponse:
    """Sends it and waits for the head of the answer. Raises what http.client, the socket and the connector do.

    is_kept   whether the connection stays open for the next request
    """
    route = connector.route_to(request.url)
    connection = connection_class(http.client.HTTPConnection)(
        connector, request.url, route.host, route.port, timeout=request.connect_s
    )
    connection.default_port = 443 if route.is_tls else 80  # which the header Host leaves out
    try:
        connection.connect()
        body = request.parts.get("data")
        with costs_told(lambda: request.is_paid and getattr(body, "is_all_given", True)):  # as a form may not be
            _send(connection, request)
            connection.sock.settimeout(request.read_timeout_s)
            answer: Any = connection.getresponse()
        return OwnResponse(connection, answer, is_kept=is_kept)
    except BaseException:
        connection.close()
        raise


def _send(connection: Any, request: Request) -> None:
    body, headers = request.parts.get("data"), {**request.headers}
    if "json" in request.parts:
        body = json.dumps(request.parts["json"], allow_nan=False).encode()
        headers.setdefault("Content-Type", "application/json")
    length = 0 if body is None else len(body) if isinstance(body, bytes) else body.len
    if length != 0 or request.method not in _WITHOUT_BODY:
        headers |= {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": str(length)}
    try:
        connection.request(request.method, _target(request), body or None, headers, encode_chunked=length is None)
    except OSError as failed:
        if failed.errno not in _HANGING_UP:
            raise
        # the server may have said why


def _target(request: Request) -> str:
    parts = urlsplit(request.url)
    query = "&".join(filter(None, [parts.query, request.query]))
    return quote(parts.path, safe=UNQUOTED) + (f"?{query}" if query else "")
