"""Client: HTTP requests to one server with one key, and what of them is tried again."""

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

from eleven_cli import DEFAULT_BASE_URL
from eleven_cli.api.http import USER_AGENT, Query, Request, RequestParts, Response, Retry, costs_told, session
from eleven_cli.api.http.session import Stream, nothing
from eleven_cli.api.network.connector import CONNECT_TIMEOUT_S, Connector, checked_base_url, socket_url
from eleven_cli.errors import AuthError, NotFound
from eleven_cli.processes import BASE_URL_VARIABLE, KEY_VARIABLES

if TYPE_CHECKING:
    from eleven_cli.api.http.patience import Patience
    from eleven_cli.api.network.route import Route
    from eleven_cli.api.sockets.socket import Socket

T = TypeVar("T")


class Client:
    """One server and one key. Usable as a `with`.

    base_url   None is ELEVENLABS_BASE_URL, or the service's own address
    api_key    None is ELEVENLABS_API_KEY, ELEVEN_API_KEY or XI_API_KEY; "" is none, for what needs none
    on_notice  is told of retries;  on_warning  of answers that may be incomplete;  on_trace  of the exchange itself,
               secrets masked
    environ    names proxies and certificates
    retries    how often at most a request is sent again, None for as often as fits the reason
    timeout_s  how long the service may be silent, None for what fits the request
    connector  opens the connections, in place of one made from `environ`
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        on_notice: Callable[[str], None] = lambda line: None,
        on_warning: Callable[[str], None] = lambda line: None,
        on_trace: Callable[[str], None] = nothing,
        pause: Callable[[float], None] = time.sleep,
        environ: Mapping[str, str] = os.environ,
        retries: int | None = None,
        timeout_s: float | None = None,
        connector: Connector | None = None,
    ) -> None:
        named = environ.get(BASE_URL_VARIABLE, "").strip() or DEFAULT_BASE_URL
        self.base_url = checked_base_url(named if base_url is None else base_url)
        self._retries, self._timeout_s = retries, timeout_s
        self._api_key = checked_key(_key_in(environ) if api_key is None else api_key)
        self._on_notice, self._on_warning, self._on_trace, self._pause = on_notice, on_warning, on_trace, pause
        self._connector = connector or Connector(environ)
        self._connections = session.Connections(self._connector, self.server)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections that are kept for the next request."""
        self._connections.close()

    @property
    def has_key(self) -> bool:
        """Whether requests carry a key."""
        return bool(self._api_key)

    @property
    def server(self) -> str:
        """Host and port of the server."""
        return self.base_url.partition("//")[2].partition("/")[0]

    @property
    def route(self) -> "Route":
        """The way to the server. Raises NotConnected for a proxy that cannot be used."""
        return self._connector.route_to(self.base_url)

    def json(self, method: str, path: str, **parts: Unpack[RequestParts]) -> Any:
        """The answer's JSON value. An error that came with a 200 is raised, too."""
        return self.json_and_credits(method, path, **parts)[0]

    def json_and_credits(self, method: str, path: str, **parts: Unpack[RequestParts]) -> tuple[Any, int | None]:
        """The answer's JSON value, and what it cost; None when that was not told."""
        from eleven_cli.api.http.json_body import json_of

        stream = self.stream(method, path, accept="application/json", **parts)
        with stream, costs_told(lambda: parts.get("is_paid", False)):
            return json_of(stream, self.server), stream.count("character-cost")

    def do(self, method: str, path: str, **parts: Unpack[RequestParts]) -> Any:
        """Have something done: the status says that it was. The answer's JSON value; None where it is something else,
        for nothing but an error that came with a 200 is asked of it."""
        from eleven_cli.api.http.json_body import json_if_any

        with self.stream(method, path, accept="application/json", **parts) as stream:
            stream.shorten_timeout()
            return json_if_any(stream, self.server)

    def warn(self, line: str) -> None:
        """Tell the client's user of something that may be wrong."""
        self._on_warning(line)

    def stream(self, method: str, path: str, *, accept: str = "*/*", **parts: Unpack[RequestParts]) -> Stream:
        """Returns the response once its headers have arrived with a status of 2xx. Raises the service's refusal.

        Tries again where nothing can have been paid for: the connection was never made, the service said 429 or 503, or
        it hung up on a GET.
        """
        request = self._request(method, path, accept, parts)
        return self._patiently(lambda: self._answer(request))

    def _request(self, method: str, path: str, accept: str, parts: RequestParts) -> Request:
        headers = {"User-Agent": USER_AGENT, "Accept": accept}
        if content_type := parts.get("content_type"):
            headers["Content-Type"] = content_type
        headers |= {**parts.get("headers", {}), "Accept-Encoding": "identity"}
        if self._api_key:
            headers["xi-api-key"] = self._api_key
        asked_s = parts.get("read_timeout_s")
        timeout_s = self._timeout_s or (session.READ_TIMEOUT_S if asked_s is None else asked_s)
        content = {name: value for name, value in parts.items() if name in ("params", "json", "data")}
        is_paid = parts.get("is_paid", False)
        return Request(method, self.base_url + path, headers, content, self._connect_s, timeout_s, is_paid)

    def _patiently(self, ask: Callable[[], T], pause: Callable[[float], bool | None] | None = None) -> T:
        patience: Patience | None = None
        while True:
            try:
                return ask()
            except Retry as again:
                patience = patience or self._patience()
                pause_s = patience.pause_s(again)
                if notice := patience.notice(again, pause_s):
                    self._on_notice(notice)
                if (pause or self._pause)(pause_s):
                    raise again.error from again.__cause__

    def _patience(self) -> "Patience":
        from eleven_cli.api.http.patience import Patience

        return Patience(self._retries)

    def socket(self, url: str) -> "Socket":
        """An open WebSocket to an address that carries its own permission: the key is not sent."""
        return self._patiently(lambda: self._connected(url, {}))

    def socket_to(self, path: str, query: Query, *, pause: Callable[[float], bool | None] | None = None) -> "Socket":
        """An open WebSocket to a path of this server, with the key. Raises what the server refuses it with.

        pause   waits while the service is busy, in place of the client's own; True when waiting is over
        """
        headers = {"xi-api-key": self._api_key} if self._api_key else {}
        return self._patiently(lambda: self._connected(socket_url(self.base_url, path, query), headers), pause)

    def _connected(self, url: str, headers: Mapping[str, str]) -> "Socket":
        from eleven_cli.api.sockets.handshake import connect

        return connect(url, {"User-Agent": USER_AGENT, **headers}, self._connector, self._on_trace, self._connect_s)

    @property
    def _connect_s(self) -> float:
        return min(CONNECT_TIMEOUT_S, self._timeout_s or CONNECT_TIMEOUT_S)

    def clone(
        self, *, on_notice: Callable[[str], None] | None = None, pause: Callable[[float], None] | None = None
    ) -> "Client":
        """A client like this one with connections of its own, for another thread; `on_notice` is told of retries."""
        return Client(
            self.base_url,
            self._api_key,
            on_notice=on_notice or self._on_notice,
            on_warning=self._on_warning,
            on_trace=self._on_trace,
            pause=pause or self._pause,
            retries=self._retries,
            timeout_s=self._timeout_s,
            connector=self._connector,
        )

    def _answer(self, request: Request) -> Stream:
        self._trace_request(request)
        if words := self.route.words:
            self._on_trace(f"> {words}")
        response = self._connections.response(request)
        self._trace_answer(response)
        stream = Stream(response, self.server, request.read_timeout_s, self._on_trace)
        if 200 <= response.status < 300:
            return stream
        with stream:
            raise self._refusal(response.status, stream, request.url.removeprefix(self.base_url))

    def _trace_request(self, request: Request) -> None:
        if self._on_trace is not nothing:
            from eleven_cli.api.http.tracing import request_shown

            for line in request_shown(request):
                self._on_trace(line)

    def _trace_answer(self, response: Response) -> None:
        if self._on_trace is not nothing:
            from eleven_cli.api.http.tracing import headers_shown

            self._on_trace(f"< {response.status} {headers_shown(response.headers)}")

    def _refusal(self, status: int, stream: Stream, path: str) -> Exception:
        from eleven_cli.api.error_mapping import redirected
        from eleven_cli.api.http import refusals

        if 300 <= status < 400:
            return redirected(self.server, status, stream.headers)
        stream.shorten_timeout()
        return refusals.refusal(status, stream.headers, refusals.beginning_of(stream), self.server, path)


def checked_key(key: str) -> str:
    """The key. Raises AuthError for what no header can carry."""
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise AuthError("the API key has characters that no key has", hint="copy it once more, as one word")
    return key


def _key_in(environ: Mapping[str, str]) -> str:
    return next(filter(None, (environ.get(name, "").strip() for name in KEY_VARIABLES)), "")


def path_to(path: str, entry_id: str, kind: str) -> str:
    """The path of the entry with this id, such as a voice. Raises NotFound for dots, which would name another path."""
    from urllib.parse import quote

    if not entry_id.strip("."):
        raise NotFound(f"there is no {kind} with the id {entry_id}")
    return f"{path}/{quote(entry_id, safe='', errors='surrogatepass')}"
