"""The four endpoints that speak a dialogue: whole or streamed, with or without the times of the characters."""

from __future__ import annotations

import base64
import json
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ..accounts.account import Account, Generation
from ..http.problems import Json, invalid_parameter, unsupported_model
from ..sound.codecs import Format, wav_header
from ..voices.models import find_model
from . import rules
from .dialogue_request import DialogueRequest
from .request import dictionary_id, number_in
from .speech import Job, SpeechStream, close, job_by, pulled
from .speech_encoder import Letter, Part, Recording

MAX_CHARACTERS = 2_000
MAX_FUTURE = 100
_CONTEXT = ("previous_text", "future_text", "previous_request_ids", "next_request_ids")


async def answer(
    request: Request, wanted: DialogueRequest, account: Account, *, streamed: bool, timed: bool
) -> Response:
    """The response to a request for a dialogue; raises Problem for whatever forbids it."""
    format, jobs, generation = await _accept(wanted, account, streamed=streamed)
    parts = _parts(format, jobs)
    if streamed:
        media_type = "application/json" if timed else format.media_type
        return SpeechStream(_bodies(parts, jobs, timed=timed), generation, media_type)
    whole = await _whole(parts, format, generation)
    if timed:
        return Json(_body(whole, jobs), headers=generation.headers)
    return Response(whole.audio, headers=generation.headers, media_type=format.media_type)


async def _accept(wanted: DialogueRequest, account: Account, *, streamed: bool) -> tuple[Format, list[Job], Generation]:
    body, model = wanted.body, find_model(wanted.model_id)
    rules.check_dialogue_model(model)
    context = [name for name in _CONTEXT if body.get(name)]
    if context and not model.takes_context:
        names = " or ".join(context)
        raise unsupported_model(f"Providing {names} is not yet supported with the '{model.model_id}' model.")
    rules.check_language(body.get("language_code"), model)
    format = rules.check_format(wanted.output_format, streamed=streamed)
    text = "".join(text for _, text in wanted.lines)
    rules.check_text(text, model)
    if len(text) > MAX_CHARACTERS:
        raise rules.too_long(len(text), MAX_CHARACTERS, "a dialogue", "inputs")
    rules.check_dialogue_voices([voice_id for voice_id, _ in wanted.lines], model, "inputs")
    _check_values(body)
    voices = [rules.check_voice(voice_id, account) for voice_id, _ in wanted.lines]
    rules.check_plan(format.name, account)
    work = rules.work("dialogue", text, model, voices[0])
    generation = await account.begin(model.group, work)
    stability = number_in(body.get("settings") or {}, "stability", 0.5)
    sounds = [job_by(model, voice, format, body.get("language_code"), stability=stability) for voice in voices]
    jobs = [replace(sound, text=text) for sound, (_, text) in zip(sounds, wanted.lines, strict=True)]
    return format, jobs, generation


def _check_values(body: dict[str, Any]) -> None:
    rules.check_seed(None if body.get("seed") is None else int(body["seed"]))
    if len(body.get("future_text") or "") > MAX_FUTURE:
        raise invalid_parameter("future_text", f"future_text may have up to {MAX_FUTURE} characters.")
    rules.check_dictionaries([dictionary_id(one) for one in body.get("pronunciation_dictionary_locators") or []])


def _parts(format: Format, jobs: list[Job]) -> Generator[Part, None, None]:
    with closing(Recording(format)) as recording:
        for line, job in enumerate(jobs):
            yield from recording.say(job, line)
        yield from recording.finish()


def _bodies(parts: Generator[Part, None, None], jobs: list[Job], *, timed: bool) -> Generator[bytes, None, None]:
    with closing(parts):
        for part in parts:
            yield json.dumps(_body(part, jobs), separators=(",", ":")).encode() + b"\n" if timed else part.audio


async def _whole(parts: Generator[Part, None, None], format: Format, generation: Generation) -> Part:
    audio, letters, finished = [], [], False
    try:
        async for part in pulled(parts):
            audio.append(part.audio)
            letters += part.letters
        finished = True
    finally:
        close(parts)
        generation.end(finished=finished)
    header = wav_header(format.rate, sum(map(len, audio))) if format.is_wav else b""
    return Part(header + b"".join(audio), 0.0, letters)


def _body(part: Part, jobs: list[Job]) -> dict[str, Any]:
    return {
        "audio_base64": base64.b64encode(part.audio).decode("ascii"),
        "alignment": _alignment(part.letters),
        "normalized_alignment": _alignment([letter for letter in part.letters if letter.is_heard]),
        "voice_segments": list(_segments(part.letters, jobs)),
    }


def _alignment(letters: list[Letter]) -> dict[str, Any] | None:
    if not letters:
        return None
    return {
        "characters": [letter.character for letter in letters],
        "character_start_times_seconds": [round(letter.start_s, 4) for letter in letters],
        "character_end_times_seconds": [round(letter.end_s, 4) for letter in letters],
    }


def _segments(letters: list[Letter], jobs: list[Job]) -> Iterator[dict[str, Any]]:
    """Who speaks which of these letters, and when."""
    first = 0
    for after in range(1, len(letters) + 1):
        if after < len(letters) and letters[after].line == letters[first].line:
            continue
        yield {
            "voice_id": jobs[letters[first].line].voice_id,
            "start_time_seconds": round(letters[first].start_s, 4),
            "end_time_seconds": round(letters[after - 1].end_s, 4),
            "character_start_index": first,
            "character_end_index": after,
            "dialogue_input_index": letters[first].line,
        }
        first = after
