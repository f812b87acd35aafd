"""The endpoints of the voice changer and the isolator.

A wrong key, voice or output format is refused at once, while the file is still being uploaded.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import BinaryIO

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from ..accounts.account import Account
from ..accounts.accounts import Accounts
from ..accounts.ledger import Charge
from ..history.keeping import keeping
from ..history.store import CHANGED, Asked
from ..http.uploads import read_form
from ..sound.codecs import complete_file
from ..sound.formats import FORMATS, Format
from ..sound.media import Media, check_length
from ..speech.request import DEFAULT_FORMAT
from ..speech.routes import Handler
from ..speech.streaming import AudioStreamResponse, collect
from .conversion import change_voice, isolate_voice
from .request import (
    MAX_BYTES,
    MAX_CHANGED_S,
    MAX_CLEANED_S,
    SLACK_S,
    check_query,
    price_audio,
    read_conversion_request,
    read_conversion_target,
    read_isolation_request,
)

CHANGE, ISOLATE = "speech_to_speech", "audio_isolation"
ISOLATOR = "audio_isolation_v1"


@dataclass(frozen=True)
class _Conversion:
    """A granted conversion and its price."""

    parts: Generator[bytes, None, None]
    format: Format
    charge: Charge
    group: str
    stitchable: bool
    asked: Asked | None = None


class ConversionRoutes:
    """The endpoints, each whole and streamed."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def change(self, *, streamed: bool) -> Handler:
        async def endpoint(request: Request) -> Response:
            check_query(request.query_params)
            account = self._accounts.identify(request.headers, CHANGE)
            voice_id = request.path_params["voice_id"]
            target = read_conversion_target(voice_id, request.query_params, account, streamed=streamed)
            change = read_conversion_request(await read_form(request, MAX_BYTES))
            media = await to_thread.run_sync(lambda: _media(change.file, change.raw, MAX_CHANGED_S))
            conversion = _Conversion(
                change_voice(media, target.voice, target.format, change.similarity, change.quiet),
                target.format,
                price_audio("sts", change.model.model_id, voice_id, media.duration_s),
                change.model.group,
                target.logged,
                Asked(CHANGED, None, change.model.model_id, target.voice, target.format) if target.logged else None,
            )
            return await _answer(request, account, conversion, streamed=streamed)

        return endpoint

    def isolate(self, *, streamed: bool) -> Handler:
        async def endpoint(request: Request) -> Response:
            account = self._accounts.identify(request.headers, ISOLATE)
            file, raw = read_isolation_request(await read_form(request, MAX_BYTES))
            media = await to_thread.run_sync(lambda: _media(file, raw, MAX_CLEANED_S))
            format = FORMATS[DEFAULT_FORMAT]
            charge = price_audio("isolation", ISOLATOR, "", media.duration_s)
            conversion = _Conversion(isolate_voice(media, format), format, charge, "standard", True)
            return await _answer(request, account, conversion, streamed=streamed)

        return endpoint


def _media(file: BinaryIO, raw: bool, limit_s: float) -> Media:
    media = Media(file, raw=raw)
    check_length(media, limit_s + SLACK_S)
    return media


async def _answer(request: Request, account: Account, conversion: _Conversion, *, streamed: bool) -> Response:
    generation = await account.begin(
        conversion.group, conversion.charge, stitchable=conversion.stitchable, asked=conversion.asked
    )
    kept = keeping(conversion.parts, generation, lambda part: part)
    if streamed:
        return AudioStreamResponse(kept, generation, conversion.format.media_type)
    parts = await collect(kept, request, generation)
    audio = complete_file(conversion.format, b"".join(parts))
    return Response(audio, headers=generation.headers, media_type=conversion.format.media_type)
