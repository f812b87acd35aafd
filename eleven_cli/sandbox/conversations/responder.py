"""Takes the agent's turns: chooses a reply or asks a model, calls a tool, speaks, hangs up, or fails as demanded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

from ..agents.agent import DROP, MUTE, Reply, ScriptedFailure, fill, fill_all
from ..outgoing.chat_model import ModelFailed
from ..outgoing.outbox import Outbox
from ..outgoing.tool_answer import named_call
from ..sockets.json_socket import CLOSE_NORMAL, SessionEnd
from .events import CLOSE_PROTOCOL_ERROR, ConnectionDropped, EventSender, conversation_error
from .model_turns import ModelTurns
from .session import SessionConfig
from .speaker import Speaker
from .tools import AgentTools

TYPING_S = 2.0  # the agent does not begin to speak within this time of a sign that the caller is typing
TICK_S = 0.05
CONTEXT_LIMIT = 100_000
LONGEST_FAREWELL_S = 15.0
HUNG_UP = "The agent ended the call."


class Responder:
    """The agent's side of one conversation. `is_caller_speaking` tells whether the agent has to wait."""

    def __init__(
        self,
        events: EventSender,
        session: SessionConfig,
        speaker: Speaker,
        is_caller_speaking: Callable[[], bool],
        outbox: Outbox,
    ) -> None:
        self._events, self._session, self._agent = events, session, session.agent
        self._speaker, self._is_caller_speaking = speaker, is_caller_speaking
        self._tools = AgentTools(events, session, outbox)
        self._model = ModelTurns.of(session, events.record, self._tools, outbox)
        self._context: dict[object, str] = {}
        self._last_typing = 0.0
        self._characters = 0

    async def greet(self) -> None:
        """Speaks the first message."""
        await self._speak(self._session.first_message)
        if self._agent.hangs_up:
            await self._hang_up()

    async def respond(self, text: str) -> None:
        """Responds to what the caller said. Raises SessionEnd or ConnectionDropped when that ends the conversation."""
        reply, values = self._choose(text)
        if reply is None and self._model is not None:
            return await self._ask(self._model)
        await self._speak(fill(await self._text(reply, values), values))
        if reply is not None and reply.failure is not None:
            self._fail(reply.failure)
        if self._agent.hangs_up or (reply is not None and reply.ends):
            await self._hang_up()

    def set_typing(self, typing: bool) -> None:
        """Notes that the caller is typing, or has sent what they typed."""
        self._last_typing = monotonic() if typing else 0.0

    def add_context(self, text: str, context_id: object) -> None:
        """Adds a contextual update, which is no turn; a newer one with the same id replaces it."""
        self._context[context_id if isinstance(context_id, str) else object()] = text

    async def _ask(self, model: ModelTurns) -> None:
        """Speaks what the model answers. Raises SessionEnd when it fails, or hangs up."""
        try:
            async for words in model.replies(" ".join(self._context.values())):
                await self._wait_for_caller()
                await self._spoken(await self._speaker.speak_parts(words))
        except ModelFailed as failed:
            kind = "custom_llm_error" if failed.in_time else "llm_timeout"
            raise conversation_error(CLOSE_PROTOCOL_ERROR, f"The custom LLM failed: {failed}", kind) from failed
        if model.hangs_up or self._agent.hangs_up:
            await self._hang_up()

    def tool_result(self, message: dict[str, Any]) -> None:
        self._tools.handle_result(message)

    async def _text(self, reply: Reply | None, values: dict[str, object]) -> str:
        if reply is None:
            return await self._by_name(str(values["text"])) or self._agent.fallback
        if not reply.tool:
            return reply.text
        values["result"], is_error = await self._tools.call(reply.tool, fill_all(reply.parameters, values))
        return reply.on_error if is_error else reply.text

    async def _by_name(self, text: str) -> str:
        """Calls the tool that the caller names, of an agent without a script; gives its result, "" without one."""
        kinds = ("webhook", "client")
        names = [str(tool["name"]) for tool in self._agent.tools if tool.get("type") in kinds and tool.get("name")]
        call = None if self._agent.replies else named_call(text, names)
        if call is None:
            return ""
        result, is_error = await self._tools.call(*call)
        return f"It did not work: {result}" if is_error else result

    def _choose(self, text: str) -> tuple[Reply | None, dict[str, object]]:
        context = " ".join(self._context.values()) or "nothing"
        values: dict[str, object] = {**self._session.variables, "text": text, "context": context}
        for reply in self._agent.replies:
            if found := reply.pattern.search(text):
                return reply, values | {name: value or "" for name, value in found.groupdict().items()}
        return None, values

    async def _speak(self, text: str) -> None:
        if not text.strip():
            return
        await self._wait_for_caller()
        await self._speaker.speak(text)
        await self._spoken(text)

    async def _wait_for_caller(self) -> None:
        while self._is_caller_speaking() or monotonic() - self._last_typing < TYPING_S:
            await asyncio.sleep(TICK_S)

    async def _spoken(self, text: str) -> None:
        if not text:
            return
        self._characters += len(text)
        usage: dict[str, Any] = {"context_tokens": self._characters // 4, "context_limit_tokens": CONTEXT_LIMIT}
        await self._events.send("context_usage", event_id=self._events.next_id(), model="sandbox", **usage)

    def _fail(self, failure: ScriptedFailure) -> None:
        if failure.kind == MUTE:
            self._events.mute()
        elif failure.kind == DROP:
            raise ConnectionDropped
        else:
            raise conversation_error(failure.code, failure.message, failure.error_type)

    async def _hang_up(self) -> None:
        """Clients stop playing when the call ends: the caller hears the last words first."""
        await asyncio.sleep(min(self._speaker.audible_s, LONGEST_FAREWELL_S))
        await self._tools.hang_up()
        raise SessionEnd(CLOSE_NORMAL, HUNG_UP)
