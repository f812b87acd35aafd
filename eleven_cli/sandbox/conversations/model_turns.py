"""The turns that a model of the user's own takes: what it is told, its words, and the tools it wants to be called."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from ..agents.agent import END_CALL, Agent
from ..conversation_records.record import USER, ConversationRecord, Turn
from ..outgoing.chat_model import ChatModel, ModelFailed, ModelToolCall, described_tools
from ..outgoing.outbox import Outbox
from ..outgoing.tool_request import parameters_schema
from .session import SessionConfig
from .tools import AgentTools

MAX_ROUNDS = 10  # of tools that lead to further tools
END_REASON = {"type": "object", "properties": {"reason": {"type": "string"}}, "required": []}


class ModelTurns:
    """The model of one conversation. After a turn, `hangs_up` tells whether it wants to end the call."""

    def __init__(self, model: ChatModel, session: SessionConfig, record: ConversationRecord, tools: AgentTools) -> None:
        self._model, self._session, self._record, self._tools = model, session, record, tools
        self.hangs_up = False

    @classmethod
    def of(
        cls, session: SessionConfig, record: ConversationRecord, tools: AgentTools, outbox: Outbox
    ) -> ModelTurns | None:
        """Makes the turns of a session's agent, None where it has no model."""
        settings = session.agent.custom_llm
        if settings is None:
            return None
        model = ChatModel(outbox.sender, settings, outbox.secrets, session.agent.llm_timeout_s)
        return cls(model, session, record, tools)

    async def replies(self, context: str) -> AsyncIterator[AsyncIterator[str]]:
        """Gives the words of each answer as they arrive; between two answers the tools are called.

        Raises ModelFailed.
        """
        for _ in range(MAX_ROUNDS):
            calls: list[ModelToolCall] = []
            yield self._words(context, calls)
            if not calls:
                return
            for call in calls:
                if call.name == END_CALL:
                    self.hangs_up = True
                else:
                    await self._tools.call(call.name, call.parameters(), call.call_id)
            if self.hangs_up:
                return
        raise ModelFailed(f"it has asked for tools {MAX_ROUNDS} times in a row")

    async def _words(self, context: str, calls: list[ModelToolCall]) -> AsyncIterator[str]:
        async for part in self._model.reply(self._body(context), self._session.variables):
            if isinstance(part, str):
                yield part
            else:
                calls.append(part)

    def _body(self, context: str) -> dict[str, Any]:
        prompt = "\n\n".join(filter(None, (self._session.prompt, context)))
        body = request_body(self._session.agent, prompt, self._record.turns)
        if self._record.user_id is not None:
            body["user_id"] = self._record.user_id
        if self._session.extra_body:
            body["elevenlabs_extra_body"] = dict(self._session.extra_body)
        return body


def request_body(agent: Agent, prompt: str, turns: list[Turn]) -> dict[str, Any]:
    """Gives what the agent's model is asked: to go on with a conversation, or to call one of the agent's tools."""
    body: dict[str, Any] = {"messages": messages_of(prompt, turns)}
    if agent.temperature is not None:
        body["temperature"] = agent.temperature
    tools = [*filter(_is_callable, agent.tools), *map(_named, agent.undescribed_tools)]
    if tools:
        body["tools"] = described_tools(list(map(_described, tools)))
    return body


def messages_of(prompt: str, turns: list[Turn]) -> list[dict[str, Any]]:
    """Gives a conversation in OpenAI's shape. A tool that has not answered, as after an interruption, is left out."""
    answered = {result["request_id"] for turn in turns for result in turn.tool_results}
    messages: list[dict[str, Any]] = [{"role": "system", "content": prompt}]
    for turn in turns:
        if turn.message is not None:
            messages.append({"role": "user" if turn.role == USER else "assistant", "content": turn.message})
        calls = [_call(call) for call in turn.tool_calls if call["request_id"] in answered]
        if calls:
            messages.append({"role": "assistant", "content": None, "tool_calls": calls})
        for result in turn.tool_results:
            answer = {"tool_call_id": result["request_id"], "content": result["result_value"]}
            messages.append({"role": "tool", **answer})
    return messages


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": call["tool_name"], "arguments": call["params_as_json"]}
    return {"id": call["request_id"], "type": "function", "function": function}


def _is_callable(tool: Mapping[str, Any]) -> bool:
    """Tells whether the sandbox can call a tool: it has no MCP servers, and of the system's tools one."""
    return tool.get("type") in ("webhook", "client") or tool.get("name") == END_CALL


def _named(name: str) -> dict[str, Any]:
    return {"type": "client", "name": name, "description": "", "parameters": {"type": "object", "properties": {}}}


def _described(tool: Mapping[str, Any]) -> dict[str, Any]:
    """Describes a tool as a function of the model."""
    about = {"name": tool["name"], "description": tool.get("description") or ""}
    if tool.get("type") == "webhook":
        return {**about, "parameters": parameters_schema(tool)}
    if tool.get("type") == "system":
        return {**about, "parameters": END_REASON}
    return {**about, "parameters": tool.get("parameters") or {"type": "object", "properties": {}}}
