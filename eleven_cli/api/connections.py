"""Connections on which an answer is read although it comes before all has been sent."""

import errno
import select
import ssl
from functools import cache
from typing import Any

from requests.adapters import HTTPAdapter

SEND_GAP_S = 60.0  # how long a server may take nothing of what it is sent


class Adapter(HTTPAdapter):
    """The usual one of requests, with such connections."""

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        pool.ConnectionCls = _reading_early(pool.ConnectionCls)
        return pool


@cache
def _reading_early(usual: Any) -> Any:
    class Connection(usual):  # type: ignore[misc]
        is_early_reader = True

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

    return usual if getattr(usual, "is_early_reader", False) else Connection
