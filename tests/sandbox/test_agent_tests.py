"""Tests of agents over REST: stored, run against the agent, and judged as far as that takes no model."""

from pathlib import Path
from typing import Any

import pytest

from .conftest import Api
from .own_program import own_program
from .schemas import faults, refused
from .test_custom_llm import PATH as MODEL
from .test_custom_llm import answer, wanting

TESTS, RUNS, AGENTS = "/v1/convai/agent-testing", "/v1/convai/test-invocations", "/v1/convai/agents"
GONE = "document_not_found"
SCRIPTED = """
[[agents]]
id = "agent_baker"
name = "Baker"
first_message = "Hello {{name}}."
default_reply = "Sorry?"
[[agents.replies]]
pattern = "order (?P<what>.+)"
tool = "order"
parameters = {what = "{{what}}", count = 2}
reply = "Done."
[[agents.replies]]
pattern = "open"
reply = "We open at nine."
"""


def said(*messages: str) -> list[dict[str, Any]]:
    return [{"role": "user", "message": message, "time_in_call_secs": at} for at, message in enumerate(messages)]


def made(api: Api, **test: Any) -> str:
    done = api("POST", f"{TESTS}/create", json={"name": "Hours", **test})
    assert done.status_code == 200, done.text
    return str(done.json()["id"])


def run(api: Api, agent_id: str, *test_ids: str, **more: Any) -> dict[str, Any]:
    done = api("POST", f"{AGENTS}/{agent_id}/run-tests", json={"tests": [{"test_id": one} for one in test_ids], **more})
    assert done.status_code == 200, done.text
    found: dict[str, Any] = done.json()
    return found


def wanted(tool: str = "order", **more: Any) -> dict[str, Any]:
    return {"referenced_tool": {"id": tool, "type": "client"}, **more}


def parameter(path: str, kind: str, **more: str) -> dict[str, Any]:
    return {"path": path, "eval": {"type": kind, **more}}


@pytest.fixture(scope="module")
def baker(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with own_program(tmp_path_factory.mktemp("baker"), SCRIPTED) as program:
        api = Api(program.base, "baker")
        yield api
        api.close()


def test_tests_are_stored_listed_changed_and_deleted(api: Api) -> None:
    one, other = made(api), made(api, name="Order", type="tool")
    found = api.get(f"{TESTS}/{one}").json()
    assert (found["id"], found["name"], found["type"], found["success_examples"]) == (one, "Hours", "llm", [])
    assert [test["id"] for test in api.get(TESTS).json()["tests"]] == [other, one]
    assert [test["id"] for test in api.get(f"{TESTS}?types=tool").json()["tests"]] == [other]
    assert [test["id"] for test in api.get(f"{TESTS}?search=hour").json()["tests"]] == [one]
    page = api.get(f"{TESTS}?page_size=1").json()
    assert page["has_more"]
    assert [test["id"] for test in api.get(f"{TESTS}?cursor={page['next_cursor']}").json()["tests"]] == [one]
    changed = api("PUT", f"{TESTS}/{one}", json={"name": "Times", "success_condition": "It tells the time."})
    assert changed.json() == {**found, "name": "Times", "success_condition": "It tells the time."}
    known = api("POST", f"{TESTS}/summaries", json={"test_ids": [one, "test_none"]}).json()["tests"]
    assert {test_id: test["name"] for test_id, test in known.items()} == {one: "Times"}
    assert api("DELETE", f"{TESTS}/{other}").json() == {}
    refused(api.get(f"{TESTS}/{other}"), 404, "test_not_found", status=GONE)


@pytest.mark.parametrize(
    ("examples", "result", "status"),
    [
        ({"success_examples": [{"response": "we open  at NINE.", "type": "success"}]}, "success", "passed"),
        ({"failure_examples": [{"response": "We open at nine.", "type": "failure"}]}, "failure", "failed"),
        ({"success_condition": "It tells the time."}, "unknown", "failed"),
    ],
)
def test_an_answer_is_held_against_the_examples(baker: Api, examples: Any, result: str, status: str) -> None:
    test_id = made(baker, chat_history=said("Hi.", "When do you open?"), **examples)
    [found] = run(baker, "agent_baker", test_id)["test_runs"]
    assert (found["condition_result"]["result"], found["status"]) == (result, status)
    [turn] = found["agent_responses"]
    assert (turn["role"], turn["message"], turn["time_in_call_secs"]) == ("agent", "We open at nine.", 2)


@pytest.mark.parametrize(
    ("call", "result"),
    [
        (wanted(), "success"),
        (wanted("bake"), "failure"),
        (wanted(verify_absence=True), "failure"),
        (wanted("bake", verify_absence=True), "success"),
        (wanted(parameters=[parameter("what", "exact", expected_value="bread")]), "success"),
        (wanted(parameters=[parameter("what", "exact", expected_value="cake")]), "failure"),
        (wanted(parameters=[parameter("$.what", "regex", pattern="^br"), parameter("count", "anything")]), "success"),
        (wanted(parameters=[parameter("what", "regex", pattern="(")]), "failure"),
        (wanted(parameters=[parameter("nothing", "anything")]), "failure"),
        (wanted(parameters=[parameter("what", "llm", description="something sweet")]), "unknown"),
        ({"workflow_node_transition": {"agent_node_id": "x"}}, "unknown"),
        (None, "success"),
    ],
)
def test_a_call_is_held_against_what_was_to_be_called(baker: Api, call: Any, result: str) -> None:
    test_id = made(baker, type="tool", chat_history=said("Order bread"), tool_call_parameters=call)
    [found] = run(baker, "agent_baker", test_id)["test_runs"]
    assert found["condition_result"]["result"] == result
    assert found["agent_responses"][0]["tool_calls"][0]["params_as_json"] == '{"what": "bread", "count": 2}'


def test_runs_are_kept_listed_and_repeated(baker: Api) -> None:
    first, second = made(baker, name="A", chat_history=said("Open?")), made(baker, name="B", type="simulation")
    done = run(baker, "agent_baker", first, second, repeat_count=2)
    assert [one["test_name"] for one in done["test_runs"]] == ["A", "A", "B", "B"]
    assert baker.get(f"{RUNS}/{done['id']}").json() == done
    example = [{"response": "We open at nine.", "type": "success"}]
    assert (
        run(baker, "agent_baker", made(baker, chat_history=said("Open?"), success_examples=example))["id"] != done["id"]
    )
    listed = baker.get(f"{RUNS}?agent_id=agent_baker").json()["results"]
    latest, before = listed[:2]
    assert (latest["passed_count"], latest["failed_count"], latest["title"]) == (1, 0, "Hours")
    assert (before["id"], before["test_run_count"], before["title"]) == (done["id"], 4, "2 tests")
    assert baker.get(f"{RUNS}?agent_id=agent_other").json()["results"] == []
    again = {"test_run_ids": [done["test_runs"][0]["test_run_id"]], "agent_id": "agent_sandbox_chat"}
    assert baker("POST", f"{RUNS}/{done['id']}/resubmit", json=again).json() == {}
    runs = baker.get(f"{RUNS}/{done['id']}").json()["test_runs"]
    assert [one["agent_id"] for one in runs] == ["agent_sandbox_chat", *["agent_baker"] * 3]
    assert [one["test_run_id"] for one in runs] == [one["test_run_id"] for one in done["test_runs"]]


def test_without_a_conversation_the_agent_begins(baker: Api) -> None:
    [found] = run(baker, "agent_baker", made(baker, dynamic_variables={"name": "Ana"}))["test_runs"]
    assert found["agent_responses"][0]["message"] == "Hello Ana."


def test_a_model_of_ones_own_is_asked(tmp_path: Path) -> None:
    with own_program(tmp_path, SCRIPTED) as program:
        api = Api(program.base, "mine")
        prompt = {"llm": "custom-llm", "custom_llm": {"url": f"{program.url}/v1"}, "prompt": "You are a baker."}
        body = {"conversation_config": {"agent": {"prompt": prompt}}}
        agent_id = api("POST", f"{AGENTS}/create", json=body).json()["agent_id"]
        program.on(MODEL, answer("Good ", "bread."))
        example = [{"response": "Good bread.", "type": "success"}]
        test_id = made(api, chat_history=said("What is it?"), success_examples=example)
        assert run(api, agent_id, test_id)["test_runs"][0]["status"] == "passed"
        asked = program.next().json["messages"]
        assert [(one["role"], one["content"]) for one in asked] == [
            ("system", "You are a baker."),
            ("user", "What is it?"),
        ]
        program.on(MODEL, wanting(("call_7", "order", '{"what": "rolls"}')))
        call = wanted(parameters=[parameter("what", "exact", expected_value="rolls")])
        test_id = made(api, type="tool", chat_history=said("Rolls."), tool_call_parameters=call)
        assert run(api, agent_id, test_id)["test_runs"][0]["status"] == "passed"
        api.close()


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "name"),
        ({"name": "A", "type": "exam"}, "type"),
        ({"name": "A", "chat_history": [{"role": "cook", "time_in_call_secs": 1}]}, "role"),
        ({"name": "A", "success_examples": [{"response": "A", "type": "success"}] * 6}, "success_examples"),
        ({"name": "A", "type": "simulation", "simulation_max_turns": 51}, "simulation_max_turns"),
        ({"name": "A", "type": "tool", "tool_call_parameters": {"parameters": [{"path": "a"}]}}, "eval"),
    ],
)
def test_a_test_that_is_none_is_refused(api: Api, body: dict[str, Any], place: str) -> None:
    assert [where[-1] for where, _ in faults(api("POST", f"{TESTS}/create", json=body))] == [place]


def test_words_for_numbers_and_truths_are_read(api: Api) -> None:
    call = {"request_id": "1", "tool_name": "a", "params_as_json": "{}", "tool_has_been_called": "no"}
    turn = {"role": "agent", "time_in_call_secs": "7", "tool_calls": [call]}
    tool = {"type": "tool", "check_any_tool_matches": "no", "tool_call_parameters": {"verify_absence": "yes"}}
    found = api.get(f"{TESTS}/{made(api, chat_history=[turn], **tool)}").json()
    assert (found["check_any_tool_matches"], found["tool_call_parameters"]) == (False, {"verify_absence": True})
    [told] = found["chat_history"]
    assert (told["time_in_call_secs"], told["tool_calls"][0]["tool_has_been_called"]) == (7, False)
    simulated = api.get(f"{TESTS}/{made(api, type='simulation', simulation_max_turns='6')}").json()
    assert simulated["simulation_max_turns"] == 6


def test_what_is_not_there_or_not_imitated(api: Api) -> None:
    test_id = made(api)
    inside = api("POST", f"{TESTS}/create", json={"name": "A", "parent_folder_id": "x"})
    refused(inside, 404, "folder_not_found", param="parent_folder_id")
    nobody = {"json": {"tests": [{"test_id": "test_none"}]}}
    refused(api("POST", f"{AGENTS}/agent_sandbox_chat/run-tests", **nobody), 404, "test_not_found", status=GONE)
    branch = {"json": {"tests": [{"test_id": test_id}], "branch_id": "x"}}
    assert api("POST", f"{AGENTS}/agent_sandbox_chat/run-tests", **branch).status_code == 501
    refused(api.get(f"{RUNS}/none"), 404, "test_invocation_not_found", status=GONE)
    assert api("POST", f"{TESTS}/folders", json={"name": "A"}).status_code == 501
