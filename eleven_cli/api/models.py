"""The models of the service (GET /v1/models)."""

from dataclasses import dataclass
from typing import Any

from eleven_cli.api.client import Client
from eleven_cli.errors import ElevenError

DEFAULT_MODEL = "eleven_multilingual_v2"  # the service's own, where none is named

# What the documentation grants in one request; the service's own figure can be far above what it accepts.
_DOCUMENTED_LIMITS = {
    "eleven_flash_v2_5": 40_000,
    "eleven_turbo_v2_5": 40_000,
    "eleven_flash_v2": 30_000,
    "eleven_turbo_v2": 30_000,
    "eleven_multilingual_v2": 10_000,
    "eleven_v4": 10_000,
    "eleven_v4_turbo": 10_000,
    "eleven_v3": 5_000,
    "eleven_v3_conversational": 5_000,
}
LEAST_LIMIT = min(_DOCUMENTED_LIMITS.values())
# The service does not list these: GET /v1/models has only what speaks.
_TRANSCRIBING = {
    "scribe_v2": ("Scribe v2", "Transcribes recordings", "stt"),
    "scribe_v3": ("Scribe v3", "Transcribes recordings, in several languages", "stt"),
    "scribe_v2_realtime": ("Scribe v2 Realtime", "Transcribes live", "stt-live"),
    "scribe_v2_realtime_turbo": ("Scribe v2 Realtime Turbo", "Transcribes live, sooner", "stt-live"),
}
_ABILITIES = {
    "can_do_text_to_speech": "tts",
    "can_do_voice_conversion": "sts",
    "can_use_style": "style",
    "can_use_speaker_boost": "speaker-boost",
}


@dataclass(frozen=True)
class Model:
    """One model.

    languages        ISO 639-1 codes
    character_limit  characters in one request; None if unknown
    cost_factor      credits a character; None if unknown
    abilities        of: tts, sts, style, speaker-boost, stt, stt-live
    """

    model_id: str
    name: str
    description: str
    languages: list[str]
    character_limit: int | None
    cost_factor: float | None
    abilities: list[str]


def list_models(client: Client) -> list[Model]:
    """All models the account sees, in the service's order; then those that transcribe, as documented."""
    return models_in(client.json("GET", "/v1/models"))


def models_in(answer: Any) -> list[Model]:
    """Reads the models from the answer to that request."""
    if not isinstance(answer, list):
        raise ElevenError("the service sent something that is not a list of models")
    found = [_model(entry) for entry in answer if isinstance(entry, dict) and isinstance(entry.get("model_id"), str)]
    listed = {model.model_id for model in found}
    return found + [
        Model(model_id, name, description, [], None, None, [ability])
        for model_id, (name, description, ability) in _TRANSCRIBING.items()
        if model_id not in listed
    ]


def documented_models() -> list[str]:
    """The ids of the models that are documented."""
    return list(_DOCUMENTED_LIMITS)


def takes_language(model_id: str | None) -> bool:
    """Whether a model may be told the language. The service's default model, and its family, may not."""
    return "multilingual_v2" not in (model_id or DEFAULT_MODEL)


def is_expressive(model_id: str | None) -> bool:
    """Whether a model acts what stands in square brackets, and speaks over the dialogue socket: v3 and v4."""
    return (model_id or DEFAULT_MODEL).startswith(("eleven_v3", "eleven_v4"))


def takes_neighbours(model_id: str | None) -> bool:
    """Whether a model may be told what stands around a text, be it as text or as requests. Of v4 that is not sure."""
    return not (model_id or DEFAULT_MODEL).startswith("eleven_v3")


def heard_settings(model_id: str | None) -> frozenset[str] | None:
    """The settings of a voice that a model uses; None for all. It accepts the others, and ignores them."""
    if not is_expressive(model_id):
        return None
    return frozenset(["stability"] if not takes_neighbours(model_id) else ["stability", "similarity_boost"])


def documented_limit(model_id: str | None) -> int | None:
    """Characters in one request; None for a model that is not documented."""
    return _DOCUMENTED_LIMITS.get(model_id or DEFAULT_MODEL)


def cost_factor(model_id: str | None) -> float:
    """Credits a character, as documented: the fast models cost half."""
    return 0.5 if any(family in (model_id or "") for family in ("flash", "turbo")) else 1.0


def _model(entry: dict[str, Any]) -> Model:
    from eleven_cli.api.json_fields import number, objects_of

    languages = [language.get("language_id") for language in objects_of(entry.get("languages"))]
    rates = entry.get("model_rates")
    cost = rates.get("character_cost_multiplier") if isinstance(rates, dict) else None
    return Model(
        model_id=entry["model_id"],
        name=str(entry.get("name") or entry["model_id"]),
        description=str(entry.get("description") or ""),
        languages=[language for language in languages if isinstance(language, str)],
        character_limit=_character_limit(entry),
        cost_factor=number(cost if cost is not None else entry.get("token_cost_factor")),
        abilities=[word for key, word in _ABILITIES.items() if entry.get(key)],
    )


def _character_limit(entry: dict[str, Any]) -> int | None:
    from eleven_cli.api.json_fields import whole_number

    said = entry.get("maximum_text_length_per_request") or entry.get("max_characters_request_subscribed_user")
    documented = _DOCUMENTED_LIMITS.get(entry["model_id"])
    known = [limit for limit in (whole_number(said), documented) if limit is not None and limit > 0]
    return min(known) if known else None
