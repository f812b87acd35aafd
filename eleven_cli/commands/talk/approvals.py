"""Tools of MCP servers that an agent may use only with the user's approval."""

import json
from collections import deque
from collections.abc import Callable

from eleven_cli.api.agents.tool_events import McpToolCalled
from eleven_cli.terminal import Terminal


class Approvals:
    """Asks the user for approval; without a user to ask, refuses immediately, as the agent would wait for minutes.

    answer    sends a decision on a call
    can_ask   whether a user can answer, with `decide`
    """

    def __init__(self, terminal: Terminal, answer: Callable[[str, bool], None]) -> None:
        self._terminal, self._answer = terminal, answer
        self._open: deque[McpToolCalled] = deque()
        self.can_ask = False

    def observe(self, call: McpToolCalled) -> None:
        """Takes a call, or its next state: one that was decided elsewhere, or timed out, needs no decision any more."""
        self._open = deque(other for other in self._open if other.tool_call_id != call.tool_call_id)
        if call.state != "awaiting_approval":
            return
        if self.can_ask:
            self._open.append(call)
            self._terminal.note(f"the agent asks to use {_described(call)}: y allows it, n does not")
        else:
            self._answer(call.tool_call_id, False)
            self._terminal.warn(f"not allowed without a terminal to ask at: {_described(call)}")

    @property
    def question(self) -> str:
        """The question that is open, "" for none."""
        return f"allow {self._open[0].tool_name}? y/n" if self._open else ""

    def decide(self, *, is_approved: bool) -> None:
        """Decides on the call that has waited longest."""
        if self._open:
            call = self._open.popleft()
            self._answer(call.tool_call_id, is_approved)
            self._terminal.note(f"{call.tool_name}: {'allowed' if is_approved else 'not allowed'}")


def _described(call: McpToolCalled) -> str:
    given = f" with {json.dumps(call.parameters, ensure_ascii=False)}" if call.parameters else ""
    return f"the tool {call.tool_name}{given}"
