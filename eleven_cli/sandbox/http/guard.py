"""Who is answered: names and web pages of this machine, and those that were allowed when the server was started.

Any web page can make a browser send requests to this machine, and any host name can resolve to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from ..loopback import address_of, is_this_machine
from .problems import Problem

LOCAL_PAGES = r"https?://(localhost|[a-z0-9.-]+\.localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?"
UNREGISTERED = (".local", ".internal", ".lan", ".test", ".home.arpa")  # no stranger can own a name below these
SERVICE = "elevenlabs.io"  # whose names reach the sandbox where /etc/hosts or a network of containers says so
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
EXPOSED = (
    "request-id", "history-item-id", "character-cost", "current-concurrent-requests", "maximum-concurrent-requests",
    "song-id", "x-trace-id", "x-region", "tts-latency-ms", "retry-after", "content-disposition",
)  # fmt: skip


@dataclass(frozen=True)
class Guard:
    """Whom a server answers.

    pages  origins beside those of this machine; "*" stands for every one
    host   what the server listens on beyond this machine, None for this machine only
    """

    pages: tuple[str, ...] = ()
    host: str | None = None

    def refusal(self, headers: Headers) -> Problem | None:
        """Gives why a request with these headers is refused, None where it is not."""
        if not all(map(self._answers_to, headers.getlist("host"))):
            return _not_here(f"The sandbox answers to 127.0.0.1 and localhost only, not to {headers['host']}.")
        if not all(map(self._answers_page, headers.getlist("origin"))):
            page = headers["origin"]
            return _not_here(f"The sandbox answers pages of this machine only, not those of {page} (--cors {page}).")
        return None

    def _answers_to(self, host: str) -> bool:
        try:
            name = urlsplit(f"http://{host}").hostname or ""
        except ValueError:
            return False
        return is_this_machine(name) or self._listens_as(name) or name == SERVICE or name.endswith(f".{SERVICE}")

    def _listens_as(self, name: str) -> bool:
        return self.host is not None and (name == self.host.lower() or _is_nobodys(name))

    def _answers_page(self, origin: str) -> bool:
        return re.fullmatch(LOCAL_PAGES, origin.lower()) is not None or bool({"*", origin} & set(self.pages))


def guarded(app: ASGIApp, guard: Guard) -> ASGIApp:
    """Refuses with 403 whom the guard refuses, and lets browsers show the answers to all other pages."""
    shared = CORSMiddleware(
        app,
        allow_origins=guard.pages,
        allow_origin_regex=LOCAL_PAGES,
        allow_methods=METHODS,
        allow_headers=["*"],  # those that a page asks for: the SDKs of browsers send some of their own
        expose_headers=EXPOSED,
    )

    async def guarded_app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and (refusal := guard.refusal(Headers(scope=scope))):
            await refusal.response(scope["trace_id"])(scope, receive, send)
        else:
            await shared(scope, receive, send)

    return guarded_app


def addressed(app: ASGIApp) -> ASGIApp:
    """Takes requests that name the whole address, as to a proxy: what it says of the host holds, not the header."""

    async def addressed_app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and scope["path"].lower().startswith(("http://", "https://")):
            host, _, path = scope["path"].partition("//")[2].partition("/")
            raw_path = b"/" + scope["raw_path"].partition(b"//")[2].partition(b"/")[2]
            headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
            headers.append((b"host", host.encode("latin-1", "replace")))
            scope = {**scope, "path": f"/{path}", "raw_path": raw_path, "headers": headers}
        await app(scope, receive, send)

    return addressed_app


def is_origin(text: str) -> bool:
    """Tells whether it names pages as browsers do: a scheme, a host, a port if need be; or "*" for every page."""
    return text == "*" or re.fullmatch(r"[a-z][a-z0-9+.-]*://[^\s/?#@]+", text) is not None


def _is_nobodys(name: str) -> bool:
    """Addresses, plain names as in a network of containers, and names that cannot be registered."""
    return address_of(name) is not None or (bool(name) and "." not in name) or name.endswith(UNREGISTERED)


def _not_here(message: str) -> Problem:
    return Problem(403, "not_this_machine", message)
