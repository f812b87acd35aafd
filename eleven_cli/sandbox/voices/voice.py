"""A voice: its description, its settings for the synthesizer, and its JSON. The voices are in `voice_data`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

BASE_MODELS = ("eleven_multilingual_v2", "eleven_flash_v2_5")
PREVIEWS = "previews"
LIBRARY_OWNER = "sandboxlibraryowner"
DEFAULT_SETTINGS = {"stability": 0.5, "use_speaker_boost": True, "similarity_boost": 0.75, "style": 0.0, "speed": 1.0}


@dataclass(frozen=True)
class Timbre:
    """The settings of espeak for a voice.

    Only variants of espeak's `klatt 6` synthesizer are used: the others carry state from one utterance into the next
    (pitch flutter, mixed-in noise), so that the same request would sound a little different each time.

    pitch, pitch_range  0 to 100
    volume              0 to 200
    tract               shortens the vocal tract when above 1: speech is slower by this factor, and played faster by it
    """

    variant: str
    pitch: int = 50
    pitch_range: int = 50
    volume: int = 100
    tract: float = 1.0
    words_per_minute: int = 165


@dataclass(frozen=True)
class Voice:
    """A voice.

    locale    its espeak language
    labels    accent, age, gender, use_case, descriptive, and language (ISO 639-1), as far as known
    settings  what holds for a request that says nothing else
    owner_id  the public id of the user who shares it in the library
    """

    voice_id: str
    name: str
    locale: str
    labels: dict[str, str]
    description: str
    timbre: Timbre
    category: str = "premade"
    created_at_unix: int | None = None
    settings: dict[str, Any] = field(default_factory=DEFAULT_SETTINGS.copy)
    owner_id: str = LIBRARY_OWNER

    @property
    def language(self) -> str:
        return self.labels.get("language", "en")

    @property
    def is_owner(self) -> bool:
        return self.category in ("cloned", "generated")

    @property
    def is_shared(self) -> bool:
        return self.category == "professional"

    def body(self, base_url: str) -> dict[str, Any]:
        """Gives the voice as the API describes it; its preview is below `base_url`, which ends with a slash."""
        return {
            "voice_id": self.voice_id,
            "name": self.name,
            "samples": [_SAMPLE] if self.category == "cloned" else None,
            "category": self.category,
            "fine_tuning": _FINE_TUNING,
            "labels": self.labels,
            "description": self.description,
            "preview_url": f"{base_url}{PREVIEWS}/{self.voice_id}.mp3",
            "available_for_tiers": [],
            "settings": self.settings,
            "sharing": self._sharing() if self.is_shared else None,
            "high_quality_base_model_ids": list(BASE_MODELS),
            "verified_languages": [self._verified(model_id) for model_id in BASE_MODELS],
            "collection_ids": None,
            "safety_control": None,
            "voice_verification": _VERIFICATION,
            "permission_on_resource": "admin" if self.is_owner else None,
            "is_owner": self.is_owner,
            "is_legacy": False,
            "is_mixed": False,
            "favorited_at_unix": None,
            "created_at_unix": self.created_at_unix,
            "is_bookmarked": self.is_shared,
            "recording_quality": None,
            "labelling_status": None,
            "recording_quality_reason": None,
        }

    def _verified(self, model_id: str) -> dict[str, Any]:
        about = {"language": self.language, "accent": self.labels.get("accent"), "locale": None, "preview_url": None}
        return {**about, "model_id": model_id}

    def _sharing(self) -> dict[str, Any]:
        return {
            "status": "copied",
            "date_unix": self.created_at_unix,
            "whitelisted_emails": [],
            "public_owner_id": self.owner_id,
            "original_voice_id": self.voice_id,
            "financial_rewards_enabled": True,
            "free_users_allowed": False,
            "live_moderation_enabled": False,
            "rate": 1.0,
            "notice_period": 30,
            "voice_mixing_allowed": False,
            "featured": False,
            "category": self.category,
            "liked_by_count": 0,
            "cloned_by_count": 0,
            "name": self.name,
            "description": self.description,
            "labels": self.labels,
            "review_status": "allowed",
            "enabled_in_library": True,
        }


_SAMPLE = {
    "sample_id": "kQm2Vt7sXc4Zb9Ld1HfR",
    "file_name": "first-recording.wav",
    "mime_type": "audio/wav",
    "size_bytes": 441_044,
    "hash": "5d1f0c7a9be24c31a8f6e2d4b7093e18",
    "duration_secs": 10.0,
}
_FINE_TUNING = {
    "is_allowed_to_fine_tune": False,
    "state": {},
    "verification_failures": [],
    "verification_attempts_count": 0,
    "manual_verification_requested": False,
}
_VERIFICATION = {
    "requires_verification": False,
    "is_verified": False,
    "verification_failures": [],
    "verification_attempts_count": 0,
    "language": None,
    "verification_attempts": None,
}
