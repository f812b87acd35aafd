"""Downloads media from a URL: plain files over HTTP, no video portals; from other machines only if that is allowed."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, BinaryIO, cast
from urllib import request
from urllib.error import URLError

from anyio import to_thread

from ..http.problems import Problem, invalid_parameter
from ..http.validate import is_web_address
from ..loopback import loopback_addresses, only_this_machine
from .request import MAX_URL_BYTES

TIMEOUT_S = 10.0
PIECE = 1024 * 1024
Connect = Callable[..., socket.socket]


async def fetch(url: str, *, anywhere: bool) -> BinaryIO:
    """Downloads into a temporary file; only what is `anywhere` leaves this machine.

    Raises Problem for an invalid URL or a failed download.
    """
    if not is_web_address(url):
        raise invalid_parameter("source_url", f"'{url}' is no address of the Web.", status="invalid_url")
    return await to_thread.run_sync(_fetch, url, socket.create_connection if anywhere else _connect_locally)


def _fetch(url: str, connect: Connect) -> BinaryIO:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        with _opener(connect).open(url, timeout=TIMEOUT_S) as answer:
            while piece := answer.read(PIECE):
                file.write(piece)
                if file.tell() > MAX_URL_BYTES:
                    raise Problem(400, "request_too_large", "The file at source_url is too large.", param="source_url")
    except (URLError, OSError, ValueError, HTTPException) as error:
        file.close()
        message = f"Nothing could be downloaded from '{url}': {error}"
        raise Problem(400, "invalid_parameters", message, status="download_failed", param="source_url") from None
    return cast(BinaryIO, file)


def _opener(connect: Connect) -> request.OpenerDirector:
    """Makes an opener whose every connection, that of a redirect too, is made by `connect`. It knows no proxies."""

    class Plain(request.HTTPHandler):
        def http_open(self, asked: request.Request) -> Any:
            return self.do_open(cast(Any, partial(_connecting, HTTPConnection, connect)), asked)

    class Secure(request.HTTPSHandler):
        def https_open(self, asked: request.Request) -> Any:
            return self.do_open(cast(Any, partial(_connecting, HTTPSConnection, connect)), asked)

    opener = request.OpenerDirector()
    rest = (request.UnknownHandler, request.HTTPDefaultErrorHandler, request.HTTPRedirectHandler)
    for handler in (Plain, Secure, *rest, request.HTTPErrorProcessor):
        opener.add_handler(handler())
    return opener


def _connecting(kind: type[HTTPConnection], connect: Connect, host: str, **options: Any) -> HTTPConnection:
    connection = kind(host, **options)
    connection._create_connection = connect  # type: ignore[attr-defined]
    return connection


def _connect_locally(address: tuple[str, int], *more: Any) -> socket.socket:
    host, port = address
    refusal: OSError | None = None
    for local in loopback_addresses(host):
        try:
            return socket.create_connection((local, port), *more)
        except OSError as failed:
            refusal = failed
    if refusal is not None:
        raise refusal
    message = only_this_machine(host)
    raise Problem(400, "invalid_parameters", message, status="download_failed", param="source_url")
