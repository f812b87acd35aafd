"""The models of the service (GET /v1/models)."""

from dataclasses import dataclass
from typing import Any

from eleven_cli.api.client import Client
from eleven_cli.api.tts.models import DOCUMENTED_LIMITS
from eleven_cli.errors import ElevenError

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
    documented = DOCUMENTED_LIMITS.get(entry["model_id"])
    known = [limit for limit in (whole_number(said), documented) if limit is not None and limit > 0]
    return min(known) if known else None
