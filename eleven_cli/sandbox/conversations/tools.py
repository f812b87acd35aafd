"""Calls tools: those of the client, whose results it waits for, and those of the agent over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any

from ..agents.agent import END_CALL
from ..outgoing.http import NoAnswer, Outgoing
from ..outgoing.outbox import Outbox
from ..outgoing.tool_answer import assigned, filtered
from ..outgoing.tool_request import ToolFault, ToolRequest, redirected
from ..state.entropy import new_lowercase_id
from .events import EventSender
from .session import SessionConfig

LONGEST_RESULT = 65_536


class ClientTools:
    """The pending tool calls of one conversation."""

    def __init__(self, events: EventSender, timeout_s: float) -> None:
        self._events, self._timeout_s = events, timeout_s
        self._pending: dict[str, asyncio.Future[tuple[str, bool]]] = {}

    async def call(
        self, name: str, parameters: Mapping[str, Any], call_id: str = "", timeout_s: float | None = None
    ) -> tuple[str, bool]:
        """Calls a tool; gives its result and whether it is an error, as a time-out is."""
        event_id, about = self._events.next_id(), _about(name, call_id)
        call_id = about["tool_call_id"]
        answer = self._pending[call_id] = asyncio.get_running_loop().create_future()
        await self._events.send(
            "agent_tool_request", "agent_tool_request", **about, tool_type="client", event_id=event_id
        )
        call = {**about, "parameters": parameters, "event_id": event_id, "expects_response": True}
        await self._events.send("client_tool_call", "client_tool_call", **call)
        try:
            result, is_error = await asyncio.wait_for(answer, timeout_s or self._timeout_s)
        except TimeoutError:
            result, is_error = f"the tool {name} did not answer in time", True
        finally:
            del self._pending[call_id]
        self._events.record.tool_result(about, result, is_error=is_error)
        await _send_response(self._events, about, "client", event_id, is_error=is_error)
        return result, is_error

    def handle_result(self, message: dict[str, Any]) -> None:
        """Handles a checked `client_tool_result`; an unexpected one is ignored."""
        pending = self._pending.get(message["tool_call_id"])
        if pending is not None and not pending.done():
            pending.set_result((str(message["result"]), message["is_error"]))

    async def hang_up(self) -> None:
        """Reports that the agent has used its built-in tool to end the call."""
        await _send_response(self._events, _about(END_CALL), "system", self._events.next_id(), is_error=False)


class AgentTools:
    """Every tool of one conversation's agent, by its name."""

    def __init__(self, events: EventSender, session: SessionConfig, outbox: Outbox) -> None:
        self._agent = session.agent
        self._of_client = ClientTools(events, session.agent.tool_timeout_s)
        self._webhooks = WebhookTools(events, outbox, session.variables)

    async def call(self, name: str, parameters: Mapping[str, Any], call_id: str = "") -> tuple[str, bool]:
        """Calls a tool, the caller's where nothing else is known; gives its result and whether it is an error."""
        tool = self._agent.tool(name)
        if tool is not None and tool.get("type") == "webhook":
            return await self._webhooks.call(tool, parameters, call_id)
        timeout_s = tool.get("response_timeout_secs") if tool else None
        return await self._of_client.call(name, parameters, call_id, timeout_s)

    def handle_result(self, message: dict[str, Any]) -> None:
        """Handles a checked `client_tool_result`."""
        self._of_client.handle_result(message)

    async def hang_up(self) -> None:
        """Reports that the agent has used its built-in tool to end the call."""
        await self._of_client.hang_up()


class WebhookTools:
    """The tools that an agent calls over HTTP; what they assign changes the `variables`."""

    def __init__(self, events: EventSender, outbox: Outbox, variables: dict[str, object]) -> None:
        self._events, self._outbox, self._variables = events, outbox, variables

    async def call(self, tool: Mapping[str, Any], parameters: Mapping[str, Any], call_id: str = "") -> tuple[str, bool]:
        """Calls a tool; gives its result and whether it is an error, as a time-out is."""
        event_id, about = self._events.next_id(), _about(tool["name"], call_id)
        await self._events.send(
            "agent_tool_request", "agent_tool_request", **about, tool_type="webhook", event_id=event_id
        )
        began, record = monotonic(), self._events.record
        try:
            request = ToolRequest(tool, parameters, self._variables, self._outbox.secrets)
            outgoing = request.outgoing()
        except ToolFault as fault:
            result, is_error, is_called = f"the tool {tool['name']} was not called: {fault}", True, False
            record.tool_call(about, "webhook", parameters, is_called=False)
        else:
            is_called = True
            record.tool_call(about, "webhook", parameters, request.details())
            result, is_error = await self._answer(tool, outgoing)
        done = {"is_error": is_error, "is_called": is_called}
        record.tool_result(about, result, kind="webhook", latency_s=monotonic() - began, **done)
        await _send_response(self._events, about, "webhook", event_id, **done)
        return result, is_error

    async def _answer(self, tool: Mapping[str, Any], outgoing: Outgoing) -> tuple[str, bool]:
        try:
            answer, body = await self._outbox.sender.fetch(outgoing)
            if (further := redirected(tool, outgoing.url, answer)) is not None:
                answer, body = await self._outbox.sender.fetch(further)
        except NoAnswer as failed:
            return f"the tool {tool['name']} failed: {failed}", True
        text = body.decode("utf-8", "replace")[:LONGEST_RESULT]
        if answer.is_success:
            self._variables |= assigned(text, tool.get("assignments"))
            return filtered(text, tool["api_schema"].get("response_filter")), False
        passes = tool.get("tool_error_handling_mode") == "passthrough"
        return text if passes else f"the tool {tool['name']} answered {answer.status}", True


def _about(name: str, call_id: str = "") -> dict[str, str]:
    return {"tool_name": name, "tool_call_id": call_id or f"toolu_{new_lowercase_id()}"}


async def _send_response(
    events: EventSender,
    about: dict[str, str],
    tool_type: str,
    event_id: int,
    *,
    is_error: bool,
    is_called: bool = True,
) -> None:
    state = {"tool_type": tool_type, "is_error": is_error, "is_called": is_called, "event_id": event_id}
    await events.send("agent_tool_response", "agent_tool_response", **about, **state)
