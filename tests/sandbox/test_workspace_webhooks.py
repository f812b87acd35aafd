"""Webhooks that are made over REST, the settings that name them, and sending one again."""

import re
from pathlib import Path
from typing import Any

import pytest

from eleven_cli.sandbox.state.keeping import Keeping
from tests.support.service import json_reply, raw_reply

from .call_webhooks import AGENT, event, made, talk_by_text
from .conftest import Api
from .own_program import OwnProgram, own_program
from .schemas import INT_OR_NONE, refused

PATH, SETTINGS = "/v1/workspace/webhooks", "/v1/convai/settings"
WEBHOOK = {
    "name": str, "webhook_id": str, "webhook_url": str, "is_disabled": bool, "is_auto_disabled": bool,
    "created_at_unix": int, "auth_type": str, "most_recent_failure_error_code": INT_OR_NONE,
    "most_recent_failure_timestamp": INT_OR_NONE,
}  # fmt: skip


def test_one_that_is_made_is_told_of_every_agents_calls(program: OwnProgram, mine: Api) -> None:
    program.on("/mine", json_reply({}))
    new = made(mine, f"{program.url}/mine", request_headers={"X-Mine": "yes"})
    assert re.fullmatch(r"wsec_[0-9a-f]{64}", new["webhook_secret"])
    told = {"webhooks": {"post_call_webhook_id": new["webhook_id"]}}
    answer = mine("PATCH", SETTINGS, json=told).json()
    assert answer["webhooks"] == {"post_call_webhook_id": new["webhook_id"], "events": ["transcript"]}
    assert mine.get(SETTINGS).json() == answer
    conversation_id = talk_by_text(program)
    request = program.next()
    assert event(request, new["webhook_secret"])["data"]["conversation_id"] == conversation_id
    assert request.headers["x-mine"] == "yes"


def test_the_list_and_changes(program: OwnProgram, mine: Api) -> None:
    webhook_id = made(mine, f"{program.url}/gone")["webhook_id"]
    mine("PATCH", SETTINGS, json={"webhooks": {"post_call_webhook_id": webhook_id}})
    program.on("/gone", raw_reply(b"", 410))
    talk_by_text(program)
    program.next()
    program.next_sent()
    (listed,) = mine.get(PATH).json()["webhooks"]
    assert all(isinstance(listed[name], kind) for name, kind in WEBHOOK.items())
    assert (listed["webhook_url"], listed["most_recent_failure_error_code"]) == (f"{program.url}/gone", 410)
    (listed,) = mine.get(PATH, params={"include_usages": "true"}).json()["webhooks"]
    assert listed["usage"] == [{"usage_type": "ConvAI Settings"}]
    change = {"name": "Renamed", "is_disabled": True, "retry_enabled": True, "request_headers": {"A": "b"}}
    assert mine("PATCH", f"{PATH}/{webhook_id}", json=change).json() == {"status": "ok"}
    (listed,) = mine.get(PATH).json()["webhooks"]
    assert (listed["name"], listed["is_disabled"]) == ("Renamed", True)
    talk_by_text(program)  # nobody is told of it
    assert mine("DELETE", f"{PATH}/{webhook_id}").json() == {"status": "ok"}
    assert mine.get(PATH).json() == {"webhooks": []}
    refused(mine("DELETE", f"{PATH}/{webhook_id}"), 404, "webhook_not_found")
    assert program.came.empty()


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({}, "auth_type"),
        ({"auth_type": "oauth", "name": "x", "webhook_url": "http://localhost/"}, "auth_type"),
        ({"auth_type": "hmac", "name": "x"}, "webhook_url"),
        ({"auth_type": "hmac", "name": 5, "webhook_url": "http://localhost/"}, "name"),
        ({"auth_type": "hmac", "name": "x", "webhook_url": "http://localhost/", "request_headers": {"a": 1}}, "a"),
    ],
)
def test_wrong_settings(api: Api, settings: dict[str, Any], place: str) -> None:
    answer = api("POST", PATH, json={"settings": settings})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][-1] == place


def test_what_is_refused(api: Api, api_with: Any) -> None:
    assert api("POST", PATH, json={}).status_code == 422
    settings = {"auth_type": "hmac", "name": "x", "webhook_url": "localhost:9000"}
    refused(api("POST", PATH, json={"settings": settings}), 400, "invalid_parameters", param="webhook_url")
    refused(api("PATCH", f"{PATH}/none", json={"name": "x", "is_disabled": False}), 404, "webhook_not_found")
    refused(api("PATCH", SETTINGS, json={"webhooks": {"post_call_webhook_id": "none"}}), 404, "webhook_not_found")
    assert api("PATCH", SETTINGS, json={"webhooks": {"events": ["everything"]}}).status_code == 422
    for method, path in (("GET", PATH), ("GET", SETTINGS)):
        assert api_with("restricted")(method, path).status_code in (401, 403)


def replayed(api: Api, conversation_id: str, **body: Any) -> Any:
    return api("POST", f"/sandbox/conversations/{conversation_id}/replay", json=body)


def test_sending_again(tmp_path: Path) -> None:
    with own_program(tmp_path, AGENT) as program:
        program.on("/hook", json_reply({}))
        program.on("/other", raw_reply(b"", 503))
        conversation_id = talk_by_text(program)
        first = event(program.next())
        api = Api(program.base, "any")
        sent = {"type": "post_call_transcription", "url": f"{program.url}/hook", "status": 200, "failure": ""}
        assert replayed(api, conversation_id).json() == {"deliveries": [sent]}
        assert event(program.next())["data"] == first["data"]
        other = replayed(api, conversation_id, url=f"{program.url}/other", events=["call_initiation_failure"])
        assert other.json()["deliveries"][0]["status"] == 503
        failure = event(program.next())
        assert failure["type"] == "call_initiation_failure"
        assert set(failure["data"]) == {"agent_id", "conversation_id", "failure_reason", "metadata"}
        refused(replayed(api, "conv_none"), 404, "conversation_not_found", status="document_not_found")
        refused(replayed(api, conversation_id, url="localhost"), 400, "invalid_parameters", param="url")
        assert replayed(api, conversation_id, events=["everything"]).status_code == 422
        elsewhere = replayed(api, conversation_id, url="http://192.0.2.1/").json()["deliveries"][0]
        assert (elsewhere["status"], "this machine only" in elsewhere["failure"]) == (None, True)
        api.close()


def test_sending_again_what_an_earlier_run_has_kept(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path / "kept")
    with own_program(tmp_path, AGENT, keeping=keeping) as program:
        program.on("/hook", json_reply({}))
        conversation_id = talk_by_text(program)
        program.next()
    with own_program(tmp_path, AGENT, keeping=keeping) as program:
        program.on("/hook", json_reply({}))
        api = Api(program.base, "any")
        assert replayed(api, conversation_id).json()["deliveries"][0]["status"] == 200
        api.close()
        assert event(program.next())["data"]["conversation_id"] == conversation_id


def test_sending_again_without_a_webhook(program: OwnProgram, mine: Api) -> None:
    program.on("/any", json_reply({}))
    conversation_id = talk_by_text(program)
    refused(replayed(mine, conversation_id), 400, "no_webhook")
    assert replayed(mine, conversation_id, url=f"{program.url}/any").json()["deliveries"][0]["status"] == 200
    assert event(program.next(), "wsec_sandbox")["type"] == "post_call_transcription"
