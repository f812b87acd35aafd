"""Runs one conversation: dispatches the caller's messages, sends pings, and enforces the time limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic

from ..outgoing.outbox import Outbox
from ..sockets.json_socket import JsonSocket, Message
from .events import EventSender, duration_exceeded, idle_timeout
from .listener import Listener
from .messages import check_message
from .responder import TICK_S, Responder
from .session import SessionConfig
from .speaker import AudioSpeaker, Speaker, TextSpeaker
from .turn_queue import TurnQueue

PING_S = 2.0


class Conversation:
    """Runs until the caller or the agent ends it."""

    def __init__(self, socket: JsonSocket, events: EventSender, session: SessionConfig, outbox: Outbox) -> None:
        self._socket, self._events, self._session = socket, events, session
        self._speaker: Speaker = TextSpeaker(events) if session.text_only else AudioSpeaker(events, session)
        self._listener = Listener(events, session.agent.input_format, self._interrupt, self._respond_to)
        self._responder = Responder(events, session, self._speaker, lambda: self._listener.speaking, outbox)
        self._turns = TurnQueue()
        self._pings: dict[int, float] = {}
        self._ping_ms: int | None = None
        self._began = self._last_input = monotonic()
        self._handlers: dict[str, Callable[[Message], Awaitable[None]]] = {
            "pong": self._pong,
            "user_message": self._user_message,
            "multimodal_message": self._multimodal_message,
            "user_activity": self._user_activity,
            "contextual_update": self._contextual_update,
            "client_tool_result": self._client_tool_result,
        }

    async def run(self, early: Message | None) -> None:
        """Runs the conversation, and raises what ended it. `early` is a message that came instead of the initiation."""
        await self._begin()
        loops = (self._receive(early), self._ping(), self._watch(), self._turns.run())
        tasks = [asyncio.ensure_future(loop) for loop in loops]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._listener.stop()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        ended = next(iter(done))
        raise (None if ended.cancelled() else ended.exception()) or RuntimeError(
            "a loop of the conversation has stopped"
        )

    async def _begin(self) -> None:
        agent = self._session.agent
        await self._events.send(
            "conversation_initiation_metadata",
            conversation_id=self._session.conversation_id,
            agent_output_audio_format=agent.output_format,
            user_input_audio_format=agent.input_format,
        )
        if self._session.first_message:
            self._turns.add(self._responder.greet)

    async def _receive(self, early: Message | None) -> None:
        if early is not None:
            await self._handle(early)
        while True:
            await self._handle(await self._socket.receive())

    async def _handle(self, message: Message) -> None:
        """Checks and dispatches a message; one of an unknown type is ignored."""
        kind = message.get("type")
        if kind != "pong":
            self._last_input = monotonic()
        if "user_audio_chunk" in message:
            if not self._session.text_only:
                await self._listener.feed(message["user_audio_chunk"])
        elif isinstance(kind, str):
            check_message(message, kind)
            if kind in self._handlers:
                await self._handlers[kind](message)

    async def _pong(self, message: Message) -> None:
        sent = self._pings.pop(message["event_id"], None)
        if sent is not None:
            self._ping_ms = round(1000 * (monotonic() - sent))

    async def _user_message(self, message: Message) -> None:
        if text := message.get("text"):
            await self._respond_to_text(text)

    async def _multimodal_message(self, message: Message) -> None:
        written = message.get("text") or {}
        if written.get("text"):
            await self._user_message(written)
        elif message.get("file") or message.get("files"):
            await self._respond_to_text("(a file)")

    async def _user_activity(self, message: Message) -> None:
        self._responder.set_typing(True)

    async def _contextual_update(self, message: Message) -> None:
        self._responder.add_context(message["text"], message.get("context_id"))

    async def _client_tool_result(self, message: Message) -> None:
        self._responder.tool_result(message)

    async def _respond_to_text(self, text: str) -> None:
        """Interrupts the agent's voice; in text-only conversations the text waits for its turn."""
        self._responder.set_typing(False)
        self._events.record.heard(text)
        if not self._session.text_only:
            await self._interrupt()
            self._turns.cancel_current()
        self._turns.add(partial(self._responder.respond, text))

    def _respond_to(self, transcribe: Callable[[], Awaitable[str]]) -> None:
        async def turn() -> None:
            await self._responder.respond(await transcribe())

        self._turns.cancel_current()
        self._turns.add(turn)

    async def _interrupt(self) -> None:
        if not self._speaker.audible:
            return
        self._turns.cancel_current()
        event_id = self._events.next_id()
        response = self._speaker.interrupt()
        await self._events.send("interruption", event_id=event_id)
        if response is not None and response[0] != response[1]:
            texts = {"original_agent_response": response[0], "corrected_agent_response": response[1]}
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
                raise idle_timeout()
            if now - self._began > self._session.max_duration_s:
                raise duration_exceeded()
            await self._listener.check_missing_audio()
            await asyncio.sleep(TICK_S)
