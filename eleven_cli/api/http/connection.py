"""requests, with connections of ours: a Connector opens them, the head of an answer must be whole and come soon, and a
refusal is read although the upload is not complete.

Source: RFC 9110 (interim answers), RFC 9112 (framing).
"""

import errno
import http.client
import select
import ssl
import sys
import time
import warnings
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

from eleven_cli import __version__
from eleven_cli.api.http import MOST_INTERIM, is_interim
from eleven_cli.errors import NetworkError

if TYPE_CHECKING:
    import requests
    from requests.adapters import HTTPAdapter

    from eleven_cli.api.network.connector import Connector

HEAD_S = 20.0  # from its first byte to its last
SEND_GAP_S = 60.0  # how long a server may take nothing of what it is sent


class Answer(http.client.HTTPResponse):
    """An answer on a connection; interim ones (100, 102, 103) are skipped.

    Raises IncompleteRead where the head is cut off, another HTTPException for what is not HTTP, and NetworkError where
    it does not come to its end.
    """

    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self._sock = sock

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

    def _read_head(self) -> None:
        body, self.fp = self.fp, _Head(self.fp, self._sock)  # type: ignore[assignment]
        try:
            super().begin()
        finally:
            if self.fp is not None:
                self.fp = body

    def _take_framing(self) -> None:
        """What http.client takes for a body as it stands, framing included."""
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


@cache
def connection_class(usual: Any) -> Any:
    """urllib3's class of connections, `usual`, made so that a Connector, given first with the URL, opens them."""

    class Connection(usual):  # type: ignore[misc]
        response_class = Answer

        def __init__(self, connector: "Connector", url: str, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._connector, self._url = connector, url

        def connect(self) -> None:
            self.sock = self._connector.open(self._url, self.timeout)
            self.is_verified = True  # or it would not have been opened

        def close(self) -> None:
            self._connector.closing(self.sock)
            super().close()

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


def new_session(connector: "Connector") -> "requests.Session":
    """A session that adds nothing of its own to a request; how it is sent is the connector's business."""
    new: requests.Session = load_requests().Session()
    new.auth = lambda prepared: prepared  # keeps ~/.netrc from adding a second credential
    new.get_redirect_target = lambda resp: None  # type: ignore[method-assign]  # it would read the whole body
    new.headers["User-Agent"] = f"eleven/{__version__}"
    for scheme in ("https://", "http://"):
        new.mount(scheme, _adapter(connector))
    new.trust_env = False
    return new


def _adapter(connector: "Connector") -> "HTTPAdapter":
    """The usual one of requests, but that the connector opens its connections, and nothing else."""

    class Adapter(load_requests().adapters.HTTPAdapter):  # type: ignore[misc]
        def get_connection_with_tls_context(self, request: Any, *args: Any, **options: Any) -> Any:
            pool = super().get_connection_with_tls_context(request, *args, **options)
            if not isinstance(pool.ConnectionCls, partial):
                pool.ConnectionCls = partial(connection_class(pool.ConnectionCls), connector, str(request.url))
            return pool

    return cast("HTTPAdapter", Adapter())


def load_requests() -> Any:
    """Imports requests without character detection (we read bytes and JSON) and without package metadata (in which
    urllib3 looks for h2): we use neither, and they would take a twentieth of the CPU time of a short `tts`."""
    if "requests" not in sys.modules:
        unused: dict[str, Any] = {"chardet": None, "charset_normalizer": None, "importlib.metadata": _LazyMetadata}
        unused = {name: stand_in for name, stand_in in unused.items() if name not in sys.modules}
        sys.modules.update(unused)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # requests warns of absent character detection
                import requests
        except (ImportError, AttributeError):
            pass  # should it need them after all, it gets them below
        finally:
            for name in unused:
                sys.modules.pop(name, None)
    import requests

    return requests


class _LazyMetadata:
    """Stands in for importlib.metadata while others import it; the real one is loaded when it is used."""

    @staticmethod
    def version(package: str) -> str:
        from importlib.metadata import version

        return version(package)
