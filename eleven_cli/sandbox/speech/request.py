"""Reads a request for speech, and checks it against the schema; `rules` checks the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from ..audio_effects import request as effects
from ..dictionaries.dictionary import Locator
from ..http.query import is_true
from ..http.validate import Checker
from ..voices.models import DEFAULT_MODEL

DEFAULT_FORMAT = "mp3_44100_128"
NORMALIZATIONS = ("auto", "on", "off")
SETTINGS, DICTIONARIES = "voice_settings", "pronunciation_dictionary_locators"


@dataclass(frozen=True)
class SpeechRequest:
    """A request that matches the schema; `given` holds the names of the fields that have a value."""

    text: str
    voice_id: str
    model_id: str
    output_format: str
    language_code: str | None
    speed: float | None
    stability: float | None
    seed: int | None
    previous_request_ids: list[str]
    next_request_ids: list[str]
    dictionaries: list[Locator]
    latency: int | None
    logged: bool
    audio_effects: dict[str, Any]
    settings: dict[str, Any]
    given: frozenset[str]


def read_speech_request(voice_id: str, query: QueryParams, body: dict[str, Any]) -> SpeechRequest:
    """Reads query and body. Raises SchemaError with every fault of both."""
    faults = Checker("query")
    _check_query(faults, query)
    checker = Checker("body", faults=faults.faults)
    _check_body(checker, body)
    checker.finish()
    settings = body.get(SETTINGS) or {}
    latency, seed = query.get("optimize_streaming_latency"), body.get("seed")
    return SpeechRequest(
        text=body["text"],
        voice_id=voice_id,
        model_id=body.get("model_id", DEFAULT_MODEL),
        output_format=query.get("output_format", DEFAULT_FORMAT),
        language_code=body.get("language_code"),
        speed=number_of(settings, "speed"),
        stability=number_of(settings, "stability"),
        seed=None if seed is None else int(seed),
        previous_request_ids=body.get("previous_request_ids") or [],
        next_request_ids=body.get("next_request_ids") or [],
        dictionaries=locators_of(body),
        latency=None if latency is None else int(latency),
        logged=is_true(query, "enable_logging", default=True),
        audio_effects=body.get(effects.FIELD) or {},
        settings={name: value for name, value in settings.items() if value is not None},
        given=frozenset(name for name, value in body.items() if value not in (None, "", [])),
    )


def _check_query(check: Checker, query: QueryParams) -> None:
    check.boolean_text("enable_logging", query.get("enable_logging"))
    if query.get("optimize_streaming_latency") is not None:
        check.integer_text("optimize_streaming_latency", query["optimize_streaming_latency"])


def _check_body(check: Checker, body: dict[str, Any]) -> None:
    check.needed(body, "text", Checker.string)
    if "model_id" in body:
        check.string("model_id", body["model_id"])
    for name in ("language_code", "previous_text", "next_text"):
        check.optional(body, name, Checker.string)
    for name in ("previous_request_ids", "next_request_ids"):
        check.optional(body, name, Checker.strings)
    for name in ("use_pvc_as_ivc", "apply_language_text_normalization"):
        if name in body:
            check.boolean(name, body[name])
    check.optional(body, "seed", Checker.integer)
    if "apply_text_normalization" in body:
        check.one_of("apply_text_normalization", body["apply_text_normalization"], NORMALIZATIONS)
    check.optional(body, DICTIONARIES, check_locators)
    check.optional(body, SETTINGS, check_voice_settings)
    check.optional(body, effects.FIELD, effects.check_schema)


def check_locators(check: Checker, name: str, locators: Any) -> None:
    """Checks a list of pronunciation dictionary locators."""
    check.list_of(name, locators, _check_locator)


def _check_locator(check: Checker, index: int, locator: Any) -> None:
    if check.object(index, locator):
        deeper = check.within(index)
        if deeper.required(locator, "pronunciation_dictionary_id") is not None:
            deeper.string("pronunciation_dictionary_id", locator["pronunciation_dictionary_id"])
        deeper.optional(locator, "version_id", Checker.string)


def check_voice_settings(check: Checker, name: str, settings: Any) -> None:
    """Checks an object of voice settings."""
    if check.object(name, settings):
        check_settings(check.within(name), settings)


def check_settings(check: Checker, settings: dict[str, Any]) -> None:
    """Checks the fields of voice settings."""
    for name in ("stability", "similarity_boost", "clone_strength"):
        check.optional(settings, name, Checker.fraction)
    for name in ("style", "speed"):
        check.optional(settings, name, Checker.number)
    check.optional(settings, "use_speaker_boost", Checker.boolean)


def number_of(settings: dict[str, Any], name: str) -> float | None:
    """Gives a number of checked settings; None where the voice decides."""
    value = settings.get(name)
    return None if value is None else float(value)


def number_in(settings: dict[str, Any], name: str, default: float) -> float:
    """Gives a number of checked settings; the default for null."""
    value = settings.get(name)
    return default if value is None else float(value)


def locators_of(body: dict[str, Any]) -> list[Locator]:
    """Gives the dictionaries that a checked body or first message names."""
    given = body.get(DICTIONARIES) or []
    return [Locator(one["pronunciation_dictionary_id"], one.get("version_id")) for one in given]
