"""The request for a dialogue: read from query and body, checked against the schema, not yet against any rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from ..http.validate import Checker
from ..voices.models import DIALOGUE_MODEL
from .request import DEFAULT_FORMAT, check_locator


@dataclass(frozen=True)
class DialogueRequest:
    """A request that fits the schema."""

    lines: tuple[tuple[str, str], ...]  # voice id and text
    model_id: str
    output_format: str
    body: dict[str, Any]


def read_dialogue(query: QueryParams, body: dict[str, Any]) -> DialogueRequest:
    """The request as a value; raises SchemaError with every fault of query and body."""
    faults = Checker("query")
    faults.boolean_text("enable_logging", query.get("enable_logging"))
    check = Checker("body", faults=faults.faults)
    _check_body(check, body)
    check.finish()
    lines = tuple((line["voice_id"], line["text"]) for line in body["inputs"])
    model_id = body.get("model_id", DIALOGUE_MODEL)
    return DialogueRequest(lines, model_id, query.get("output_format", DEFAULT_FORMAT), body)


def _check_body(check: Checker, body: dict[str, Any]) -> None:
    if check.required(body, "inputs") is not None or "inputs" in body:
        check.list_of("inputs", body["inputs"], _check_line)
    if "model_id" in body:
        check.string("model_id", body["model_id"])
    for name in ("language_code", "previous_text", "future_text"):
        if body.get(name) is not None:
            check.string(name, body[name])
    if body.get("seed") is not None:
        check.integer("seed", body["seed"])
    if "apply_text_normalization" in body:
        check.one_of("apply_text_normalization", body["apply_text_normalization"], ("auto", "on", "off"))
    for name, each in (
        ("pronunciation_dictionary_locators", check_locator),
        ("previous_request_ids", Checker.string),
        ("next_request_ids", Checker.string),
    ):
        if body.get(name) is not None:
            check.list_of(name, body[name], each)
    if body.get("settings") is not None and check.object("settings", body["settings"]):
        for name in ("stability", "similarity", "clone_strength"):
            if body["settings"].get(name) is not None:
                check.within("settings").number(name, body["settings"][name], 0.0, 1.0)


def _check_line(check: Checker, index: int, line: Any) -> None:
    if check.object(index, line):
        for name in ("text", "voice_id"):
            if check.within(index).required(line, name) is not None or name in line:
                check.within(index).string(name, line[name])
