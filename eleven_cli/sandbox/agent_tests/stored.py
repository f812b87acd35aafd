"""Tests of agents, as they are checked, stored and shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request

from ..accounts.account import Account
from ..agents.description import ACCESS
from ..http.problems import Problem, existing
from ..http.query import check_page_size
from ..http.validate import Checker, truth
from ..state.store import Record, Records

READ, WRITE = "convai_read", "convai_write"
MAX_PAGE = 100
KINDS = ("llm", "tool", "simulation")
TOOL_KINDS = ("system", "webhook", "client", "workflow", "api_integration_webhook", "mcp", "code")
EVALUATIONS = {"llm": "description", "regex": "pattern", "exact": "expected_value", "anything": ""}
MAX_TURNS, MAX_EXAMPLES, MAX_SIMULATED = 200, 5, 50
MODEL = "claude-sonnet-4-6"
_COMMON: Mapping[str, Any] = {
    "from_conversation_metadata": None,
    "dynamic_variables": {},
    "chat_history": [],
    "conversation_initiation_source": None,
    "environment": None,
}
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "llm": {"success_condition": "", "success_examples": [], "failure_examples": []},
    "tool": {"tool_call_parameters": None, "check_any_tool_matches": None},
    "simulation": {
        "success_condition": None,
        "success_conditions": [],
        "simulation_scenario": "",
        "simulation_max_turns": 5,
        "simulation_environment": None,
        "tool_mock_config": {"mocking_strategy": "none", "fallback_strategy": "raise_error", "mocked_tool_ids": []},
        "tool_mock_overrides": {},
        "evaluation_model": MODEL,
        "simulated_user_model": MODEL,
    },
}
_TURN: Mapping[str, Any] = {"message": None, "tool_calls": [], "tool_results": [], "interrupted": False}
_CALL_TEXTS = ("request_id", "tool_name", "params_as_json")


def records_of(account: Account) -> Records:
    return account.store.records("agent_tests", account.owner)


def newest_first(records: Mapping[str, Record]) -> dict[str, Record]:
    """Orders records by when they were made: a folder that one-shot runs share knows no order."""
    return dict(sorted(records.items(), key=lambda each: -each[1]["created"]))


def find_test(account: Account, test_id: str) -> Record:
    """Gives the record of a test. Raises Problem (404) without one."""
    return existing(records_of(account).all(), test_id, "test")


def check_page(request: Request) -> None:
    """Checks what the query of every list here has. Raises SchemaError."""
    check = Checker("query")
    check_page_size(check, request.query_params, MAX_PAGE)
    check.finish()


def check_test(body: dict[str, Any]) -> None:
    """Checks the body of a request. Raises SchemaError; Problem (404) for a folder, because there is none."""
    check = Checker("body")
    check.needed(body, "name", Checker.string)
    check.one_of("type", body.get("type", "llm"), KINDS)
    for name in ("dynamic_variables", "from_conversation_metadata", "tool_mock_config", "tool_mock_overrides"):
        check.optional(body, name, Checker.object)
    for name in ("success_condition", "simulation_scenario", "environment", "simulation_environment"):
        check.optional(body, name, Checker.string)
    for name in ("conversation_initiation_source", "evaluation_model", "simulated_user_model", "parent_folder_id"):
        check.optional(body, name, Checker.string)
    check.optional(body, "chat_history", lambda deeper, name, turns: _some(deeper, name, turns, MAX_TURNS, _turn))
    check.optional(body, "success_examples", _examples("success"))
    check.optional(body, "failure_examples", _examples("failure"))
    check.optional(body, "success_conditions", Checker.strings)
    check.optional(body, "simulation_max_turns", lambda own, name, value: own.whole(name, value, 1, MAX_SIMULATED))
    check.optional(body, "tool_call_parameters", _wanted_call)
    check.optional(body, "check_any_tool_matches", Checker.boolean)
    check.finish()
    if folder := body.get("parent_folder_id"):
        raise Problem(404, "folder_not_found", f"There is no folder with the id '{folder}'.", param="parent_folder_id")


def complete_test(body: dict[str, Any]) -> dict[str, Any]:
    """Gives a test that was checked, with the defaults of its type."""
    kind = body.get("type") or KINDS[0]
    defaults = {**_COMMON, **_DEFAULTS[kind]}
    given = {name: body[name] for name in defaults if body.get(name) is not None}
    given["chat_history"] = [_complete_turn(turn) for turn in given.get("chat_history") or ()]
    read = {name: _READ[name](value) if name in _READ else value for name, value in given.items()}
    return {"name": body["name"], "type": kind, **defaults, **read}


def test_body(test_id: str, record: Record) -> dict[str, Any]:
    return {"id": test_id, **record["test"]}


def test_summary(test_id: str, record: Record) -> dict[str, Any]:
    test = record["test"]
    return {
        "id": test_id,
        "name": test["name"],
        "access_info": ACCESS,
        "created_at_unix_secs": int(record["created"]),
        "last_updated_at_unix_secs": int(record["updated"]),
        "type": test["type"],
        "entity_type": "test",
        "folder_parent_id": None,
        "folder_path": [],
        "children_count": None,
        "conversation_initiation_source": test["conversation_initiation_source"],
    }


def _complete_call(wanted: dict[str, Any]) -> dict[str, Any]:
    return {**wanted, "verify_absence": truth(wanted.get("verify_absence"))}


_READ: Mapping[str, Callable[[Any], Any]] = {
    "tool_call_parameters": _complete_call,
    "check_any_tool_matches": truth,
    "simulation_max_turns": int,
}


def _complete_turn(turn: dict[str, Any]) -> dict[str, Any]:
    """Keeps of a turn what an agent is told of it."""
    calls = [
        {**{name: call[name] for name in _CALL_TEXTS}, "tool_has_been_called": truth(call.get("tool_has_been_called"))}
        for call in turn.get("tool_calls") or ()
    ]
    said = {"role": turn["role"], "time_in_call_secs": int(turn["time_in_call_secs"]), "message": turn.get("message")}
    return {**_TURN, **said, "tool_calls": calls, "interrupted": turn.get("interrupted") is True}


def _some(check: Checker, name: str, value: Any, most: int, each: Any) -> None:
    check.list_of(name, value, each)
    if isinstance(value, list):
        check.at_most(name, len(value), most)


def _turn(check: Checker, at: int, turn: Any) -> None:
    if check.object(at, turn):
        deeper = check.within(at)
        deeper.needed(turn, "role", lambda inner, name, role: inner.one_of(name, role, ("user", "agent")))
        deeper.needed(turn, "time_in_call_secs", Checker.integer)
        deeper.optional(turn, "message", Checker.string)
        deeper.optional(turn, "tool_calls", lambda inner, name, calls: inner.list_of(name, calls, _call))


def _call(check: Checker, at: int, call: Any) -> None:
    if check.object(at, call):
        for name in _CALL_TEXTS:
            check.within(at).needed(call, name, Checker.string)
        check.within(at).optional(call, "tool_has_been_called", Checker.boolean)


def _examples(kind: str) -> Any:
    def each(check: Checker, at: int, example: Any) -> None:
        if check.object(at, example):
            check.within(at).needed(example, "response", Checker.string)
            check.within(at).needed(example, "type", lambda inner, name, value: inner.one_of(name, value, (kind, kind)))

    return lambda check, name, value: _some(check, name, value, MAX_EXAMPLES, each)


def _wanted_call(check: Checker, name: str, value: Any) -> None:
    if check.object(name, value):
        deeper = check.within(name)
        deeper.optional(value, "parameters", lambda inner, field, each: inner.list_of(field, each, _parameter))
        deeper.optional(value, "referenced_tool", _tool)
        deeper.optional(value, "verify_absence", Checker.boolean)
        deeper.optional(value, "workflow_node_transition", Checker.object)


def _tool(check: Checker, name: str, tool: Any) -> None:
    if check.object(name, tool):
        check.within(name).needed(tool, "id", Checker.string)
        check.within(name).needed(tool, "type", lambda inner, field, kind: inner.one_of(field, kind, TOOL_KINDS))


def _parameter(check: Checker, at: int, parameter: Any) -> None:
    if check.object(at, parameter):
        check.within(at).needed(parameter, "path", Checker.string)
        check.within(at).needed(parameter, "eval", _evaluation)


def _evaluation(check: Checker, name: str, value: Any) -> None:
    if not check.object(name, value):
        return
    deeper, kind = check.within(name), value.get("type")
    deeper.one_of("type", kind, tuple(EVALUATIONS))
    if isinstance(kind, str) and (needed := EVALUATIONS.get(kind)):
        deeper.needed(value, needed, Checker.string)
