"""The requests about agents: list, one of them, signed URLs; and who may ask."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from eleven_cli.sandbox.server import running

from .conftest import Api
from .schemas import LIST_OR_NONE, TEXT_OR_NONE, check, faults, refused

AGENTS = "/v1/convai/agents"
SIGN = "/v1/convai/conversation/get-signed-url"
CHAT = "agent_sandbox_chat"
SUMMARY = {
    "agent_id": str,
    "name": str,
    "voice_id": str,
    "tags": list,
    "created_at_unix_secs": int,
    "access_info": dict,
    "archived": bool,
}
CONFIG = {"asr": dict, "turn": dict, "tts": dict, "conversation": dict, "agent": dict, "language_presets": dict}
ACCESS = {"is_creator": bool, "creator_name": str, "creator_email": str, "role": str}


def listed(api: Api, **query: Any) -> list[str]:
    answer = api.get(AGENTS, params=query)
    assert answer.status_code == 200, answer.text
    return [agent["agent_id"] for agent in answer.json()["agents"]]


def test_the_list_has_every_agent(api: Api) -> None:
    answer = api.get(AGENTS).json()
    assert set(answer) == {"agents", "next_cursor", "has_more"}
    assert (answer["next_cursor"], answer["has_more"]) == (None, False)
    kinds = {"chat", "echo", "tools", "goodbye", "private", "error", "long", "greeter"}
    assert {agent["agent_id"] for agent in answer["agents"]} == {f"agent_sandbox_{kind}" for kind in kinds}
    for agent in answer["agents"]:
        check(agent, SUMMARY)
        check(agent["access_info"], ACCESS)


def test_paging_gives_every_agent_once(api: Api) -> None:
    whole, seen, query = listed(api), [], {"page_size": 3}
    while True:
        page = api.get(AGENTS, params=query).json()
        seen += [agent["agent_id"] for agent in page["agents"]]
        if not page["has_more"]:
            break
        query["cursor"] = page["next_cursor"]
    assert page["next_cursor"] is None
    assert seen == whole


def test_search_sort_and_tags(api: Api) -> None:
    assert listed(api, search="SMALL talk") == [CHAT]
    assert listed(api, search="nobody") == listed(api, tags="none") == listed(api, archived=True) == []
    names = [agent["name"] for agent in api.get(AGENTS, params={"sort_by": "name"}).json()["agents"]]
    assert names == sorted(names, key=str.casefold, reverse=True)


def test_bad_queries(api: Api) -> None:
    def get(**query: Any) -> Any:
        return api.get(AGENTS, params=query)

    assert faults(get(page_size="many")) == [(["query", "page_size"], "int_parsing")]
    assert faults(get(page_size=0)) == [(["query", "page_size"], "greater_than_equal")]
    assert faults(get(page_size=101)) == [(["query", "page_size"], "less_than_equal")]
    assert faults(get(archived="perhaps")) == [(["query", "archived"], "bool_parsing")]
    refused(get(cursor="nonsense"), 400, "invalid_cursor", param="cursor")
    refused(get(sort_by="size"), 400, "invalid_parameters", param="sort_by")


def test_one_agent_tells_what_a_caller_needs(api: Api) -> None:
    for agent_id in listed(api):
        agent = api.get(f"{AGENTS}/{agent_id}").json()
        check(agent, {"agent_id": str, "name": str, "conversation_config": dict, "metadata": dict, "tags": list})
        check(agent["metadata"], {"created_at_unix_secs": int, "updated_at_unix_secs": int})
        config = agent["conversation_config"]
        check(config, CONFIG)
        check(config["tts"], {"agent_output_audio_format": str, "voice_id": str, "model_id": str})
        check(config["asr"], {"user_input_audio_format": str, "keywords": LIST_OR_NONE})
        check(config["conversation"], {"text_only": bool, "max_duration_seconds": int, "client_events": list})
        check(config["agent"], {"first_message": str, "language": str, "dynamic_variables": dict, "prompt": dict})
        assert {"audio", "interruption", "ping"} <= set(config["conversation"]["client_events"])
        assert agent["platform_settings"]["auth"]["enable_auth"] is (agent_id == "agent_sandbox_private")
        check(agent, {"version_id": TEXT_OR_NONE, "branch_id": TEXT_OR_NONE})


def test_what_clients_check_strictly(api: Api) -> None:
    agent = api.get("/v1/convai/agents/agent_sandbox_chat").json()
    start = {"type": "start", "position": {"x": 0, "y": 0}, "edge_order": []}
    assert agent["workflow"] == {"nodes": {"start_node": start}, "edges": {}, "prevent_subagent_loops": False}
    assert agent["conversation_config"]["agent"]["prompt"]["llm"] == "custom-llm"


def test_the_agents_differ(api: Api) -> None:
    configs = [api.get(f"{AGENTS}/{agent_id}").json()["conversation_config"] for agent_id in listed(api)]
    assert len({config["tts"]["voice_id"] for config in configs}) == len(configs)
    outputs = {config["tts"]["agent_output_audio_format"] for config in configs}
    assert {"pcm_8000", "pcm_16000", "pcm_24000", "pcm_44100", "ulaw_8000"} <= outputs
    assert {"pcm_8000", "pcm_16000", "pcm_48000", "ulaw_8000"} == {
        config["asr"]["user_input_audio_format"] for config in configs
    }
    scored = ["vad_score" in config["conversation"]["client_events"] for config in configs]
    assert scored.count(True) == 1


def test_overrides_and_variables_are_shown(api: Api) -> None:
    def allowed(agent: str) -> Any:
        settings = api.get(f"{AGENTS}/agent_sandbox_{agent}").json()["platform_settings"]
        return settings["overrides"]["conversation_config_override"]

    assert allowed("chat")["agent"] | {"prompt": allowed("chat")["agent"]["prompt"]["prompt"]} == {
        "first_message": True,
        "language": True,
        "max_conversation_duration_message": True,
        "prompt": True,
    }
    assert allowed("echo")["agent"]["first_message"] is False
    assert allowed("echo")["conversation"]["text_only"] is True
    greeter = api.get(f"{AGENTS}/agent_sandbox_greeter").json()["conversation_config"]["agent"]
    assert greeter["dynamic_variables"]["dynamic_variable_placeholders"] == {"user_name": "Ana"}


def test_an_unknown_agent(api: Api) -> None:
    for path in (f"{AGENTS}/agent_sandbox_nobody", f"{SIGN}?agent_id=agent_sandbox_nobody"):
        message = refused(api.get(path), 404, "agent_not_found", status="document_not_found")
        assert "agent_sandbox_nobody" in message


def test_a_signed_url_leads_to_this_server(api: Api) -> None:
    for path in (SIGN, SIGN.replace("-", "_")):
        answer = api.get(path, params={"agent_id": CHAT}).json()
        assert set(answer) == {"signed_url"}
        url = urlsplit(answer["signed_url"])
        assert (url.scheme, url.netloc) == ("ws", urlsplit(api.base).netloc)
        assert url.path == "/v1/convai/conversation"
        query = parse_qs(url.query)
        assert query["agent_id"] == [CHAT]
        assert len(query["conversation_signature"][0]) > 20


def test_a_signed_url_with_a_conversation_id(api: Api) -> None:
    answer = api.get(SIGN, params={"agent_id": CHAT, "include_conversation_id": "true"}).json()
    assert re.fullmatch(r"conv_[a-z0-9]{26}", answer["conversation_id"])


def test_a_signed_url_needs_an_agent(api: Api) -> None:
    assert faults(api.get(SIGN)) == [(["query", "agent_id"], "missing")]
    answer = api.get(SIGN, params={"agent_id": CHAT, "include_conversation_id": "maybe"})
    assert faults(answer) == [(["query", "include_conversation_id"], "bool_parsing")]


@pytest.mark.parametrize("path", [AGENTS, f"{AGENTS}/{CHAT}", f"{SIGN}?agent_id={CHAT}"])
def test_permissions_and_keys(api_with: Any, path: str) -> None:
    assert api_with(None).get(path).status_code == 200
    refused(api_with("wrong").get(path), 401, "unauthorized", status="invalid_api_key")
    answer = api_with("restricted").get(path)
    assert "convai_read" in refused(answer, 403, "insufficient_permissions", status="missing_permissions")


def test_a_server_with_one_key(api_with: Any) -> None:
    with running(require_key="sk_right") as base:
        assert api_with("sk_right", base, exactly=True).get(AGENTS).status_code == 200
        refused(api_with(None, base).get(AGENTS), 401, "unauthorized", status="needs_authorization")


# the widget of a web page


def widget(api: Api, agent_id: str, **query: str) -> Any:
    return api.get(f"{AGENTS}/{agent_id}/widget", params=query)


def test_the_widget_needs_no_key(api_with: Any, api: Api) -> None:
    config = widget(api_with(None), CHAT).json()["widget_config"]
    agent = api.get(f"{AGENTS}/{CHAT}").json()["conversation_config"]["agent"]
    assert (config["first_message"], config["language"]) == (agent["first_message"], "en")
    assert (config["use_rtc"], config["variant"]) == (False, "full")
    refused(widget(api_with(None), "agent_sandbox_nobody"), 404, "agent_not_found", status="document_not_found")


def test_the_widget_of_a_private_agent_needs_a_signature(api_with: Any, api: Api) -> None:
    nobody, private = api_with(None), "agent_sandbox_private"
    signed = api.get(SIGN, params={"agent_id": private, "include_conversation_id": "true"}).json()["signed_url"]
    (signature,) = parse_qs(urlsplit(signed).query)["conversation_signature"]
    refused(widget(nobody, private), 403, "forbidden")
    refused(widget(nobody, private, conversation_signature="cvtkn_other"), 403, "forbidden")
    for _ in range(2):  # it leaves the signature to the conversation
        assert widget(nobody, private, conversation_signature=signature).json()["agent_id"] == private
    assert widget(api, private).status_code == 200
    refused(widget(api_with("wrong"), private), 401, "unauthorized", status="invalid_api_key")


def test_the_widget_looks_as_the_agent_was_made_to(api: Api) -> None:
    look = {"variant": "compact", "btn_color": "#ff0000", "action_text": "Ask us", "avatar": None}
    conversation = {"conversation_config_override": {"conversation": {"text_only": True}}}
    config = {"agent": {"first_message": "Moin", "language": "de"}, "conversation": {"text_only": True}}
    settings = {"widget": look, "overrides": conversation}
    asked = {"conversation_config": config, "platform_settings": settings}
    agent_id = api("POST", f"{AGENTS}/create", json=asked).json()["agent_id"]
    shown = widget(api, agent_id).json()["widget_config"]
    expected = {"variant": "compact", "btn_color": "#ff0000", "action_text": "Ask us"}
    expected |= {"first_message": "Moin", "language": "de", "text_only": True, "supports_text_only": True}
    assert {name: shown[name] for name in expected} == expected
    assert shown["avatar"]["type"] == "orb"
