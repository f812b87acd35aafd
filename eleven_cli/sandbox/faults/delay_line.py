"""Sends messages later, in their order, without making who sends them wait."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from starlette.types import Message, Send

MOST_WAITING = 256  # beyond, the sender waits


class DelayLine:
    """Sends each message after `delay_s`. Leaving it sends what waits, and ends what was started with it."""

    def __init__(self, send: Send, delay_s: float) -> None:
        self._send, self._delay_s = send, delay_s
        self._waiting: asyncio.Queue[tuple[float, Message]] = asyncio.Queue(MOST_WAITING)
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: Exception | None = None

    async def __aenter__(self) -> DelayLine:
        if self._delay_s:
            self.start(self._run())
        return self

    async def __aexit__(self, *exc: object) -> None:
        try:
            await self._waiting.join()
        finally:
            for task in self._tasks:
                task.cancel()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Starts work that ends with the line."""
        task = asyncio.create_task(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def send(self, message: Message) -> None:
        """Raises what an earlier message failed with."""
        if self._failure is not None:
            raise self._failure
        if not self._delay_s:
            await self._send(message)
            return
        await self._waiting.put((asyncio.get_running_loop().time() + self._delay_s, message))

    async def _run(self) -> None:
        while True:
            due, message = await self._waiting.get()
            try:
                if self._failure is None:
                    await asyncio.sleep(due - asyncio.get_running_loop().time())
                    await self._send(message)
            except Exception as failure:
                self._failure = failure
            finally:
                self._waiting.task_done()


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    with suppress(OSError, RuntimeError):  # the client has gone
        await work
