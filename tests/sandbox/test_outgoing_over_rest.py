"""A model, a tool, a secret and a webhook that are made over REST, as with the service, and called in one call."""

import json
from pathlib import Path
from typing import Any

from tests.support.service import json_reply

from .call import Call
from .conftest import Api
from .own_program import OwnProgram, events_reply, own_program, words
from .test_custom_llm import wanting
from .test_webhooks import event

EMPTY = '[[agents]]\nid = "agent_of_a_file"\nname = "Of a file"\n'


def posted(api: Api, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = api("POST", path, json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def made(api: Api, program: OwnProgram) -> tuple[str, str]:
    """Makes an agent; gives its id, and the secret of its webhook."""
    secret = {
        "secret_id": posted(api, "/v1/convai/secrets", {"type": "new", "name": "k", "value": "hush"})["secret_id"]
    }
    webhook = posted(
        api,
        "/v1/workspace/webhooks",
        {"settings": {"auth_type": "hmac", "name": "Mine", "webhook_url": f"{program.url}/hook"}},
    )
    schema = {
        "url": f"{program.url}/prices/{{what}}",
        "request_headers": {"X-Key": secret, "X-Who": {"variable_name": "who"}},
        "path_params_schema": {"what": {"type": "string", "description": "The bread"}},
    }
    config = {"type": "webhook", "name": "price", "description": "Finds a price.", "api_schema": schema}
    tool_id = posted(api, "/v1/convai/tools", {"tool_config": config})["id"]
    custom_llm = {"url": f"{program.url}/v1", "model_id": "baker", "api_key": secret}
    prompt = {"prompt": "Sell.", "llm": "custom-llm", "custom_llm": custom_llm, "tool_ids": [tool_id]}
    told = {"post_call_webhook_id": webhook["webhook_id"], "events": ["transcript"]}
    agent = posted(
        api,
        "/v1/convai/agents/create",
        {
            "name": "Bakery",
            "conversation_config": {
                "agent": {"first_message": "Hello.", "prompt": {**prompt, "built_in_tools": {"end_call": END_CALL}}},
                "conversation": {"text_only": True},
            },
            "platform_settings": {"workspace_overrides": {"webhooks": told}},
        },
    )
    return agent["agent_id"], webhook["webhook_secret"]


END_CALL = {"type": "system", "name": "end_call", "description": "", "params": {"system_tool_type": "end_call"}}


def test_all_of_it_in_one_conversation(tmp_path: Path) -> None:
    with own_program(tmp_path, EMPTY) as program:
        path = "/v1/chat/completions"
        program.on(
            path,
            wanting(("c1", "price", '{"what": "rye"}')),
            events_reply(*words("3 euros.")),
            wanting(("c2", "end_call", "{}")),
        )
        program.on("/prices/rye", json_reply({"price": 3}))
        program.on("/hook", json_reply({}))
        api = Api(program.base, "mine")
        agent_id, webhook_secret = made(api, program)
        with Call(program.base, query=f"agent_id={agent_id}").start(dynamic_variables={"who": "Ana"}) as call:
            assert call.response() == "Hello."
            assert call.ask("How much is rye?") == "3 euros."
            call.send_text("bye")
            assert call.end()[0] == 1000
        asked, price, again, last, hook = (program.next() for _ in range(5))
        assert (asked.path, again.path, last.path) == (path, path, path)
        assert asked.headers["authorization"] == "Bearer hush"
        assert {tool["function"]["name"] for tool in asked.json["tools"]} == {"price", "end_call"}
        assert (price.headers["x-key"], price.headers["x-who"]) == ("hush", "Ana")
        assert again.json["messages"][-1] == {"role": "tool", "tool_call_id": "c1", "content": '{"price": 3}'}
        told = event(hook, webhook_secret)
        assert (told["type"], told["data"]["agent_id"]) == ("post_call_transcription", agent_id)
        assert "hush" not in json.dumps(told)
        shown = api.get(f"/v1/convai/agents/{agent_id}")
        api.close()
        assert "hush" not in shown.text
        assert shown.json()["platform_settings"]["workspace_overrides"]["webhooks"]["events"] == ["transcript"]
