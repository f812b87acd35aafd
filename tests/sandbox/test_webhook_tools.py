"""Webhook tools: an agent calls a program of the user's own over HTTP."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from eleven_cli.sandbox.outgoing.http import HttpSender, NoAnswer
from eleven_cli.sandbox.outgoing.tool_request import ToolFault, ToolRequest, parameters_schema
from tests.support.service import Exchange, Reply, json_reply, raw_reply

from .call import Call
from .conftest import Api
from .own_program import OwnProgram, own_program

AGENT = r"""
[[agents]]
id = "agent_shop"
name = "Shop"
variables = { customer = "7" }
events = ["agent_tool_request"]
default_reply = "{{customer}} has {{points}} points."
[[agents.replies]]
pattern = 'order (?P<count>\d+) (?P<what>\w+)'
tool = "order"
parameters = { what = "{{what}}", count = "{{count}}", note = { gift = true, text = "for {{customer}}" } }
reply = "The shop says {{result}}"
error_reply = "The shop is closed: {{result}}"
[[agents.tools]]
name = "order"
description = "Orders something."
SETTINGS
[agents.tools.api_schema]
url = "URL/customers/{customer}/orders"
method = "POST"
request_headers = { Authorization = "Bearer {{customer}}" }
path_params_schema = { customer = { type = "string", dynamic_variable = "customer" } }
query_params_schema = { properties = { source = { type = "string", constant_value = "voice & more" } } }
MORE
[agents.tools.api_schema.request_body_schema]
type = "object"
required = ["what"]
[agents.tools.api_schema.request_body_schema.properties]
what = { type = "string", description = "What to order" }
count = { type = "string" }
left_out = { type = "string", is_omitted = true }
note = { type = "object", properties = { gift = { type = "boolean" }, text = { type = "string" } } }
missing = { type = "string" }
"""
PATH = "/customers/7/orders"


def shop(folder: Path, settings: str = "", more: str = "", **options: Any) -> Any:
    toml = AGENT.replace("SETTINGS", settings).replace("MORE", more)
    return own_program(folder, toml, **options)


def calling(program: OwnProgram) -> Call:
    call = Call(program.base, query="agent_id=agent_shop")
    return call.start_text(dynamic_variables={"customer": "7", "points": "0"})


def test_a_tool_is_called_and_its_answer_spoken(tmp_path: Path) -> None:
    with shop(tmp_path) as program:
        program.on(PATH, json_reply({"eta": "noon"}))
        with calling(program) as call:
            conversation_id = call.until("conversation_initiation_metadata")["conversation_id"]
            assert call.ask("order 2 pizzas") == 'The shop says {"eta": "noon"}'
            asked, answered = call.payloads("agent_tool_request"), call.payloads("agent_tool_response")
        request = program.next()
        assert (request.method, request.query) == ("POST", {"source": "voice & more"})
        assert request.headers["authorization"] == "Bearer 7"
        assert request.headers["content-type"] == "application/json"
        assert request.json == {"what": "pizzas", "count": "2", "note": {"gift": True, "text": "for 7"}}
        about = {"tool_name": "order", "tool_call_id": asked[0]["tool_call_id"], "tool_type": "webhook"}
        assert asked == [{**about, "event_id": asked[0]["event_id"]}]
        assert answered == [{**about, "event_id": asked[0]["event_id"], "is_error": False, "is_called": True}]
        api = Api(program.base, "any")
        turns = api.get(f"/v1/convai/conversations/{conversation_id}").json()["transcript"]
        api.close()
        (made,) = [one for turn in turns for one in turn["tool_calls"]]
        (result,) = [one for turn in turns for one in turn["tool_results"]]
        assert (made["type"], made["tool_details"]["method"]) == ("webhook", "POST")
        assert made["tool_details"]["path_params"] == {"customer": "7"}
        assert json.loads(made["params_as_json"])["what"] == "pizzas"
        assert (result["result_value"], result["is_error"], result["type"]) == ('{"eta": "noon"}', False, "webhook")
        assert result["request_id"] == made["request_id"] == about["tool_call_id"]


def test_a_form(tmp_path: Path) -> None:
    with shop(tmp_path, more='content_type = "application/x-www-form-urlencoded"') as program:
        program.on(PATH, raw_reply(b"ok"))
        with calling(program) as call:
            assert call.ask("order 1 tea") == "The shop says ok"
        request = program.next()
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        form = parse_qs(request.body.decode())
        assert (form["what"], json.loads(form["note"][0])) == (["tea"], {"gift": True, "text": "for 7"})


def test_what_is_let_through_and_what_is_assigned(tmp_path: Path) -> None:
    settings = 'assignments = [{ dynamic_variable = "points", value_path = "account.0.points" }]'
    more = 'response_filter = { mode = "allow", filters = ["eta", "nothing"] }'
    with shop(tmp_path, settings, more) as program:
        program.on(PATH, json_reply({"eta": "noon", "account": [{"points": 12}]}))
        with calling(program) as call:
            assert call.ask("hello") == "7 has 0 points."
            assert call.ask("order 1 tea") == 'The shop says {"eta": "noon"}'
            assert call.ask("hello") == "7 has 12 points."


FAILURES: dict[str, tuple[Reply, str]] = {
    "status 500": (json_reply({"why": "secret"}, status=500), "the tool order answered 500"),
    "status 404": (json_reply({}, status=404), "the tool order answered 404"),
    "a redirect": (raw_reply(b"", 302, location="/other"), "the tool order answered 302"),
    "too late": (Exchange.until_released, "the tool order failed: there was no answer within 0.3 s"),
    "cut": (Exchange.drop, "the tool order failed: it failed"),
    "no HTTP": (lambda exchange: exchange.body(b"\0\1\2\r\n\r\n"), "the tool order failed: the answer is not HTTP"),
}


@pytest.mark.parametrize("kind", FAILURES)
def test_a_tool_that_fails(tmp_path: Path, kind: str) -> None:
    reply, what = FAILURES[kind]
    with shop(tmp_path, "response_timeout_secs = 0.3" if kind == "too late" else "") as program:
        program.on(PATH, reply)
        with calling(program) as call:
            assert call.ask("order 1 tea").startswith(f"The shop is closed: {what}")
            (answered,) = call.payloads("agent_tool_response")
            assert (answered["is_error"], answered["is_called"]) == (True, True)
            assert call.ask("hello") == "7 has 0 points."  # the call goes on
        sent = program.next_sent()
        assert sent.failure or sent.status >= 300


def test_the_body_of_a_failure_where_it_is_asked_for(tmp_path: Path) -> None:
    with shop(tmp_path, 'tool_error_handling_mode = "passthrough"') as program:
        program.on(PATH, json_reply({"why": "no tea"}, status=409))
        with calling(program) as call:
            assert call.ask("order 1 tea") == 'The shop is closed: {"why": "no tea"}'


def test_a_redirect_is_followed_once_where_its_host_is_allowed(tmp_path: Path) -> None:
    allowed = 'follow_redirects = true\nfollow_redirects_allowed_domains = ["127.0.0.1"]'
    with shop(tmp_path, allowed) as program:
        program.on(PATH, raw_reply(b"", 307, location="/moved?a=b"))
        program.on("/moved", raw_reply(b"found"), raw_reply(b"", 302, location=PATH))
        with calling(program) as call:
            assert call.ask("order 1 tea") == "The shop says found"
            first, second = program.next(), program.next()
            assert (second.method, second.query, second.body) == ("GET", {"a": "b"}, b"")
            assert "authorization" in first.headers
            assert "authorization" not in second.headers
            assert call.ask("order 1 tea") == "The shop is closed: the tool order answered 302"


def test_a_redirect_to_another_machine_is_refused(tmp_path: Path) -> None:
    allowed = 'follow_redirects = true\nfollow_redirects_allowed_domains = ["192.0.2.1"]'
    with shop(tmp_path, allowed) as program:
        program.on(PATH, raw_reply(b"", 302, location="http://192.0.2.1/x"))
        with calling(program) as call:
            assert "opens connections to this machine only, not to 192.0.2.1" in call.ask("order 1 tea")


def test_a_tool_without_what_it_needs_is_not_called(tmp_path: Path) -> None:
    with shop(tmp_path) as program:
        toml = AGENT.replace("SETTINGS", "").replace("MORE", "").replace('what = "{{what}}", ', "")
        with own_program(tmp_path, toml) as other, calling(other) as call:
            assert call.ask("order 1 tea") == (
                "The shop is closed: the tool order was not called: the parameter what is missing"
            )
            (answered,) = call.payloads("agent_tool_response")
            assert (answered["is_error"], answered["is_called"]) == (True, False)
            assert other.came.empty()
        assert program.came.empty()


def test_one_slow_tool_holds_no_other_call_up(tmp_path: Path) -> None:
    with shop(tmp_path) as program:
        program.on(PATH, Exchange.until_released)
        with calling(program) as waiting, calling(program) as other:
            waiting.send_text("order 1 tea")
            program.next()
            assert other.ask("hello") == "7 has 0 points."
            waiting.hang_up()
        assert program.next_sent().failure == "it was given up"


UNSCRIPTED = AGENT.replace(AGENT[AGENT.index("[[agents.replies]]") : AGENT.index("[[agents.tools]]")], "")


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ('order {"what": "tea"}', {"what": "tea"}),
        ('Please ORDER {"what": "tea", "left_out": "x"} now', {"what": "tea"}),
    ],
)
def test_an_agent_without_a_script_calls_the_tool_that_is_named(
    tmp_path: Path, text: str, parameters: dict[str, str]
) -> None:
    toml = UNSCRIPTED.replace("SETTINGS", "").replace("MORE", "")
    with own_program(tmp_path, toml) as program:
        program.on(PATH, raw_reply(b"done"), raw_reply(b"", 500))
        with calling(program) as call:
            assert call.ask("hello") == "7 has 0 points."
            assert call.ask(text) == "done"
            assert program.next().json == parameters
            assert call.ask(text) == "It did not work: the tool order answered 500"
            assert call.ask("order") == "It did not work: the tool order was not called: the parameter what is missing"


NO_SCHEMAS: list[dict[str, Any]] = [
    {"path_params_schema": [1]}, {"query_params_schema": {"properties": "x"}}, {"request_body_schema": "x"},
    {"request_headers": ["x"]}, {"request_body_schema": {"properties": {"a": 5}}, "method": "POST"},
    {"request_headers": {"X": {"secret_id": "none"}}}, {"request_headers": {"X": {"variable_name": "none"}}},
    {"url": "http://["}, {"url": ""}, {"url": "http://127.0.0.1:port/"},
]  # fmt: skip


@pytest.mark.parametrize("schema", NO_SCHEMAS, ids=str)
def test_settings_over_rest_that_nobody_has_checked(schema: dict[str, Any]) -> None:
    """They are told of as faults of the call; the conversation goes on."""
    tool = {"name": "x", "api_schema": {"url": "http://127.0.0.1:1/", **schema}}
    parameters_schema(tool)
    try:
        request = ToolRequest(tool, {"a": 1}, {}, {}).outgoing()
    except ToolFault:
        return
    with pytest.raises(NoAnswer):
        asyncio.run(HttpSender(anywhere=False, log=None).fetch(request))


WRONG = {
    'name = "a b"': "name must be 1 to 64 letters",
    'name = "x"': "api_schema is missing",
    'name = "x"\ntype = "mcp"': "type must be one of webhook, client, system",
    'name = "x"\ntype = "client"\napi_schema = { url = "http://127.0.0.1/" }': "api_schema is no key of a client tool",
    'name = "x"\ntype = "system"': "name must be end_call",
    'name = "x"\napi_schema = { method = "GET" }': "api_schema.url is missing",
    'name = "x"\napi_schema = { url = "/relative" }': "api_schema.url must be an address",
    'name = "x"\napi_schema = { url = "http://127.0.0.1/", method = "BREW" }': "api_schema.method must be one of GET",
    'name = "x"\napi_schema = { url = "http://127.0.0.1/", body = {} }': "api_schema.body is not known",
    'name = "x"\napi_schema = { url = "http://x/", path_params_schema = 1 }': "path_params_schema must be a table",
    'name = "x"\nresponse_timeout_secs = 0\napi_schema = { url = "http://127.0.0.1/" }': "must be a positive number",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_tool(tmp_path: Path, text: str) -> None:
    toml = f'[[agents]]\nid = "agent_shop"\nname = "Shop"\n[[agents.tools]]\n{text}\n'
    with pytest.raises(ValueError, match=r"agents\[1\]\.tools\[1\]\.") as wrong, own_program(tmp_path, toml):
        pass
    assert WRONG[text] in str(wrong.value)
