"""Text to speech (POST /v1/text-to-speech/{voice_id}/stream, with and without timestamps; WAV without /stream)."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Self

from eleven_cli.api.client import Client, path_to
from eleven_cli.api.http import RequestParts
from eleven_cli.api.http.session import Stream
from eleven_cli.api.tts import AudioChunk
from eleven_cli.errors import ElevenError

WHOLE_S = 600.0  # how long the service may be silent while it makes audio that it does not stream
ENOUGH_BYTES = 4  # enough to tell audio from text
_FRAMES = (b"\xff\xfb", b"\xff\xf3")  # MPEG 1 and 2, layer III: no text begins so
_TEXT_TYPES = ("application/json", "application/problem+json", "text/")
DIALOGUE_CHARACTERS = 2000  # of all inputs of a dialogue: more may be refused, or end early
_DIALOGUE_ONLY = "eleven_v4"  # whether these models speak alone, too, is documented in both ways


class SpeechRequest(NamedTuple):
    """Body and query of a request for speech.

    output_format   the API's name of it, such as mp3_44100_128
    voice_settings  only what should differ from the voice's own: stability, similarity_boost, style, speed,
                    use_speaker_boost
    audio_effects   only those that were chosen: filter_preset_id, distance, environment_id, send_level,
                    background_noise_id, pan
    dictionaries    at most three: pronunciation_dictionary_id, and version_id for one that is not the latest
    in_dialogue     as a dialogue of one, for a model that speaks in no other way: at most DIALOGUE_CHARACTERS

    What stands around the text, so that its intonation fits: previous_text, next_text, and previous_request_ids, at
    most three, the newest last.
    """

    voice_id: str
    output_format: str = "mp3_44100_128"
    text: str = ""
    model_id: str | None = None
    voice_settings: Mapping[str, float | bool] = {}
    seed: int | None = None
    language_code: str | None = None
    apply_text_normalization: str | None = None
    audio_effects: Mapping[str, str | float] | None = None
    dictionaries: tuple[Mapping[str, str], ...] | None = None
    in_dialogue: bool | None = None
    previous_text: str | None = None
    next_text: str | None = None
    previous_request_ids: tuple[str, ...] | None = None

    @property
    def body(self) -> dict[str, Any]:
        """Its JSON: only what was chosen."""
        return _chosen(
            text=self.text,
            model_id=self.model_id,
            voice_settings=dict(self.voice_settings) or None,
            seed=self.seed,
            language_code=self.language_code,
            apply_text_normalization=self.apply_text_normalization,
            audio_effects=dict(self.audio_effects) if self.audio_effects else None,
            **self.locators,
            previous_text=self.previous_text,
            next_text=self.next_text,
            previous_request_ids=list(self.previous_request_ids) if self.previous_request_ids else None,
        )

    @property
    def locators(self) -> dict[str, Any]:
        """The dictionaries as every body and first message names them; nothing without any."""
        return {"pronunciation_dictionary_locators": list(self.dictionaries)} if self.dictionaries else {}

    @property
    def is_whole(self) -> bool:
        """Whether the audio comes when all of it is made: the service streams no WAV."""
        return self.output_format.startswith("wav_")


class SpeechResponse:
    """The audio of one request as it arrives, from the service or from the cache; a `with`, iterated once.

    voice_id           who speaks
    request_id         for support and for stitching, "" when the service did not say
    credits            what it cost, None when the service did not say
    concurrency_limit  how many requests the plan allows at the same time, None when the service did not say
    is_reused          whether it comes from the cache
    """

    def __init__(
        self,
        chunks: Iterable[AudioChunk],
        close: Callable[[], object],
        *,
        voice_id: str = "",
        request_id: str = "",
        credits: int | None = None,
        concurrency_limit: int | None = None,
        is_reused: bool = False,
    ) -> None:
        self._chunks, self._close, self.is_reused = chunks, close, is_reused
        self.voice_id, self.request_id = voice_id, request_id
        self.credits, self.concurrency_limit = credits, concurrency_limit

    @classmethod
    def of(
        cls, stream: Stream, output_format: str, *, voice_id: str = "", chunks: Iterable[AudioChunk] | None = None
    ) -> Self:
        """The response of the service; `chunks` are those of its body, where this is not plain audio."""
        return cls(
            _audio(stream, output_format) if chunks is None else chunks,
            lambda: stream.__exit__(None, None, None),
            voice_id=voice_id,
            request_id=stream.headers.get("request-id", ""),
            credits=stream.count("character-cost"),
            concurrency_limit=stream.count("maximum-concurrent-requests"),
        )

    def with_chunks(self, chunks: Iterable[AudioChunk], close: Callable[[], object] | None = None) -> "SpeechResponse":
        """The same response with other chunks, and perhaps more to close."""
        return SpeechResponse(
            chunks,
            close or self._close,
            voice_id=self.voice_id,
            request_id=self.request_id,
            credits=self.credits,
            concurrency_limit=self.concurrency_limit,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._close()

    def __iter__(self) -> Iterator[AudioChunk]:
        """The chunks as they arrive. Raises when the body turns out to be no audio, or nothing at all."""
        return iter(self._chunks)


def synthesize(
    client: Client,
    request: SpeechRequest,
    *,
    timed: bool = False,
    duration_of: Callable[[bytes], float] | None = None,
) -> SpeechResponse:
    """Ask for the speech of the request's text; returns as soon as the service has accepted.

    timed        whether the chunks carry their alignment
    duration_of  for that: how long the next audio of this stream sounds; None measures by the request's format

    Raises what the service refuses with, and NetworkError; so does the iteration over the response.
    """
    path = path_to("/v1/text-to-speech", request.voice_id, "voice")
    if timed and duration_of is None:
        from eleven_cli.api.tts.timestamps import duration_by_format

        duration_of = duration_by_format(request.output_format)
    if request.in_dialogue:
        return _response(client, "/v1/text-to-dialogue", request, _dialogue(request), duration_of)
    return _response(client, path, request, request.body, duration_of)


def speaks_only_in_dialogues(request: SpeechRequest, refused: ElevenError) -> bool:
    """Tells whether a request that was refused may succeed `in_dialogue`."""
    may = (request.model_id or "").startswith(_DIALOGUE_ONLY) and not request.in_dialogue
    return may and refused.status in (400, 422) and "model" in refused.code


def _response(
    client: Client,
    path: str,
    request: SpeechRequest,
    body: dict[str, Any],
    duration_of: Callable[[bytes], float] | None,
) -> SpeechResponse:
    path, chunks = path if request.is_whole else f"{path}/stream", None
    parts: RequestParts = {
        "params": {"output_format": request.output_format},
        "json": body,
        "read_timeout_s": WHOLE_S if request.is_whole else None,
        "is_paid": True,
    }
    if duration_of is None:
        stream = client.stream("POST", path, **parts)
    else:
        from eleven_cli.api.tts.timestamps import timed_chunks

        path = f"{path}/with-timestamps"
        stream = client.stream("POST", path, accept="application/json", **parts)
        chunks = timed_chunks(stream, duration_of, whole=request.is_whole)
    return SpeechResponse.of(stream, request.output_format, voice_id=request.voice_id, chunks=chunks)


def _audio(stream: Stream, output_format: str) -> Iterator[AudioChunk]:
    """The chunks of a body that is audio. Raises what the service says instead of it."""
    chunks = iter(stream)
    first = b""
    while len(first) < ENOUGH_BYTES and (chunk := next(chunks, b"")):
        first += chunk
    if not first or _is_text(stream, first, output_format):
        from eleven_cli.api.tts.not_audio import refusal_in

        raise refusal_in(stream.headers, itertools.chain([first], chunks))
    yield AudioChunk(first)
    yield from map(AudioChunk, chunks)


def _is_text(stream: Stream, first: bytes, output_format: str) -> bool:
    if stream.headers.get("content-type", "").lower().startswith(_TEXT_TYPES):
        return True
    if first.startswith(_FRAMES):
        return False
    from eleven_cli.api.tts.not_audio import is_text

    return is_text(first, output_format)


def _dialogue(request: SpeechRequest) -> dict[str, Any]:
    """The same request as a dialogue of one."""
    given = request.voice_settings
    settings = _chosen(stability=given.get("stability"), similarity=given.get("similarity_boost"))
    rest = {name: value for name, value in request.body.items() if name not in ("text", "voice_settings")}
    line = {"text": request.text, "voice_id": request.voice_id}
    return {"inputs": [line], **rest, **_chosen(settings=settings or None)}


def _chosen(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
