"""How many generations may run at once, and the short line in front of them."""

from __future__ import annotations

import asyncio
from collections import deque

from ..http.problems import Problem

PATIENCE_S = 0.05  # the service, too, lets a request wait about this long before it refuses


class Places:
    """The places of one account in one group. `taken` of `limit` are in use. Belongs to one event loop."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0
        self._line: deque[asyncio.Future[None]] = deque()

    async def take(self) -> int:
        """Take a place, waiting for one for a moment; gives how many are in use now. 429 when none gets free."""
        if self.taken >= self.limit:
            await self._wait()
        else:
            self.taken += 1
        return self.taken

    def give_back(self) -> None:
        """Whoever has waited longest gets the place."""
        while self._line:
            waiting = self._line.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return
        self.taken -= 1

    async def _wait(self) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(waiting)
        try:
            await asyncio.wait([waiting], timeout=PATIENCE_S)
        except asyncio.CancelledError:
            if waiting.done():
                self.give_back()
            raise
        finally:
            got_one = waiting.done()
            waiting.cancel()
        if not got_one:
            raise self._too_many()

    def _too_many(self) -> Problem:
        headers = {
            "retry-after": "1",
            "current-concurrent-requests": str(self.taken),
            "maximum-concurrent-requests": str(self.limit),
        }
        message = (
            "Too many concurrent requests. Your current subscription is associated with a maximum of "
            f"{self.limit} concurrent requests (running in parallel)."
        )
        status = "too_many_concurrent_requests"
        return Problem(429, "concurrent_limit_exceeded", message, status=status, headers=headers)
