"""Voices made from a description: three previews to choose from, one of which is kept.

POST /v1/text-to-voice/design, /v1/text-to-voice/{voice_id}/remix, /v1/text-to-voice, and GET
/v1/text-to-voice/{generated_voice_id}/stream.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from eleven_cli.api.client import Client
from eleven_cli.api.json_fields import number, objects_of, text_of
from eleven_cli.api.voices.listing import new_voice_id
from eleven_cli.api.voices.voice import Voice, made_voice
from eleven_cli.errors import ElevenError, LimitError, NotFound

MODELS = ("eleven_multilingual_ttv_v2", "eleven_ttv_v3")
MODEL_WITH_REFERENCE = "eleven_ttv_v3"
LEAST_DESCRIPTION, LEAST_CHANGE, MOST_DESCRIPTION = 20, 5, 1000
LEAST_TEXT, MOST_TEXT = 100, 1000
READ_TIMEOUT_S = 300.0  # nothing is sent before all of it is made
_GONE = {"voice_not_found", "generated_voice_not_found", "invalid_voice_id", "not_found", "document_not_found"}


@dataclass(frozen=True)
class DesignRequest:
    """What a voice is to be like; None leaves a value to the service.

    description  of the voice, or of how to change one
    text         what the previews say; None for a text of the service's own
    fmt          the format of the previews, by the API's name
    reference    a recording that it shall resemble; needs MODEL_WITH_REFERENCE
    strength     how much the description counts against the recording, 0 to 1
    """

    description: str
    fmt: str
    text: str | None = None
    model: str | None = None
    seed: int | None = None
    guidance: float | None = None
    loudness: float | None = None
    quality: float | None = None
    reference: bytes | None = None
    strength: float | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The JSON for the service."""
        reference = None if self.reference is None else base64.b64encode(self.reference).decode("ascii")
        values = {
            "voice_description": self.description,
            "model_id": self.model,
            "text": self.text,
            "auto_generate_text": True if self.text is None else None,
            "seed": self.seed,
            "guidance_scale": self.guidance,
            "loudness": self.loudness,
            "quality": self.quality,
            "reference_audio_base64": reference,
            "prompt_strength": self.strength,
        }
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class VoicePreview:
    """One of the voices that were made. audio: b"" where the service sent none; duration_s: None when not told."""

    generated_voice_id: str
    audio: bytes
    media_type: str
    duration_s: float | None
    language: str | None


@dataclass(frozen=True)
class Designed:
    """Designed previews. text: what they say; credits: their cost, None if unknown."""

    previews: tuple[VoicePreview, ...]
    text: str
    credits: int | None


def design(client: Client, request: DesignRequest) -> Designed:
    """Make voices of a description; it costs credits, and is asked for once."""
    return _made(client, "/v1/text-to-voice/design", request)


def remix(client: Client, voice_id: str, request: DesignRequest) -> Designed:
    """Make variants of a voice of one's own; it costs credits, and is asked for once."""
    return _made(client, f"/v1/text-to-voice/{quote(voice_id, safe='')}/remix", request)


def keep(client: Client, name: str, description: str, generated_voice_id: str) -> Voice:
    """Make a preview a voice of the account: the voice, without an id where the service does not tell it. Raises
    NotFound for a preview that is not there any more."""
    body = {"voice_name": name, "voice_description": description, "generated_voice_id": generated_voice_id}
    try:
        answer = client.do("POST", "/v1/text-to-voice", json=body)
    except ElevenError as refused:
        if is_gone(refused):
            raise _expired(generated_voice_id, refused) from refused
        raise
    described = answer if isinstance(answer, dict) else {"description": description, "category": "generated"}
    known = {"voice_id": new_voice_id(client, answer, name), "name": text_of(described.get("name")) or name}
    return made_voice({**described, **known})


def preview_audio(client: Client, generated_voice_id: str) -> bytes:
    """The MP3 of a preview; it costs nothing. Raises NotFound for one that is not there any more."""
    path = f"/v1/text-to-voice/{quote(generated_voice_id, safe='')}/stream"
    try:
        with client.stream("GET", path, accept="audio/mpeg") as stream:
            return b"".join(stream)
    except NotFound as refused:
        raise _expired(generated_voice_id, refused) from refused


def is_gone(refused: ElevenError) -> bool:
    """Whether it says that there is no such preview."""
    words = set(refused.code.split(", "))
    return not isinstance(refused, LimitError) and (refused.status == 404 or bool(words & _GONE))


def _expired(generated_voice_id: str, refused: ElevenError) -> NotFound:
    said = f"there is no preview {generated_voice_id}: previews can be kept for a while only"
    return NotFound(said, code=refused.code, status=refused.status, request_id=refused.request_id)


def _made(client: Client, path: str, request: DesignRequest) -> Designed:
    query = {"output_format": request.fmt}
    answer, credits = client.json_and_credits(
        "POST", path, params=query, json=request.body, read_timeout_s=READ_TIMEOUT_S, is_paid=True
    )
    listed = answer.get("previews") if isinstance(answer, dict) else None
    previews = tuple(_preview(entry) for entry in objects_of(listed) if text_of(entry.get("generated_voice_id")))
    if not previews:
        raise ElevenError("the service sent no previews", code="no_previews")
    return Designed(previews, text_of(answer.get("text")), credits)


def _preview(entry: Mapping[str, Any]) -> VoicePreview:
    return VoicePreview(
        generated_voice_id=text_of(entry.get("generated_voice_id")),
        audio=_decoded(text_of(entry.get("audio_base_64"))),
        media_type=text_of(entry.get("media_type")),
        duration_s=number(entry.get("duration_secs")),
        language=text_of(entry.get("language")) or None,
    )


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return b""
