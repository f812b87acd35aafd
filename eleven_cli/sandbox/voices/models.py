"""The models of the sandbox and their capabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..http.problems import Problem
from ..sound.text_segments import Markup

DEFAULT_MODEL = "eleven_multilingual_v2"
DIALOGUE_MODEL = "eleven_v3"
DEFAULT_CHANGER = "eleven_english_sts_v2"
DIALOGUE_SOCKET_MODEL = "eleven_v3_conversational"
MAX_DIALOGUE_VOICES = 10

# ISO 639-1 code -> (English name, espeak voice); only languages the synthesizer reads properly.
LANGUAGES = {
    "en": ("English", "en-us"),
    "de": ("German", "de"),
    "fr": ("French", "fr"),
    "es": ("Spanish", "es"),
    "it": ("Italian", "it"),
    "pt": ("Portuguese", "pt-br"),
    "hi": ("Hindi", "hi"),
    "pl": ("Polish", "pl"),
    "nl": ("Dutch", "nl"),
    "tr": ("Turkish", "tr"),
    "sv": ("Swedish", "sv"),
    "da": ("Danish", "da"),
    "no": ("Norwegian", "nb"),
    "fi": ("Finnish", "fi"),
    "cs": ("Czech", "cs"),
    "sk": ("Slovak", "sk"),
    "ro": ("Romanian", "ro"),
    "hu": ("Hungarian", "hu"),
    "el": ("Greek", "el"),
    "bg": ("Bulgarian", "bg"),
    "hr": ("Croatian", "hr"),
    "uk": ("Ukrainian", "uk"),
    "ru": ("Russian", "ru"),
    "id": ("Indonesian", "id"),
}
ENGLISH = ("en",)


@dataclass(frozen=True)
class Model:
    """A model.

    max_characters   of one request
    cost_factor      credits per character
    group            models of a group share their slots
    dialogue_voices  the maximum in one dialogue; models with 0 have the stream-input socket instead
    """

    model_id: str
    name: str
    description: str
    max_characters: int
    cost_factor: float = 1.0
    group: str = "standard"
    languages: tuple[str, ...] = tuple(LANGUAGES)
    speaks: bool = True
    takes_context: bool = True
    takes_latency: bool = True
    takes_language: bool = True
    markup: Markup = Markup.SSML
    obeys_speed: bool = True
    uses_style: bool = False
    dialogue_voices: int = 0

    def body(self) -> dict[str, Any]:
        """Gives the model's entry in `GET /v1/models`."""
        return {
            "model_id": self.model_id,
            "name": self.name,
            "description": self.description,
            "can_be_finetuned": False,
            "can_do_text_to_speech": self.speaks,
            "can_do_voice_conversion": not self.speaks,
            "can_use_style": self.uses_style,
            "can_use_speaker_boost": self.uses_style,
            "serves_pro_voices": True,
            "token_cost_factor": self.cost_factor,
            "requires_alpha_access": False,
            "max_characters_request_free_user": self.max_characters,
            "max_characters_request_subscribed_user": self.max_characters,
            "maximum_text_length_per_request": self.max_characters,
            "languages": [{"language_id": code, "name": LANGUAGES[code][0]} for code in self.languages],
            "model_rates": {"character_cost_multiplier": self.cost_factor, "cost_discount_multiplier": 1.0},
            "concurrency_group": self.group,
        }


def _v4(model_id: str, name: str, description: str, voices: int, **more: Any) -> Model:
    return _expressive(model_id, name, description, 10_000, dialogue_voices=voices, **more)


def _v3(model_id: str, name: str, description: str, voices: int) -> Model:
    less = {"takes_context": False, "takes_latency": False}
    return _expressive(model_id, name, description, 5_000, dialogue_voices=voices, **less)


def _expressive(model_id: str, name: str, description: str, max_characters: int, **more: Any) -> Model:
    return Model(model_id, name, description, max_characters, markup=Markup.DIRECTIONS, obeys_speed=False, **more)


def _fast(model_id: str, name: str, description: str, max_characters: int, **more: Any) -> Model:
    return Model(model_id, name, description, max_characters, cost_factor=0.5, group="turbo", **more)


_ALL = (
    _v4("eleven_v4", "Eleven v4", "Stands in for the most expressive model.", 10),
    _v4("eleven_v4_turbo", "Eleven v4 Turbo", "Stands in for the quicker v4.", 1, cost_factor=0.5, group="turbo"),
    _v3("eleven_v3", "Eleven v3", "Stands in for v3: no request stitching, no SSML.", 10),
    _v3("eleven_v3_conversational", "Eleven v3 Conversational", "Stands in for v3 in conversations.", 1),
    Model(
        DEFAULT_MODEL,
        "Eleven Multilingual v2",
        "Stands in for the multilingual model; the voice decides the language.",
        10_000,
        takes_language=False,
        uses_style=True,
    ),
    _fast("eleven_flash_v2_5", "Eleven Flash v2.5", "Stands in for the fast multilingual model.", 40_000),
    _fast("eleven_flash_v2", "Eleven Flash v2", "Stands in for the fast English model.", 30_000, languages=ENGLISH),
    _fast("eleven_turbo_v2_5", "Eleven Turbo v2.5", "Deprecated in favour of Flash v2.5.", 40_000),
    _fast("eleven_turbo_v2", "Eleven Turbo v2", "Deprecated in favour of Flash v2.", 30_000, languages=ENGLISH),
    Model(
        "eleven_multilingual_sts_v2",
        "Eleven Multilingual v2 (voice changer)",
        "Stands in for the multilingual voice changer.",
        10_000,
        speaks=False,
        uses_style=True,
    ),
    Model(
        DEFAULT_CHANGER,
        "Eleven English v2 (voice changer)",
        "Stands in for the English voice changer.",
        5_000,
        languages=ENGLISH,
        speaks=False,
        uses_style=True,
    ),
)
MODELS = {model.model_id: model for model in _ALL}


def find_model(model_id: str) -> Model:
    """Gives the model with the id. Raises Problem (404 `model_not_found`) without one."""
    try:
        return MODELS[model_id]
    except KeyError:
        message = f"There is no model with the id '{model_id}'."
        raise Problem(404, "model_not_found", message, param="model_id") from None
