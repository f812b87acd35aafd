"""A model of the user's own speaks for an agent: chat completions, streamed."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.service import Exchange, Reply, json_reply, raw_reply

from .call import Call
from .conftest import Api
from .own_program import OwnProgram, events_reply, own_program, words

AGENT = r"""
[[agents]]
id = "agent_mine"
name = "Mine"
first_message = "Hello."
prompt = "You sell bread to {{customer}}."
overrides = ["prompt", "text_only"]
llm_timeout_s = 15
[[agents.replies]]
pattern = 'magic'
reply = "No model was asked."
[[agents.tools]]
name = "price"
description = "Finds a price."
[agents.tools.api_schema]
url = "URL/prices/{what}"
path_params_schema = { what = { type = "string", description = "The bread" } }
query_params_schema = { properties = { currency = { type = "string", constant_value = "EUR" } } }
[[agents.tools]]
type = "client"
name = "show"
description = "Shows a picture."
parameters = { type = "object", properties = { name = { type = "string" } }, required = ["name"] }
[[agents.tools]]
type = "system"
name = "end_call"
description = "Ends the call."
[agents.custom_llm]
url = "URL/v1"
model_id = "baker"
request_headers = { Authorization = "Bearer oven" }
"""
PATH = "/v1/chat/completions"
STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
DONE = "data: [DONE]\n\n"


def answer(*texts: str) -> Reply:
    return events_reply(*words(*texts), STOP, DONE)


def wanting(*calls: tuple[str, str, str]) -> Reply:
    """Asks for tools, each in pieces as models send them."""
    chunks: list[Any] = []
    for index, (call_id, name, arguments) in enumerate(calls):
        begun = {"index": index, "id": call_id, "type": "function", "function": {"name": name, "arguments": ""}}
        chunks.append({"choices": [{"delta": {"role": "assistant", "content": None, "tool_calls": [begun]}}]})
        for half in (arguments[:3], arguments[3:]):
            piece = {"index": index, "function": {"arguments": half}}
            chunks.append({"choices": [{"delta": {"tool_calls": [piece]}}]})
    return events_reply(*chunks, {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}, DONE)


def calling(program: OwnProgram, **more: Any) -> Call:
    call = Call(program.base, query="agent_id=agent_mine").start_text(dynamic_variables={"customer": "Ana"}, **more)
    call.response()
    return call


def test_the_model_is_asked_and_its_words_are_passed_on(tmp_path: Path) -> None:
    with own_program(tmp_path, AGENT) as program:
        program.on(PATH, answer("We have ", "rye ", "and 小麦."))
        with calling(program) as call:
            assert call.ask("What do you have?") == "We have rye and 小麦."
            deltas = [part["text"] for part in call.payloads("agent_chat_response_part") if part["type"] == "delta"]
            assert deltas[-3:] == ["We have ", "rye ", "and 小麦."]
        request = program.next()
        assert request.headers["authorization"] == "Bearer oven"
        assert request.headers["content-type"] == "application/json"
        body = request.json
        assert (body["model"], body["stream"], body["temperature"]) == ("baker", True, 0.0)
        assert body["messages"] == [
            {"role": "system", "content": "You sell bread to Ana."},
            {"role": "assistant", "content": "Hello."},
            {"role": "user", "content": "What do you have?"},
        ]
        tools = {tool["function"]["name"]: tool for tool in body["tools"]}
        assert {tool["type"] for tool in body["tools"]} == {"function"}
        assert set(tools) == {"price", "show", "end_call"}
        assert tools["price"]["function"]["parameters"] == {
            "type": "object",
            "properties": {"what": {"type": "string", "description": "The bread"}},
            "required": ["what"],
        }
        assert set(body) == {"messages", "model", "stream", "temperature", "tools"}


def test_scripted_replies_come_first(tmp_path: Path) -> None:
    with own_program(tmp_path, AGENT) as program, calling(program) as call:
        assert call.ask("magic") == "No model was asked."
        assert program.came.empty()


def test_what_the_caller_sends_with_the_call(tmp_path: Path) -> None:
    with own_program(tmp_path, AGENT) as program:
        program.on(PATH, answer("Yes."))
        call = Call(program.base, query="agent_id=agent_mine")
        override = {"agent": {"prompt": {"prompt": "Be brief with {{customer}}."}}, "conversation": {"text_only": True}}
        extra = {"shop": {"id": 5}}
        with call.start(override, dynamic_variables={"customer": "Bo"}, custom_llm_extra_body=extra, user_id="u1"):
            call.response()
            call.send(type="contextual_update", text="It rains.")
            assert call.ask("Well?") == "Yes."
        body = program.next().json
        assert body["messages"][0] == {"role": "system", "content": "Be brief with Bo.\n\nIt rains."}
        assert (body["elevenlabs_extra_body"], body["user_id"]) == (extra, "u1")


def test_a_tool_over_http(tmp_path: Path) -> None:
    with own_program(tmp_path, AGENT) as program:
        program.on(PATH, wanting(("call_1", "price", '{"what": "rye"}')), answer("Rye is 3 euros."))
        program.on("/prices/rye", json_reply({"price": 3}))
        with calling(program) as call:
            assert call.ask("How much is rye?") == "Rye is 3 euros."
            (told,) = call.payloads("agent_tool_response")
            assert (told["tool_name"], told["tool_call_id"], told["is_error"]) == ("price", "call_1", False)
        first, price, second = program.next(), program.next(), program.next()
        assert first.path == second.path
        assert (price.method, price.query) == ("GET", {"currency": "EUR"})
        function = {"name": "price", "arguments": '{"what": "rye"}'}
        assert second.json["messages"][3:] == [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": '{"price": 3}'},
        ]


def test_a_tool_of_the_caller_then_the_end(tmp_path: Path) -> None:
    with own_program(tmp_path, AGENT) as program:
        program.on(
            PATH, wanting(("call_1", "show", '{"name": "rye"}')), answer("Look!"), wanting(("c2", "end_call", ""))
        )
        with calling(program) as call:
            call.send_text("A picture, please.")
            asked = call.until("client_tool_call")
            assert (asked["tool_name"], asked["parameters"], asked["tool_call_id"]) == (
                "show",
                {"name": "rye"},
                "call_1",
            )
            call.send(type="client_tool_result", tool_call_id="call_1", result="shown", is_error=False)
            assert call.response() == "Look!"
            call.send_text("Thanks, bye")
            assert call.end() == (1000, "The agent ended the call.")
            assert call.payloads("agent_tool_response")[-1]["tool_name"] == "end_call"


def test_by_voice(tmp_path: Path) -> None:
    with own_program(tmp_path, AGENT) as program:
        program.on(PATH, answer("We have ", "rye."))
        with Call(program.base, query="agent_id=agent_mine").start(dynamic_variables={"customer": "Ana"}) as call:
            call.response()
            assert call.ask("What do you have?") == "We have rye."
            call.until("audio")


FAILURES: dict[str, tuple[Reply, str, str]] = {
    "status": (json_reply({"error": {"message": "no oven"}}, status=500), "custom_llm_error", "no oven"),
    "unauthorized": (raw_reply(b"", 401), "custom_llm_error", "the model answered 401"),
    "not streamed": (json_reply({"choices": [{"message": {"content": "Hi"}}]}), "custom_llm_error", "application/json"),
    "no JSON": (events_reply("data: {oops\n\n"), "custom_llm_error", "the model's stream has an error: {oops"),
    "an error within": (
        events_reply(*words("Well, "), {"error": {"message": "too hot"}}), "custom_llm_error", "too hot",
    ),
    "cut": (Exchange.drop, "custom_llm_error", "it failed"),
    "arguments": (wanting(("c", "price", "[1, 2]")), "custom_llm_error", "no object in JSON"),
    "tools for ever": (wanting(("c", "nothing_known", "{}")), "custom_llm_error", "10 times in a row"),
    "silence": (Exchange.until_released, "llm_timeout", "within 0.3 s"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAILURES)
def test_a_model_that_fails_ends_the_call(tmp_path: Path, kind: str) -> None:
    reply, error_type, what = FAILURES[kind]
    toml = AGENT.replace("llm_timeout_s = 15", "llm_timeout_s = 0.3" if kind == "silence" else "tool_timeout_s = 0.01")
    with own_program(tmp_path, toml) as program:
        program.on(PATH, reply)
        with calling(program) as call:
            conversation_id = call.payloads("conversation_initiation_metadata")[0]["conversation_id"]
            call.send_text("Well?")
            code, _ = call.end()
            (error,) = call.payloads("error")
            assert (code, error["code"], error["error_type"]) == (1002, 1002, error_type)
            assert what in error["message"]
        api = Api(program.base, "any")
        record = api.get(f"/v1/convai/conversations/{conversation_id}").json()
        api.close()
        assert record["status"] == "failed"
        if kind not in ("arguments", "tools for ever"):  # which it has answered well, as far as HTTP goes
            sent = program.next_sent()
            assert sent.failure
            assert sent.path.endswith(PATH)


def test_a_stream_that_takes_its_time_is_not_late(tmp_path: Path) -> None:
    def slow(exchange: Exchange) -> None:
        exchange.head(content_type="text/event-stream", transfer_encoding="chunked")
        for chunk in words("One, ", "two, ", "three."):
            line = f"data: {json.dumps(chunk)}\r\n\r\n".encode()
            exchange.chunk(line[:7])
            exchange.chunk(line[7:])
        exchange.last_chunk()

    with own_program(tmp_path, AGENT) as program:
        program.on(PATH, slow)
        with calling(program) as call:
            assert call.ask("Count.") == "One, two, three."


@pytest.mark.parametrize("url", ["URL/v1/", "URL/v1/chat/completions"])
def test_addresses_of_models(tmp_path: Path, url: str) -> None:
    with own_program(tmp_path, AGENT.replace("URL/v1", url)) as program:
        program.on(PATH, answer("Yes."))
        with calling(program) as call:
            assert call.ask("Well?") == "Yes."


def test_a_model_elsewhere_is_not_asked(tmp_path: Path) -> None:
    with own_program(tmp_path, AGENT.replace("URL/v1", "http://192.0.2.1/v1")) as program, calling(program) as call:
        call.send_text("Well?")
        call.end()
        assert "this machine only" in call.payloads("error")[0]["message"]


def test_a_model_that_hangs_holds_no_other_call_up(tmp_path: Path) -> None:
    with own_program(tmp_path, AGENT) as program:
        program.on(PATH, Exchange.until_released)
        with calling(program) as waiting, calling(program) as other:
            waiting.send_text("Well?")
            program.next()
            assert other.ask("magic") == "No model was asked."


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("model_id = 'x'", "custom_llm.url is missing"),
        ("url = 'localhost:9000'", "custom_llm.url must be an address"),
        ("url = 'http://localhost/'\nmodel = 'x'", "custom_llm.model is not known"),
        ("url = 'http://localhost/'\nmodel_id = 5", "custom_llm.model_id must be a string"),
    ],
)
def test_a_wrong_model(tmp_path: Path, text: str, what: str) -> None:
    toml = f'[[agents]]\nid = "agent_mine"\nname = "Mine"\n[agents.custom_llm]\n{text}\n'
    with pytest.raises(ValueError, match=r"agents\[1\]\.custom_llm") as wrong, own_program(tmp_path, toml):
        pass
    assert what in str(wrong.value)
