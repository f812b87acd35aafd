"""The query of the speech socket: what holds for the whole session."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import QueryParams

from ..accounts.account import Account
from ..http.problems import invalid_parameter, unsupported_model
from ..http.query import is_true
from ..http.validate import Checker
from ..sound.formats import Format
from ..speech import rules
from ..speech.request import DEFAULT_FORMAT
from ..voices.models import DEFAULT_MODEL, Model, find_model
from ..voices.voice import Voice

IDLE_TIMEOUT_S, MAX_IDLE_TIMEOUT_S = 20, 180
SWITCHES = ("enable_logging", "enable_ssml_parsing", "sync_alignment", "auto_mode", "apply_language_text_normalization")


@dataclass(frozen=True)
class SpeechQuery:
    """What a session was asked for, checked."""

    model: Model
    voice: Voice
    format: Format
    language_code: str | None
    sync_alignment: bool
    auto_mode: bool
    reads_tags: bool
    logged: bool = True


def idle_timeout_s(query: QueryParams) -> float:
    """Gives the time-out of the query, the default for an invalid one, which `read_speech_query` reports."""
    try:
        asked = int(query.get("inactivity_timeout", IDLE_TIMEOUT_S))
    except ValueError:
        return IDLE_TIMEOUT_S
    return asked if 1 <= asked <= MAX_IDLE_TIMEOUT_S else IDLE_TIMEOUT_S


def read_speech_query(voice_id: str, query: QueryParams, account: Account) -> SpeechQuery:
    """Reads and checks the query. Raises SchemaError for an invalid one, Problem for one that is not granted."""
    check_query(query)
    model = find_model(query.get("model_id") or DEFAULT_MODEL)
    if not model.speaks or model.dialogue_voices:
        raise unsupported_model(f"The model {model.model_id} is not supported on this endpoint.")
    format = rules.check_format(query.get("output_format") or DEFAULT_FORMAT, streamed=True)
    rules.check_language(query.get("language_code"), model)
    voice = rules.check_voice(voice_id, account)
    rules.check_plan(format.name, account)
    return SpeechQuery(
        model,
        voice,
        format,
        query.get("language_code"),
        sync_alignment=is_true(query, "sync_alignment"),
        auto_mode=is_true(query, "auto_mode"),
        reads_tags=is_true(query, "enable_ssml_parsing"),
        logged=is_true(query, "enable_logging", default=True),
    )


def check_query(query: QueryParams) -> None:
    """Checks the types and ranges of what the speech and the dialogue socket share."""
    check = Checker("query")
    for name in SWITCHES:
        check.boolean_text(name, query.get(name))
    for name in ("inactivity_timeout", "seed"):
        check.integer_text(name, query.get(name))
    if "apply_text_normalization" in query:
        check.one_of("apply_text_normalization", query["apply_text_normalization"], ("auto", "on", "off"))
    check.finish()
    if "seed" in query:
        rules.check_seed(int(query["seed"]))
    if not 1 <= int(query.get("inactivity_timeout", IDLE_TIMEOUT_S)) <= MAX_IDLE_TIMEOUT_S:
        raise invalid_parameter("inactivity_timeout", f"inactivity_timeout must be 1 to {MAX_IDLE_TIMEOUT_S} seconds.")
