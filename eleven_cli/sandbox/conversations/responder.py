"""What the agent does when it is its turn: choose a reply, call a tool, speak, hang up, or break."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

from ..agents.agent import DROP, MUTE, Failure, Reply, filled, filled_all
from ..sockets.json_socket import CLOSE_NORMAL, SessionEnd
from .client_tools import Tools
from .events import ConnectionDropped, EventSender, conversation_error
from .session import Session
from .speaker import Mouth

TYPING_S = 2.0  # the agent does not begin to speak so soon after a sign that the caller is typing
TICK_S = 0.05
CONTEXT_LIMIT = 100_000
HUNG_UP = "The agent ended the call."


class Answers:
    """The agent's side of one conversation. `listening` tells whether the caller is speaking right now."""

    def __init__(self, events: EventSender, session: Session, mouth: Mouth, listening: Callable[[], bool]) -> None:
        self._events, self._session, self._agent = events, session, session.agent
        self._mouth, self._listening = mouth, listening
        self._tools = Tools(events, session.agent.tool_timeout_s)
        self._context: dict[object, str] = {}
        self._typed = 0.0
        self._characters = 0

    async def first_message(self) -> None:
        await self._say(self._session.first_message)
        if self._agent.hangs_up:
            await self._hang_up()

    async def answer(self, said: str) -> None:
        """Everything that follows from what the caller said; raises SessionEnd when that ends the conversation."""
        reply, values = self._choose(said)
        await self._say(filled(await self._text(reply, values), values))
        if reply is not None and reply.failure is not None:
            self._fail(reply.failure)
        if self._agent.hangs_up or (reply is not None and reply.ends):
            await self._hang_up()

    def typing(self, busy: bool) -> None:
        """The caller is at the keyboard, or has just sent what they typed."""
        self._typed = monotonic() if busy else 0.0

    def note(self, text: str, context_id: object) -> None:
        """Something to know that is no turn; a newer one of the same id takes its place."""
        self._context[context_id if isinstance(context_id, str) else object()] = text

    def tool_result(self, message: dict[str, Any]) -> None:
        self._tools.answer(message)

    async def _text(self, reply: Reply | None, values: dict[str, object]) -> str:
        if reply is None:
            return self._agent.fallback
        if not reply.tool:
            return reply.text
        values["result"], is_error = await self._tools.call(reply.tool, filled_all(reply.parameters, values))
        return reply.on_error if is_error else reply.text

    def _choose(self, said: str) -> tuple[Reply | None, dict[str, object]]:
        context = " ".join(self._context.values()) or "nothing"
        values: dict[str, object] = {**self._session.variables, "text": said, "context": context}
        for reply in self._agent.replies:
            if found := reply.pattern.search(said):
                return reply, values | {name: value or "" for name, value in found.groupdict().items()}
        return None, values

    async def _say(self, text: str) -> None:
        if not text.strip():
            return
        while self._listening() or monotonic() - self._typed < TYPING_S:
            await asyncio.sleep(TICK_S)
        await self._mouth.say(text)
        self._characters += len(text)
        usage: dict[str, Any] = {"context_tokens": self._characters // 4, "context_limit_tokens": CONTEXT_LIMIT}
        await self._events.send("context_usage", event_id=self._events.next_id(), model="sandbox", **usage)

    def _fail(self, failure: Failure) -> None:
        if failure.kind == MUTE:
            self._events.mute()
        elif failure.kind == DROP:
            raise ConnectionDropped
        else:
            raise conversation_error(failure.code, failure.message, failure.error_type)

    async def _hang_up(self) -> None:
        await self._tools.hang_up()
        raise SessionEnd(CLOSE_NORMAL, HUNG_UP)
