"""Text to speech (POST /v1/text-to-speech/{voice_id}/stream)."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from eleven_cli.api.client import LONGEST_ERROR_BODY_BYTES, Client, Stream, not_what_was_asked
from eleven_cli.errors import NotFound

# Beginnings that no audio in a framed format has; raw samples may begin with anything.
_MARKUP = (b"{", b"[", b"<")
_HTML = (b"<html", b"<!doctype")
_FRAMED = ("mp3_", "opus_")
_TEXT_TYPES = ("application/json", "application/problem+json", "text/")


@dataclass(frozen=True)
class Speech:
    """One request to speak.

    output_format   the API's name of it, such as mp3_44100_128
    voice_settings  only what should differ from the voice's own: stability, similarity_boost, style, speed,
                    use_speaker_boost
    """

    text: str
    voice_id: str
    output_format: str
    model_id: str | None = None
    voice_settings: dict[str, float | bool] = field(default_factory=dict)
    seed: int | None = None
    language_code: str | None = None
    apply_text_normalization: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The request's JSON: only what was chosen."""
        chosen = {
            "text": self.text,
            "model_id": self.model_id,
            "voice_settings": self.voice_settings or None,
            "seed": self.seed,
            "language_code": self.language_code,
            "apply_text_normalization": self.apply_text_normalization,
        }
        return {name: value for name, value in chosen.items() if value is not None}


class Audio:
    """The audio of one request, as it arrives; a `with`, iterated once.

    voice_id     who speaks
    request_id   for support, "" when the service did not say
    credits      what it cost, None when the service did not say
    """

    def __init__(self, stream: Stream, speech: Speech) -> None:
        self._stream, self._output_format = stream, speech.output_format
        self.voice_id = speech.voice_id
        self.request_id = stream.headers.get("request-id", "")
        cost = stream.headers.get("character-cost", "")
        self.credits = int(cost) if cost.isdigit() else None

    def __enter__(self) -> "Audio":
        return self

    def __exit__(self, *exc: object) -> None:
        self._stream.__exit__(*exc)

    def __iter__(self) -> Iterator[bytes]:
        """Chunks as they arrive. Raises when the body turns out to be no audio, or nothing at all."""
        chunks = iter(self._stream)
        first = next(chunks, b"")
        if not first or self._is_text(first):
            body = b"".join(_at_most(LONGEST_ERROR_BODY_BYTES, itertools.chain([first], chunks)))
            raise not_what_was_asked(self._stream.headers, body, wanted="audio")
        yield first
        yield from chunks

    def _is_text(self, first: bytes) -> bool:
        if self._stream.headers.get("content-type", "").lower().startswith(_TEXT_TYPES):
            return True
        if self._output_format.startswith(_FRAMED) and first.lstrip()[:1] in _MARKUP:
            return True
        return first.lstrip()[:9].lower().startswith(_HTML) or _is_json(first)


def speak(client: Client, speech: Speech) -> Audio:
    """Ask for it; returns as soon as the service has accepted."""
    from urllib.parse import quote

    if speech.voice_id.strip(".") == "":
        raise NotFound(f"there is no voice with the id {speech.voice_id}")  # dots would name another path
    path = f"/v1/text-to-speech/{quote(speech.voice_id, safe='')}/stream"
    stream = client.stream("POST", path, params={"output_format": speech.output_format}, json=speech.body)
    return Audio(stream, speech)


def _is_json(first: bytes) -> bool:
    """Whether it is a whole JSON object: samples are not, by any chance."""
    if first[:1] != b"{":
        return False
    import json

    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _at_most(size: int, chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk[:size]
        size -= len(chunk)
        if size <= 0:
            return
