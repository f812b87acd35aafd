"""Who is let into a conversation, with which signature, and what the others are told."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import websocket

from eleven_cli.sandbox.agents import signatures
from eleven_cli.sandbox.server import running

from .call import Call
from .conftest import Api

SIGN = "/v1/convai/conversation/get-signed-url"
PRIVATE = "agent_sandbox_private"


def signed(api: Api, agent: str = "private", **query: Any) -> dict[str, str]:
    answer: dict[str, str] = api.get(SIGN, params={"agent_id": f"agent_sandbox_{agent}", **query}).json()
    return answer


def turned_away(open_call: Callable[[], object]) -> dict[str, Any]:
    """The handshake is refused with 403; gives the error."""
    with pytest.raises(websocket.WebSocketBadStatusException) as refusal:
        open_call()
    assert refusal.value.status_code == 403
    detail: dict[str, Any] = json.loads(refusal.value.resp_body)["detail"]
    assert detail["type"] == "authorization_error"
    assert detail["request_id"] == refusal.value.resp_headers["x-trace-id"]
    return detail


def test_a_public_agent_needs_nothing(call: Any) -> None:
    assert call("chat").start_text().response()


def test_a_private_agent_needs_a_signature(call: Any, api: Api) -> None:
    assert PRIVATE in turned_away(lambda: call("private"))["message"]
    assert call(url=signed(api)["signed_url"]).start_text().response()


def test_a_key_in_the_header_opens_it_too(call: Any) -> None:
    assert call("private", header=["xi-api-key: anything"]).start_text().response()
    assert "convai_read" in turned_away(lambda: call("private", header=["xi-api-key: restricted"]))["message"]


def test_further_parameters_do_no_harm(call: Any, api: Api) -> None:
    url = signed(api)["signed_url"] + "&source=test&version=1&environment=production"
    assert call(url=url).start_text().response()


def test_a_signature_alone_names_its_agent(call: Any, api: Api) -> None:
    signature = signed(api)["signed_url"].rpartition("conversation_signature=")[2]
    assert call(query=f"conversation_signature={signature}").start_text().response()


def test_a_signature_counts_more_than_once_unless_it_names_a_conversation(call: Any, api: Api) -> None:
    url = signed(api)["signed_url"]
    ids = {call(url=url).start_text().until("conversation_initiation_metadata")["conversation_id"] for _ in range(2)}
    assert len(ids) == 2
    once = signed(api, include_conversation_id=True)
    metadata = call(url=once["signed_url"]).start_text().until("conversation_initiation_metadata")
    assert metadata["conversation_id"] == once["conversation_id"]
    turned_away(lambda: call(url=once["signed_url"]))


def test_a_signature_is_good_for_a_while(call: Any, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert signatures.VALID_S == 15 * 60
    monkeypatch.setattr(signatures, "VALID_S", -1.0)
    turned_away(lambda: call(url=signed(api)["signed_url"]))


def test_a_signature_for_another_agent_or_made_up(call: Any, api: Api) -> None:
    url = signed(api, "chat")["signed_url"]
    turned_away(lambda: call(url=url.replace("sandbox_chat", "sandbox_private")))
    turned_away(lambda: call(query="agent_id=agent_sandbox_chat&conversation_signature=cvtkn_mine"))
    turned_away(lambda: call(query="conversation_signature="))


@pytest.mark.parametrize("query", ["agent_id=agent_sandbox_nobody", "agent_id=", ""])
def test_an_unknown_agent_is_closed_at_once(call: Any, query: str) -> None:
    code, reason = call(query=query).end()
    assert code == 3000
    assert "no agent" in reason


def test_a_server_with_one_key() -> None:
    def call(base: str, agent: str, *header: str) -> Call:
        return Call(base, agent, header=list(header))

    with running(require_key="sk_right") as base:
        with call(base, "chat") as public, call(base, "private", "xi-api-key: sk_right") as private:
            assert public.start_text().response()
            assert private.start_text().response()
        with pytest.raises(websocket.WebSocketBadStatusException) as refusal:
            call(base, "private", "xi-api-key: sk_other")
        assert refusal.value.status_code == 401


def test_the_subprotocol_of_browsers_is_accepted_and_not_needed(call: Any) -> None:
    assert call("chat")._socket.getsubprotocol() is None
    assert call("chat", subprotocols=["convai", "bearer.x"])._socket.getsubprotocol() == "convai"


def test_other_sockets_are_refused(call: Any, server: str) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException):
        call(url=server.replace("http", "ws") + "/v1/nowhere")
