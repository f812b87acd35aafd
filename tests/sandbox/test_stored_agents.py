"""Agents that are created, changed and deleted over REST, and talked with at once."""

from pathlib import Path
from typing import Any

import pytest

from eleven_cli.sandbox import running

from .call import Call
from .conftest import HARPER, Api
from .schemas import check, faults, refused

AGENTS = "/v1/convai/agents"
SETTINGS: dict[str, Any] = {
    "name": "Pizza line",
    "tags": ["food"],
    "conversation_config": {
        "agent": {
            "first_message": "Which pizza, {{user_name}}?",
            "language": "en",
            "prompt": {"prompt": "You sell pizza.", "llm": "gpt-4o-mini", "temperature": 0.5},
            "dynamic_variables": {"dynamic_variable_placeholders": {"user_name": "Ana"}},
        },
        "tts": {"voice_id": HARPER, "stability": 0.7, "speed": 1.1, "agent_output_audio_format": "pcm_24000"},
        "asr": {"user_input_audio_format": "pcm_8000"},
        "conversation": {"max_duration_seconds": 120, "client_events": ["audio", "vad_score"]},
    },
    "platform_settings": {"overrides": {"conversation_config_override": {"agent": {"first_message": True}}}},
}
AGENT = {
    "agent_id": str,
    "name": str,
    "conversation_config": dict,
    "metadata": dict,
    "platform_settings": dict,
    "workflow": dict,
    "tags": list,
}


def created(api: Api, settings: dict[str, Any] = SETTINGS) -> str:
    answer = api("POST", f"{AGENTS}/create", json=settings)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["agent_id"]
    return str(answer.json()["agent_id"])


def shown(api: Api, agent_id: str) -> dict[str, Any]:
    answer = api.get(f"{AGENTS}/{agent_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def listed(api: Api, **query: Any) -> list[str]:
    agents = api.get(AGENTS, params=query).json()["agents"]
    return [agent["agent_id"] for agent in agents if not agent["agent_id"].startswith("agent_sandbox_")]


def changed(api: Api, agent_id: str, **changes: Any) -> dict[str, Any]:
    answer = api("PATCH", f"{AGENTS}/{agent_id}", json=changes)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def includes(whole: Any, part: Any) -> bool:
    if isinstance(part, dict):
        return all(name in whole and includes(whole[name], value) for name, value in part.items())
    return bool(whole == part)


def test_what_was_created_is_shown_and_the_rest_has_defaults(api: Api) -> None:
    agent = shown(api, created(api))
    check(agent, AGENT)
    assert includes(agent, SETTINGS)
    assert agent["conversation_config"]["turn"]["mode"] == "turn"
    assert agent["metadata"]["created_at_unix_secs"] == agent["metadata"]["updated_at_unix_secs"]


def test_the_smallest_agent(api: Api) -> None:
    agent = shown(api, created(api, {"conversation_config": {}}))
    assert agent["name"] == "New agent"
    assert agent["conversation_config"]["agent"]["first_message"] == ""


def test_it_can_be_talked_with_at_once(api: Api) -> None:
    agent_id = created(api)
    with Call(api.base, query=f"agent_id={agent_id}") as call:
        call.start(dynamic_variables={"user_name": "Ben"})
        begun = call.until("conversation_initiation_metadata")
        assert (begun["agent_output_audio_format"], begun["user_input_audio_format"]) == ("pcm_24000", "pcm_8000")
        assert call.response() == "Which pizza, Ben?"
        call.until("audio")


def test_another_agents_override_is_refused_and_its_own_is_not(api: Api) -> None:
    agent_id = created(api)
    for field, allowed in (("first_message", True), ("language", False)):
        with Call(api.base, query=f"agent_id={agent_id}") as call:
            override = {"agent": {field: "en" if field == "language" else "Hello."}}
            call.start(override, dynamic_variables={"user_name": "Ben"})
            closed = None
            for event in call:
                if event["type"] == "agent_response":
                    break
            else:
                closed = call.close
            assert (closed is None) is allowed


def test_a_change_changes_what_it_names(api: Api) -> None:
    agent_id = created(api)
    changes = {"conversation_config": {"agent": {"first_message": "Good evening."}}, "name": "Evening line"}
    agent = changed(api, agent_id, **changes)
    assert includes(agent, changes)
    assert agent == shown(api, agent_id)
    kept = {**SETTINGS["conversation_config"]["agent"], "first_message": "Good evening."}
    assert includes(agent["conversation_config"]["agent"], kept)
    with Call(api.base, query=f"agent_id={agent_id}") as call:
        call.start(dynamic_variables={"user_name": "Ben"})
        assert call.response() == "Good evening."


def test_a_private_agent_wants_a_signed_address(api: Api) -> None:
    agent_id = created(api, {"conversation_config": {}, "platform_settings": {"auth": {"enable_auth": True}}})
    with pytest.raises(Exception, match="403"):
        Call(api.base, query=f"agent_id={agent_id}")
    url = api.get(f"/v1/convai/conversation/get-signed-url?agent_id={agent_id}").json()["signed_url"]
    with Call(api.base, url=url) as call:
        assert call.start().until("conversation_initiation_metadata")


def test_a_deleted_agent_is_gone_also_for_calls(api: Api) -> None:
    agent_id = created(api)
    assert api("DELETE", f"{AGENTS}/{agent_id}").status_code == 200
    for method in ("GET", "PATCH", "DELETE"):
        refused(api(method, f"{AGENTS}/{agent_id}"), 404, "agent_not_found", status="document_not_found")
    assert listed(api) == []
    with Call(api.base, query=f"agent_id={agent_id}") as call:
        assert list(call) == []
        assert call.close is not None
        assert call.close[0] == 3000


def test_the_list_has_them_first_by_page_search_tag_and_archive(api: Api) -> None:
    ids = [created(api, {**SETTINGS, "name": f"Line {number}"}) for number in range(5)]
    assert listed(api) == ids[::-1]
    seen, query = [], {"page_size": 2, "search": "line"}
    while True:
        page = api.get(AGENTS, params=query).json()
        seen += [agent["agent_id"] for agent in page["agents"]]
        if not page["has_more"]:
            break
        query["cursor"] = page["next_cursor"]
    assert [agent_id for agent_id in seen if not agent_id.startswith("agent_sandbox_")] == ids[::-1]
    assert listed(api, search="3") == [ids[3]]
    assert listed(api, tags="food") == ids[::-1]
    assert listed(api, tags="drinks") == []
    changed(api, ids[0], platform_settings={"archived": True})
    assert listed(api, archived="true") == ids[:1]
    assert listed(api) == ids[:0:-1]


def test_a_copy_is_an_agent_of_its_own(api: Api) -> None:
    agent_id = created(api)
    copy = api("POST", f"{AGENTS}/{agent_id}/duplicate", json={"name": "Second line"}).json()["agent_id"]
    assert copy != agent_id
    assert includes(shown(api, copy), {**SETTINGS, "name": "Second line"})
    changed(api, copy, tags=["drinks"])
    assert shown(api, agent_id)["tags"] == ["food"]


def test_the_sandboxs_own_agents_are_copied_not_changed(api: Api) -> None:
    refused(api("PATCH", f"{AGENTS}/agent_sandbox_chat", json={"name": "Mine"}), 403, "agent_access_denied")
    refused(api("DELETE", f"{AGENTS}/agent_sandbox_chat"), 403, "agent_access_denied")
    copy = api("POST", f"{AGENTS}/agent_sandbox_chat/duplicate").json()["agent_id"]
    changed(api, copy, conversation_config={"agent": {"first_message": "I am the copy."}})
    with Call(api.base, query=f"agent_id={copy}") as call:
        call.start_text()
        assert call.response() == "I am the copy."
        call.send_text("my name is Ana")
        assert call.response() == "Nice to meet you, Ana."


def test_an_agent_of_another_account_can_be_changed(api: Api) -> None:
    changed(api, "agent_of_mine", name="Mine", conversation_config={"agent": {"first_message": "Changed."}})
    assert shown(api, "agent_of_mine")["name"] == "Mine"
    with Call(api.base, query="agent_id=agent_of_mine") as call:
        call.start_text()
        assert call.response() == "Changed."


def test_accounts_do_not_see_each_others(api: Api, api_with: Any) -> None:
    agent_id, other = created(api), api_with("other")
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/duplicate")):
        refused(other(method, f"{AGENTS}/{agent_id}{path}"), 404, "agent_not_found", status="document_not_found")
    assert listed(other) == []


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, ["body", "conversation_config"]),
        ({"conversation_config": []}, ["body", "conversation_config"]),
        ({"conversation_config": {"agent": "x"}}, ["body", "conversation_config", "agent"]),
        (
            {"conversation_config": {"agent": {"first_message": 7}}},
            ["body", "conversation_config", "agent", "first_message"],
        ),
        ({"conversation_config": {"tts": {"speed": 3}}}, ["body", "conversation_config", "tts", "speed"]),
        ({"conversation_config": {"tts": {"stability": "x"}}}, ["body", "conversation_config", "tts", "stability"]),
        (
            {"conversation_config": {"tts": {"agent_output_audio_format": "mp3_44100_128"}}},
            ["body", "conversation_config", "tts", "agent_output_audio_format"],
        ),
        (
            {"conversation_config": {"agent": {"prompt": {"tool_ids": "x"}}}},
            ["body", "conversation_config", "agent", "prompt", "tool_ids"],
        ),
        ({"conversation_config": {}, "name": 5}, ["body", "name"]),
        ({"conversation_config": {}, "tags": [1]}, ["body", "tags", 0]),
        ({"conversation_config": {}, "platform_settings": 1}, ["body", "platform_settings"]),
    ],
)
def test_what_does_not_fit_the_schema_is_named(api: Api, body: dict[str, Any], where: list[Any]) -> None:
    answer = api("POST", f"{AGENTS}/create", json=body)
    assert answer.status_code == 422
    assert [fault["loc"] for fault in answer.json()["detail"]] == [where]


@pytest.mark.parametrize(
    ("config", "status", "code"),
    [
        ({"tts": {"voice_id": "nobody"}}, 404, "voice_not_found"),
        ({"agent": {"prompt": {"tool_ids": ["tool_none"]}}}, 404, "tool_not_found"),
        ({"agent": {"language": "tlh"}}, 400, "invalid_parameters"),
    ],
)
def test_what_there_is_not_is_refused(api: Api, config: dict[str, Any], status: int, code: str) -> None:
    for method, path in (("POST", "create"), ("PATCH", created(api))):
        answer = api(method, f"{AGENTS}/{path}", json={"conversation_config": config})
        assert (answer.status_code, answer.json()["detail"]["code"]) == (status, code)


def test_a_key_is_needed(api_with: Any) -> None:
    assert api_with("wrong")("POST", f"{AGENTS}/create", json=SETTINGS).status_code == 401
    assert api_with("restricted")("POST", f"{AGENTS}/create", json=SETTINGS).status_code == 403


def test_no_account_has_phone_numbers(api: Api) -> None:
    assert api.get("/v1/convai/phone-numbers").json() == []
    assert faults(api.get("/v1/convai/phone-numbers?provider=pigeon"))


def test_the_next_run_has_them_and_calls_find_them_without_a_key(tmp_path: Path) -> None:
    with running(state=tmp_path) as sandbox:
        api = Api(sandbox.url, "one")
        agent_id, gone = created(api), created(api)
        api("DELETE", f"{AGENTS}/{gone}")
        before = shown(api, agent_id)
        api.close()
    with running(state=tmp_path) as sandbox:
        with Call(sandbox.url, query=f"agent_id={agent_id}") as call:
            call.start(dynamic_variables={"user_name": "Ben"})
            assert call.response() == "Which pizza, Ben?"
        api = Api(sandbox.url, "one")
        assert shown(api, agent_id) == before
        refused(api.get(f"{AGENTS}/{gone}"), 404, "agent_not_found", status="document_not_found")
        assert api("POST", "/sandbox/reset").status_code == 204
        assert listed(api) == []
        api.close()
