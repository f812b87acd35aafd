"""Reads a request for a transcript, and checks it against the schema, then against the rules."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams, UploadFile

from ..http.problems import Problem, invalid_parameter, unsupported_model
from ..http.uploads import FILE_FORMATS, Form
from ..http.validate import Checker
from ..voices.models import MODELS
from .edits import MAX_EDIT, SURCHARGE
from .entities import MODES, is_subset
from .exports import ExportOptions, read_exports
from .languages import is_language

SCRIBES = ("scribe_v2", "scribe_v2_medical", "scribe_v3")
MAX_BYTES = 5 * 1000**3
MAX_URL_BYTES = 2 * 1000**3
MAX_KEYTERMS, KEYTERM_CHARACTERS, KEYTERM_WORDS = 1000, 50, 5
MANY_KEYTERMS, MANY_LEAST_S = 100, 20.0
NOT_IN_KEYTERMS = set("<>{}[]\\")
MAX_SEED = 2**31 - 1
MAX_METADATA_BYTES = 16 * 1024
VERBATIM_OR_NOT, MULTILINGUAL = "scribe_v2", "scribe_v3"  # the models that take no_verbatim and several languages
CREDITS_PER_MINUTE = 100
SURCHARGES = {
    "keyterms": 0.2, "entity_detection": 0.3, "entity_redaction": 0.3, "detect_speaker_roles": 0.1,
    "transcript_edit": SURCHARGE,
}  # fmt: skip


@dataclass(frozen=True)
class TranscriptionRequest:
    """A request that was checked; `source` is a file or a URL."""

    model_id: str
    source: UploadFile | str
    raw: bool
    language: str | None
    granularity: str
    diarize: bool
    speakers: int | None
    roles: bool
    channels: bool
    combined: bool
    no_verbatim: bool
    exports: list[ExportOptions]
    detected: set[str]
    redacted: set[str]
    redaction_mode: str
    edit: str | None
    webhook: bool
    webhook_id: str | None
    webhook_metadata: dict[str, Any] | None
    surcharge: float
    least_s: float

    def credits(self, seconds: float, channels: int) -> int:
        """Gives the price: 100 credits a minute for each channel, plus surcharges."""
        return math.ceil(max(seconds, self.least_s) * channels / 60 * CREDITS_PER_MINUTE * (1 + self.surcharge))


def check_query(query: QueryParams) -> None:
    """Checks the query. Raises SchemaError."""
    check = Checker("query")
    check.boolean_text("enable_logging", query.get("enable_logging"))
    check.finish()


def read_transcription_request(form: Form) -> TranscriptionRequest:
    """Reads the form. Raises SchemaError for one that does not match the schema, Problem for one that breaks a rule."""
    check = form.check
    model_id = form.text("model_id")
    if model_id is None:
        check.required({}, "model_id")
    upload = form.file("file", required=False)
    url = form.text("source_url") or form.text("cloud_storage_url")
    options = _options(form)
    exports = read_exports(form.json("additional_formats"), check)
    check.finish()
    assert model_id is not None
    _check_model(model_id)
    _check_options(form, options)
    detected, redacted = (_entities(form, name) for name in ("entity_detection", "entity_redaction"))
    _check_abilities(form, model_id, options)
    if redacted and not is_subset(redacted, detected):
        raise invalid_parameter("entity_redaction", "entity_redaction must be a part of entity_detection.")
    if options["edit"] is not None and (detected or options["channels"]):
        raise invalid_parameter("transcript_edit", "It cannot be used with entities or use_multi_channel.")
    keyterms = _keyterms(form)
    source = _source(upload, url)
    extras = {**{name: bool(form.text(name)) for name in SURCHARGES}, "detect_speaker_roles": options["roles"]}
    extras.update({"entity_detection": bool(detected), "entity_redaction": bool(redacted)})
    return TranscriptionRequest(
        model_id,
        source,
        exports=exports,
        detected=detected,
        redacted=redacted,
        surcharge=sum(SURCHARGES[name] for name, wanted in extras.items() if wanted),
        least_s=MANY_LEAST_S if len(keyterms) > MANY_KEYTERMS else 0.0,
        **options,
    )


def _options(form: Form) -> dict[str, Any]:
    for name in ("tag_audio_events", "use_speaker_library"):
        form.flag(name)
    form.integer("seed", 0, MAX_SEED)
    form.number("temperature", 0, 2)
    form.number("diarization_threshold", 0.1, 0.4)
    form.choice("numbers_format", ("digits", "words"), "digits")
    return {
        "no_verbatim": form.flag("no_verbatim"),
        "redaction_mode": form.choice("entity_redaction_mode", MODES, MODES[-1]),
        "edit": form.text("transcript_edit") or None,
        "webhook": form.flag("webhook"),
        "webhook_id": form.text("webhook_id"),
        "webhook_metadata": _metadata(form),
        "raw": form.choice("file_format", FILE_FORMATS, "other") != "other",
        "language": form.text("language_code"),
        "granularity": form.choice("timestamps_granularity", ("none", "word", "character"), "word"),
        "diarize": form.flag("diarize"),
        "speakers": form.integer("num_speakers", 1, 32),
        "roles": form.flag("detect_speaker_roles"),
        "channels": form.flag("use_multi_channel"),
        "combined": form.choice("multichannel_output_style", ("separate", "combined"), "separate") == "combined",
    }


def _check_model(model_id: str) -> None:
    if model_id in MODELS:
        raise unsupported_model(f"'{model_id}' cannot transcribe.")
    if model_id not in SCRIBES:
        message = f"'{model_id}' is not a valid model_id. Only {', '.join(SCRIBES)} are."
        raise Problem(400, "unsupported_model", message, status="invalid_model_id", param="model_id")


def _check_options(form: Form, options: dict[str, Any]) -> None:
    for code in (options["language"], *form.texts("secondary_language_codes")):
        if code and not is_language(code):
            message = f"There is no language '{code}'."
            raise invalid_parameter("language_code", message, status="invalid_language_code")
    if options["channels"] and options["diarize"]:
        raise invalid_parameter("diarize", "diarize cannot be used with use_multi_channel.")
    if options["roles"] and (options["channels"] or not options["diarize"]):
        raise invalid_parameter("detect_speaker_roles", "detect_speaker_roles needs diarize, and one channel.")
    if options["channels"] and options["combined"] and options["granularity"] == "none":
        raise invalid_parameter("multichannel_output_style", "combined needs timestamps.")
    if form.text("diarization_threshold") and (not options["diarize"] or options["speakers"] is not None):
        raise invalid_parameter("diarization_threshold", "It needs diarize, and no num_speakers.")
    if len(options["edit"] or "") > MAX_EDIT:
        raise invalid_parameter("transcript_edit", f"transcript_edit takes up to {MAX_EDIT} characters.")
    if options["webhook_id"] and not options["webhook"]:
        raise invalid_parameter("webhook_id", "webhook_id can only be used with webhook=true.")


def _metadata(form: Form) -> dict[str, Any] | None:
    """Reads what is passed on to the webhook. Raises Problem (400) for what is too large, too deep, or no object."""
    value = form.json("webhook_metadata")
    if value is None:
        return None
    if len((form.text("webhook_metadata") or "").encode()) > MAX_METADATA_BYTES:
        raise invalid_parameter("webhook_metadata", f"webhook_metadata can have {MAX_METADATA_BYTES:,} bytes at most.")
    if not isinstance(value, dict):
        raise invalid_parameter("webhook_metadata", "webhook_metadata must be a JSON object.")
    if any(isinstance(deep, dict | list) for inner in value.values() for deep in _members(inner)):
        raise invalid_parameter("webhook_metadata", "webhook_metadata can be two levels deep at most.")
    return value


def _members(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _check_abilities(form: Form, model_id: str, options: dict[str, Any]) -> None:
    if options["no_verbatim"] and model_id != VERBATIM_OR_NOT:
        raise invalid_parameter("no_verbatim", f"no_verbatim is only supported with {VERBATIM_OR_NOT}.")
    if form.texts("secondary_language_codes") and model_id != MULTILINGUAL:
        message = f"secondary_language_codes is only supported with {MULTILINGUAL}."
        raise invalid_parameter("secondary_language_codes", message)
    if options["channels"] and options["combined"] and _entities(form, "entity_detection"):
        raise invalid_parameter("multichannel_output_style", "combined does not support entity detection.")


def _entities(form: Form, name: str) -> set[str]:
    """Reads entity categories and types: repeated fields or, as SDKs send it, one of JSON, in which null means none."""
    found: set[str] = set()
    for text in form.texts(name):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = text
        found.update(str(one) for one in (value if isinstance(value, list) else [value]) if one)
    return found


def _keyterms(form: Form) -> list[str]:
    terms = form.texts("keyterms")
    if len(terms) > MAX_KEYTERMS:
        raise invalid_parameter("keyterms", f"At most {MAX_KEYTERMS} keyterms can be given, not {len(terms)}.")
    for term in terms:
        if len(term) >= KEYTERM_CHARACTERS or len(term.split()) > KEYTERM_WORDS or NOT_IN_KEYTERMS & set(term):
            message = (
                f"The keyterm '{term}' must have less than {KEYTERM_CHARACTERS} characters, at most {KEYTERM_WORDS} "
                "words, and none of < > { } [ ] \\."
            )
            raise invalid_parameter("keyterms", message)
    return terms


def _source(upload: UploadFile | None, url: str | None) -> UploadFile | str:
    if (upload is None) == (url is None):
        message = "Must provide either file or source_url, and not both."
        raise invalid_parameter("file", message, status="invalid_parameters")
    return upload or url or ""
