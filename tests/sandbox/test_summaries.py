"""What is told of several agents or documents at once, and of an agent beside its settings."""

import pytest

from .call import Call
from .conftest import Api
from .schemas import faults, refused

KB = "/v1/convai/knowledge-base"


@pytest.fixture
def document(api: Api) -> str:
    return str(api("POST", f"{KB}/text", json={"name": "Fox", "text": "x" * 4500}).json()["id"])


@pytest.fixture
def agent(api: Api, document: str) -> str:
    prompt = {"knowledge_base": [{"type": "text", "id": document, "name": "Fox"}]}
    body = {"name": "Mine", "conversation_config": {"agent": {"prompt": prompt}}}
    return str(api("POST", "/v1/convai/agents/create", json=body).json()["agent_id"])


def test_agents_are_told_of_as_in_the_list(api: Api, agent: str) -> None:
    listed = {one["agent_id"]: one for one in api.get("/v1/convai/agents").json()["agents"]}
    ids = [agent, "agent_sandbox_goodbye", "no agent"]
    answer = api.get("/v1/convai/agents/summaries", params={"agent_ids": ids}).json()
    assert list(answer) == ids
    for each in ids[:2]:
        assert answer[each] == {"status": "success", "data": listed[each]}
    assert answer["no agent"]["status"] == "failure"
    assert (answer["no agent"]["error_code"], answer["no agent"]["error_status"]) == (404, "document_not_found")


def test_documents_are_told_of_as_in_the_list(api: Api, document: str) -> None:
    (listed,) = (one for one in api.get(KB).json()["documents"] if one["id"] == document)
    answer = api.get(f"{KB}/summaries", params={"document_ids": [document, "nobody"]}).json()
    assert answer[document] == {"status": "success", "data": listed}
    assert answer["nobody"]["error_code"] == 404


@pytest.mark.parametrize(("path", "name"), [("/v1/convai/agents", "agent_ids"), (KB, "document_ids")])
def test_without_ids_nothing_is_told(api: Api, path: str, name: str) -> None:
    assert faults(api.get(f"{path}/summaries")) == [(["query", name], "missing")]


def test_what_an_agent_has_to_read(api: Api, agent: str, document: str) -> None:
    path = "/v1/convai/agent/{}/knowledge-base/size"
    assert api.get(path.format(agent)).json() == {"number_of_pages": 1.5}
    assert api.get(path.format("agent_sandbox_goodbye")).json() == {"number_of_pages": 0}
    assert api("DELETE", f"{KB}/{document}?force=true").status_code == 200
    assert api.get(path.format(agent)).json() == {"number_of_pages": 0}
    refused(api.get(path.format("nobody!")), 404, "agent_not_found", status="document_not_found")


def test_the_link_of_an_agent(api: Api, agent: str) -> None:
    assert api.get(f"/v1/convai/agents/{agent}/link").json() == {"agent_id": agent, "token": None}
    refused(api.get("/v1/convai/agents/nobody!/link"), 404, "agent_not_found", status="document_not_found")


def test_calls_that_go_on_are_counted(api: Api, agent: str) -> None:
    def live(**query: str | list[str]) -> int:
        return int(api.get("/v1/convai/analytics/live-count", params=query).json()["count"])

    with Call(api.base, query=f"agent_id={agent}", header=[f"xi-api-key: {api.key}"]).start() as call:
        call.until("conversation_initiation_metadata")
        assert (live(agent_id=agent), live(agent_ids=[agent, "agent_other"]), live(agent_id="agent_other")) == (1, 1, 0)
        assert live() >= 1
