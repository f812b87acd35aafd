"""The four endpoints for a dialogue: whole or streamed, with or without the times of the characters."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ..accounts.account import Account, Generation
from ..audio_effects.request import FIELD, carrying, read_effects
from ..history.keeping import keeping
from ..history.store import SPEECH, Asked
from ..http.problems import JsonResponse, invalid_parameter, unsupported_model
from ..sound.formats import Format
from ..voices.models import find_model
from . import rules
from .dialogue_request import DialogueRequest
from .request import locators_of, number_of
from .speech_encoder import SpeechEncoder
from .streaming import AudioStreamResponse, collect
from .synthesis_spec import SynthesisSpec, model_spec
from .timed_audio import TimedAudio, TimedCharacter, join_parts

MAX_CHARACTERS = 2_000
MAX_FUTURE = 100
_CONTEXT = ("previous_text", "future_text", "previous_request_ids", "next_request_ids")


async def dialogue_response(
    request: Request, dialogue_request: DialogueRequest, account: Account, *, streamed: bool, timed: bool
) -> Response:
    """Gives the response to a request for a dialogue. Raises Problem for a request that breaks a rule."""
    format, specs, generation = await _accept(dialogue_request, account, streamed=streamed)
    parts = keeping(_parts(format, specs), generation, lambda part: part.audio)
    if streamed:
        media_type = "application/json" if timed else format.media_type
        return AudioStreamResponse(_bodies(parts, specs, timed=timed), generation, media_type)
    whole = join_parts(await collect(parts, request, generation), format)
    if timed:
        return JsonResponse(_body(whole, specs), headers=generation.headers)
    return Response(whole.audio, headers=generation.headers, media_type=format.media_type)


async def _accept(
    dialogue_request: DialogueRequest, account: Account, *, streamed: bool
) -> tuple[Format, list[SynthesisSpec], Generation]:
    body, model = dialogue_request.body, find_model(dialogue_request.model_id)
    rules.check_dialogue_model(model)
    context = [name for name in _CONTEXT if body.get(name)]
    if context and not model.takes_context:
        names = " or ".join(context)
        raise unsupported_model(f"Providing {names} is not yet supported with the '{model.model_id}' model.")
    rules.check_language(body.get("language_code"), model)
    format = rules.check_format(dialogue_request.output_format, streamed=streamed)
    text = "".join(text for _, text in dialogue_request.lines)
    rules.check_text(text, model)
    if len(text) > MAX_CHARACTERS:
        raise rules.text_too_long(len(text), MAX_CHARACTERS, "a dialogue", "inputs")
    rules.check_dialogue_voices([voice_id for voice_id, _ in dialogue_request.lines], model, "inputs")
    _check_values(body)
    aliases = rules.find_aliases(locators_of(body), account)
    effects = read_effects(body.get(FIELD) or {})
    format = carrying(effects, format)
    voices = [rules.check_voice(voice_id, account) for voice_id, _ in dialogue_request.lines]
    rules.check_plan(format.name, account)
    charge = rules.price_text("dialogue", text, model, voices[0])
    lines = tuple((voice, line) for voice, (_, line) in zip(voices, dialogue_request.lines, strict=True))
    asked = Asked(SPEECH, text, model.model_id, voices[0], format, dialogue=lines)
    generation = await account.begin(model.group, charge, asked=asked)
    stability = number_of(body.get("settings") or {}, "stability")
    specs = [
        model_spec(
            text,
            model,
            voice,
            format,
            body.get("language_code"),
            stability=stability,
            effects=effects,
            aliases=aliases,
        )
        for voice, (_, text) in zip(voices, dialogue_request.lines, strict=True)
    ]
    return format, specs, generation


def _check_values(body: dict[str, Any]) -> None:
    rules.check_seed(None if body.get("seed") is None else int(body["seed"]))
    if len(body.get("future_text") or "") > MAX_FUTURE:
        raise invalid_parameter("future_text", f"future_text may have up to {MAX_FUTURE} characters.")


def _parts(format: Format, specs: list[SynthesisSpec]) -> Generator[TimedAudio, None, None]:
    with closing(SpeechEncoder(format, specs[0].effects)) as encoder:
        for line, spec in enumerate(specs):
            yield from encoder.synthesize(spec, line)
        yield from encoder.finish()


def _bodies(
    parts: Generator[TimedAudio, None, None], specs: list[SynthesisSpec], *, timed: bool
) -> Generator[bytes, None, None]:
    with closing(parts):
        for part in parts:
            yield json.dumps(_body(part, specs), separators=(",", ":")).encode() + b"\n" if timed else part.audio


def _body(part: TimedAudio, specs: list[SynthesisSpec]) -> dict[str, Any]:
    return {**part.body(), "voice_segments": list(_voice_segments(part.characters, specs))}


def _voice_segments(characters: list[TimedCharacter], specs: list[SynthesisSpec]) -> Iterator[dict[str, Any]]:
    """Gives which voice speaks which of the characters, and when."""
    first = 0
    for after in range(1, len(characters) + 1):
        if after < len(characters) and characters[after].line == characters[first].line:
            continue
        yield {
            "voice_id": specs[characters[first].line].voice_id,
            "start_time_seconds": round(characters[first].start_s, 4),
            "end_time_seconds": round(characters[after - 1].end_s, 4),
            "character_start_index": first,
            "character_end_index": after,
            "dialogue_input_index": characters[first].line,
        }
        first = after
