"""Sends requests over HTTP to this machine, or to any other where that is allowed; nothing follows a redirect."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import quote, urlsplit

import h11

from ..http.requests_log import Log, SentRequest, json_or_none
from ..loopback import loopback_addresses, only_this_machine

PIECE_BYTES = 65_536
MAX_ANSWER_BYTES = 4 * 1024 * 1024
CLOSE_TIMEOUT_S = 1.0
PORTS = {"http": 80, "https": 443}
IN_URLS = "/?&=%:@!$'()*+,;~[]"  # what is left as it is


class NoAnswer(Exception):
    """A request that got no answer, told in a sentence."""


@dataclass(frozen=True)
class Outgoing:
    """A request. `timeout_s` is how long the whole exchange may take, and where it `streams`, each pause of it."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout_s: float = 20.0
    streams: bool = False


class IncomingAnswer:
    """The answer to a request: its status, its headers by their names in lower case, and its body as it arrives."""

    def __init__(self, status: int, headers: Mapping[str, str], pieces: AsyncIterator[bytes]) -> None:
        self.status, self.headers, self._pieces = status, headers, pieces

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces

    async def read(self) -> bytes:
        """Gives the whole body. Raises NoAnswer when it is too large."""
        body = bytearray()
        async for piece in self._pieces:
            body += piece
            if len(body) > MAX_ANSWER_BYTES:
                raise NoAnswer(f"the answer is larger than {MAX_ANSWER_BYTES:,} bytes")
        return bytes(body)


class HttpSender:
    """Sends the requests of one server, and logs them.

    anywhere  whether other machines are reached, too
    log       is called with every request when it has ended
    """

    def __init__(self, *, anywhere: bool, log: Log | None) -> None:
        self._anywhere, self._log = anywhere, log or (lambda entry: None)

    @asynccontextmanager
    async def sending(self, request: Outgoing) -> AsyncIterator[IncomingAnswer]:
        """Sends a request; its answer can be read within the block. Raises NoAnswer, TimeoutError included."""
        began, status, failure = monotonic(), 0, ""
        try:
            async with asyncio.timeout(request.timeout_s) as limit, self._exchange(request) as answer:
                status = answer.status
                yield _unhurried(answer, limit, request.timeout_s) if request.streams else answer
        except (TimeoutError, OSError, ValueError, h11.ProtocolError) as failed:
            failure = _reason(request, failed)
            raise NoAnswer(failure) from failed
        except Exception as failed:
            failure = str(failed)
            raise
        except asyncio.CancelledError:
            failure = "it was given up"
            raise
        finally:
            self._log(_sent(request, status, monotonic() - began, failure))

    async def fetch(self, request: Outgoing) -> tuple[IncomingAnswer, bytes]:
        """Sends a request; gives its answer with the whole body. Raises NoAnswer."""
        async with self.sending(request) as answer:
            return answer, await answer.read()

    @asynccontextmanager
    async def _exchange(self, request: Outgoing) -> AsyncIterator[IncomingAnswer]:
        url = urlsplit(request.url)
        if url.scheme not in PORTS or not url.hostname:
            raise NoAnswer(f"'{request.url}' is no address of the Web")
        reader, writer = await self._connect(url.scheme, url.hostname, url.port or PORTS[url.scheme])
        try:
            connection = h11.Connection(h11.CLIENT)
            await _write(connection, writer, request, url.netloc.rpartition("@")[2])
            head = await _head(connection, reader)
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
            yield IncomingAnswer(head.status_code, headers, _body(connection, reader))
        finally:
            writer.transport.abort()

    async def _connect(self, scheme: str, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        addresses = (host,) if self._anywhere else loopback_addresses(host)
        if not addresses:
            raise NoAnswer(only_this_machine(host))
        tls: dict[str, Any] = (
            {"ssl": ssl.create_default_context(), "server_hostname": host} if scheme == "https" else {}
        )
        refusal = OSError()
        for address in addresses:
            try:
                return await asyncio.open_connection(address, port, **tls)
            except OSError as failed:
                refusal = failed
        raise refusal


def _unhurried(answer: IncomingAnswer, limit: asyncio.Timeout, pause_s: float) -> IncomingAnswer:
    """Gives the answer whose pieces, not the whole, have to come in time."""

    async def pieces() -> AsyncIterator[bytes]:
        async for piece in answer:
            limit.reschedule(asyncio.get_running_loop().time() + pause_s)
            yield piece

    return IncomingAnswer(answer.status, answer.headers, pieces())


async def _write(connection: h11.Connection, writer: asyncio.StreamWriter, request: Outgoing, host: str) -> None:
    url = urlsplit(request.url)
    target = quote(f"{url.path or '/'}{'?' + url.query if url.query else ''}", IN_URLS)
    headers = {"Host": host, "User-Agent": "ElevenLabs/1.0", "Accept": "*/*", "Connection": "close", **request.headers}
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        headers["Content-Length"] = str(len(request.body))
    pairs = [(name.encode("ascii"), value.encode("utf-8")) for name, value in headers.items()]
    head = h11.Request(method=request.method, target=target, headers=pairs)
    data = [connection.send(event) or b"" for event in (head, h11.Data(request.body), h11.EndOfMessage())]
    writer.write(b"".join(data))
    await writer.drain()


async def _head(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Response:
    while True:
        event = await _next(connection, reader)
        if isinstance(event, h11.Response):
            return event
        if isinstance(event, h11.ConnectionClosed):
            raise NoAnswer("the connection was closed without an answer")


async def _body(connection: h11.Connection, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while isinstance(event := await _next(connection, reader), h11.Data):
        yield bytes(event.data)


async def _next(connection: h11.Connection, reader: asyncio.StreamReader) -> Any:
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(PIECE_BYTES))
    return event


def _reason(request: Outgoing, failed: Exception) -> str:
    if isinstance(failed, TimeoutError):
        return f"there was no answer within {request.timeout_s:g} s"
    if isinstance(failed, h11.RemoteProtocolError):
        return f"the answer is not HTTP: {failed}"
    if isinstance(failed, ConnectionRefusedError):
        return "the connection was refused"
    return f"it failed: {failed}"


def _sent(request: Outgoing, status: int, seconds: float, failure: str) -> SentRequest:
    return SentRequest(
        method=request.method,
        path=_shown(request.url),
        status=status,
        seconds=seconds,
        sent=len(request.body),
        body=json_or_none(request.body) if request.body else None,
        failure=failure,
    )


def _shown(url: str) -> str:
    """Gives an address without what may be secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an invalid address"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
