"""Reads requests for conversions, and checks them against the schema, then against the rules."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, BinaryIO

from starlette.datastructures import QueryParams

from ..accounts.account import Account
from ..accounts.ledger import Charge
from ..http.problems import Problem, unsupported_model
from ..http.query import is_true
from ..http.uploads import FILE_FORMATS, Form
from ..http.validate import Checker
from ..sound.formats import Format
from ..speech import rules
from ..speech.request import DEFAULT_FORMAT, check_settings, number_in
from ..voices.models import DEFAULT_CHANGER, Model, find_model
from ..voices.voice import Voice

MAX_CHANGED_S, MAX_CLEANED_S = 300.0, 3600.0
MAX_BYTES = 500 * 1000 * 1000
CREDITS_PER_MINUTE = 1000
SIMILARITY = 0.75
SLACK_S = 1.0  # an encoder may have padded audio of exactly the allowed length


@dataclass(frozen=True)
class ConversionTarget:
    """What is known of a conversion before the upload: its voice and output format."""

    voice: Voice
    format: Format
    logged: bool


@dataclass(frozen=True)
class ConversionRequest:
    """What the form of a conversion asks for."""

    file: BinaryIO
    raw: bool
    model: Model
    similarity: float
    quiet: bool


def check_query(query: QueryParams) -> None:
    """Checks the query. Raises SchemaError."""
    check = Checker("query")
    check.boolean_text("enable_logging", query.get("enable_logging"))
    if query.get("optimize_streaming_latency") is not None:
        check.integer_text("optimize_streaming_latency", query["optimize_streaming_latency"])
    check.finish()


def read_conversion_target(voice_id: str, query: QueryParams, account: Account, *, streamed: bool) -> ConversionTarget:
    """Gives voice and format of a checked query. Raises Problem for one that is not granted."""
    format = rules.check_format(query.get("output_format") or DEFAULT_FORMAT, streamed=streamed)
    voice = rules.check_voice(voice_id, account)
    rules.check_plan(format.name, account)
    return ConversionTarget(voice, format, is_true(query, "enable_logging", default=True))


def read_conversion_request(form: Form) -> ConversionRequest:
    """Reads the form. Raises SchemaError, and Problem for an unsuitable model or invalid settings."""
    upload = form.file("audio")
    model_id = form.text("model_id") or DEFAULT_CHANGER
    seed, quiet = form.integer("seed"), form.flag("remove_background_noise")
    raw = form.choice("file_format", FILE_FORMATS, "other") != "other"
    form.check.finish()
    assert upload is not None
    rules.check_seed(seed)
    similarity = number_in(_settings(form.text("voice_settings")), "similarity_boost", SIMILARITY)
    return ConversionRequest(upload.file, raw, _model(model_id), similarity, quiet)


def read_isolation_request(form: Form) -> tuple[BinaryIO, bool]:
    """Gives the file to clean, and whether it holds raw samples."""
    upload = form.file("audio")
    raw = form.choice("file_format", FILE_FORMATS, "other") != "other"
    form.check.finish()
    assert upload is not None
    return upload.file, raw


def price_audio(product: str, model_id: str, voice_id: str, seconds: float) -> Charge:
    """Prices a conversion by its duration: 1000 credits a minute."""
    return Charge(product, model_id, voice_id, 0, math.ceil(seconds * CREDITS_PER_MINUTE / 60))


def _model(model_id: str) -> Model:
    model = find_model(model_id)
    if model.speaks:
        raise unsupported_model(f"'{model_id}' speaks texts and cannot change voices.")
    return model


def _settings(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError):
        raise _bad_settings("voice_settings is not JSON.") from None
    check = Checker("voice_settings")
    if settings is not None and check.object("voice_settings", settings):
        check_settings(check, settings)
    if check.faults:
        fault = check.faults[0]
        raise _bad_settings(f"{fault['loc'][-1]}: {fault['msg']}")
    return settings or {}


def _bad_settings(message: str) -> Problem:
    return Problem(400, "invalid_voice_settings", message, param="voice_settings")
