"""The endpoints of speech and dialogue; codecs and synthesizer are imported by the first request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.account import SPEAK
from ..accounts.accounts import Accounts
from ..http.validate import json_object
from .dialogue_request import read_dialogue_request
from .request import read_speech_request

Handler = Callable[[Request], Awaitable[Response]]


class SpeechRoutes:
    """The endpoints. Each checks the schema, then the key, then answers."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def routes(self) -> list[Route]:
        return [
            *_variants("/v1/text-to-speech/{voice_id}", self.speech),
            *_variants("/v1/text-to-dialogue", self.dialogue),
        ]

    def speech(self, *, streamed: bool, timed: bool) -> Handler:
        async def endpoint(request: Request) -> Response:
            body = json_object(await request.body())
            speech_request = read_speech_request(request.path_params["voice_id"], request.query_params, body)
            account = self._accounts.identify(request.headers, SPEAK)
            from .speech import speech_response

            return await speech_response(request, speech_request, account, streamed=streamed, timed=timed)

        return endpoint

    def dialogue(self, *, streamed: bool, timed: bool) -> Handler:
        async def endpoint(request: Request) -> Response:
            dialogue_request = read_dialogue_request(request.query_params, json_object(await request.body()))
            account = self._accounts.identify(request.headers, SPEAK)
            from .dialogue import dialogue_response

            return await dialogue_response(request, dialogue_request, account, streamed=streamed, timed=timed)

        return endpoint


def _variants(path: str, handler: Callable[..., Handler]) -> list[Route]:
    """Makes the routes whole and streamed, each without and with times."""
    return [
        Route(path, handler(streamed=False, timed=False), methods=["POST"]),
        Route(f"{path}/stream", handler(streamed=True, timed=False), methods=["POST"]),
        Route(f"{path}/with-timestamps", handler(streamed=False, timed=True), methods=["POST"]),
        Route(f"{path}/stream/with-timestamps", handler(streamed=True, timed=True), methods=["POST"]),
    ]
