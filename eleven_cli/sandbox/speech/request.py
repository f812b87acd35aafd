"""The request for speech: read from query and body, checked against the schema, not yet against any rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from ..http.validate import TRUE, Checker
from ..voices.models import DEFAULT_MODEL

DEFAULT_FORMAT = "mp3_44100_128"


@dataclass(frozen=True)
class SpeechRequest:
    """What a client asked to have spoken; `given` holds the names of the optional fields that were sent."""

    text: str
    voice_id: str
    model_id: str
    output_format: str
    language_code: str | None
    speed: float
    stability: float
    seed: int | None
    previous_request_ids: list[str]
    next_request_ids: list[str]
    dictionaries: list[str]
    latency: int | None
    logged: bool
    given: frozenset[str]


def read_request(voice_id: str, query: QueryParams, body: dict[str, Any]) -> SpeechRequest:
    """The request as a value; raises SchemaError with every fault of query and body."""
    faults = Checker("query")
    _check_query(faults, query)
    checker = Checker("body", faults=faults.faults)
    _check_body(checker, body)
    checker.finish()
    settings = body.get("voice_settings") or {}
    latency, seed = query.get("optimize_streaming_latency"), body.get("seed")
    return SpeechRequest(
        text=body["text"],
        voice_id=voice_id,
        model_id=body.get("model_id", DEFAULT_MODEL),
        output_format=query.get("output_format", DEFAULT_FORMAT),
        language_code=body.get("language_code"),
        speed=number_in(settings, "speed", 1.0),
        stability=number_in(settings, "stability", 0.5),
        seed=None if seed is None else int(seed),
        previous_request_ids=body.get("previous_request_ids") or [],
        next_request_ids=body.get("next_request_ids") or [],
        dictionaries=[dictionary_id(locator) for locator in body.get("pronunciation_dictionary_locators") or []],
        latency=None if latency is None else int(latency),
        logged=query.get("enable_logging", "true").lower() in TRUE,
        given=frozenset(name for name, value in body.items() if value not in (None, "", [])),
    )


def _check_query(check: Checker, query: QueryParams) -> None:
    check.boolean_text("enable_logging", query.get("enable_logging"))
    if query.get("optimize_streaming_latency") is not None:
        check.integer_text("optimize_streaming_latency", query["optimize_streaming_latency"])


def _check_body(check: Checker, body: dict[str, Any]) -> None:
    check.required(body, "text")
    for name in ("text", "model_id"):
        if name in body:
            check.string(name, body[name])
    for name in ("language_code", "previous_text", "next_text"):
        if body.get(name) is not None:
            check.string(name, body[name])
    for name in ("previous_request_ids", "next_request_ids"):
        if body.get(name) is not None:
            check.list_of(name, body[name], Checker.string)
    for name in ("use_pvc_as_ivc", "apply_language_text_normalization"):
        if name in body:
            check.boolean(name, body[name])
    if body.get("seed") is not None:
        check.integer("seed", body["seed"])
    if "apply_text_normalization" in body:
        check.one_of("apply_text_normalization", body["apply_text_normalization"], ("auto", "on", "off"))
    if body.get("pronunciation_dictionary_locators") is not None:
        check.list_of("pronunciation_dictionary_locators", body["pronunciation_dictionary_locators"], check_locator)
    if body.get("voice_settings") is not None and check.object("voice_settings", body["voice_settings"]):
        check_settings(check.within("voice_settings"), body["voice_settings"])


def check_locator(check: Checker, index: int, locator: Any) -> None:
    """Note what is wrong with one pronunciation dictionary of a list."""
    if check.object(index, locator):
        deeper = check.within(index)
        if deeper.required(locator, "pronunciation_dictionary_id") is not None:
            deeper.string("pronunciation_dictionary_id", locator["pronunciation_dictionary_id"])
        if locator.get("version_id") is not None:
            deeper.string("version_id", locator["version_id"])


def check_settings(check: Checker, settings: dict[str, Any]) -> None:
    """Note what is wrong with voice settings."""
    for name in ("stability", "similarity_boost", "clone_strength"):
        if settings.get(name) is not None:
            check.number(name, settings[name], 0.0, 1.0)
    for name in ("style", "speed"):
        if settings.get(name) is not None:
            check.number(name, settings[name])
    if settings.get("use_speaker_boost") is not None:
        check.boolean("use_speaker_boost", settings["use_speaker_boost"])


def number_in(settings: dict[str, Any], name: str, default: float) -> float:
    """A number of checked settings; null is as good as nothing."""
    value = settings.get(name)
    return default if value is None else float(value)


def dictionary_id(locator: dict[str, Any]) -> str:
    """The id in a checked locator."""
    return str(locator["pronunciation_dictionary_id"])
