"""The endpoints of music. Each checks the schema, then the key, then the rules."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import closing

from starlette.requests import Request
from starlette.responses import Response

from ..accounts.accounts import Accounts
from ..accounts.ledger import Charge
from ..accounts.plans import MUSIC
from ..http.problems import JsonResponse
from ..http.validate import json_object
from ..sound.codecs import encoder
from ..speech.streaming import AudioStreamResponse
from ..state.entropy import new_id
from .request import MusicRequest, check_body, check_plan_body, read_music, read_plan
from .synthesis import RATE, song

PERMISSION = "music_generation"
CREDITS_A_SECOND = 20


class MusicRoutes:
    """The endpoints."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def compose(self, request: Request) -> Response:
        body = json_object(await request.body())
        check_body(body)
        account = self._accounts.identify(request.headers, PERMISSION)
        music = read_music(body, request.query_params, account)
        generation = await account.begin(MUSIC, _charge(music), stitchable=False)
        generation.headers["song-id"] = new_id()
        return AudioStreamResponse(_encoded(music), generation, music.format.media_type)

    async def plan(self, request: Request) -> Response:
        """Makes a plan, which costs nothing."""
        body = json_object(await request.body())
        check_plan_body(body)
        return JsonResponse(read_plan(body, self._accounts.identify(request.headers, PERMISSION)))


def _charge(music: MusicRequest) -> Charge:
    characters = sum(len(part.words) for part in music.parts)
    return Charge("music", music.model_id, "", characters, math.ceil(CREDITS_A_SECOND * music.duration_ms / 1000))


def _encoded(music: MusicRequest) -> Generator[bytes, None, None]:
    with closing(encoder(music.format, RATE)) as encode:
        for pcm in song(music.parts, music.seed, music.mode):
            if audio := encode.encode(pcm):
                yield audio
        if audio := encode.finish():
            yield audio
