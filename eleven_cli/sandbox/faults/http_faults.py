"""What goes wrong with an answer on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .fault import Fault

PIECE_BYTES = 4096
_BREAKS = ("drop", "stall", "truncated_chunk")


class FaultyBody:
    """One answer with faults by their names; `cut` ends the connection, with some last bytes."""

    def __init__(self, faults: Mapping[str, Fault], receive: Receive, send: Send, cut: Callable[..., None]) -> None:
        self._faults, self._receive, self._send, self._cut = faults, receive, send, cut
        self._break = next((faults[name] for name in _BREAKS if name in faults), None)
        self._pieces = 0
        self._is_broken = False

    async def serve(self, app: ASGIApp, scope: Scope) -> None:
        await app(scope, self._receive, self._forward)
        if self._is_broken and self._break and self._break.name == "stall":
            while (await self._receive())["type"] != "http.disconnect":
                pass

    async def _forward(self, message: Message) -> None:
        if self._is_broken:
            return
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif message["type"] == "http.response.body":
            await self._continue(message)

    async def _begin(self, message: Message) -> None:
        for name in ("latency", "slow_first_byte"):
            if name in self._faults:
                await asyncio.sleep(self._faults[name].seconds)
        headers = MutableHeaders(scope=message)
        if "wrong_content_type" in self._faults:
            headers["content-type"] = "text/plain; charset=utf-8"
        if "truncated_chunk" in self._faults and "content-length" in headers:
            del headers["content-length"]  # what has a length has no chunks
        await self._send(message)

    async def _continue(self, message: Message) -> None:
        slow = self._faults.get("slow_stream")
        pieces = [*_cut_up(message.get("body", b""), PIECE_BYTES)] if slow else [message.get("body", b"")]
        for at, piece in enumerate(pieces, 1):
            if slow and self._pieces:
                await asyncio.sleep(slow.seconds)
            self._pieces += bool(piece)
            if self._break and piece and self._pieces == self._break.at:
                return await self._break_within(piece, self._break)
            more = at < len(pieces) or message.get("more_body", False)
            await self._send({**message, "body": piece, "more_body": more})

    async def _break_within(self, piece: bytes, fault: Fault) -> None:
        self._is_broken = True
        half = piece[: max(1, len(piece) // 2)]
        if fault.name == "truncated_chunk":
            self._cut(b"%x\r\n%b" % (len(piece) + 1, half))
            return
        await self._send({"type": "http.response.body", "body": half, "more_body": True})
        if fault.name == "drop":
            self._cut()


def _cut_up(data: bytes, length: int) -> Iterator[bytes]:
    yield data[:length]
    for start in range(length, len(data), length):
        yield data[start : start + length]
