"""Whose turn it is: what the caller said waits here until the agent has answered it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress


class Turns:
    """A queue of turns that are taken one at a time; the current one can be broken off."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._current: asyncio.Task[None] | None = None

    def add(self, turn: Callable[[], Awaitable[None]]) -> None:
        self._waiting.put_nowait(turn)

    def break_off(self) -> None:
        """Give up the current turn; those that wait come next."""
        if self._current is not None:
            self._current.cancel()

    async def take(self) -> None:
        """Take turns for ever; whatever one raises, ends it."""
        while True:
            turn = await self._waiting.get()
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
