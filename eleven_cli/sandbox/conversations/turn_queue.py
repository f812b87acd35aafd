"""Queues the agent's turns, which are taken one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress


class TurnQueue:
    """Runs turns in order; the current one can be cancelled."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._current: asyncio.Task[None] | None = None

    def add(self, turn: Callable[[], Awaitable[None]]) -> None:
        self._queue.put_nowait(turn)

    def cancel_current(self) -> None:
        """Cancels the current turn; the next in the queue follows."""
        if self._current is not None:
            self._current.cancel()

    async def run(self) -> None:
        """Runs turns until one raises an exception."""
        while True:
            turn = await self._queue.get()
            self._current = asyncio.ensure_future(_run(turn))
            try:
                await asyncio.wait([self._current])
            except asyncio.CancelledError:
                self._current.cancel()
                with suppress(asyncio.CancelledError):
                    await self._current
                raise
            if not self._current.cancelled():
                self._current.result()
            self._current = None


async def _run(turn: Callable[[], Awaitable[None]]) -> None:
    await turn()
