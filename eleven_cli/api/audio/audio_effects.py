"""Audio effects: the catalogue of what can be done to speech (GET /v1/audio-effects/catalog)."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from eleven_cli.api.client import Client
from eleven_cli.errors import ElevenError

PATH = "/v1/audio-effects/catalog"
MEMBERS = {"effect": "filter_preset_id", "room": "environment_id", "background": "background_noise_id"}
_LISTS = {"effect": "filter_presets", "room": "environments", "background": "background_noises"}


class AudioEffect(NamedTuple):
    """One effect. kind: "effect" (a filter), "room" or "background"."""

    kind: str
    id: str
    name: str
    description: str


def list_effects(client: Client) -> list[AudioEffect]:
    """Lists the whole catalogue, in its order. Raises ElevenError for an answer that is none."""
    answer = client.json("GET", PATH)
    if not isinstance(answer, dict):
        raise ElevenError("the service sent something that is not a catalogue of effects")
    return [effect for kind in MEMBERS for effect in _of_kind(answer, kind)]


def _of_kind(answer: dict[str, Any], kind: str) -> Iterator[AudioEffect]:
    listed = answer.get(_LISTS[kind])
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict) and isinstance(entry.get(MEMBERS[kind]), str):
            effect_id = entry[MEMBERS[kind]]
            yield AudioEffect(kind, effect_id, str(entry.get("name") or effect_id), str(entry.get("description") or ""))
