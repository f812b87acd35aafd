"""Has the parts of all streams made by a few threads, first parts before further ones."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

from anyio import CancelScope
from anyio.lowlevel import RunVar

T = TypeVar("T")
THREADS = 2
LATE_S = 0.25


@dataclass(eq=False)
class _Job:
    """What a thread is to do, and who waits for it."""

    work: Callable[[], Any]
    future: asyncio.Future[Any]
    first: bool
    since: float = field(default_factory=monotonic)

    def do(self, loop: asyncio.AbstractEventLoop) -> None:
        """Does the work, and tells the event loop."""
        try:
            tell = partial(self._tell, result=self.work())
        except BaseException as error:
            tell = partial(self._tell, failure=error)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell)

    def _tell(self, result: Any = None, failure: BaseException | None = None) -> None:
        if failure is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(failure)


class Workers:
    """The threads of one event loop; with more of them each would only be slower, and the loop have to wait for all.

    First parts come first. As soon as a further one has waited for `LATE_S`, they have one thread only: those that
    need the synthesizer, which there is one of, would have the others wait for each other.
    """

    def __init__(self) -> None:
        self._loop, self._lock = asyncio.get_running_loop(), Lock()
        self._firsts: deque[_Job] = deque()
        self._further: deque[_Job] = deque()
        self._threads = self._at_firsts = 0

    async def run(self, work: Callable[[], T], *, first: bool) -> T:
        """Gives the result. Who is cancelled waits for a thread that is at it: it may use what is closed then."""
        queue = self._firsts if first else self._further
        job = _Job(partial(copy_context().run, work), self._loop.create_future(), first)
        with self._lock:
            queue.append(job)
            starts = self._threads < THREADS
            self._threads += starts
        if starts:
            self._loop.run_in_executor(None, self._work)
        try:
            await asyncio.wait([job.future])
        except asyncio.CancelledError:
            if not self._withdrawn(job, queue):
                await _settled(job.future)
            raise
        result: T = job.future.result()
        return result

    def _withdrawn(self, job: _Job, queue: deque[_Job]) -> bool:
        with self._lock:
            if job not in queue:
                return False
            queue.remove(job)
            return True

    def _work(self) -> None:
        done: _Job | None = None
        while (job := self._most_urgent(done)) is not None:
            job.do(self._loop)
            done = job

    def _most_urgent(self, done: _Job | None) -> _Job | None:
        with self._lock:
            self._at_firsts -= done is not None and done.first
            late = bool(self._further) and monotonic() - self._further[0].since > LATE_S
            queue = self._firsts if self._firsts and not (late and self._at_firsts) else self._further
            self._at_firsts += queue is self._firsts
            self._threads -= not queue
            return queue.popleft() if queue else None


async def _settled(future: asyncio.Future[Any]) -> None:
    with CancelScope(shield=True):
        while not future.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([future])
    future.exception()  # nobody else asks for it


_WORKERS: RunVar[Workers] = RunVar("workers")


def workers() -> Workers:
    """Gives those of the running event loop."""
    try:
        return _WORKERS.get()
    except LookupError:
        _WORKERS.set(made := Workers())
        return made
