"""Voices that are made of recordings, changed and deleted.

POST /v1/voices/add, POST /v1/voices/{voice_id}/edit, …/settings/edit, DELETE /v1/voices/{voice_id}.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eleven_cli.api.client import Client
from eleven_cli.api.http.bodies import FilePart
from eleven_cli.api.http.uploads import Form, ProgressCallback, upload_to_do
from eleven_cli.api.json_fields import object_of
from eleven_cli.api.voices.listing import new_voice_id, voice_path
from eleven_cli.errors import ElevenError

MOST_CLONE_BYTES = 50_000_000  # of one recording: the service takes minutes of speech, and reads no hour of it


@dataclass(frozen=True)
class ClonedVoice:
    """A voice that was made of recordings.

    voice_id                "" where the service does not tell it
    requires_verification   it cannot be used until its speaker proves on the website that the voice is theirs
    """

    voice_id: str
    name: str
    requires_verification: bool


def clone_voice(
    client: Client,
    name: str,
    recordings: Sequence[FilePart],
    *,
    description: str | None = None,
    labels: Mapping[str, str] | None = None,
    remove_noise: bool = False,
    known: Collection[str] = (),
    sent: ProgressCallback = lambda count, of: None,
) -> ClonedVoice:
    """Make a voice of recordings; only what was chosen is sent. Raises what the service refuses with.

    known   ids of the voices that have this name already
    """
    chosen = {
        "name": name,
        "description": description,
        "labels": json.dumps(labels, ensure_ascii=False) if labels else None,
        "remove_background_noise": "true" if remove_noise else None,
    }
    form = Form([(field, value) for field, value in chosen.items() if value is not None], "files", recordings, sent)
    answer = upload_to_do(client, "/v1/voices/add", form)
    members = object_of(answer)
    voice_id = new_voice_id(client, answer, name, known=known)
    return ClonedVoice(voice_id, name, members.get("requires_verification") is True)


def edit_voice(
    client: Client, voice_id: str, name: str, description: str | None, labels: Mapping[str, str] | None
) -> None:
    """Give the voice this name, description and labels: all that it has, for the service may reset what is not sent;
    None for what it does not have."""
    fields = [("name", name)]
    fields += [] if description is None else [("description", description)]
    fields += [] if labels is None else [("labels", json.dumps(labels, ensure_ascii=False))]
    upload_to_do(client, f"{voice_path(voice_id)}/edit", Form(fields))


def voice_settings(client: Client, voice_id: str) -> dict[str, Any]:
    """The voice's own settings: stability, similarity_boost, style, speed, use_speaker_boost, where they are told."""
    answer = client.json("GET", f"{voice_path(voice_id)}/settings")
    if not isinstance(answer, dict):
        raise ElevenError("the service sent something that is not the settings of a voice")
    return {name: value for name, value in answer.items() if isinstance(value, bool | int | float | str)}


def set_voice_settings(client: Client, voice_id: str, settings: Mapping[str, Any]) -> None:
    """Set all of them: the service resets what is left out."""
    client.do("POST", f"{voice_path(voice_id)}/settings/edit", json=dict(settings))


def delete_voice(client: Client, voice_id: str) -> None:
    client.do("DELETE", voice_path(voice_id))
