"""The free requests of a run after its first, through requests' session: they share that one's connection."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from eleven_cli.api.http import Opener, Request
from eleven_cli.api.http.connection import connection_class


class PooledResponse:
    """The Response of api/http that came on a connection of the session."""

    def __init__(self, response: requests.Response) -> None:
        self._response = response
        self.status = response.status_code
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}

    def read(self, most_bytes: int) -> bytes:
        return self._response.raw.read1(most_bytes, decode_content=False)

    def set_timeout(self, timeout_s: float) -> None:
        with suppress(AttributeError, OSError):  # it has no connection any more where nothing is left to come
            self._response.raw.connection.sock.settimeout(timeout_s)  # type: ignore[union-attr]

    def close(self) -> None:
        self._response.close()


class Pool:
    """The connections to one server that are kept for the next request, the first of which is open already."""

    def __init__(self, opener: Opener, first: Any) -> None:
        self._session = _session(_HandOver(opener, first))

    def ask(self, request: Request) -> PooledResponse:
        """Sends it and waits for the head of the answer. Raises what requests and the opener do."""
        response = self._session.request(
            request.method,
            request.url,
            **request.parts,
            headers=request.headers,
            stream=True,
            allow_redirects=False,  # requests would carry xi-api-key to another host
            timeout=(request.connect_s, request.read_timeout_s),
        )
        return PooledResponse(response)

    def close(self) -> None:
        self._session.close()


class _HandOver:
    """An opener that gives the open connection before it opens others."""

    def __init__(self, opener: Opener, first: Any) -> None:
        self._opener, self._first = opener, first

    def open(self, url: str, timeout_s: float) -> Any:
        first, self._first = self._first, None
        return first or self._opener.open(url, timeout_s)

    def closing(self, raw: Any) -> None:
        self._opener.closing(raw)


def _session(opener: Opener) -> requests.Session:
    """A session that adds nothing of its own to a request; how it is sent is the opener's business."""
    new = requests.Session()
    new.auth = lambda prepared: prepared  # keeps ~/.netrc from adding a second credential
    new.get_redirect_target = lambda resp: None  # type: ignore[method-assign]  # it would read the whole body
    new.headers.clear()
    for scheme in ("https://", "http://"):
        new.mount(scheme, _Adapter(opener))
    new.trust_env = False
    return new


class _Adapter(HTTPAdapter):
    """The usual one, but that the opener opens its connections, and nothing else."""

    def __init__(self, opener: Opener) -> None:
        super().__init__()
        self._opener = opener

    def get_connection_with_tls_context(self, request: Any, *args: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(request, *args, **options)
        if not isinstance(pool.ConnectionCls, partial):
            pool.ConnectionCls = partial(connection_class(pool.ConnectionCls), self._opener, str(request.url))
        return pool
