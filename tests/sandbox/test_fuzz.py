"""Whatever a request holds, it is refused or answered, and others are served: never a failure inside.

The endpoints are those that are served, their fields those of the service. ELEVEN_FUZZ=20 tries twenty times as much.
"""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from starlette.routing import Route

from eleven_cli.sandbox.app import Application
from eleven_cli.sandbox.http.service import Endpoint, find_endpoint

from .conftest import HARPER

EXAMPLES = 6 * int(os.environ.get("ELEVEN_FUZZ", "1"))
PATIENCE_S = 30.0
DIGITS = "9" * 5000
IDS = (HARPER, "", "x", "agent_sandbox_chat", "default", "rules", "..", "\x00", "ü", "'" * 300, "{}", "%")
NUMBERS = (0, -1, 1, 2**31, 2**63, 10**400, 0.5, 1e308, -1e-308)
TEXTS = (
    "",
    " ",
    "x",
    "0",
    "-1",
    "true",
    DIGITS,
    "\x00",
    "\ud800",
    "a\r\nb: c",
    "../..",
    "http://192.0.2.1/",
    "ü😀" * 50,
)
BOUNDARY = "part"


@dataclass(frozen=True)
class Sent:
    """What a request holds beside method and path."""

    query: str
    kind: str
    body: bytes


def served() -> list[Endpoint]:
    """The endpoints that are imitated, with the fields that the service knows."""
    routes = [route for route in Application()._app.routes if isinstance(route, Route) and route.methods]
    found = [find_endpoint(method, route.path) for route in routes for method in route.methods or ()]
    return sorted({one for one in found if one is not None}, key=lambda one: (one.path, one.method))


ENDPOINTS = served()
plain = st.one_of(st.none(), st.booleans(), st.sampled_from(NUMBERS), st.sampled_from(TEXTS), st.text(max_size=5))
values = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(("voice_id", "text", "values", "")), inner, max_size=3),
    ),
    max_leaves=5,
)
raw = st.one_of(
    st.binary(max_size=40),
    st.sampled_from((b"", b"{", b"[" * 100_000, b'{"a":' * 50_000, b"null", b"\xff\xfe", b'{"text": NaN}')),
    st.sampled_from((f'{{"text": {DIGITS}}}'.encode(), b'{"text": 1e999}', b"\xef\xbb\xbf{}")),
)


def strategy(endpoint: Endpoint) -> st.SearchStrategy[Sent]:
    """Requests to an endpoint: fields that it knows with values of any kind, or bytes of any kind."""
    names = sorted(endpoint.body - {"*"}) or ["text"]
    objects = st.dictionaries(st.sampled_from(names), values, max_size=8).map(_short)
    bodies = st.one_of(
        st.tuples(st.just("application/json"), objects.map(_json)),
        st.tuples(st.just(f"multipart/form-data; boundary={BOUNDARY}"), objects.map(_form)),
        st.tuples(st.just("application/x-www-form-urlencoded"), objects.map(_urlencoded)),
        st.tuples(
            st.sampled_from(("application/json", "multipart/form-data", f"multipart/form-data; boundary={BOUNDARY}")),
            raw,
        ),
    )
    query = st.dictionaries(st.sampled_from(sorted(endpoint.query) or ["x"]), st.sampled_from(TEXTS), max_size=4)
    return st.builds(lambda asked, body: Sent(_urlencoded(asked).decode(), *body), query, bodies)


def _short(fields: dict[str, Any]) -> dict[str, Any]:
    """Thousands of digits would be spoken for an hour."""
    return {name: value[:20] if isinstance(value, str) and "text" in name else value for name, value in fields.items()}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _urlencoded(fields: dict[str, Any]) -> bytes:
    return urlencode({name: _text(value) for name, value in fields.items()}, errors="surrogatepass").encode()


def _form(fields: dict[str, Any]) -> bytes:
    """Each field is a text; those that are called after files are a file as well."""
    parts = []
    for name, value in fields.items():
        file = '; filename="a.wav"' if name in ("file", "files", "audio") and value else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        parts.append(head.encode() + _text(value).encode("utf-8", "surrogatepass") + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@pytest.fixture(scope="module")
def connection(server: str) -> Iterator[http.client.HTTPConnection]:
    address = urlsplit(server)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=PATIENCE_S)
    yield connection
    connection.close()


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_an_endpoint_refuses_or_answers(connection: http.client.HTTPConnection, endpoint: Endpoint) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy(endpoint), st.sampled_from(IDS))
    @example(Sent("", "application/json", b"{}"), HARPER)
    def check(sent: Sent, named: str) -> None:
        path = "/".join(step or quote(named, safe="") for step in endpoint.steps[1:])
        target = f"/{path}" + (f"?{sent.query}" if sent.query else "")
        connection.request(endpoint.method, target, sent.body, {"xi-api-key": "fuzz", "content-type": sent.kind})
        answer = connection.getresponse()
        said = answer.read()
        assert answer.status < 500 or answer.status == 501, (target, sent, said)
        assert b"Traceback" not in said

    check()
