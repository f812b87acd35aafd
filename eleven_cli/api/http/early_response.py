"""Reads a response that arrives before the upload is complete, such as a refusal."""

import errno
import select
import ssl
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter

from eleven_cli.api.http.answers import Answer
from eleven_cli.api.network.connector import Connector

SEND_GAP_S = 60.0  # how long a server may take nothing of what it is sent


class Adapter(HTTPAdapter):
    """The usual one of requests, with such connections, opened by a connector and by nothing else."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        super().__init__()

    def get_connection_with_tls_context(self, request: PreparedRequest, *args: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(request, *args, **options)
        if not isinstance(pool.ConnectionCls, partial):
            opened = partial(self._connector.open, str(request.url))
            pool.ConnectionCls = partial(_early_response_connection(pool.ConnectionCls), opened)
        return pool


@cache
def _early_response_connection(usual: Any) -> Any:
    class Connection(usual):  # type: ignore[misc]
        response_class = Answer

        def __init__(self, opened: Callable[[float], Any], *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._opened = opened

        def connect(self) -> None:
            self.sock = self._opened(self.timeout)
            self.is_verified = True  # or it would not have been opened

        def endheaders(self, *args: Any, **options: Any) -> None:
            super().endheaders(*args, **options)
            self.sock.settimeout(SEND_GAP_S)  # until here it was that of connecting

        def send(self, data: Any) -> None:
            """A server that refuses and hangs up while it is being sent something breaks the pipe. After that urllib3
            reads what it has said; but TLS, and a server that takes nothing any more, do not break it in that way."""
            try:
                super().send(data)
            except ssl.SSLEOFError as gone:
                raise BrokenPipeError(errno.EPIPE, "Broken pipe") from gone
            except TimeoutError as stalled:
                if not select.select([self.sock], [], [], 0)[0]:
                    raise
                raise BrokenPipeError(errno.EPIPE, "Broken pipe") from stalled

    return Connection
