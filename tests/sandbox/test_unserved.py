"""What is not imitated: 501 where the service has it, 404 where it has not; sockets say why they are refused."""

import json

import pytest
import websocket

from tests.support.guard import GUARD_S

from .conftest import Api


def refusal(base: str, path: str) -> tuple[int, dict[str, str]]:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(f"{base.replace('http', 'ws')}{path}", timeout=GUARD_S)
    detail: dict[str, str] = json.loads(refused.value.resp_body)["detail"]
    assert detail["request_id"] == refused.value.resp_headers["x-trace-id"]
    return refused.value.status_code, detail


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/dubbing/some-id"),
        ("GET", "/v1/studio/projects"),
        ("GET", "/v1/workspace/members"),
        ("DELETE", "/v1/dubbing/some-id"),
    ],
)
def test_an_endpoint_of_the_service(api: Api, method: str, path: str) -> None:
    answer = api(method, path)
    detail = answer.json()["detail"]
    assert (answer.status_code, detail["type"], detail["code"]) == (501, "not_implemented", "not_imitated")
    assert detail["message"] == f"The sandbox does not imitate {method} {path}."
    assert detail["request_id"] == answer.headers["x-trace-id"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nowhere", 404), ("GET", "/v1/dubbing/", 404), ("PATCH", "/v1/models", 405), ("GET", "//", 404)],
)
def test_what_the_service_has_not_either(api: Api, method: str, path: str, status: int) -> None:
    assert api(method, path).status_code == status


def test_webrtc(api: Api) -> None:
    answer = api.get("/v1/convai/conversation/token?agent_id=agent_sandbox_chat")
    assert answer.status_code == 501
    assert answer.json()["detail"]["message"].startswith("The sandbox has no WebRTC: ask for a signed URL")


def test_a_socket_of_the_service(server: str) -> None:
    status, detail = refusal(server, "/v1/convai/conversations/conv_any/monitor")
    assert (status, detail["code"]) == (501, "not_imitated")
    assert "the WebSocket /v1/convai/conversations/conv_any/monitor" in detail["message"]


def test_a_socket_that_nobody_has(server: str) -> None:
    status, detail = refusal(server, "/v1/nowhere")
    assert (status, detail["message"]) == (404, "There is no WebSocket /v1/nowhere.")
