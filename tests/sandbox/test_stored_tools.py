"""Tools and documents of the knowledge base as stored objects, and the agents that use them."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.service import json_reply

from .call import Call
from .conftest import Api
from .own_program import own_program
from .schemas import check, faults, refused
from .test_custom_llm import PATH as MODEL
from .test_custom_llm import answer, wanting

TOOLS, DOCUMENTS, AGENTS = "/v1/convai/tools", "/v1/convai/knowledge-base", "/v1/convai/agents"
CLIENT = {"type": "client", "name": "get_time", "description": "Tells the time.", "expects_response": True}
WEBHOOK = {"type": "webhook", "name": "order", "description": "", "api_schema": {"url": "http://localhost:1/order"}}
SYSTEM = {"type": "system", "name": "end_call", "params": {"system_tool_type": "end_call"}}
MCP = {
    "type": "mcp",
    "name": "search",
    "description": "",
    "integration_type": "mcp_server",
    **dict.fromkeys(("mcp_tool_name", "mcp_tool_description", "mcp_server_id", "mcp_server_name"), "x"),
}
TOOL = {"id": str, "tool_config": dict, "access_info": dict, "usage_stats": dict}
DOCUMENT = {"id": str, "name": str, "type": str, "metadata": dict, "supported_usages": list, "access_info": dict}


def made(api: Api, config: dict[str, Any] = CLIENT) -> str:
    answer = api("POST", TOOLS, json={"tool_config": config})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def written(api: Api, text: str = "We open at nine.", name: str = "Hours") -> str:
    answer = api("POST", f"{DOCUMENTS}/text", json={"text": text, "name": name})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def agent_with(api: Api, **prompt: Any) -> str:
    settings = {"name": "User", "conversation_config": {"agent": {"prompt": prompt}}}
    return str(api("POST", f"{AGENTS}/create", json=settings).json()["agent_id"])


def prompt_of(api: Api, agent_id: str) -> dict[str, Any]:
    return dict(api.get(f"{AGENTS}/{agent_id}").json()["conversation_config"]["agent"]["prompt"])


@pytest.mark.parametrize("config", [CLIENT, WEBHOOK, SYSTEM, MCP], ids=lambda config: str(config["type"]))
def test_a_tool_of_each_type_is_stored_with_its_defaults(api: Api, config: dict[str, Any]) -> None:
    tool = api.get(f"{TOOLS}/{made(api, config)}").json()
    check(tool, TOOL)
    shown = tool["tool_config"]
    assert {name: shown[name] for name in config if name != "api_schema"} == {
        name: value for name, value in config.items() if name != "api_schema"
    }
    assert shown["tool_error_handling_mode"] == "auto"
    if config is WEBHOOK:
        assert shown["api_schema"] == {"method": "GET", "request_headers": {}, "url": "http://localhost:1/order"}


def test_a_tool_is_replaced_and_deleted(api: Api) -> None:
    tool_id = made(api)
    answer = api("PATCH", f"{TOOLS}/{tool_id}", json={"tool_config": {**CLIENT, "name": "get_date"}})
    assert answer.json()["tool_config"]["name"] == "get_date"
    assert api.get(f"{TOOLS}/{tool_id}").json() == answer.json()
    assert api("DELETE", f"{TOOLS}/{tool_id}").status_code == 200
    refused(api.get(f"{TOOLS}/{tool_id}"), 404, "tool_not_found", status="document_not_found")


def test_tools_by_page_search_type_and_name(api: Api) -> None:
    names = ["beta", "alpha", "gamma"]
    ids = {name: made(api, {**CLIENT, "name": name}) for name in names}
    ids["order"] = made(api, WEBHOOK)

    def listed(**query: Any) -> list[str]:
        return [tool["tool_config"]["name"] for tool in api.get(TOOLS, params=query).json()["tools"]]

    assert listed() == [*names, "order"]
    assert listed(sort_by="name", sort_direction="desc") == ["order", "gamma", "beta", "alpha"]
    assert listed(search="ALPH") == ["alpha"]
    assert listed(types="webhook") == ["order"]
    first = api.get(TOOLS, params={"page_size": 3}).json()
    assert first["has_more"] is True
    assert listed(page_size=3, cursor=first["next_cursor"]) == ["order"]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, ["body", "tool_config"]),
        ({"tool_config": "x"}, ["body", "tool_config"]),
        ({"tool_config": {"name": "a"}}, ["body", "tool_config"]),
        ({"tool_config": {"type": "magic", "name": "a"}}, ["body", "tool_config"]),
        ({"tool_config": {"type": "client", "description": ""}}, ["body", "tool_config", "client", "name"]),
        ({"tool_config": {"type": "client", "name": "a"}}, ["body", "tool_config", "client", "description"]),
        ({"tool_config": {**CLIENT, "name": 5}}, ["body", "tool_config", "client", "name"]),
        (
            {"tool_config": {**CLIENT, "response_timeout_secs": 121}},
            ["body", "tool_config", "client", "response_timeout_secs"],
        ),
        ({"tool_config": {**WEBHOOK, "api_schema": {}}}, ["body", "tool_config", "webhook", "api_schema", "url"]),
        ({"tool_config": {"type": "system", "name": "end_call"}}, ["body", "tool_config", "system", "params"]),
    ],
)
def test_what_does_not_fit_the_schema_of_a_tool(api: Api, body: dict[str, Any], where: list[str]) -> None:
    assert [place for place, _ in faults(api("POST", TOOLS, json=body))] == [where]
    assert [place for place, _ in faults(api("PATCH", f"{TOOLS}/{made(api)}", json=body))] == [where]


def test_a_tool_that_is_used_goes_only_by_force(api: Api) -> None:
    tool_id, other = made(api), made(api)
    agent_id = agent_with(api, tool_ids=[tool_id, other])
    (user,) = api.get(f"{TOOLS}/{tool_id}/dependent-agents").json()["agents"]
    assert (user["type"], user["id"], user["name"]) == ("available", agent_id, "User")
    assert "User" in refused(api("DELETE", f"{TOOLS}/{tool_id}"), 409, "resource_in_use")
    assert api("DELETE", f"{TOOLS}/{tool_id}?force=true").status_code == 200
    assert prompt_of(api, agent_id)["tool_ids"] == [other]


ANY_AGENT = """
[[agents]]
id = "agent_any"
name = "Any"
"""


def test_a_stored_webhook_tool_is_called_when_the_agents_model_asks_for_it(tmp_path: Path) -> None:
    """The model and the tool are programs on this machine."""
    with own_program(tmp_path, ANY_AGENT) as program:
        program.on(MODEL, wanting(("call_1", "order", '{"what": "rye"}')), answer("It is ordered."))
        program.on("/order", json_reply({"ok": True}))
        api = Api(program.base, "one")
        body = {"type": "object", "properties": {"what": {"type": "string", "description": "The bread"}}}
        schema = {"url": f"{program.url}/order", "method": "POST", "request_body_schema": body}
        tool_id = made(api, {**WEBHOOK, "api_schema": schema})
        model = {"url": f"{program.url}/v1", "model_id": "baker"}
        agent_id = agent_with(
            api, prompt="You sell bread.", llm="custom-llm", custom_llm=model, tool_ids=[tool_id], temperature=0.3
        )
        with Call(program.base, query=f"agent_id={agent_id}") as call:
            call.start_text()
            assert call.ask("Rye, please.") == "It is ordered."
        first, order, second = (program.next().json for _ in range(3))
        api.close()
    assert (first["model"], first["temperature"]) == ("baker", 0.3)
    assert first["messages"][0] == {"role": "system", "content": "You sell bread."}
    assert [tool["function"]["name"] for tool in first["tools"]] == ["order"]
    assert order == {"what": "rye"}
    assert second["messages"][-1]["role"] == "tool"


def test_a_text(api: Api) -> None:
    document_id = written(api, "We open at nine.\n\nAnd <never> close.")
    document = api.get(f"{DOCUMENTS}/{document_id}").json()
    check(document, DOCUMENT)
    assert (document["name"], document["type"], document["metadata"]["size_bytes"]) == ("Hours", "text", 36)
    html = "<p>We open at nine.</p><p>And &lt;never&gt; close.</p>"
    assert document["extracted_inner_html"] == html
    content = api.get(f"{DOCUMENTS}/{document_id}/content")
    assert (content.text, content.headers["content-type"]) == (html, "text/html; charset=utf-8")
    changed = api("PATCH", f"{DOCUMENTS}/{document_id}", json={"name": "New hours", "content": "At ten."}).json()
    assert (changed["name"], changed["extracted_inner_html"]) == ("New hours", "<p>At ten.</p>")
    assert api("DELETE", f"{DOCUMENTS}/{document_id}").status_code == 200
    refused(api.get(f"{DOCUMENTS}/{document_id}"), 404, "document_not_found")


@pytest.mark.parametrize(
    ("name", "data", "content"),
    [
        ("menu.txt", b"Pizza", "<p>Pizza</p>"),
        ("menu.html", b"<h1>Pizza</h1>", "<h1>Pizza</h1>"),
        ("menu.pdf", b"%PDF-1.7 \xff\xfe", ""),
    ],
)
@pytest.mark.parametrize("path", ["/file", ""])
def test_a_file(api: Api, path: str, name: str, data: bytes, content: str) -> None:
    answer = api("POST", DOCUMENTS + path, files={"file": (name, data)})
    assert answer.json()["name"] == name
    document = api.get(f"{DOCUMENTS}/{answer.json()['id']}").json()
    assert (document["type"], document["filename"]) == ("file", name)
    assert document["metadata"]["size_bytes"] == len(data)
    assert document["extracted_inner_html"] == content
    refused(
        api("PATCH", f"{DOCUMENTS}/{document['id']}", json={"content": "x"}), 400, "invalid_parameters", param="content"
    )


def test_an_address_is_stored_and_not_opened(api: Api) -> None:
    answer = api("POST", f"{DOCUMENTS}/url", json={"url": "https://example.com/menu", "name": "Menu"})
    document = api.get(f"{DOCUMENTS}/{answer.json()['id']}").json()
    assert (document["type"], document["url"], document["extracted_inner_html"]) == (
        "url",
        "https://example.com/menu",
        "",
    )


@pytest.mark.parametrize(
    "url", ["menu", "file:///etc/passwd", "https://", "http://[", "http://a:b/", "http://a:99999/"]
)
def test_what_is_no_address(api: Api, url: str) -> None:
    refused(api("POST", f"{DOCUMENTS}/url", json={"url": url}), 400, "invalid_parameters", param="url")


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("text", {}, "text"),
        ("text", {"text": 5}, "text"),
        ("text", {"text": "x", "name": ""}, "name"),
        ("url", {}, "url"),
        ("file", {}, "file"),
    ],
)
def test_what_does_not_fit_the_schema_of_a_document(api: Api, path: str, body: dict[str, Any], where: str) -> None:
    assert [place for place, _ in faults(api("POST", f"{DOCUMENTS}/{path}", json=body))] == [["body", where]]


def test_no_document_in_a_file(api: Api) -> None:
    answer = api("POST", f"{DOCUMENTS}/file", files={"file": ("x.bin", b"\xff\xfe\x00")})
    refused(answer, 400, "invalid_file_type", param="file")


def test_documents_by_page_search_type_and_name(api: Api) -> None:
    for name in ("beta", "alpha", "gamma"):
        written(api, name=name)
    api("POST", f"{DOCUMENTS}/url", json={"url": "https://example.com/"})

    def listed(**query: Any) -> list[str]:
        return [document["name"] for document in api.get(DOCUMENTS, params=query).json()["documents"]]

    assert listed() == ["https://example.com/", "gamma", "alpha", "beta"]
    assert listed(sort_by="name", sort_direction="asc", types="text") == ["alpha", "beta", "gamma"]
    assert listed(search="BET") == ["beta"]
    page = api.get(DOCUMENTS, params={"page_size": 2}).json()
    assert listed(page_size=2, cursor=page["next_cursor"]) == ["alpha", "beta"]


def test_a_document_that_is_used_goes_only_by_force(api: Api) -> None:
    document_id = written(api)
    agent_id = agent_with(api, knowledge_base=[{"type": "text", "name": "Hours", "id": document_id}])
    assert len(api.get(f"{DOCUMENTS}/{document_id}/dependent-agents").json()["agents"]) == 1
    refused(api("DELETE", f"{DOCUMENTS}/{document_id}"), 409, "resource_in_use")
    assert api("DELETE", f"{DOCUMENTS}/{document_id}?force=true").status_code == 200
    assert prompt_of(api, agent_id)["knowledge_base"] == []


@pytest.mark.parametrize("path", ["search?query=x", "rag-index", "crawl"])
def test_what_is_not_imitated_is_said(api: Api, path: str) -> None:
    assert api.get(f"{DOCUMENTS}/{path}").status_code == 501


@pytest.mark.parametrize("path", [TOOLS, DOCUMENTS, AGENTS])
def test_a_page_size_and_a_cursor_of_nothing(api: Api, path: str) -> None:
    for size in ("0", "101", "x"):
        assert [place for place, _ in faults(api.get(f"{path}?page_size={size}"))] == [["query", "page_size"]]
    refused(api.get(f"{path}?cursor=nothing"), 400, "invalid_cursor", param="cursor")


def test_accounts_do_not_see_each_others(api: Api, api_with: Any) -> None:
    tool_id, document_id, other = made(api), written(api), api_with("other")
    assert other.get(f"{TOOLS}/{tool_id}").status_code == 404
    assert other.get(f"{DOCUMENTS}/{document_id}").status_code == 404
    assert (other.get(TOOLS).json()["tools"], other.get(DOCUMENTS).json()["documents"]) == ([], [])
