"""The endpoints that make voices of descriptions: design, remix, a preview's audio, and keeping one."""

from __future__ import annotations

import base64
from dataclasses import asdict, replace
from time import time
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.account import Account
from ..accounts.accounts import Accounts
from ..accounts.ledger import Charge
from ..http.problems import JsonResponse, Problem
from ..http.validate import json_object
from ..sound.formats import FORMATS, Format
from ..speech import rules
from ..speech.request import DEFAULT_FORMAT
from ..speech.synthesis_spec import voice_spec
from ..state.entropy import IDS, drawn, new_id, now
from ..state.store import Record
from ..voices.voice import Voice
from ..voices.voice_store import voice_of
from .imagined import imagine, vary
from .request import MAX_SEED, DesignRequest, read_design, read_keep

WRITE = "voices_write"
MODEL = "eleven_multilingual_ttv_v2"
KEPT_S = 24 * 3600.0
SLICE_S = 1.0
MADE_UP = (
    "So this is how I sound. You asked for a voice, and you described it in your own words: {description}. "
    "Listen to me for a while, and then decide whether you want to keep me."
)


class DesignRoutes:
    """The endpoints. Each checks the schema, then the key, then answers."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def routes(self) -> list[Route]:
        return [
            Route("/v1/text-to-voice", self.keep, methods=["POST"]),
            Route("/v1/text-to-voice/design", self.design, methods=["POST"]),
            Route("/v1/text-to-voice/create-previews", self.design, methods=["POST"]),
            Route("/v1/text-to-voice/{voice_id}/remix", self.remix, methods=["POST"]),
            Route("/v1/text-to-voice/{generated_voice_id}/stream", self.preview, methods=["GET"]),
        ]

    async def design(self, request: Request) -> Response:
        wanted = read_design(json_object(await request.body()), request.query_params)
        account = self._accounts.identify(request.headers, WRITE)
        return await _previews(account, wanted, imagine(wanted.description, _seed(wanted)))

    async def remix(self, request: Request) -> Response:
        wanted = read_design(json_object(await request.body()), request.query_params, remix=True)
        account = self._accounts.identify(request.headers, WRITE)
        voice = account.voices.find(request.path_params["voice_id"])
        if not voice.is_owner:
            raise Problem(403, "voice_access_denied", "Only voices of your own can be remixed.", param="voice_id")
        return await _previews(account, wanted, vary(voice, wanted.description, _seed(wanted)))

    async def preview(self, request: Request) -> Response:
        account = self._accounts.identify(request.headers, WRITE)
        voice, text = _made(account, request.path_params["generated_voice_id"])
        audio, _ = await to_thread.run_sync(_synthesize, text, voice, FORMATS[DEFAULT_FORMAT])
        return Response(audio, media_type="audio/mpeg")

    async def keep(self, request: Request) -> Response:
        wanted = read_keep(json_object(await request.body()))
        account = self._accounts.identify(request.headers, WRITE)
        if account.voices.get(wanted.generated_voice_id) is not None:
            raise Problem(409, "voice_already_exists", "This preview was kept already.", param="generated_voice_id")
        voice, _ = _made(account, wanted.generated_voice_id)
        account.check_voice_slot()
        kept = replace(
            voice,
            name=wanted.name,
            description=wanted.description,
            labels={**voice.labels, **wanted.labels},
            created_at_unix=int(now()),
        )
        account.voices.put(kept)
        return JsonResponse(kept.body(str(request.base_url)))


async def _previews(account: Account, wanted: DesignRequest, voices: list[Voice]) -> Response:
    format = rules.check_format(wanted.format or DEFAULT_FORMAT, streamed=True)
    rules.check_plan(format.name, account)
    text = wanted.text or MADE_UP.format(description=wanted.description)[:1000]
    charge = Charge("design", MODEL, "", len(text), len(text))
    generation = await account.begin("standard", charge, stitchable=False)
    previews = []
    try:
        for voice in voices:
            made = replace(voice, voice_id=new_id())
            _forget_expired(account)
            account.designs.put(made.voice_id, {"voice": asdict(made), "text": text, "at": time()})
            audio, duration_s = b"", 0.0
            if wanted.has_audio:
                audio, duration_s = await to_thread.run_sync(_synthesize, text, made, format)
            previews.append(_body(made, audio, duration_s, format))
    finally:
        generation.end(finished=False)
    return JsonResponse({"previews": previews, "text": text}, headers=generation.headers)


def _body(voice: Voice, audio: bytes, duration_s: float, format: Format) -> dict[str, Any]:
    return {
        "generated_voice_id": voice.voice_id,
        "audio_base_64": base64.b64encode(audio).decode("ascii"),
        "media_type": format.media_type,
        "duration_secs": duration_s,
        "language": voice.language,
    }


def _made(account: Account, generated_voice_id: str) -> tuple[Voice, str]:
    """Gives a preview's voice and text. Raises Problem (404) for one that is unknown or has expired."""
    record = account.designs.all().get(generated_voice_id)
    voice = _voice(record) if record else None
    if record is None or voice is None or record["at"] + KEPT_S < time():
        message = f"There is no generated voice '{generated_voice_id}', or it has expired."
        raise Problem(404, "voice_not_found", message, param="generated_voice_id")
    return voice, str(record["text"])


def _forget_expired(account: Account) -> None:
    for generated_voice_id, record in account.designs.all().items():
        if record.get("at", 0) + KEPT_S < time():
            account.designs.delete(generated_voice_id)


def _voice(record: Record) -> Voice | None:
    return voice_of(record["voice"]) if {"voice", "text", "at"} <= record.keys() else None


def _seed(wanted: DesignRequest) -> int:
    return drawn(IDS).randint(0, MAX_SEED) if wanted.seed is None else wanted.seed


def _synthesize(text: str, voice: Voice, format: Format) -> tuple[bytes, float]:
    """Gives the audio of a text, and its seconds."""
    from ..speech.speech_encoder import encode_speech  # imports codecs and synthesizer

    parts = list(encode_speech(voice_spec(text, voice, format), SLICE_S, remember=False))
    ends_s = (character.end_s for part in parts for character in part.characters)
    return b"".join(part.audio for part in parts), round(max(ends_s, default=0.0), 3)
