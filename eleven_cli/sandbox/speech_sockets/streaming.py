"""What both sockets have in common: texts are spoken one after the other while more are read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator
from typing import Any, TypeVar

from ..speech.speech import close, pulled
from ..speech.speech_encoder import Letter, Part, Recording

T = TypeVar("T")


async def spoken_while_read(read: AsyncIterator[T], speak: Callable[[T], Awaitable[None]]) -> None:
    """Speak everything that is read, in order, without keeping the reader waiting; the first error ends both."""
    waiting: asyncio.Queue[T | None] = asyncio.Queue()

    async def reading() -> None:
        async for item in read:
            waiting.put_nowait(item)
        waiting.put_nowait(None)

    async def speaking() -> None:
        while (item := await waiting.get()) is not None:
            await speak(item)

    tasks = [asyncio.create_task(reading()), asyncio.create_task(speaking())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            if task in done:
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def sent(parts: Generator[Part, None, None], send: Callable[[Part, bool], Awaitable[None]]) -> None:
    """Send parts as they are made; each is sent when it is known whether it is the last."""
    last: Part | None = None
    try:
        async for part in pulled(parts):
            if last is not None:
                await send(last, False)
            last = part
        if last is not None:
            await send(last, True)
    finally:
        close(parts)


def flushed(parts: Iterable[Part], recording: Recording) -> Generator[Part, None, None]:
    """The parts, and what the encoder holds back of them."""
    yield from parts
    yield from recording.push_out()


def times_ms(part: Part, letters: Iterable[Letter]) -> Iterator[tuple[str, int, int]]:
    """Each character with its start and duration in milliseconds, from where the part begins to play."""
    for letter in letters:
        start, end = round(1000 * (letter.start_s - part.start_s)), round(1000 * (letter.end_s - part.start_s))
        yield letter.character, start, end - start


def alignment(part: Part, names: tuple[str, str, str], *, heard: bool = False) -> dict[str, Any] | None:
    """The letters of a part as three lists under these names; None without letters. `heard` leaves tags out."""
    letters = [letter for letter in part.letters if letter.is_heard or not heard]
    return dict(zip(names, map(list, zip(*times_ms(part, letters), strict=True)), strict=True)) if letters else None
