"""Calls tools of the client, and waits for their results."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ..agents.signatures import new_lowercase_id
from .events import EventSender, invalid_message


class ClientTools:
    """The pending tool calls of one conversation."""

    def __init__(self, events: EventSender, timeout_s: float) -> None:
        self._events, self._timeout_s = events, timeout_s
        self._pending: dict[str, asyncio.Future[tuple[str, bool]]] = {}

    async def call(self, name: str, parameters: Mapping[str, Any]) -> tuple[str, bool]:
        """Calls a tool; gives its result and whether it is an error, as a time-out is."""
        call_id, event_id = f"toolu_{new_lowercase_id()}", self._events.next_id()
        about = {"tool_name": name, "tool_call_id": call_id}
        answer = self._pending[call_id] = asyncio.get_running_loop().create_future()
        await self._events.send(
            "agent_tool_request", "agent_tool_request", **about, tool_type="client", event_id=event_id
        )
        call = {**about, "parameters": parameters, "event_id": event_id, "expects_response": True}
        await self._events.send("client_tool_call", "client_tool_call", **call)
        try:
            result, is_error = await asyncio.wait_for(answer, self._timeout_s)
        except TimeoutError:
            result, is_error = f"the tool {name} did not answer in time", True
        finally:
            del self._pending[call_id]
        self._events.record.tool_result(about, result, is_error=is_error)
        await self._send_response(about, "client", event_id, is_error=is_error)
        return result, is_error

    def handle_result(self, message: dict[str, Any]) -> None:
        """Handles `client_tool_result`; an unexpected one is ignored. Raises SessionEnd when a field is missing."""
        call_id = message.get("tool_call_id")
        if not isinstance(call_id, str) or "result" not in message:
            raise invalid_message("client_tool_result needs tool_call_id and result.", "missing_fields")
        pending = self._pending.get(call_id)
        if pending is not None and not pending.done():
            pending.set_result((str(message["result"]), bool(message.get("is_error"))))

    async def hang_up(self) -> None:
        """Reports that the agent has used its built-in tool to end the call."""
        about = {"tool_name": "end_call", "tool_call_id": f"toolu_{new_lowercase_id()}"}
        await self._send_response(about, "system", self._events.next_id(), is_error=False)

    async def _send_response(self, about: dict[str, str], tool_type: str, event_id: int, *, is_error: bool) -> None:
        state = {"tool_type": tool_type, "is_error": is_error, "is_called": True, "event_id": event_id}
        await self._events.send("agent_tool_response", "agent_tool_response", **about, **state)
