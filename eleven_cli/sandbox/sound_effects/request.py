"""Reads a request for a sound effect, and checks it against the schema and the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from ..accounts.account import Account
from ..http.problems import Problem, invalid_parameter, unsupported_model
from ..http.validate import TRUE, Checker
from ..sound.formats import Format
from ..speech.request import DEFAULT_FORMAT
from ..speech.rules import check_format, check_plan, text_too_long

MODELS = ("eleven_text_to_sound_v2", "eleven_text_to_sound_v3")
LOOPING = MODELS[0]
MAX_CHARACTERS = 450
MIN_S, MAX_S = 0.5, 30.0


@dataclass(frozen=True)
class EffectRequest:
    """A request that matches the schema; without `duration_s` the description decides."""

    text: str
    model_id: str
    output_format: str
    duration_s: float | None
    influence: float
    loop: bool


def read_effect_request(query: QueryParams, body: dict[str, Any]) -> EffectRequest:
    """Reads query and body. Raises SchemaError with every fault of both."""
    check = Checker("body")
    check.needed(body, "text", Checker.string)
    if "model_id" in body:
        check.string("model_id", body["model_id"])
    for name in ("duration_seconds", "prompt_influence"):
        check.optional(body, name, Checker.number)
    if "loop" in body:
        check.boolean("loop", body["loop"])
    check.finish()
    duration, influence = body.get("duration_seconds"), body.get("prompt_influence")
    return EffectRequest(
        text=body["text"],
        model_id=body.get("model_id", LOOPING),
        output_format=query.get("output_format", DEFAULT_FORMAT),
        duration_s=None if duration is None else float(duration),
        influence=0.3 if influence is None else float(influence),
        loop=str(body.get("loop", False)).lower() in TRUE,
    )


def check_effect(request: EffectRequest, account: Account) -> Format:
    """Gives the output format. Raises Problem for a request that breaks a rule."""
    if request.model_id not in MODELS:
        raise Problem(404, "model_not_found", f"There is no model '{request.model_id}'.", param="model_id")
    if request.loop and request.model_id != LOOPING:
        raise unsupported_model(f"The model {request.model_id} makes no loops.")
    format = check_format(request.output_format, streamed=True)
    if not request.text.strip():
        raise Problem(400, "empty_text", "There is no description of a sound.", param="text")
    if len(request.text) > MAX_CHARACTERS:
        raise text_too_long(len(request.text), MAX_CHARACTERS, "a sound effect", "text")
    if request.duration_s is not None and not MIN_S <= request.duration_s <= MAX_S:
        raise invalid_parameter("duration_seconds", f"duration_seconds must be {MIN_S} to {MAX_S}.")
    if not 0 <= request.influence <= 1:
        raise invalid_parameter("prompt_influence", "prompt_influence must be 0 to 1.")
    check_plan(format.name, account)
    return format
