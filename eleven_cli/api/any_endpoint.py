"""Any endpoint of the service: the one that a word names, and a request to it with a body of whatever kind."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from eleven_cli.api.client import Client
from eleven_cli.api.http import UNQUOTED, RequestParts
from eleven_cli.api.http.session import Stream
from eleven_cli.api.http.uploads import GAP_S, LONG_GAP_S, Form, upload
from eleven_cli.errors import UsageError

READING = ("GET", "HEAD", "OPTIONS")  # what these ask for costs and changes nothing
_ADDRESS = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?//")
_VERSION = re.compile(r"v\d+")
_PLACEHOLDER = re.compile(r"\{[^{}/]*\}|(?<=/):\w+")
_LONE_PERCENT = re.compile(r"%(?![0-9a-fA-F]{2})")


class Endpoint(NamedTuple):
    """One endpoint. path: from "/v1/…" on, as it is sent;  query: names and values, which may repeat"""

    path: str
    query: tuple[tuple[str, str], ...]


class JsonBody(bytes):
    """A request's JSON, sent byte by byte as it is here."""

    content_type = "application/json"

    @property
    def description(self) -> str:
        return self.decode("utf-8", "replace")


@dataclass(frozen=True)
class AnyRequest:
    """A request to any endpoint. headers: more than every request has, by their names as in Content-Type"""

    method: str
    endpoint: Endpoint
    body: JsonBody | Form | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def endpoint_of(word: str, base_url: str) -> Endpoint:
    """The endpoint of this server that a word means: a path with or without its first slash and its version, or a whole
    address. Raises UsageError for another server, which must not get the key, and for what is not a whole path."""
    word = word.strip()
    if _ADDRESS.match(word):
        word = _below(word, base_url)
    path, _, query = word.partition("#")[0].partition("?")
    path = path.strip("/")
    if not path:
        raise UsageError("no path given", hint="eleven api /v1/models")
    if unfilled := _PLACEHOLDER.search(path):
        raise UsageError(f"the path has a placeholder: {unfilled[0]}", hint="put the id in its place")
    if any(not unquote(segment).strip(".") for segment in path.split("/") if segment):
        raise UsageError(f"the path contains . or ..: {path}")
    return Endpoint(_encoded(_with_version(path)), tuple(parse_qsl(query, keep_blank_values=True)))


def send(client: Client, request: AnyRequest) -> Stream:
    """Sends a request; gives its answer once the headers say 2xx. Raises the service's refusal."""
    method, path, body = request.method, request.endpoint.path, request.body
    query, headers, is_paid = request.endpoint.query, request.headers, method not in READING
    if isinstance(body, Form):
        return upload(
            client,
            path,
            body,
            method=method,
            params=query,
            headers=headers,
            read_timeout_s=LONG_GAP_S,
            is_paid=is_paid,
        )
    parts: RequestParts = {"params": query, "headers": headers, "is_paid": is_paid}
    if is_paid:
        parts["read_timeout_s"] = GAP_S
    if body is not None:
        parts |= {"data": body, "content_type": body.content_type}
    return client.stream(method, path, **parts)


def address_of(endpoint: Endpoint, base_url: str) -> str:
    """Gives the whole address of an endpoint."""
    return base_url + endpoint.path + (f"?{_query_text(endpoint.query)}" if endpoint.query else "")


def _query_text(query: Sequence[tuple[str, str]]) -> str:
    from urllib.parse import urlencode

    return urlencode(query)


def _below(address: str, base_url: str) -> str:
    """Path and query of an address of this server."""
    try:
        said, own = urlsplit(address), urlsplit(base_url)
        is_ours = (said.scheme.lower(), said.hostname, _port(said)) == (own.scheme.lower(), own.hostname, _port(own))
        is_below = is_ours and "@" not in said.netloc and f"{said.path}/".startswith(f"{own.path}/")
    except ValueError:
        raise UsageError(f"not a URL: {address}") from None
    if not is_below:
        server = base_url.partition("//")[2]
        hint = "give the path alone, such as: eleven api /v1/models"
        raise UsageError(f"the key is sent to {server} alone, not to {said.netloc or address}", hint=hint)
    return said.path[len(own.path) :] + (f"?{said.query}" if said.query else "")


def _port(parts: Any) -> int | None:
    return parts.port or {"https": 443, "http": 80}.get(parts.scheme.lower())


def _with_version(path: str) -> str:
    """A name with a dot is a file beside the versions, such as openapi.json."""
    first = path.partition("/")[0]
    return f"/{path}" if _VERSION.fullmatch(first) or "." in first else f"/v1/{path}"


def _encoded(path: str) -> str:
    return quote(_LONE_PERCENT.sub("%25", path), safe=UNQUOTED, errors="surrogateescape")
