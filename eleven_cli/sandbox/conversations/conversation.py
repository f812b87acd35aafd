"""One conversation: what the caller sends, what the clock says, and when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic

from ..sockets.json_socket import JsonSocket, Message
from .events import EventSender, idle, invalid, too_long
from .listener import Hearing
from .responder import TICK_S, Answers
from .session import Session
from .speaker import Mouth, Speaker, Writer
from .turn_queue import Turns

PING_S = 2.0


class Conversation:
    """Runs until one of the two ends it."""

    def __init__(self, socket: JsonSocket, events: EventSender, session: Session) -> None:
        self._socket, self._events, self._session = socket, events, session
        self._mouth: Mouth = Writer(events) if session.text_only else Speaker(events, session)
        self._hearing = Hearing(events, session.agent.input_format, self._interrupt, self._said)
        self._answers = Answers(events, session, self._mouth, lambda: self._hearing.speaking)
        self._turns = Turns()
        self._pings: dict[int, float] = {}
        self._ping_ms: int | None = None
        self._began = self._last_input = monotonic()
        self._handlers: dict[str, Callable[[Message], Awaitable[None]]] = {
            "pong": self._pong,
            "user_message": self._user_message,
            "multimodal_message": self._multimodal,
            "user_activity": self._activity,
            "contextual_update": self._update,
            "client_tool_result": self._tool_result,
        }

    async def run(self, early: Message | None) -> None:
        """Raises what ended it. `early` is a message that came instead of the initiation."""
        await self._greet()
        work = (self._read(early), self._ping(), self._watch(), self._turns.take())
        tasks = [asyncio.ensure_future(one) for one in work]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hearing.stop()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        ended = next(iter(done))
        raise (None if ended.cancelled() else ended.exception()) or RuntimeError("a part of the conversation stopped")

    async def _greet(self) -> None:
        agent = self._session.agent
        await self._events.send(
            "conversation_initiation_metadata",
            conversation_id=self._session.conversation_id,
            agent_output_audio_format=agent.output_format,
            user_input_audio_format=agent.input_format,
        )
        if self._session.first_message:
            self._turns.add(self._answers.first_message)

    async def _read(self, early: Message | None) -> None:
        if early is not None:
            await self._take(early)
        while True:
            await self._take(await self._socket.receive())

    async def _take(self, message: Message) -> None:
        """One message; of a kind nobody knows it is ignored."""
        kind = message.get("type")
        if kind != "pong":
            self._last_input = monotonic()
        if "user_audio_chunk" in message:
            if not self._session.text_only:
                await self._hearing.listen(message["user_audio_chunk"])
        elif isinstance(kind, str) and kind in self._handlers:
            await self._handlers[kind](message)

    async def _pong(self, message: Message) -> None:
        event_id = message.get("event_id")
        sent = self._pings.pop(event_id, None) if isinstance(event_id, int) else None
        if sent is not None:
            self._ping_ms = round(1000 * (monotonic() - sent))

    async def _user_message(self, message: Message) -> None:
        text = message.get("text")
        if not isinstance(text, str | None):
            raise invalid("The text of user_message is not a string.")
        if text:
            await self._typed(text)

    async def _multimodal(self, message: Message) -> None:
        text = message.get("text")
        if isinstance(text, dict) and text.get("text"):
            await self._user_message(text)
        elif message.get("file") or message.get("files"):
            await self._typed("(a file)")

    async def _activity(self, message: Message) -> None:
        self._answers.typing(True)

    async def _update(self, message: Message) -> None:
        if not isinstance(message.get("text"), str):
            raise invalid("contextual_update needs a text.", "missing_fields")
        self._answers.note(message["text"], message.get("context_id"))

    async def _tool_result(self, message: Message) -> None:
        self._answers.tool_result(message)

    async def _typed(self, text: str) -> None:
        """Interrupts a voice; in a chat it waits for its turn."""
        self._answers.typing(False)
        if not self._session.text_only:
            await self._interrupt()
            self._turns.break_off()
        self._turns.add(partial(self._answers.answer, text))

    def _said(self, words: Callable[[], Awaitable[str]]) -> None:
        async def turn() -> None:
            await self._answers.answer(await words())

        self._turns.break_off()
        self._turns.add(turn)

    async def _interrupt(self) -> None:
        if not self._mouth.audible:
            return
        self._turns.break_off()
        event_id = self._events.next_id()
        said = self._mouth.cut_short()
        await self._events.send("interruption", event_id=event_id)
        if said is not None and said[0] != said[1]:
            texts = {"original_agent_response": said[0], "corrected_agent_response": said[1]}
            await self._events.send("agent_response_correction", **texts, event_id=event_id)

    async def _ping(self) -> None:
        event_id = 0
        while True:
            event_id += 1
            self._pings = {event_id: monotonic()}
            await self._events.send("ping", event_id=event_id, ping_ms=self._ping_ms)
            await asyncio.sleep(PING_S)

    async def _watch(self) -> None:
        while True:
            now = monotonic()
            if now - self._last_input > self._session.agent.idle_s:
                raise idle()
            if now - self._began > self._session.max_duration_s:
                raise too_long()
            await self._hearing.look()
            await asyncio.sleep(TICK_S)
