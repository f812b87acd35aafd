"""The messages of the speech socket (WebSocket /v1/text-to-speech/{voice_id}/stream-input), as values. Pure."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eleven_cli.api.json_fields import parsed
from eleven_cli.api.tts.speech import Alignment, AudioChunk, SpeechRequest
from eleven_cli.api.tts.timestamps import of_socket

KEEP_ALIVE = {"text": " "}
END = {"text": ""}


@dataclass(frozen=True)
class Final:
    """Nothing more will come."""


@dataclass(frozen=True)
class ServerError:
    """The service gives up. code: its own word for the reason, "" when it has none."""

    message: str
    code: str = ""


def path_of(voice_id: str) -> str:
    from urllib.parse import quote

    return f"/v1/text-to-speech/{quote(voice_id, safe='')}/stream-input"


def query_of(request: SpeechRequest) -> dict[str, str]:
    """What of a request goes into the address."""
    chosen = {
        "model_id": request.model_id,
        "output_format": request.output_format,
        "language_code": request.language_code,
        "seed": request.seed,
        "apply_text_normalization": request.apply_text_normalization,
        "auto_mode": "true",  # every message is a sentence, and spoken as it comes
        "sync_alignment": "true",  # which tells what has been spoken, should the connection be lost
    }
    return {name: str(value) for name, value in chosen.items() if value is not None}


def first_message(voice_settings: Mapping[str, float | bool]) -> dict[str, Any]:
    return {"text": " ", **({"voice_settings": dict(voice_settings)} if voice_settings else {})}


def text_message(text: str, *, complete: bool) -> dict[str, Any]:
    """complete: a whole sentence, which the service speaks without being told."""
    message: dict[str, Any] = {"text": f"{text.strip()} "}
    return message if complete else {**message, "flush": True}


def decode(message: str | bytes) -> Iterator[AudioChunk | Final | ServerError]:
    """What a message of the socket says; nothing for one that says nothing to us."""
    try:
        value = parsed(message)
    except (ValueError, RecursionError):
        return
    if not isinstance(value, dict):
        return
    audio = value.get("audio")
    if isinstance(audio, str) and audio:
        yield _chunk(audio, of_socket(value.get("alignment")))
    elif value.get("message") or value.get("error"):
        yield ServerError(_word(value.get("message")) or _word(value.get("error")), _word(value.get("error")))
    if value.get("isFinal") is True or value.get("is_final") is True:
        yield Final()


def _chunk(audio: str, alignment: Alignment | None) -> AudioChunk | ServerError:
    try:
        return AudioChunk(base64.b64decode(audio, validate=True), alignment)
    except (binascii.Error, ValueError):
        return ServerError("the service sent something that is not audio", "bad_audio")


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
