"""Runs a generator in worker threads, and sends or collects its parts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import suppress
from functools import partial
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from ..accounts.account import Generation
from .workers import workers

T = TypeVar("T")


async def iterate_in_threads(parts: Iterator[T]) -> AsyncGenerator[T, None]:
    """Gives the parts, each made in a worker thread; the first part waits for no later part of another."""
    making, first = workers(), True
    while (part := await making.run(partial(next, parts, None), first=first)) is not None:
        yield part
        first = False


def close_generator(parts: Generator[object, None, None]) -> None:
    """Stops a generator that `iterate_in_threads` has not finished."""
    with suppress(ValueError):  # a thread is still running it, and closes it when it drops the last reference
        parts.close()


async def collect(parts: Generator[T, None, None], request: Request, generation: Generation) -> list[T]:
    """Collects the parts, each made in a worker thread, and ends the generation.

    Raises ClientDisconnect when the client has disconnected.
    """
    collected: list[T] = []
    finished = False
    try:
        async for part in iterate_in_threads(parts):
            collected.append(part)
            if await request.is_disconnected():
                raise ClientDisconnect
        finished = True
    finally:
        close_generator(parts)
        generation.end(finished=finished)
    return collected


class AudioStreamResponse(StreamingResponse):
    """Sends parts as the client takes them: each is made only when the one before has been sent.

    A client that disconnects stops the generator and frees its slot.
    """

    def __init__(self, parts: Generator[bytes, None, None], generation: Generation, media_type: str) -> None:
        super().__init__(self._iterate(parts), headers=generation.headers, media_type=media_type)
        self._parts, self._generation = parts, generation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            close_generator(self._parts)
            self._generation.end(finished=False)

    async def _iterate(self, parts: Iterator[bytes]) -> AsyncIterator[bytes]:
        async for part in iterate_in_threads(parts):
            yield part
        self._generation.end(finished=True)  # before the last bytes are sent, so that the id can be used at once
