"""Reads a request for a dialogue, and checks it against the schema; `rules` and `dialogue` check the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from ..audio_effects.request import FIELD, check_schema
from ..http.validate import Checker
from ..voices.models import DIALOGUE_MODEL
from .request import DEFAULT_FORMAT, DICTIONARIES, NORMALIZATIONS, check_locators


@dataclass(frozen=True)
class DialogueRequest:
    """A request that matches the schema."""

    lines: tuple[tuple[str, str], ...]  # voice id and text
    model_id: str
    output_format: str
    body: dict[str, Any]


def read_dialogue_request(query: QueryParams, body: dict[str, Any]) -> DialogueRequest:
    """Reads query and body. Raises SchemaError with every fault of both."""
    faults = Checker("query")
    faults.boolean_text("enable_logging", query.get("enable_logging"))
    check = Checker("body", faults=faults.faults)
    _check_body(check, body)
    check.finish()
    lines = tuple((line["voice_id"], line["text"]) for line in body["inputs"])
    model_id = body.get("model_id", DIALOGUE_MODEL)
    return DialogueRequest(lines, model_id, query.get("output_format", DEFAULT_FORMAT), body)


def _check_body(check: Checker, body: dict[str, Any]) -> None:
    check.needed(body, "inputs", lambda deeper, name, lines: deeper.list_of(name, lines, _check_line))
    if "model_id" in body:
        check.string("model_id", body["model_id"])
    for name in ("language_code", "previous_text", "future_text"):
        check.optional(body, name, Checker.string)
    check.optional(body, "seed", Checker.integer)
    if "apply_text_normalization" in body:
        check.one_of("apply_text_normalization", body["apply_text_normalization"], NORMALIZATIONS)
    check.optional(body, DICTIONARIES, check_locators)
    check.optional(body, FIELD, check_schema)
    for name in ("previous_request_ids", "next_request_ids"):
        check.optional(body, name, Checker.strings)
    if check.optional(body, "settings", Checker.object):
        for name in ("stability", "similarity", "clone_strength"):
            check.within("settings").optional(body["settings"], name, Checker.fraction)


def _check_line(check: Checker, index: int, line: Any) -> None:
    if check.object(index, line):
        for name in ("text", "voice_id"):
            check.within(index).needed(line, name, Checker.string)
