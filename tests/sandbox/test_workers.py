"""Threads that make the parts of many streams: whose turn it is, and what becomes of those who give up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import partial
from threading import Event
from typing import Any

import pytest

from eleven_cli.sandbox.speech import workers as workers_module
from eleven_cli.sandbox.speech.workers import THREADS, Workers, workers
from tests.support.guard import GUARD_S

NAME: ContextVar[str] = ContextVar("name")


class Busy:
    """Workers whose threads are all at work, at `first` parts; `free_one` lets one of them go on."""

    def __init__(self, *, first: bool = True) -> None:
        self.workers, self._first = workers(), first
        self._go = [Event() for _ in range(THREADS)]
        self.done: list[str] = []

    async def __aenter__(self) -> Busy:
        begun = [Event() for _ in self._go]
        self._tasks = [
            asyncio.create_task(self.workers.run(partial(_hold, one, go), first=self._first))
            for one, go in zip(begun, self._go, strict=True)
        ]
        for one in begun:
            assert await asyncio.to_thread(one.wait, GUARD_S)
        return self

    async def __aexit__(self, *failed: object) -> None:
        for go in self._go:
            go.set()
        await asyncio.gather(*self._tasks)

    def free_one(self) -> None:
        self._go[0].set()

    async def ask(self, name: str, *, first: bool) -> asyncio.Task[None]:
        """Has something done whose name is noted; gives the task once it waits for a thread."""
        task = asyncio.create_task(self.workers.run(partial(self.done.append, name), first=first))
        await asyncio.sleep(0)
        return task


def _hold(begun: Event, go: Event) -> None:
    begun.set()
    assert go.wait(GUARD_S)


def run(test: Callable[[Busy], Awaitable[None]], *, first: bool = True) -> None:
    async def main() -> None:
        async with asyncio.timeout(GUARD_S), Busy(first=first) as busy:
            await test(busy)

    asyncio.run(main())


async def _order(busy: Busy) -> None:
    asked = [await busy.ask(name, first=name.startswith("first")) for name in ("a", "b", "first c", "first d")]
    busy.free_one()
    await asyncio.gather(*asked)


def test_first_parts_come_first() -> None:
    async def test(busy: Busy) -> None:
        await _order(busy)
        assert busy.done == ["first c", "first d", "a", "b"]

    run(test)


def test_who_has_waited_too_long_need_not_wait_for_first_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "LATE_S", -1.0)

    async def test(busy: Busy) -> None:
        await _order(busy)  # beside the thread that is at a first part
        assert busy.done == ["a", "b", "first c", "first d"]

    run(test)


def test_first_parts_keep_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "LATE_S", -1.0)

    async def test(busy: Busy) -> None:
        await _order(busy)
        assert busy.done == ["first c", "first d", "a", "b"]

    run(test, first=False)


@pytest.mark.parametrize("first", [True, False])
def test_who_gives_up_waiting_has_nothing_done(first: bool) -> None:
    async def test(busy: Busy) -> None:
        asked = [await busy.ask(name, first=first) for name in "abc"]
        asked[1].cancel()
        await asyncio.wait([asked[1]])
        busy.free_one()
        await asyncio.gather(*asked[::2])
        assert asked[1].cancelled()
        assert busy.done == ["a", "c"]

    run(test)


@pytest.mark.parametrize("fails", [False, True], ids=["it-ends", "it-fails"])
def test_who_gives_up_waits_for_the_thread_that_is_at_it(fails: bool) -> None:
    begun, go, ended = Event(), Event(), Event()

    def work() -> None:
        _hold(begun, go)
        ended.set()
        if fails:
            raise OSError("no voice")

    async def main() -> None:
        failures: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: failures.append(context))
        task = asyncio.create_task(Workers().run(work, first=True))
        assert await asyncio.to_thread(begun.wait, GUARD_S)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
        assert not task.done()
        go.set()
        await asyncio.wait([task], timeout=GUARD_S)
        assert task.cancelled()
        assert ended.is_set()
        del task
        assert not failures

    asyncio.run(main())


def test_a_failure_reaches_who_asked_and_the_thread_goes_on() -> None:
    def fail() -> None:
        raise OSError("no voice")

    async def test(busy: Busy) -> None:
        failing = asyncio.create_task(busy.workers.run(fail, first=True))
        await asyncio.sleep(0)
        after = await busy.ask("after", first=True)
        busy.free_one()
        with pytest.raises(OSError, match="no voice"):
            await failing
        await after
        assert busy.done == ["after"]

    run(test)


def test_work_is_done_in_the_context_of_who_asked() -> None:
    async def asked_by(name: str) -> str:
        NAME.set(name)
        return await workers().run(NAME.get, first=True)

    async def main() -> list[str]:
        return await asyncio.gather(*(asyncio.create_task(asked_by(name)) for name in "abcd"))

    assert asyncio.run(main()) == list("abcd")
