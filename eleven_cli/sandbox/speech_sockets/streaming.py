"""Synthesizes texts in order while further ones are received, and sends the audio with its alignment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator
from contextlib import aclosing, closing
from typing import Any, TypeVar

from ..speech.speech_encoder import SpeechEncoder
from ..speech.streaming import close_generator, iterate_in_threads
from ..speech.timed_audio import TimedAudio, TimedCharacter

T = TypeVar("T")


async def speak_while_receiving(turns: AsyncIterator[T], speak: Callable[[T], Awaitable[None]]) -> None:
    """Speaks every turn, in order, while the next ones are received; the first error ends both."""
    queue: asyncio.Queue[T | None] = asyncio.Queue()

    async def receiving() -> None:
        async for turn in turns:
            queue.put_nowait(turn)
        queue.put_nowait(None)

    async def speaking() -> None:
        while (turn := await queue.get()) is not None:
            await speak(turn)

    tasks = [asyncio.create_task(receiving()), asyncio.create_task(speaking())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            if task in done:
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def send_parts(
    parts: Generator[TimedAudio, None, None], send: Callable[[TimedAudio, bool], Awaitable[None]]
) -> None:
    """Sends parts as they are made, each with whether it is the last."""
    marked = _marked(parts)
    try:
        async with aclosing(iterate_in_threads(marked)) as made:
            async for part, is_last in made:
                await send(part, is_last)
                if is_last:
                    break  # a further turn of a thread would only find nothing
    finally:
        close_generator(marked)


def _marked(parts: Generator[TimedAudio, None, None]) -> Generator[tuple[TimedAudio, bool], None, None]:
    """Makes each part a part ahead: the first does not wait for another turn, in which others have theirs."""
    with closing(parts):
        ahead = next(parts, None)
        while ahead is not None:
            part, ahead = ahead, next(parts, None)
            yield part, ahead is None


def with_flush(parts: Iterable[TimedAudio], encoder: SpeechEncoder) -> Generator[TimedAudio, None, None]:
    """Gives the parts, then what the encoder still holds of them."""
    yield from parts
    yield from encoder.flush()


def alignment(part: TimedAudio, names: tuple[str, str, str], *, normalized: bool = False) -> dict[str, Any] | None:
    """Gives characters, start times and durations in milliseconds as three lists under these names.

    None without characters. The times count from where the part begins to play; `normalized` leaves tags out.
    """
    characters = [one for one in part.characters if one.is_spoken or not normalized]
    columns = map(list, zip(*_times_ms(part, characters), strict=True))
    return dict(zip(names, columns, strict=True)) if characters else None


def _times_ms(part: TimedAudio, characters: Iterable[TimedCharacter]) -> Iterator[tuple[str, int, int]]:
    for one in characters:
        start, end = round(1000 * (one.start_s - part.start_s)), round(1000 * (one.end_s - part.start_s))
        yield one.character, start, end - start
