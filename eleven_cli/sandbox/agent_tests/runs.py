"""Runs a test: has the agent answer the conversation so far, and judges the answer as far as that takes no model."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..agents.agent import Agent, fill, fill_all
from ..conversation_records.record import Turn
from ..conversations.model_turns import request_body
from ..outgoing.chat_model import ChatModel, ModelFailed
from ..outgoing.outbox import Outbox
from ..outgoing.tool_answer import named_call

SUCCESS, FAILURE, UNKNOWN = "success", "failure", "unknown"
NO_JUDGE = "The sandbox has no model to judge by"


@dataclass
class AgentAnswer:
    """What an agent says next, and the tools that it wants to be called; no tool is called in a test."""

    text: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    failure: str = ""

    def turns(self, at_s: int) -> list[dict[str, Any]]:
        """Gives the answer as part of a conversation."""
        calls = [
            {
                "request_id": f"call_{number}",
                "tool_name": name,
                "params_as_json": json.dumps(parameters),
                "tool_has_been_called": False,
            }
            for number, (name, parameters) in enumerate(self.calls, 1)
        ]
        said = {"role": "agent", "message": self.text or None, "time_in_call_secs": at_s}
        return [{**said, "tool_calls": calls, "tool_results": [], "interrupted": False}]


@dataclass(frozen=True)
class Judgement:
    """Whether the test has passed, in the service's word, and why."""

    result: str
    why: str

    @property
    def status(self) -> str:
        return "passed" if self.result == SUCCESS else "failed"

    def body(self) -> dict[str, Any]:
        return {"result": self.result, "rationale": {"messages": [self.why], "summary": self.why}}


async def answer_of(agent: Agent, test: Mapping[str, Any], outbox: Outbox) -> AgentAnswer:
    """Gives the agent's answer: that of its script, of its model, or a tool that the caller has named."""
    turns, variables = test["chat_history"], {**agent.variables, **test["dynamic_variables"]}
    heard = next((turn["message"] or "" for turn in reversed(turns) if turn["role"] == "user"), None)
    if heard is None:
        return AgentAnswer(fill(agent.first_message, variables))
    values: dict[str, Any] = {**variables, "text": heard, "context": "nothing"}
    for reply in agent.replies:
        if found := reply.pattern.search(heard):
            values |= {name: value or "" for name, value in found.groupdict().items()}
            if reply.tool:
                return AgentAnswer(calls=[(reply.tool, fill_all(reply.parameters, values))])
            return AgentAnswer(fill(reply.text, values))
    if agent.custom_llm is not None:
        return await _asked(agent, agent.custom_llm, turns, variables, outbox)
    names = [str(tool["name"]) for tool in agent.tools if tool.get("name")]
    if not agent.replies and (call := named_call(heard, names)) is not None:
        return AgentAnswer(calls=[call])
    return AgentAnswer(fill(agent.fallback, values))


async def _asked(
    agent: Agent,
    settings: Mapping[str, Any],
    turns: Sequence[Mapping[str, Any]],
    variables: Mapping[str, Any],
    outbox: Outbox,
) -> AgentAnswer:
    model = ChatModel(outbox.sender, settings, outbox.secrets, agent.llm_timeout_s)
    said = [Turn(turn["role"], turn["message"], turn["time_in_call_secs"]) for turn in turns]
    answer = AgentAnswer()
    try:
        async for part in model.reply(request_body(agent, fill(agent.prompt, variables), said), variables):
            if isinstance(part, str):
                answer.text += part
            else:
                answer.calls.append((part.name, part.parameters()))
    except ModelFailed as failed:
        answer.failure = f"The custom LLM failed: {failed}"
    return answer


def judged(test: Mapping[str, Any], answer: AgentAnswer, tool_name: str | None) -> Judgement:
    """Judges an answer; `tool_name` is that of the tool that the test refers to."""
    if answer.failure:
        return Judgement(FAILURE, answer.failure)
    if test["type"] == "tool":
        return _judged_calls(test, answer, tool_name)
    if test["type"] == "llm":
        return _judged_words(test, answer.text)
    return Judgement(UNKNOWN, f"{NO_JUDGE}, nor one to simulate a caller.")


def _judged_words(test: Mapping[str, Any], text: str) -> Judgement:
    for result, examples in ((SUCCESS, test["success_examples"]), (FAILURE, test["failure_examples"])):
        if any(_folded(example["response"]) == _folded(text) for example in examples):
            return Judgement(result, f"The response is an example of {result}.")
    return Judgement(UNKNOWN, f"{NO_JUDGE}, and the response is none of the examples.")


def _judged_calls(test: Mapping[str, Any], answer: AgentAnswer, tool_name: str | None) -> Judgement:
    wanted = test["tool_call_parameters"] or {}
    if wanted.get("workflow_node_transition"):
        return Judgement(UNKNOWN, "The sandbox follows no workflows.")
    calls = [parameters for name, parameters in answer.calls if tool_name is None or name == tool_name]
    tool = tool_name or "any tool"
    if wanted.get("verify_absence"):
        return Judgement(FAILURE, f"{tool} was called.") if calls else Judgement(SUCCESS, f"{tool} was not called.")
    if not wanted:
        return Judgement(SUCCESS, "Nothing was asked of the call.")
    if not calls:
        return Judgement(FAILURE, f"{tool} was not called.")
    looked_at = calls if test["check_any_tool_matches"] else calls[:1]
    found = [_judged_parameters(wanted.get("parameters") or (), parameters) for parameters in looked_at]
    return next((one for one in found if one.result == SUCCESS), found[0])


def _judged_parameters(wanted: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any]) -> Judgement:
    unknown = ""
    for one in wanted:
        value, evaluation = _at(parameters, one["path"]), one["eval"]
        if evaluation["type"] == "llm":
            unknown = f"{NO_JUDGE} {one['path']}."
        elif value is None or not _fits(evaluation, value):
            return Judgement(FAILURE, f"{one['path']} is {json.dumps(value)}.")
    return Judgement(UNKNOWN, unknown) if unknown else Judgement(SUCCESS, "The call is as it was to be.")


def _fits(evaluation: Mapping[str, Any], value: Any) -> bool:
    text = value if isinstance(value, str) else json.dumps(value)
    if evaluation["type"] == "exact":
        return text == str(evaluation["expected_value"])
    if evaluation["type"] == "regex":
        try:
            return re.search(evaluation["pattern"], text) is not None
        except re.error:
            return False
    return True


def _at(value: Any, path: str) -> Any:
    for name in filter(None, path.removeprefix("$").split(".")):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
