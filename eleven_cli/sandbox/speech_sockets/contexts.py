"""Several sessions over one socket: each is a context with messages, an audio stream and an end of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..http.problems import Problem, SchemaError, invalid_parameter
from ..http.validate import Checker
from ..sockets.json_socket import ErrorFormat, Message, SessionEnd

MAX_CONTEXTS = 5
IDS = ("context_id", "contextId")  # both spellings are in use
Init = TypeVar("Init")
T = TypeVar("T")


@dataclass(frozen=True)
class ContextMessage:
    """A message to one context, to the unnamed one without an id, or (`close_socket`) to all."""

    body: Message
    context_id: str | None
    close_context: bool
    close_socket: bool


def read_context_message(body: Message) -> ContextMessage:
    """Reads whom a message is for. Raises SchemaError for one that is invalid."""
    check = Checker("message", strict=True)
    for name in IDS:
        check.optional(body, name, Checker.string)
    for name in ("close_context", "close_socket"):
        check.optional(body, name, Checker.boolean)
    check.finish()
    context_id = next((body[name] for name in IDS if body.get(name)), None)
    return ContextMessage(body, context_id, body.get("close_context") is True, body.get("close_socket") is True)


class Inbox(Generic[Init, T]):
    """The messages of one context until it is closed, or has got none for `idle_timeout_s`; `init` was the first."""

    def __init__(self, init: Init, idle_timeout_s: float | None) -> None:
        self.init, self._idle_timeout_s = init, idle_timeout_s
        self._queue: asyncio.Queue[T | None] = asyncio.Queue()

    def put(self, message: T | None) -> None:
        """Adds a message; None is the end."""
        self._queue.put_nowait(message)

    async def messages(self, discard: Callable[[], None]) -> AsyncIterator[T]:
        """Gives the messages; calls `discard` when too long none came: what is not spoken yet never will be."""
        while True:
            try:
                async with asyncio.timeout(self._idle_timeout_s):
                    message = await self._queue.get()
            except TimeoutError:
                discard()
                return
            if message is None:
                return
            yield message


class Contexts(Generic[Init, T]):
    """The contexts of one connection, which speak side by side; those of the same id one after the other."""

    def __init__(self, tasks: asyncio.TaskGroup, idle_timeout_s: float | None = None) -> None:
        self._tasks, self._idle_timeout_s = tasks, idle_timeout_s
        self._open: dict[str, Inbox[Init, T]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def find(self, context_id: str) -> Inbox[Init, T] | None:
        """Gives the open context with the id, if there is one."""
        return self._open.get(context_id)

    def is_running(self, context_id: str) -> bool:
        """Tells whether it is open, or closed and not at its end yet."""
        return context_id in self._running

    def open(self, context_id: str, init: Init, run: Callable[[Inbox[Init, T]], Awaitable[None]]) -> Inbox[Init, T]:
        """Opens a context, which `run` speaks. Raises Problem (400) when there are too many."""
        if len(self._open) >= MAX_CONTEXTS:
            raise invalid_parameter("context_id", f"A connection has at most {MAX_CONTEXTS} open contexts.")
        inbox = self._open[context_id] = Inbox[Init, T](init, self._idle_timeout_s)
        before = self._running.get(context_id)
        self._running[context_id] = self._tasks.create_task(self._run(context_id, inbox, run, before))
        return inbox

    def close(self, context_id: str) -> None:
        """Lets a context speak what it has, and end; does nothing without one."""
        if inbox := self._open.pop(context_id, None):
            inbox.put(None)

    def close_all(self) -> None:
        for context_id in list(self._open):
            self.close(context_id)

    async def _run(
        self,
        context_id: str,
        inbox: Inbox[Init, T],
        run: Callable[[Inbox[Init, T]], Awaitable[None]],
        before: asyncio.Task[None] | None,
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        await run(inbox)
        if self._open.get(context_id) is inbox:
            del self._open[context_id]
        if self._running.get(context_id) is asyncio.current_task():
            del self._running[context_id]


@asynccontextmanager
async def side_by_side() -> AsyncIterator[asyncio.TaskGroup]:
    """Waits for all tasks of the group; the first error ends them all, and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as tasks:
            yield tasks
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None


def with_ids(error: Problem | SchemaError, errors: ErrorFormat, ids: Mapping[str, Any]) -> SessionEnd:
    """Makes the end of the connection of what one of its contexts did, which `ids` name."""
    end = errors.refused(error)
    body: Message = {**(end.error or {}), **ids}
    return SessionEnd(end.code, end.reason, body)
