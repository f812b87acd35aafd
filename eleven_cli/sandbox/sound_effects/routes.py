"""The endpoint of sound effects."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import closing

from starlette.requests import Request
from starlette.responses import Response

from ..accounts.accounts import Accounts
from ..accounts.ledger import Charge
from ..http.validate import json_object
from ..sound.codecs import encoder
from ..sound.formats import Format
from ..speech.streaming import AudioStreamResponse
from .events import RATE
from .request import EffectRequest, check_effect, read_effect_request
from .synthesis import effect_pcm, usual_duration_s

SOUND_EFFECTS = "sound_generation"
CREDITS_A_SECOND, CREDITS_EACH = 20, 100
_SLICE_BYTES = 2 * RATE


class EffectRoutes:
    """The endpoint: checks the schema, then the key, then the rules."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def generate(self, request: Request) -> Response:
        effect = read_effect_request(request.query_params, json_object(await request.body()))
        account = self._accounts.identify(request.headers, SOUND_EFFECTS)
        format = check_effect(effect, account)
        generation = await account.begin("standard", _charge(effect), stitchable=False)
        return AudioStreamResponse(_encoded(effect, format), generation, format.media_type)


def _charge(effect: EffectRequest) -> Charge:
    chosen = effect.duration_s
    credits = CREDITS_EACH if chosen is None else math.ceil(CREDITS_A_SECOND * chosen)
    return Charge("sfx", effect.model_id, "", len(effect.text), credits)


def _encoded(effect: EffectRequest, format: Format) -> Generator[bytes, None, None]:
    duration_s = effect.duration_s or usual_duration_s(effect.text)
    pcm = effect_pcm(effect.text, duration_s, loop=effect.loop, influence=effect.influence)
    with closing(encoder(format, RATE)) as encode:
        for start in range(0, len(pcm), _SLICE_BYTES):
            if audio := encode.encode(pcm[start : start + _SLICE_BYTES]):
                yield audio
        if audio := encode.finish():
            yield audio
