"""Free requests, through requests' session: its connections are kept for the next one."""

import sys
import warnings
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

from eleven_cli.api.http import Query
from eleven_cli.api.http.connection import OurConnection

if TYPE_CHECKING:
    import requests
    from requests.adapters import HTTPAdapter

    from eleven_cli.api.network.connector import Connector


class PooledResponse:
    """The Response of api/http that came on a connection of the session."""

    def __init__(self, response: "requests.Response") -> None:
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
    """The connections to one server that are kept for the next request."""

    def __init__(self, connector: "Connector") -> None:
        self._session = _session(connector)

    def get(
        self, url: str, headers: Mapping[str, str], timeouts_s: tuple[float, float], params: Query = ()
    ) -> PooledResponse:
        """The response to a GET. timeouts_s: for connecting, and for each silence after that."""
        response = self._session.get(
            url,
            headers=headers,
            params=params,
            stream=True,
            allow_redirects=False,  # requests would carry xi-api-key to another host
            timeout=timeouts_s,
        )
        return PooledResponse(response)

    def close(self) -> None:
        self._session.close()


def _session(connector: "Connector") -> "requests.Session":
    """A session that adds nothing of its own to a request; how it is sent is the connector's business."""
    new: requests.Session = load_requests().Session()
    new.auth = lambda prepared: prepared  # keeps ~/.netrc from adding a second credential
    new.get_redirect_target = lambda resp: None  # type: ignore[method-assign]  # it would read the whole body
    new.headers.clear()
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
                pool.ConnectionCls = partial(_made_ours(pool.ConnectionCls), connector, str(request.url))
            return pool

    return cast("HTTPAdapter", Adapter())


@cache
def _made_ours(usual: type) -> type:
    return type("Connection", (OurConnection, usual), {})


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
