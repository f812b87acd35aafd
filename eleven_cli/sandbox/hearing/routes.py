"""The routes of everything that takes sound in; their modules are loaded by the first request that needs them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from ..accounts.account import TRANSCRIBE, Accounts
from ..accounts.tokens import REALTIME, Tokens
from ..sockets.handshake import Handshake

if TYPE_CHECKING:
    from ..transcripts.routes import TranscriptRequests
    from ..voice_changer.routes import ConversionRequests

Handler = Callable[[Request], Awaitable[Response]]


def hearing_routes(accounts: Accounts, tokens: Tokens) -> list[BaseRoute]:
    """The voice changer, the isolator, transcripts of files and of live sound, and forced alignment."""

    handshake = Handshake(accounts, tokens, TRANSCRIBE, REALTIME)

    @cache
    def conversions() -> ConversionRequests:
        from ..voice_changer.routes import ConversionRequests

        return ConversionRequests(accounts)

    @cache
    def transcripts() -> TranscriptRequests:
        from ..transcripts.routes import TranscriptRequests

        return TranscriptRequests(accounts, tokens)

    async def listen(socket: WebSocket) -> None:
        from ..realtime.realtime_socket import RealtimeSocket

        await RealtimeSocket(handshake).serve(socket)

    kept = "/v1/speech-to-text/transcripts/{transcription_id}"
    return [
        *_both("/v1/speech-to-speech/{voice_id}", lambda: conversions().change),
        *_both("/v1/voice-changer/{voice_id}", lambda: conversions().change),  # its name in the newest SDKs
        *_both("/v1/audio-isolation", lambda: conversions().isolate),
        _route("POST", "/v1/speech-to-text", lambda: transcripts().transcribe),
        _route("GET", kept, lambda: transcripts().show),
        _route("DELETE", kept, lambda: transcripts().delete),
        _route("POST", "/v1/forced-alignment", lambda: transcripts().align),
        WebSocketRoute("/v1/speech-to-text/realtime", listen),
    ]


def _both(path: str, find: Callable[[], Callable[..., Handler]]) -> list[Route]:
    """Whole and streamed."""
    return [
        _route("POST", path, lambda: find()(streamed=False)),
        _route("POST", f"{path}/stream", lambda: find()(streamed=True)),
    ]


def _route(method: str, path: str, find: Callable[[], Handler]) -> Route:
    async def endpoint(request: Request) -> Response:
        return await find()(request)

    return Route(path, endpoint, methods=[method])
