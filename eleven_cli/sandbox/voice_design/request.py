"""Reads requests to design, remix and keep voices, and checks them against the schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from ..http.problems import invalid_parameter
from ..http.validate import Checker, truth

MODELS = ("eleven_multilingual_ttv_v2", "eleven_ttv_v3")
MODEL_WITH_REFERENCE = "eleven_ttv_v3"
LEAST_DESCRIPTION, LEAST_CHANGE, MOST_DESCRIPTION = 20, 5, 1000
LEAST_TEXT, MOST_TEXT = 100, 1000
MAX_SEED = 2**31 - 1
_RANGES = {
    "loudness": (-1.0, 1.0),
    "quality": (-1.0, 1.0),
    "guidance_scale": (0.0, 100.0),
    "prompt_strength": (0.0, 1.0),
}
_SWITCHES = ("auto_generate_text", "stream_previews", "should_enhance")


@dataclass(frozen=True)
class DesignRequest:
    """A request for previews. text: None when it is to be made up; format: "" for the usual one."""

    description: str
    text: str | None
    seed: int | None
    format: str
    has_audio: bool


@dataclass(frozen=True)
class KeepRequest:
    """A request to keep a preview."""

    name: str
    description: str
    generated_voice_id: str
    labels: dict[str, str]


def read_design(body: dict[str, Any], query: QueryParams, *, remix: bool = False) -> DesignRequest:
    """Reads a request for previews. Raises SchemaError, and Problem (400) for what contradicts itself."""
    check = Checker("body")
    _sized(check, body, "voice_description", LEAST_CHANGE if remix else LEAST_DESCRIPTION, MOST_DESCRIPTION)
    if body.get("text") is not None:
        _sized(check, body, "text", LEAST_TEXT, MOST_TEXT)
    if body.get("model_id") is not None and not remix:
        check.one_of("model_id", body["model_id"], MODELS)
    _check_values(check, body)
    check.finish()
    if body.get("text") is None and not truth(body.get("auto_generate_text")):
        raise invalid_parameter("text", "Either text or auto_generate_text is needed.")
    if body.get("reference_audio_base64") and body.get("model_id") != MODEL_WITH_REFERENCE:
        raise invalid_parameter("reference_audio_base64", f"Reference audio needs the model '{MODEL_WITH_REFERENCE}'.")
    seed = body.get("seed")
    return DesignRequest(
        body["voice_description"],
        body.get("text"),
        None if seed is None else int(seed),
        query.get("output_format", ""),
        not truth(body.get("stream_previews")),
    )


def read_keep(body: dict[str, Any]) -> KeepRequest:
    """Reads a request to keep a preview. Raises SchemaError."""
    check = Checker("body")
    _sized(check, body, "voice_name", 1, MOST_DESCRIPTION)
    _sized(check, body, "voice_description", LEAST_DESCRIPTION, MOST_DESCRIPTION)
    _sized(check, body, "generated_voice_id", 1, MOST_DESCRIPTION)
    check.optional(body, "labels", _check_labels)
    check.optional(body, "played_not_selected_voice_ids", Checker.strings)
    check.finish()
    labels = body.get("labels") or {}
    return KeepRequest(body["voice_name"], body["voice_description"], body["generated_voice_id"], labels)


def _check_values(check: Checker, body: dict[str, Any]) -> None:
    for name, (low, high) in _RANGES.items():
        if body.get(name) is not None:
            check.number(name, body[name], low, high)
    for name in _SWITCHES:
        check.optional(body, name, Checker.boolean)
    check.optional(body, "seed", Checker.integer)
    if isinstance(body.get("seed"), int | float):
        check.number("seed", body["seed"], 0, MAX_SEED)
    check.optional(body, "reference_audio_base64", Checker.string)


def _check_labels(check: Checker, name: str, labels: Any) -> None:
    if check.object(name, labels):
        deeper = check.within(name)
        for label, value in labels.items():
            deeper.string(label, value)


def _sized(check: Checker, body: dict[str, Any], name: str, least: int, most: int) -> None:
    value = check.required(body, name)
    if name not in body:
        return
    check.string(name, value)
    if isinstance(value, str):
        _check_length(check, name, value, least, most)


def _check_length(check: Checker, name: str, value: Sequence[str] | str, least: int, most: int) -> None:
    for limit, wrong, word in ((least, len(value) < least, "least"), (most, len(value) > most, "most")):
        if wrong:
            kind = "string_too_short" if word == "least" else "string_too_long"
            context = {"min_length" if word == "least" else "max_length": limit}
            check.note(name, kind, f"String should have at {word} {limit} characters", value, context)
