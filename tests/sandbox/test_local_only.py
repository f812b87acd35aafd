"""The sandbox answers this machine only: a page or a name elsewhere may lead a browser to it."""

from typing import Any

import pytest
import websocket

from tests.support.guard import GUARD_S

from .conftest import Api

LOCAL_HOSTS = [
    "127.0.0.1:8311",
    "127.0.0.1",
    "localhost",
    "LOCALHOST:1",
    "[::1]:8311",
    "app.localhost:3000",
    "127.1.2.3",
    "api.elevenlabs.io",
    "api.eu.residency.elevenlabs.io:443",
]
FOREIGN_HOSTS = [
    "example.com", "example.com:8311", "127.0.0.1.example.com", "localhost.example.com", "0.0.0.0", "192.168.1.2",
    "127.evil.com", "127.0.0.x", "xlocalhost", "localhost@example.com", "[::1", "", "xelevenlabs.io",
    "api.elevenlabs.io.example.com",
]  # fmt: skip
LOCAL_PAGES = ["http://localhost", "http://localhost:3000", "https://127.0.0.1:8443", "http://[::1]:5173"]
FOREIGN_PAGES = ["https://example.com", "http://localhost.example.com", "http://127.0.0.1.nip.io", "null", "file://"]


@pytest.mark.parametrize("host", LOCAL_HOSTS)
def test_names_of_this_machine(api: Api, host: str) -> None:
    assert api.get("/v1/models", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_other_names_are_refused(api: Api, host: str) -> None:
    answer = api.get("/v1/models", headers={"Host": host})
    assert answer.status_code in (400, 403)
    if answer.status_code == 403:
        assert answer.json()["detail"]["code"] == "not_this_machine"
        assert answer.headers["x-trace-id"] == answer.json()["detail"]["request_id"]


@pytest.mark.parametrize("page", LOCAL_PAGES)
def test_pages_of_this_machine(api: Api, page: str) -> None:
    assert api.get("/v1/models", headers={"Origin": page}).status_code == 200


@pytest.mark.parametrize("page", FOREIGN_PAGES)
def test_other_pages_are_refused(api: Api, page: str) -> None:
    assert api.get("/v1/models", headers={"Origin": page}).status_code == 403
    assert api("POST", "/v1/text-to-speech/any", json={"text": "hi"}, headers={"Origin": page}).status_code == 403


@pytest.mark.parametrize("options", [{"origin": "https://example.com"}, {"host": "example.com"}], ids=["page", "name"])
def test_sockets_too(server: str, options: dict[str, Any]) -> None:
    url = f"{server.replace('http', 'ws')}/v1/convai/conversation?agent_id=agent_sandbox_chat"
    with pytest.raises(websocket.WebSocketBadStatusException) as refusal:
        websocket.create_connection(url, timeout=GUARD_S, **options)
    assert refusal.value.status_code == 403
    websocket.create_connection(url, timeout=GUARD_S, origin="http://localhost:3000").close()
