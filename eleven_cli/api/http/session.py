"""Answers as they arrive, the connections they come on, and the one door where foreign exceptions become ours."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from eleven_cli.api.http import Request, Response, Retry
from eleven_cli.errors import NotConnected

if TYPE_CHECKING:
    from eleven_cli.api.http.connection import OwnResponse
    from eleven_cli.api.http.pooled import Pool
    from eleven_cli.api.network.connector import Connector

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
        response: Response,
        server: str,
        read_timeout_s: float,
        on_trace: Callable[[str], None] = nothing,
    ) -> None:
        self._response = response
        self._server, self._read_timeout_s, self._on_trace = server, read_timeout_s, on_trace
        self.status, self.headers = response.status, response.headers

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
        with our_errors(self._server, self._read_timeout_s, was_answered=True):
            while chunk := self._response.read(CHUNK_BYTES):
                yield chunk

    def shorten_timeout(self) -> None:
        """Waits no longer than a few seconds for what is left: it only explains a refusal."""
        self._response.set_timeout(ERROR_BODY_S)


class Connections:
    """The connections of one client to its server: requests that are free share one, each that is paid has its own."""

    def __init__(self, connector: "Connector", server: str) -> None:
        self._connector, self._server = connector, server
        self._first: OwnResponse | None = None  # of what is free: the next one gets its connection
        self._pool: Pool | None = None

    def close(self) -> None:
        if self._first is not None:
            self._first.drop_connection()
        if self._pool is not None:
            self._pool.close()
        self._first = self._pool = None

    def response(self, request: Request) -> Response:
        """The response to a request.

        A kept connection may be closed at the other end by now, and of a request lost on it we could not say whether it
        was paid for: only what is free goes over one, and is sent again on a new one.
        """
        is_free = request.method == "GET"
        if is_free and (pool := self._kept()) is not None:
            try:
                with our_errors(self._server, request.read_timeout_s, free=True):
                    return pool.ask(request)
            except Retry as lost:
                self.close()
                if isinstance(lost.error, NotConnected):
                    raise
        from eleven_cli.api.http.connection import ask

        self.close()  # TLS of the next one goes on where that of the last one ended
        with our_errors(self._server, request.read_timeout_s, free=is_free):
            response = ask(self._connector, request, is_kept=is_free)
        self._first = response if is_free else None
        return response

    def _kept(self) -> "Pool | None":
        """The pool, with the connection of the first request; None where that was not kept."""
        first, self._first = self._first, None
        if first is not None and (raw := first.take_connection()) is not None:
            from eleven_cli.api.http.pooled import Pool

            self._pool = Pool(self._connector, raw)
        return self._pool


@contextmanager
def our_errors(server: str, read_timeout_s: float, *, was_answered: bool = False, free: bool = False) -> Iterator[None]:
    """The one door for the exceptions of http.client, requests, urllib3 and the socket.

    read_timeout_s   how long the server was waited for
    was_answered     whether the head of the answer was here
    free             whether repeating costs nothing
    """
    try:
        yield
    except NotConnected as failed:
        raise (Retry(failed) if failed.may_pass else failed) from failed.__cause__
    except _foreign_errors() as failed:
        from eleven_cli.api.http.failures import lost

        raise lost(failed, server, was_answered=was_answered, free=free, read_timeout_s=read_timeout_s) from failed


def _foreign_errors() -> tuple[type[Exception], ...]:
    """What libraries raise for an exchange: requests has OSErrors, urllib3, where it is loaded, errors of its own."""
    from http.client import HTTPException

    urllib3 = sys.modules.get("urllib3.exceptions")
    return (OSError, HTTPException, *([urllib3.HTTPError] if urllib3 else []))
