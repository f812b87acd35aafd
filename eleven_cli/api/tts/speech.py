"""Text to speech (POST /v1/text-to-speech/{voice_id}/stream, with and without timestamps)."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from eleven_cli.api.client import Client, Stream, not_what_was_asked
from eleven_cli.api.http.session import LONGEST_ERROR_BODY_BYTES
from eleven_cli.api.json_fields import header_number
from eleven_cli.api.tts.audio_chunk import Sound
from eleven_cli.api.tts.not_audio import ENOUGH_BYTES, is_text
from eleven_cli.errors import ElevenError, NotFound

_TEXT_TYPES = ("application/json", "application/problem+json", "text/")
_DIALOGUE_ONLY = "eleven_v4"  # whether these models speak alone, too, is documented in both ways


class Manner(NamedTuple):
    """How a text is spoken.

    output_format   the API's name of it, such as mp3_44100_128
    voice_settings  only what should differ from the voice's own: stability, similarity_boost, style, speed,
                    use_speaker_boost
    """

    voice_id: str
    output_format: str
    model_id: str | None = None
    voice_settings: Mapping[str, float | bool] = {}
    seed: int | None = None
    language_code: str | None = None
    apply_text_normalization: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        """Its part of a request's JSON: only what was chosen."""
        return _chosen(
            model_id=self.model_id,
            voice_settings=dict(self.voice_settings) or None,
            seed=self.seed,
            language_code=self.language_code,
            apply_text_normalization=self.apply_text_normalization,
        )


class Neighbours(NamedTuple):
    """What stands around a text, so that its intonation fits. request_ids: at most three, the newest last."""

    previous_text: str | None = None
    next_text: str | None = None
    previous_request_ids: tuple[str, ...] = ()

    @property
    def body(self) -> dict[str, Any]:
        ids = list(self.previous_request_ids) or None
        return _chosen(previous_text=self.previous_text, next_text=self.next_text, previous_request_ids=ids)


ALONE = Neighbours()


class Audio:
    """The audio of one request, as it arrives; a `with`, iterated once.

    voice_id     who speaks
    request_id   for support and for stitching, "" when the service did not say
    credits      what it cost, None when the service did not say
    at_once      how many requests the plan allows at the same time, None when the service did not say
    """

    def __init__(self, stream: Stream, manner: Manner, timings: Callable[[Stream], Iterator[Sound]] | None) -> None:
        self._stream, self._output_format, self._timings = stream, manner.output_format, timings
        self.voice_id = manner.voice_id
        self.request_id = stream.headers.get("request-id", "")
        self.credits = header_number(stream.headers.get("character-cost"))
        self.at_once = header_number(stream.headers.get("maximum-concurrent-requests"))

    def __enter__(self) -> "Audio":
        return self

    def __exit__(self, *exc: object) -> None:
        self._stream.__exit__(*exc)

    def __iter__(self) -> Iterator[Sound]:
        """Sound as it arrives. Raises when the body turns out to be no audio, or nothing at all."""
        if self._timings is not None:
            yield from self._timings(self._stream)
            return
        chunks = iter(self._stream)
        first = b""
        while len(first) < ENOUGH_BYTES and (chunk := next(chunks, b"")):
            first += chunk
        if not first or self._is_text(first):
            body = b"".join(_at_most(LONGEST_ERROR_BODY_BYTES, itertools.chain([first], chunks)))
            raise not_what_was_asked(self._stream.headers, body, wanted="audio")
        yield Sound(first)
        yield from map(Sound, chunks)

    def _is_text(self, first: bytes) -> bool:
        if self._stream.headers.get("content-type", "").lower().startswith(_TEXT_TYPES):
            return True
        return is_text(first, self._output_format)


def speak(
    client: Client,
    manner: Manner,
    text: str,
    beside: Neighbours = ALONE,
    *,
    seconds_of: Callable[[bytes], float] | None = None,
) -> Audio:
    """Ask for it; returns as soon as the service has accepted.

    With `seconds_of`, which tells how long the next audio of this stream sounds, the sounds carry their alignment.
    """
    from urllib.parse import quote

    if manner.voice_id.strip(".") == "":
        raise NotFound(f"there is no voice with the id {manner.voice_id}")  # dots would name another path
    path = f"/v1/text-to-speech/{quote(manner.voice_id, safe='')}/stream"
    body = {"text": text, **manner.body, **beside.body}
    try:
        return _asked(client, path, manner, body, seconds_of)
    except ElevenError as refused:
        if not _speaks_only_in_dialogues(manner, refused):
            raise
    return _asked(client, "/v1/text-to-dialogue/stream", manner, _dialogue(manner, text), seconds_of)


def _asked(
    client: Client, path: str, manner: Manner, body: dict[str, Any], seconds_of: Callable[[bytes], float] | None
) -> Audio:
    query = {"output_format": manner.output_format}
    if seconds_of is None:
        return Audio(client.stream("POST", path, params=query, json=body), manner, None)
    from eleven_cli.api.tts.timestamps import sounds

    stream = client.stream("POST", f"{path}/with-timestamps", params=query, json=body, accept="application/json")
    return Audio(stream, manner, lambda stream: sounds(stream, seconds_of))


def _speaks_only_in_dialogues(manner: Manner, refused: ElevenError) -> bool:
    model = manner.model_id or ""
    return model.startswith(_DIALOGUE_ONLY) and refused.status in (400, 422) and "model" in refused.code


def _dialogue(manner: Manner, text: str) -> dict[str, Any]:
    """The same request as a dialogue of one."""
    body = manner.body
    stability = manner.voice_settings.get("stability")
    body.pop("voice_settings", None)
    settings = {} if stability is None else {"settings": {"stability": stability}}
    return {"inputs": [{"text": text, "voice_id": manner.voice_id}], **body, **settings}


def _chosen(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _at_most(size: int, chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk[:size]
        size -= len(chunk)
        if size <= 0:
            return
