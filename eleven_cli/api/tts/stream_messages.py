"""The messages of the two sockets that speak a text which is still being written, as values. Pure.

Source: WebSocket /v1/text-to-speech/{voice_id}/stream-input, and /v1/text-to-dialogue/stream-input of the models that
act (v3 and v4).
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from eleven_cli.api.json_fields import parsed
from eleven_cli.api.tts import Alignment, AudioChunk
from eleven_cli.api.tts.models import is_expressive
from eleven_cli.api.tts.speech import SpeechRequest
from eleven_cli.api.tts.timestamps import of_socket


@dataclass(frozen=True)
class TurnEnd:
    """The audio of a flushed text is complete."""


@dataclass(frozen=True)
class Final:
    """Nothing more will come."""


@dataclass(frozen=True)
class ServerError:
    """The service gives up. code: its own word for the reason, "" when it has none."""

    message: str
    code: str = ""


@dataclass(frozen=True)
class StreamMessages:
    """What a client says on such a socket: its address, then JSON objects.

    text  the messages for a text, and whether it is a whole sentence
    """

    path: str
    query: dict[str, str]
    first: dict[str, Any]
    text: Callable[[str, bool], list[dict[str, Any]]]
    keep_alive: dict[str, Any]
    end: dict[str, Any]


def speech_messages(request: SpeechRequest) -> StreamMessages:
    """Of the speech socket, which speaks each message as it comes."""
    from urllib.parse import quote

    def text_messages(text: str, complete: bool) -> list[dict[str, Any]]:
        message: dict[str, Any] = {"text": f"{text.strip()} "}
        return [message if complete else {**message, "flush": True}]

    settings = dict(request.voice_settings)
    return StreamMessages(
        path=f"/v1/text-to-speech/{quote(request.voice_id, safe='')}/stream-input",
        query={**_query_of(request), "auto_mode": "true"},  # every message is a sentence
        first={"text": " ", **({"voice_settings": settings} if settings else {}), **request.locators},
        text=text_messages,
        keep_alive={"text": " "},
        end={"text": ""},
    )


def dialogue_messages(request: SpeechRequest) -> StreamMessages:
    """Of the dialogue socket, with one voice. It holds back some 40 characters and 8 words, so each text is flushed."""

    def text_messages(text: str, _complete: bool) -> list[dict[str, Any]]:
        return [{"inputs": [{"text": f"{text.strip()} ", "voice_id": request.voice_id}]}, {"flush": True}]

    stability = request.voice_settings.get("stability")  # the only setting that it knows
    settings = {} if stability is None else {"voice_settings": {"stability": stability}}
    return StreamMessages(
        path="/v1/text-to-dialogue/stream-input",
        query=_query_of(request),
        first={"voices": [request.voice_id], **settings, **request.locators},
        text=text_messages,
        keep_alive={"keep_alive": True},
        end={"close_socket": True},
    )


def messages_for(request: SpeechRequest) -> StreamMessages:
    """Gives the messages of the socket over which the request's model speaks."""
    return (dialogue_messages if is_expressive(request.model_id) else speech_messages)(request)


def decode(message: str | bytes) -> Iterator[AudioChunk | TurnEnd | Final | ServerError]:
    """Decodes a message of the socket; gives nothing for one that does not matter here."""
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
    if value.get("is_final_audio_for_turn") is True:
        yield TurnEnd()
    if value.get("isFinal") is True or value.get("is_final") is True:
        yield Final()


def _query_of(request: SpeechRequest) -> dict[str, str]:
    """What of a request goes into the address of either socket."""
    chosen = {
        "model_id": request.model_id,
        "output_format": request.output_format,
        "language_code": request.language_code,
        "seed": request.seed,
        "apply_text_normalization": request.apply_text_normalization,
        "sync_alignment": "true",  # which tells what has been spoken, should the connection be lost
    }
    return {name: str(value) for name, value in chosen.items() if value is not None}


def _chunk(audio: str, alignment: Alignment | None) -> AudioChunk | ServerError:
    try:
        return AudioChunk(base64.b64decode(audio, validate=True), alignment)
    except (binascii.Error, ValueError):
        return ServerError("the service sent something that is not audio", "bad_audio")


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
