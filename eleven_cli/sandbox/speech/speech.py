"""The four endpoints that speak: whole or streamed, with or without the times of the characters."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ..accounts.account import Account, Generation
from ..hearing.memory import Recorder
from ..http.problems import Json
from ..sound.codecs import FORMATS, Format, encoder, wav_header
from ..sound.espeak import Style, espeak
from ..sound.synthesis import Spoken, spoken
from ..voices.models import LANGUAGES, Model
from ..voices.voice import Voice
from ..voices.voice_data import VOICES
from . import rules
from .request import SpeechRequest

STREAM_SLICE_S = 0.1
TIMED_SLICE_S = 0.5
WHOLE_SLICE_S = 1.0
T = TypeVar("T")
Timed = tuple[str, float, float, bool]  # character, start and end in seconds, whether it is spoken


@dataclass(frozen=True)
class Job:
    """Everything that decides how the audio sounds; equal jobs give equal bytes."""

    text: str
    voice_id: str
    style: Style
    tract: float
    format: Format
    ssml: bool = False


@dataclass
class Chunk:
    """A stretch of encoded audio and the characters that begin in it."""

    audio: bytes
    characters: list[Timed]

    def body(self) -> dict[str, Any]:
        """The audio in Base64 with both alignments; in the normalized one tags are left out."""
        heard = [character for character in self.characters if character[3]]
        return {
            "audio_base64": base64.b64encode(self.audio).decode("ascii"),
            "alignment": _alignment(self.characters),
            "normalized_alignment": _alignment(heard),
        }


async def answer(request: Request, wanted: SpeechRequest, account: Account, *, streamed: bool, timed: bool) -> Response:
    """The response to a request for speech; raises Problem for whatever forbids it."""
    job, generation = await _accept(wanted, account, streamed=streamed)
    if streamed:
        parts = _lines(job) if timed else _audio(job)
        media_type = "application/json" if timed else job.format.media_type
        return SpeechStream(parts, generation, media_type)
    try:
        whole = await _whole(request, job)
    except BaseException:
        generation.end(finished=False)
        raise
    generation.end(finished=True)
    if timed:
        return Json(whole.body(), headers=generation.headers)
    return Response(whole.audio, headers=generation.headers, media_type=job.format.media_type)


def warm_up() -> None:
    """Load the synthesiser and one encoder, so that the first request need not."""
    voice = next(iter(VOICES.values()))
    job = job_for("a", voice, FORMATS["mp3_44100_128"])
    for _ in chunks(job, WHOLE_SLICE_S, remembered=False):
        pass


def job_for(
    text: str, voice: Voice, format: Format, *, locale: str = "", speed: float = 1.0, stability: float = 0.5
) -> Job:
    """A voice speaking a text; without an espeak `locale` it speaks its own language."""
    style = _style(voice, locale or voice.locale, min(max(speed, 0.7), 1.2), stability)
    return Job(text, voice.voice_id, style, voice.timbre.tract, format)


def job_by(
    model: Model, voice: Voice, format: Format, language_code: str | None, *, speed: float = 1.0, stability: float = 0.5
) -> Job:
    """A voice as a model lets it speak, with nothing to say yet."""
    locale = _locale(voice, model, language_code)
    job = job_for("", voice, format, locale=locale, speed=speed if model.obeys_speed else 1.0, stability=stability)
    return replace(job, ssml=model.reads_ssml)


async def _accept(wanted: SpeechRequest, account: Account, *, streamed: bool) -> tuple[Job, Generation]:
    model = rules.check_model(wanted)
    format = rules.check_format(wanted.output_format, streamed=streamed)
    rules.check_text(wanted.text, model)
    rules.check_values(wanted, account)
    voice = rules.check_voice(wanted.voice_id, account)
    rules.check_plan(format.name, account)
    work = rules.work("tts", wanted.text, model, voice)
    generation = await account.begin(model.group, work, kept=wanted.logged)
    job = job_by(model, voice, format, wanted.language_code, speed=wanted.speed, stability=wanted.stability)
    return replace(job, text=wanted.text), generation


def _locale(voice: Voice, model: Model, language_code: str | None) -> str:
    language = (language_code or voice.language).lower()
    if language not in model.languages:
        language = model.languages[0]
    return voice.locale if language == voice.language else LANGUAGES[language][1]


def _style(voice: Voice, locale: str, speed: float, stability: float) -> Style:
    timbre = voice.timbre
    return Style(
        name=f"{locale}+{timbre.variant}",
        words_per_minute=round(timbre.words_per_minute * speed / timbre.tract),
        pitch=timbre.pitch,
        pitch_range=round(timbre.pitch_range * (1.5 - stability)),
        volume=timbre.volume,
    )


def chunks(job: Job, slice_s: float, *, remembered: bool = True) -> Generator[Chunk, None, None]:
    """The audio of a job in order, encoded as it is synthesised; every character is in exactly one chunk.

    What was said to the end is remembered, so that a conversation recognises it.
    """
    engine = espeak()
    rate = round(engine.rate * job.tract)
    encode = encoder(job.format, rate)
    recorder = Recorder(job.voice_id, rate)
    waiting: list[Timed] = []
    with closing(encode):
        for piece in spoken(job.text, job.style, engine, rate, ssml=job.ssml):
            for pcm, characters in _slices(piece, rate, slice_s):
                waiting += characters
                if audio := encode.encode(pcm):
                    yield Chunk(audio, waiting)
                    waiting = []
            recorder.add(piece)
        audio = encode.finish()
    if remembered:
        recorder.save()  # before the last bytes leave, so that they can be recognised at once
    if audio or waiting:
        yield Chunk(audio, waiting)


def _slices(piece: Spoken, rate: int, slice_s: float) -> Iterator[tuple[bytes, list[Timed]]]:
    size = 2 * max(int(rate * slice_s), 1)
    offset, index = piece.times[0], 0
    for start in range(0, max(len(piece.pcm), 1), size):
        last = start + size >= len(piece.pcm)
        until = offset + (start + size) / 2
        first = index
        while index < len(piece.text) and (last or piece.times[index] < until):
            index += 1
        yield piece.pcm[start : start + size], [_timed(piece, at, rate) for at in range(first, index)]


def _timed(piece: Spoken, index: int, rate: int) -> Timed:
    start, end = piece.times[index] / rate, piece.times[index + 1] / rate
    return piece.text[index], round(start, 4), round(end, 4), not piece.is_tag


def _alignment(characters: list[Timed]) -> dict[str, Any] | None:
    if not characters:
        return None
    return {
        "characters": [character[0] for character in characters],
        "character_start_times_seconds": [character[1] for character in characters],
        "character_end_times_seconds": [character[2] for character in characters],
    }


def _audio(job: Job) -> Generator[bytes, None, None]:
    with closing(chunks(job, STREAM_SLICE_S)) as parts:
        for chunk in parts:
            yield chunk.audio


def _lines(job: Job) -> Generator[bytes, None, None]:
    with closing(chunks(job, TIMED_SLICE_S)) as parts:
        for chunk in parts:
            yield json.dumps(chunk.body(), separators=(",", ":")).encode("ascii") + b"\n"


async def _whole(request: Request, job: Job) -> Chunk:
    parts: list[bytes] = []
    characters: list[Timed] = []
    source = chunks(job, WHOLE_SLICE_S)
    try:
        async for chunk in pulled(source):
            parts.append(chunk.audio)
            characters += chunk.characters
            if await request.is_disconnected():
                raise ClientDisconnect
    finally:
        close(source)
    if job.format.is_wav:
        parts.insert(0, wav_header(job.format.rate, sum(map(len, parts))))
    return Chunk(b"".join(parts), characters)


async def pulled(parts: Iterator[T]) -> AsyncIterator[T]:
    """The parts, each made in a worker thread."""
    while (part := await to_thread.run_sync(next, parts, None)) is not None:
        yield part


def close(parts: Generator[object, None, None]) -> None:
    """Give up what has not been pulled yet."""
    with suppress(ValueError):  # a thread is still inside, and will close it as the last to hold it
        parts.close()


class SpeechStream(StreamingResponse):
    """Sends parts as the client takes them; the next one is only synthesised when the last one has gone out.

    A client that leaves stops the synthesis and gives its place to the next request.
    """

    def __init__(self, parts: Generator[bytes, None, None], generation: Generation, media_type: str) -> None:
        super().__init__(self._sent(parts), headers=generation.headers, media_type=media_type)
        self._parts, self._generation = parts, generation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            close(self._parts)
            self._generation.end(finished=False)

    async def _sent(self, parts: Iterator[bytes]) -> AsyncIterator[bytes]:
        async for part in pulled(parts):
            yield part
        self._generation.end(finished=True)  # before the last bytes leave, so that the id can be used at once
