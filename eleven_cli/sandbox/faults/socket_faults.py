"""What goes wrong with the messages of a WebSocket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .delay_line import DelayLine
from .fault import Fault

UNKNOWN = json.dumps({"type": "sandbox_unknown_event", "sandbox_unknown_event_event": {"event_id": 1}})
HELD_S = 0.3  # longer than a pause between messages that belong together, shorter than anybody waits
_BREAKS = ("close", "drop", "stall")


class FaultySocket:
    """One WebSocket with faults by their names; `cut` ends the connection without a close frame."""

    def __init__(self, faults: Mapping[str, Fault], receive: Receive, send: Send, cut: Callable[..., None]) -> None:
        self._faults, self._receive, self._cut = faults, receive, cut
        self._line = DelayLine(send, faults["latency"].seconds if "latency" in faults else 0.0)
        self._break = next((faults[name] for name in _BREAKS if name in faults), None)
        self._messages = 0
        self._held: Message | None = None
        self._sending = asyncio.Lock()
        self._is_broken = False

    async def serve(self, app: ASGIApp, scope: Scope) -> None:
        async with self._line:
            await app(scope, self._receive, self._forward)
            if self._is_broken and self._break and self._break.name == "stall":
                while (await self._receive())["type"] != "websocket.disconnect":
                    pass

    async def _forward(self, message: Message) -> None:
        if self._is_broken:
            if self._break and self._break.name == "stall":
                return
            raise OSError("the connection has ended")
        if message["type"] == "websocket.send":
            await self._deliver(message)
            return
        if message["type"] == "websocket.close":
            await self._release()
        await self._line.send(message)

    async def _deliver(self, message: Message) -> None:
        if "ping_silence" in self._faults and _is_ping(message):
            return
        self._messages += 1
        if self._break and self._messages == self._break.at:
            return await self._break_with(self._break)
        slow = self._faults.get("slow_first_byte" if self._messages == 1 else "slow_stream")
        if slow:
            await asyncio.sleep(slow.seconds)
        if "reorder" in self._faults and self._messages % 2 == 0:
            self._hold(message)
        else:
            await self._send(message)
            await self._release()

    async def _break_with(self, fault: Fault) -> None:
        self._is_broken = True
        await self._release()
        if fault.name == "drop":
            self._cut()
        elif fault.name == "close":
            await self._line.send({"type": "websocket.close", "code": fault.value, "reason": "told to close"})

    async def _send(self, message: Message) -> None:
        for _ in range(2 if "duplicate" in self._faults else 1):
            await self._line.send(message)
        if "unknown_event" in self._faults:
            await self._line.send({"type": "websocket.send", "text": UNKNOWN})

    def _hold(self, message: Message) -> None:
        self._held = message
        self._line.start(self._release_later(message))

    async def _release_later(self, message: Message) -> None:
        await asyncio.sleep(HELD_S)
        if self._held is message and not self._is_broken:
            await self._release()

    async def _release(self) -> None:
        async with self._sending:
            held, self._held = self._held, None
            if held is not None:
                await self._send(held)


def _is_ping(message: Message) -> bool:
    try:
        content = json.loads(message.get("text") or "")
    except ValueError:
        return False
    return isinstance(content, dict) and content.get("type") == "ping"
