"""Answers as they arrive, the connections they come on, and the one door where foreign exceptions become ours."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from eleven_cli.api.http import Retry
from eleven_cli.errors import NotConnected

if TYPE_CHECKING:
    import requests

    from eleven_cli.api.network.connector import Connector

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 60.0
ERROR_BODY_S = 5.0
LONGEST_ERROR_BODY_BYTES = 65536
CHUNK_BYTES = 65536
MOST_DIGITS = 12


def nothing(line: str) -> None:
    """Traces nowhere."""


class Stream:
    """The body of one answer, as it arrives. Iterate once; leaving the `with` drops the connection.

    status    the answer's
    headers   the answer's, by lower-case name
    """

    def __init__(
        self,
        response: "requests.Response",
        server: str,
        read_timeout_s: float | None = None,
        on_trace: Callable[[str], None] = nothing,
    ) -> None:
        self._response = response
        self._server, self._read_timeout_s, self._on_trace = server, read_timeout_s, on_trace
        self.status = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *exc: object) -> None:
        self._response.close()

    def __iter__(self) -> Iterator[bytes]:
        """Chunks of at least one byte, without what the server compressed them with.

        Raises NetworkError when the connection is lost, stalls, or ends before the body does.
        """
        chunks = self._received()
        if encodings := self.headers.get("content-encoding", ""):
            from eleven_cli.api.http.encodings import decoded

            chunks = decoded(chunks, encodings, self._server)
        return chunks if self._on_trace is nothing else self._traced(chunks)

    def count(self, header: str) -> int | None:
        """What a header counts; None where it is missing, and for what nothing can be counted to."""
        word = self.headers.get(header, "").strip()
        return int(word) if word.isascii() and word.isdigit() and len(word) <= MOST_DIGITS else None

    def _traced(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        from eleven_cli.api.http.tracing import BodyTrace

        body = BodyTrace(self.headers.get("content-type", ""))
        try:
            for chunk in chunks:
                body.add(chunk)
                yield chunk
        finally:
            self._on_trace(str(body))

    def _received(self) -> Iterator[bytes]:
        with our_errors(self._server, read_timeout_s=self._read_timeout_s):
            while chunk := self._response.raw.read1(CHUNK_BYTES, decode_content=False):
                yield chunk

    def shorten_timeout(self) -> None:
        """Waits no longer than a few seconds for what is left: it only explains a refusal."""
        with suppress(AttributeError, OSError):
            self._response.raw.connection.sock.settimeout(ERROR_BODY_S)  # type: ignore[union-attr]


class Connections:
    """The connections of one client to its server: requests that are free share one, each that is paid has its own."""

    def __init__(self, connector: "Connector", server: str) -> None:
        self._connector, self._server = connector, server
        self._session: requests.Session | None = None
        self._was_answered = False  # only after an answer is there a connection to be kept

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def response(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        connect_s: float,
        read_timeout_s: float | None,
        request: Mapping[str, Any],
    ) -> "requests.Response":
        """The response to a request. A kept connection may be closed at the other end by now, and of a request lost on
        it we could not say whether it was paid for: only what is free goes over one, and is sent again on a new one."""
        is_free = method == "GET"
        may_be_kept, self._was_answered = is_free and self._was_answered, False
        if not is_free:
            self._open_session().close()
        while True:
            try:
                with our_errors(self._server, free=is_free, read_timeout_s=read_timeout_s):
                    response = self._open_session().request(
                        method,
                        url,
                        headers=headers,
                        stream=True,
                        allow_redirects=False,  # requests would carry xi-api-key to another host
                        timeout=(connect_s, timeout_of(read_timeout_s)),
                        **request,
                    )
                self._was_answered = True
                return response
            except Retry as lost:
                if not may_be_kept or isinstance(lost.error, NotConnected):
                    raise
            may_be_kept = False
            self._open_session().close()

    def _open_session(self) -> "requests.Session":
        if self._session is None:
            from eleven_cli.api.http.connection import new_session

            self._session = new_session(self._connector)
        return self._session


def timeout_of(read_timeout_s: float | None) -> float:
    """How long a service may be silent in seconds, where a request does not say."""
    return READ_TIMEOUT_S if read_timeout_s is None else read_timeout_s


@contextmanager
def our_errors(server: str, *, free: bool = False, read_timeout_s: float | None = None) -> Iterator[None]:
    """The one door for the exceptions of requests, urllib3 and the socket.

    free   whether repeating costs nothing;  read_timeout_s  how long the server was waited for, None for READ_TIMEOUT_S
    """
    from eleven_cli.api.http.connection import load_requests

    requests = load_requests()
    import urllib3

    try:
        yield
    except NotConnected as failed:
        raise (Retry(failed) if failed.may_pass else failed) from failed.__cause__
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as failed:
        from eleven_cli.api.http.failures import lost

        raise lost(failed, server, free=free, read_timeout_s=read_timeout_s or READ_TIMEOUT_S) from failed
