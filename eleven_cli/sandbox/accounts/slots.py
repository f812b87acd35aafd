"""Limits how many generations run at once; a request waits for a moment before it is refused."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..http.problems import Problem

WAIT_S = 0.05  # the service waits about as long before it refuses


class Slots:
    """The slots of one account in one group: `used` of `limit`. Belongs to one event loop."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self._queue: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Holds a slot within the block. Raises what `acquire` raises."""
        await self.acquire()
        try:
            yield
        finally:
            self.release()

    async def acquire(self) -> int:
        """Takes a slot; gives how many are used now. Raises Problem (429) if none is released within 50 ms."""
        if self.used >= self.limit:
            await self._wait()
        else:
            self.used += 1
        return self.used

    def release(self) -> None:
        """Passes the slot to the request that has waited longest, if any."""
        while self._queue:
            waiting = self._queue.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return
        self.used -= 1

    async def _wait(self) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(waiting)
        try:
            await asyncio.wait([waiting], timeout=WAIT_S)
        except asyncio.CancelledError:
            if waiting.done():
                self.release()
            raise
        finally:
            acquired = waiting.done()
            waiting.cancel()
        if not acquired:
            raise self._too_many()

    def _too_many(self) -> Problem:
        headers = {
            "retry-after": "1",
            "current-concurrent-requests": str(self.used),
            "maximum-concurrent-requests": str(self.limit),
        }
        message = (
            "Too many concurrent requests. Your current subscription is associated with a maximum of "
            f"{self.limit} concurrent requests (running in parallel)."
        )
        status = "too_many_concurrent_requests"
        return Problem(429, "concurrent_limit_exceeded", message, status=status, headers=headers)


class SharedSlot:
    """One slot that the generations of one connection hold together: taken by the first, released by the last."""

    def __init__(self, slots: Slots) -> None:
        self._slots, self._holders, self._taking = slots, 0, asyncio.Lock()

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Holds it within the block. Raises what `Slots.acquire` raises."""
        async with self._taking:
            if not self._holders:
                await self._slots.acquire()
            self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1
            if not self._holders:
                self._slots.release()
