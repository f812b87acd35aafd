"""Branches of agents: made, changed apart from the agent, talked with, and merged."""

from pathlib import Path
from typing import Any

import pytest
import requests

from eleven_cli.sandbox import running

from .call import Call
from .conftest import Api
from .schemas import faults, refused

AGENTS = "/v1/convai/agents"
NEW = {"name": "Trial", "description": "A kinder greeting"}


def greeting(text: str) -> dict[str, Any]:
    return {"conversation_config": {"agent": {"first_message": text}}}


@pytest.fixture
def agent(api: Api) -> str:
    settings = {"name": "Line", **greeting("Hello.")}
    return str(api("POST", f"{AGENTS}/create", json=settings).json()["agent_id"])


def shown(api: Api, agent: str, branch: str = "") -> dict[str, Any]:
    answer = api.get(f"{AGENTS}/{agent}", params={"branch_id": branch} if branch else {})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def says(body: dict[str, Any]) -> str:
    return str(body["conversation_config"]["agent"]["first_message"])


def branched(api: Api, agent: str, parent: str = "", **more: Any) -> str:
    version = shown(api, agent, parent)["version_id"]
    answer = api("POST", f"{AGENTS}/{agent}/branches", json={"parent_version_id": version, **NEW, **more})
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert made["created_version_id"] == shown(api, agent, made["created_branch_id"])["version_id"]
    return str(made["created_branch_id"])


def changed(api: Api, agent: str, branch: str = "", **changes: Any) -> dict[str, Any]:
    answer = api("PATCH", f"{AGENTS}/{agent}", json=changes, params={"branch_id": branch} if branch else {})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def listed(api: Api, agent: str, **query: Any) -> list[dict[str, Any]]:
    return list(api.get(f"{AGENTS}/{agent}/branches", params=query).json()["results"])


def merged(api: Api, agent: str, source: str, target: str, **body: Any) -> requests.Response:
    path = f"{AGENTS}/{agent}/branches/{source}/merge"
    return api("POST", path, params={"target_branch_id": target}, **({"json": body} if body else {}))


def greeted(server: str, agent: str, query: str = "", **initiation: Any) -> str:
    with Call(server, query=f"agent_id={agent}{query}").start(**initiation) as call:
        return call.response()


def test_an_agent_has_one_branch_from_the_beginning(api: Api, agent: str) -> None:
    (main,) = listed(api, agent)
    body = shown(api, agent)
    assert body["branch_id"] == body["main_branch_id"] == main["id"]
    assert (main["agent_id"], main["parent_branch_id"], main["current_live_percentage"]) == (agent, None, 100)
    assert shown(api, agent, main["id"]) == body
    assert listed(api, "agent_sandbox_chat") == []


def test_a_branch_is_changed_apart_from_its_agent(api: Api, agent: str, server: str) -> None:
    branch = branched(api, agent, **greeting("Good day."))
    assert [says(shown(api, agent)), says(shown(api, agent, branch))] == ["Hello.", "Good day."]
    before = shown(api, agent, branch)["version_id"]
    after = changed(api, agent, branch, **greeting("Welcome."))
    assert (says(after), after["branch_id"], after["main_branch_id"]) == (
        "Welcome.",
        branch,
        listed(api, agent)[0]["id"],
    )
    assert after["version_id"] != before
    assert says(shown(api, agent)) == "Hello."
    changed(api, agent, **greeting("Hi."))
    assert [greeted(server, agent), greeted(server, agent, f"&branch_id={branch}")] == ["Hi.", "Welcome."]


def test_a_branch_is_talked_with_however_it_is_named(api: Api, agent: str, server: str) -> None:
    branch = branched(api, agent, **greeting("Good day."))
    assert greeted(server, agent, branch_id=branch) == "Good day."
    asked = {"agent_id": agent, "branch_id": branch}
    url = api.get("/v1/convai/conversation/get-signed-url", params=asked).json()["signed_url"]
    with Call(server, url=url).start() as call:
        assert call.response() == "Good day."
        conversation = call.payloads("conversation_initiation_metadata")[0]["conversation_id"]
    assert api.get(f"/v1/convai/conversations/{conversation}").json()["branch_id"] == branch

    def found(branch_id: str) -> list[str]:
        query = {"agent_id": agent, "branch_id": branch_id}
        calls = api.get("/v1/convai/conversations", params=query).json()["conversations"]
        return [each["conversation_id"] for each in calls]

    assert conversation in found(branch)
    assert found(shown(api, agent)["branch_id"]) == []


def test_a_branch_that_is_not_there(api: Api, agent: str, server: str) -> None:
    for method, path in (("GET", ""), ("PATCH", "")):
        answer = api(method, f"{AGENTS}/{agent}{path}?branch_id=agtbranch_x", json={})
        refused(answer, 404, "branch_not_found", status="document_not_found")
    for call in (
        Call(server, query=f"agent_id={agent}&branch_id=agtbranch_x").start(),
        Call(server, query=f"agent_id={agent}").start(branch_id="agtbranch_x"),
        Call(server, query="agent_id=agent_sandbox_chat&branch_id=agtbranch_x").start(),
    ):
        with call:
            assert call.end()[0] == 3000
    url = f"/v1/convai/conversation/get-signed-url?agent_id={agent}&branch_id=agtbranch_x"
    refused(api.get(url), 404, "branch_not_found", status="document_not_found")
    refused(api.get(f"{AGENTS}/{agent}/branches/x"), 404, "branch_not_found", status="document_not_found")
    other = api("POST", f"{AGENTS}/create", json={"conversation_config": {}}).json()["agent_id"]
    assert api.get(f"{AGENTS}/{other}?branch_id={branched(api, agent)}").status_code == 404


def test_a_merge_takes_what_was_changed_and_archives(api: Api, agent: str) -> None:
    branch, main = branched(api, agent), shown(api, agent)["branch_id"]
    changed(api, agent, branch, **greeting("Good day."))
    tts = {"conversation_config": {"tts": {"speed": 1.1}}}
    changed(api, agent, **tts)
    assert merged(api, agent, branch, main).json() == {}
    body = shown(api, agent)
    assert (says(body), body["conversation_config"]["tts"]["speed"]) == ("Good day.", 1.1)
    assert [one["id"] for one in listed(api, agent)] == [main]
    archived = listed(api, agent, include_archived=True)[1]
    assert (archived["is_archived"], archived["merged_into_branch_id"]) == (True, main)


@pytest.mark.parametrize(("body", "kept"), [({"force": True}, "Good day."), ({"archive_source_branch": False}, "Hi.")])
def test_of_both_changes_the_later_one_holds_unless_it_is_forced(body: Any, kept: str) -> None:
    with running(seed=1) as sandbox:  # each reading of its clock is a second later
        api = Api(sandbox.url, "sandbox")
        agent = api("POST", f"{AGENTS}/create", json=greeting("Hello.")).json()["agent_id"]
        branch, main = branched(api, agent), shown(api, agent)["branch_id"]
        changed(api, agent, branch, **greeting("Good day."))
        changed(api, agent, **greeting("Hi."))
        assert merged(api, agent, branch, main, **body).status_code == 200
        assert says(shown(api, agent)) == kept
        assert api.get(f"{AGENTS}/{agent}/branches/{branch}").json()["is_archived"] is ("force" in body)
        api.close()


def test_a_branch_of_a_branch_is_merged_back(api: Api, agent: str) -> None:
    first = branched(api, agent)
    second = branched(api, agent, first, name="Deeper", **greeting("Deep."))
    assert api.get(f"{AGENTS}/{agent}/branches/{second}").json()["parent_branch"] == {"id": first, "name": "Trial"}
    assert merged(api, agent, second, first).status_code == 200
    assert [says(shown(api, agent, first)), says(shown(api, agent))] == ["Deep.", "Hello."]


def test_a_branch_is_renamed_protected_and_archived(api: Api, agent: str) -> None:
    branch = branched(api, agent)
    one = f"{AGENTS}/{agent}/branches/{branch}"
    change = {"name": "Better", "is_archived": True, "protection_status": "admin_perms_required"}
    assert api("PATCH", one, json=change).json() == api.get(one).json()
    assert {**api.get(one).json(), **change} == api.get(one).json()
    assert len(listed(api, agent)) == 1
    assert api("PATCH", one, json={"is_archived": False, "name": None}).json()["name"] == "Better"
    assert len(listed(api, agent)) == 2
    assert len(listed(api, agent, limit=2)) == 2
    main = shown(api, agent)["branch_id"]
    refused(
        api("PATCH", f"{AGENTS}/{agent}/branches/{main}", json=change), 400, "invalid_parameters", param="branch_id"
    )


def test_branches_end_with_their_agent_and_are_of_their_account(api: Api, agent: str, api_with: Any) -> None:
    branch = branched(api, agent)
    assert api_with("other").get(f"{AGENTS}/{agent}?branch_id={branch}").status_code == 404
    api("DELETE", f"{AGENTS}/{agent}")
    assert api.get(f"{AGENTS}/{agent}/branches/{branch}").status_code == 404
    assert api.get(f"{AGENTS}/{agent}?branch_id={branch}").status_code == 404


def test_branches_are_kept(tmp_path: Path) -> None:
    with running(state=tmp_path) as sandbox:
        api = Api(sandbox.url, "sandbox")
        agent = api("POST", f"{AGENTS}/create", json=greeting("Hello.")).json()["agent_id"]
        branch = branched(api, agent, **greeting("Good day."))
        api.close()
    with running(state=tmp_path) as sandbox:
        api = Api(sandbox.url, "sandbox")
        assert says(shown(api, agent, branch)) == "Good day."
        assert greeted(sandbox.url, agent, f"&branch_id={branch}") == "Good day."
        api.close()


def test_what_cannot_be_branched_or_merged(api: Api, agent: str) -> None:
    branch, main = branched(api, agent), shown(api, agent)["branch_id"]
    every, version = f"{AGENTS}/{agent}/branches", shown(api, agent)["version_id"]
    again = api("POST", every, json={"parent_version_id": version, **NEW})
    refused(again, 409, "resource_already_exists", param="name")
    stale = api("POST", every, json={"parent_version_id": "agtvrsn_x", "name": "x", "description": ""})
    refused(stale, 404, "version_not_found", param="parent_version_id")
    for source, target in ((main, branch), (branch, branch)):
        refused(merged(api, agent, source, target), 400, "invalid_parameters", param="target_branch_id")
    refused(merged(api, agent, branch, "x"), 404, "branch_not_found", status="document_not_found")
    fixed = api("POST", f"{AGENTS}/agent_sandbox_chat/branches", json={"parent_version_id": "x", **NEW})
    assert fixed.status_code == 403
    for preview in (f"{branch}/merge-preview?target_branch_id={main}", f"{branch}/rebase-preview"):
        assert api.get(f"{every}/{preview}").status_code == 501


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x", "description": ""}, "parent_version_id"),
        ({"parent_version_id": "x", "description": ""}, "name"),
        ({"parent_version_id": "x", "name": "x"}, "description"),
        ({"parent_version_id": 5, **NEW}, "parent_version_id"),
        ({"parent_version_id": "x", **NEW, "name": "x" * 141}, "name"),
        ({"parent_version_id": "x", **NEW, "description": "x" * 4097}, "description"),
        ({"parent_version_id": "x", **NEW, "include_draft": "perhaps"}, "include_draft"),
        ({"parent_version_id": "x", **NEW, "conversation_config": "x"}, "conversation_config"),
        ({"parent_version_id": "x", **NEW, "workflow": []}, "workflow"),
    ],
)
def test_a_branch_that_does_not_fit_the_schema(api: Api, agent: str, body: dict[str, Any], field: str) -> None:
    answer = api("POST", f"{AGENTS}/{agent}/branches", json=body)
    assert [where for where, _ in faults(answer)] == [["body", field]]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/x", {"name": ""}),
        ("PATCH", "/x", {"name": "x" * 141}),
        ("PATCH", "/x", {"is_archived": "perhaps"}),
        ("PATCH", "/x", {"protection_status": "none"}),
        ("POST", "/x/merge", {}),
        ("POST", "/x/merge?target_branch_id=y", {"force": "perhaps"}),
        ("POST", "/x/merge?target_branch_id=y", {"archive_source_branch": []}),
        ("GET", "?limit=1", None),
        ("GET", "?limit=101", None),
        ("GET", "?include_archived=perhaps", None),
    ],
)
def test_what_does_not_fit_the_schema(api: Api, agent: str, method: str, path: str, body: Any) -> None:
    assert api(method, f"{AGENTS}/{agent}/branches{path}", json=body).status_code == 422
