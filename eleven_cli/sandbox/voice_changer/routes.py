"""The endpoints of the voice changer and the isolator.

A wrong key, voice or output format is refused at once, while the sound is still on its way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import BinaryIO

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ..accounts.account import Account, Accounts
from ..accounts.ledger import Charge
from ..http.uploads import read_form
from ..sound.codecs import FORMATS, Format, wav_header
from ..sound.media import Media, check_length
from ..speech.request import DEFAULT_FORMAT
from ..speech.streaming import AudioStreamResponse, close_generator, iterate_in_threads
from .conversion import cleaned, revoiced
from .request import (
    MAX_BYTES,
    MAX_CHANGED_S,
    MAX_CLEANED_S,
    SLACK_S,
    charge_for,
    check_query,
    read_change,
    read_noisy,
    read_target,
)

CHANGE, ISOLATE = "speech_to_speech", "audio_isolation"
ISOLATOR = "audio_isolation_v1"
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class _Order:
    """A conversion that is allowed, and what it costs."""

    parts: Generator[bytes, None, None]
    format: Format
    charge: Charge
    group: str
    stitchable: bool


class ConversionRoutes:
    """The endpoints, each whole and streamed."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def change(self, *, streamed: bool) -> Handler:
        async def endpoint(request: Request) -> Response:
            check_query(request.query_params)
            account = self._accounts.identify(request.headers, CHANGE)
            voice_id = request.path_params["voice_id"]
            target = read_target(voice_id, request.query_params, account, streamed=streamed)
            change = read_change(await read_form(request, MAX_BYTES))
            media = await to_thread.run_sync(lambda: _media(change.file, change.raw, MAX_CHANGED_S))
            order = _Order(
                revoiced(media, voice_id, target.format, change.similarity, change.quiet),
                target.format,
                charge_for("sts", change.model.model_id, voice_id, media.duration_s),
                change.model.group,
                target.logged,
            )
            return await _answer(request, account, order, streamed=streamed)

        return endpoint

    def isolate(self, *, streamed: bool) -> Handler:
        async def endpoint(request: Request) -> Response:
            account = self._accounts.identify(request.headers, ISOLATE)
            file, raw = read_noisy(await read_form(request, MAX_BYTES))
            media = await to_thread.run_sync(lambda: _media(file, raw, MAX_CLEANED_S))
            format = FORMATS[DEFAULT_FORMAT]
            charge = charge_for("isolation", ISOLATOR, "", media.duration_s)
            order = _Order(cleaned(media, format), format, charge, "standard", True)
            return await _answer(request, account, order, streamed=streamed)

        return endpoint


def _media(file: BinaryIO, raw: bool, limit_s: float) -> Media:
    media = Media(file, raw=raw)
    check_length(media, limit_s + SLACK_S)
    return media


async def _answer(request: Request, account: Account, order: _Order, *, streamed: bool) -> Response:
    generation = await account.begin(order.group, order.charge, stitchable=order.stitchable)
    if streamed:
        return AudioStreamResponse(order.parts, generation, order.format.media_type)
    try:
        audio = await _whole(request, order)
    finally:
        generation.end(finished=False)
    return Response(audio, headers=generation.headers, media_type=order.format.media_type)


async def _whole(request: Request, order: _Order) -> bytes:
    parts: list[bytes] = []
    try:
        async for part in iterate_in_threads(order.parts):
            parts.append(part)
            if await request.is_disconnected():
                raise ClientDisconnect
    finally:
        close_generator(order.parts)
    audio = b"".join(parts)
    return wav_header(order.format.rate, len(audio)) + audio if order.format.is_wav else audio
