"""Pages in a browser: which ones may use the sandbox, and what they may send and read."""

from collections.abc import Iterator

import pytest
import websocket

from eleven_cli.sandbox.server import running
from eleven_cli.sandbox.server_thread import Exposure
from tests.support.guard import GUARD_S

from .conftest import HARPER, Api

LOCAL = "http://localhost:3000"
ALLOWED = "https://app.example.com"
SPEECH = f"/v1/text-to-speech/{HARPER}/stream"
HEADERS = "authorization,content-type,x-fern-language,x-fern-sdk-name,xi-api-key"


@pytest.fixture(scope="module")
def opened(memory_between_tests: None) -> Iterator[str]:
    with running(exposure=Exposure(pages=(ALLOWED,))) as base:
        yield base


def preflight(api: Api, page: str, method: str = "POST", path: str = SPEECH) -> dict[str, str]:
    asked = {"Origin": page, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": HEADERS}
    answer = api("OPTIONS", path, headers=asked)
    return {"status": str(answer.status_code), **{name.lower(): value for name, value in answer.headers.items()}}


@pytest.mark.parametrize(
    "page", [LOCAL, "https://localhost", "http://127.0.0.1:5173", "https://[::1]:8443", "http://app.localhost"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH", "PUT"])
def test_a_preflight(api: Api, page: str, method: str) -> None:
    answer = preflight(api, page, method)
    assert (answer["status"], answer["access-control-allow-origin"]) == ("200", page)
    assert method in answer["access-control-allow-methods"].split(", ")
    assert answer["access-control-allow-headers"] == HEADERS


@pytest.mark.parametrize("page", [ALLOWED, "https://example.com", "http://localhost.example.com", "null"])
def test_a_preflight_of_another_page(api: Api, page: str) -> None:
    answer = preflight(api, page)
    assert answer["status"] == "403"
    assert "access-control-allow-origin" not in answer


def test_what_a_page_reads(api: Api) -> None:
    answer = api("POST", SPEECH, json={"text": "hi"}, headers={"Origin": LOCAL})
    assert answer.headers["access-control-allow-origin"] == LOCAL
    assert "Origin" in answer.headers["vary"]
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    wanted = {"request-id", "character-cost", "history-item-id", "x-trace-id"}
    assert wanted <= set(exposed)
    assert wanted <= {name.lower() for name in answer.headers}


@pytest.mark.parametrize("path", ["/v1/nowhere", "/v1/voices/none", "/v1/studio/projects"])
def test_errors_are_read_too(api: Api, path: str) -> None:
    answer = api.get(path, headers={"Origin": LOCAL})
    assert answer.status_code in (404, 501)
    assert answer.headers["access-control-allow-origin"] == LOCAL


def test_nobody_else_is_told(api: Api) -> None:
    assert "access-control-allow-origin" not in api.get("/v1/models").headers


@pytest.mark.parametrize(
    ("page", "status"), [(ALLOWED, 200), (LOCAL, 200), ("https://example.com", 403), ("http://app.example.com", 403)]
)
def test_a_page_that_was_allowed(opened: str, page: str, status: int) -> None:
    api = Api(opened, "any")
    answer = api.get("/v1/models", headers={"Origin": page})
    assert (answer.status_code, preflight(api, page)["status"]) == (status, str(status))
    assert answer.headers.get("access-control-allow-origin") == (page if status == 200 else None)
    api.close()


def test_its_sockets(opened: str) -> None:
    url = f"{opened.replace('http', 'ws')}/v1/convai/conversation?agent_id=agent_sandbox_chat"
    websocket.create_connection(url, timeout=GUARD_S, origin=ALLOWED).close()
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        websocket.create_connection(url, timeout=GUARD_S, origin="https://example.com")


def test_every_page_only_when_asked() -> None:
    with running(exposure=Exposure(pages=("*",))) as base:
        api = Api(base, "any")
        answer = api.get("/v1/models", headers={"Origin": "https://example.com"})
        assert answer.headers["access-control-allow-origin"] == "*"
        api.close()
