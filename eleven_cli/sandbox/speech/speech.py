"""The four endpoints for speech: whole or streamed, with or without the times of the characters."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import closing

from starlette.requests import Request
from starlette.responses import Response

from ..accounts.account import Account, Generation
from ..audio_effects.request import carrying, read_effects
from ..history.keeping import keeping
from ..history.store import SPEECH, Asked
from ..http.problems import JsonResponse
from ..sound.formats import FORMATS
from ..voices.voice_data import VOICES
from . import rules
from .request import SpeechRequest
from .speech_encoder import encode_speech
from .streaming import AudioStreamResponse, collect
from .synthesis_spec import SynthesisSpec, model_spec, voice_spec
from .timed_audio import TimedAudio, join_parts

STREAM_SLICE_S = 0.1
TIMED_SLICE_S = 0.5
WHOLE_SLICE_S = 1.0


async def speech_response(
    request: Request, speech_request: SpeechRequest, account: Account, *, streamed: bool, timed: bool
) -> Response:
    """Gives the response to a request for speech. Raises Problem for a request that breaks a rule."""
    spec, generation = await _accept(speech_request, account, streamed=streamed)
    if streamed:
        speech = encode_speech(spec, TIMED_SLICE_S if timed else STREAM_SLICE_S, early=not timed)
        kept = keeping(speech, generation, _audio_of)
        stream = _json_lines(kept) if timed else _audio(kept)
        media_type = "application/json" if timed else spec.format.media_type
        return AudioStreamResponse(stream, generation, media_type)
    kept = keeping(encode_speech(spec, WHOLE_SLICE_S), generation, _audio_of)
    parts = await collect(kept, request, generation)
    whole = join_parts(parts, spec.format)
    if timed:
        return JsonResponse(whole.body(), headers=generation.headers)
    return Response(whole.audio, headers=generation.headers, media_type=spec.format.media_type)


def warm_up() -> None:
    """Loads the synthesizer and one encoder, so that the first request need not."""
    spec = voice_spec("a", next(iter(VOICES.values())), FORMATS["mp3_44100_128"])
    for _ in encode_speech(spec, WHOLE_SLICE_S, remember=False):
        pass


async def _accept(
    speech_request: SpeechRequest, account: Account, *, streamed: bool
) -> tuple[SynthesisSpec, Generation]:
    model = rules.check_model(speech_request)
    format = rules.check_format(speech_request.output_format, streamed=streamed)
    rules.check_text(speech_request.text, model)
    rules.check_values(speech_request, account)
    aliases = rules.find_aliases(speech_request.dictionaries, account)
    effects = read_effects(speech_request.audio_effects)
    format = carrying(effects, format)
    voice = rules.check_voice(speech_request.voice_id, account)
    rules.check_plan(format.name, account)
    charge = rules.price_text("tts", speech_request.text, model, voice)
    settings = {**voice.settings, **speech_request.settings}
    asked = Asked(SPEECH, speech_request.text, model.model_id, voice, format, settings)
    logged = speech_request.logged
    generation = await account.begin(model.group, charge, stitchable=logged, asked=asked if logged else None)
    spec = model_spec(
        speech_request.text,
        model,
        voice,
        format,
        speech_request.language_code,
        speed=speech_request.speed,
        stability=speech_request.stability,
        effects=effects,
        aliases=aliases,
    )
    return spec, generation


def _audio_of(part: TimedAudio) -> bytes:
    return part.audio


def _audio(parts: Generator[TimedAudio, None, None]) -> Generator[bytes, None, None]:
    with closing(parts):
        for part in parts:
            yield part.audio


def _json_lines(parts: Generator[TimedAudio, None, None]) -> Generator[bytes, None, None]:
    with closing(parts):
        for part in parts:
            yield json.dumps(part.body(), separators=(",", ":")).encode("ascii") + b"\n"
