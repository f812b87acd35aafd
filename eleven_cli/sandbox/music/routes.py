"""The endpoints of music. Each checks the schema, then the key, then the rules."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import closing

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from ..accounts.account import Account
from ..accounts.accounts import Accounts
from ..accounts.ledger import Charge
from ..accounts.plans import MUSIC
from ..http.problems import JsonResponse
from ..http.uploads import read_form
from ..http.validate import json_object
from ..sound.codecs import encoder
from ..speech.streaming import AudioStreamResponse, collect
from ..state.entropy import new_id
from .detailed import check_details, read_detailed
from .request import MusicRequest, check_body, check_paid, check_plan_body, read_music, read_plan
from .synthesis import RATE, song
from .upload import MAX_UPLOAD_BYTES, read_song
from .video import MAX_VIDEO_BYTES, read_video_music

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
        return await self._composed(account, music)

    async def detailed(self, request: Request) -> Response:
        """Composes, and tells how: in one answer, when all of it is there."""
        body = json_object(await request.body())
        check_body(body)
        check_details(body)
        account = self._accounts.identify(request.headers, PERMISSION)
        asked = read_detailed(body, request.query_params, account)
        generation = await account.begin(MUSIC, _charge(asked.music), stitchable=False)
        await collect(asked.make(), request, generation)
        content, media_type = asked.multipart()
        return Response(content, headers={**generation.headers, "song-id": new_id()}, media_type=media_type)

    async def of_video(self, request: Request) -> Response:
        """Composes for videos: as long as they are."""
        account = self._accounts.identify(request.headers, PERMISSION)
        form = await read_form(request, MAX_VIDEO_BYTES)
        try:
            music = await to_thread.run_sync(lambda: read_video_music(form, request.query_params, account))
        finally:
            await form.close()
        return await self._composed(account, music)

    async def upload(self, request: Request) -> Response:
        account = self._accounts.identify(request.headers, PERMISSION)
        form = await read_form(request, MAX_UPLOAD_BYTES)
        try:
            described = await to_thread.run_sync(lambda: read_song(form))
        finally:
            await form.close()
        check_paid(account)
        return JsonResponse(described)

    async def plan(self, request: Request) -> Response:
        """Makes a plan, which costs nothing."""
        body = json_object(await request.body())
        check_plan_body(body)
        return JsonResponse(read_plan(body, self._accounts.identify(request.headers, PERMISSION)))

    async def _composed(self, account: Account, music: MusicRequest) -> Response:
        generation = await account.begin(MUSIC, _charge(music), stitchable=False)
        generation.headers["song-id"] = new_id()
        return AudioStreamResponse(_encoded(music), generation, music.format.media_type)


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
