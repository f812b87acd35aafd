"""Dialogues over HTTP: several voices in one piece of audio, with the times of everybody."""

import base64
import json
from typing import Any

import pytest

from .conftest import HARPER, LIBRARY, Api
from .decoding import decoded, pcm
from .schemas import check, check_alignment, faults, refused

CALVIN = "CaK1KilJWJy9D6GjB7nZ"
LINES = [("Knock knock. ", HARPER), ("Who is there? ", CALVIN), ("Me.", HARPER)]
RATE = 16000
KINDS = ["", "/stream", "/with-timestamps", "/stream/with-timestamps"]
SEGMENT = {
    "voice_id": str,
    "start_time_seconds": (int, float),
    "end_time_seconds": (int, float),
    "character_start_index": int,
    "character_end_index": int,
    "dialogue_input_index": int,
}


def ask(api: Api, kind: str = "", lines: Any = LINES, format: str = f"pcm_{RATE}", **body: Any) -> Any:
    inputs = [{"text": text, "voice_id": voice} for text, voice in lines]
    path, query = f"/v1/text-to-dialogue{kind}", {"output_format": format}
    return api("POST", path, json={"inputs": inputs, **body}, params=query, stream=kind.startswith("/stream"))


def test_everybody_speaks_in_turn(api: Api) -> None:
    answer = ask(api)
    assert answer.status_code == 200, answer.text
    assert answer.headers["character-cost"] == str(sum(len(text) for text, _ in LINES))
    assert len(answer.headers["request-id"]) == 20
    alone = [api.said(text, voice=voice, model_id="eleven_v3", format=f"pcm_{RATE}") for text, voice in LINES]
    assert abs(len(answer.content) - sum(map(len, alone))) < 600
    assert ask(api, "/stream").content == answer.content


@pytest.mark.parametrize("format", ["mp3_44100_128", "opus_48000_64", "wav_22050"])
def test_formats(api: Api, format: str) -> None:
    seconds = pcm(ask(api).content, RATE).seconds
    assert abs(decoded(ask(api, format=format).content).seconds - seconds) < 0.15


def test_the_times_and_who_speaks_when(api: Api) -> None:
    body = ask(api, "/with-timestamps").json()
    assert set(body) == {"audio_base64", "alignment", "normalized_alignment", "voice_segments"}
    check_alignment(body["alignment"])
    characters = "".join(body["alignment"]["characters"])
    assert characters == "".join(text for text, _ in LINES)
    sound = pcm(base64.b64decode(body["audio_base64"]), RATE)
    for index, (segment, (text, voice)) in enumerate(zip(body["voice_segments"], LINES, strict=True)):
        check(segment, SEGMENT)
        assert (segment["voice_id"], segment["dialogue_input_index"]) == (voice, index)
        assert characters[segment["character_start_index"] : segment["character_end_index"]] == text
        assert sound.rms(segment["start_time_seconds"], segment["end_time_seconds"]) > 300
    assert body["voice_segments"][-1]["end_time_seconds"] <= sound.seconds + 0.001


def test_the_streamed_lines_together_are_the_whole(api: Api) -> None:
    whole = ask(api, "/with-timestamps").json()
    lines = [json.loads(line) for line in ask(api, "/stream/with-timestamps").content.splitlines()]
    assert len(lines) > len(LINES)
    audio = b"".join(base64.b64decode(line["audio_base64"]) for line in lines)
    assert audio == base64.b64decode(whole["audio_base64"])
    for name in whole["alignment"]:
        joined = [value for line in lines if line["alignment"] for value in line["alignment"][name]]
        assert joined == whole["alignment"][name]
    for line in lines:
        for segment in line["voice_segments"]:
            check(segment, SEGMENT)
            count = len(line["alignment"]["characters"])
            assert 0 <= segment["character_start_index"] < segment["character_end_index"] <= count
    told = [segment["dialogue_input_index"] for line in lines for segment in line["voice_segments"]]
    assert told == [0, 1, 2]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_checks_its_body(api: Api, kind: str) -> None:
    answer = api("POST", f"/v1/text-to-dialogue{kind}", json={})
    assert faults(answer) == [(["body", "inputs"], "missing")]


def test_faults_name_their_place(api: Api) -> None:
    body = {"inputs": [{"text": 5, "voice_id": HARPER}, {}, "x"], "settings": {"stability": 3}, "seed": "x"}
    assert faults(api("POST", "/v1/text-to-dialogue", json=body)) == [
        (["body", "inputs", 0, "text"], "string_type"),
        (["body", "inputs", 1, "text"], "missing"),
        (["body", "inputs", 1, "voice_id"], "missing"),
        (["body", "inputs", 2], "model_attributes_type"),
        (["body", "seed"], "int_parsing"),
        (["body", "settings", "stability"], "less_than_equal"),
    ]


def test_what_is_refused(api: Api, api_with: Any) -> None:
    refused(ask(api, model_id="eleven_flash_v2_5"), 400, "unsupported_model", param="model_id")
    refused(ask(api, model_id="nope"), 404, "model_not_found", param="model_id")
    refused(ask(api, lines=[("Hi.", "nobody")]), 404, "voice_not_found", param="voice_id")
    refused(ask(api, lines=[]), 400, "empty_text", param="text")
    refused(ask(api, model_id="eleven_v4_turbo"), 400, "invalid_parameters", param="inputs")
    refused(ask(api, "/stream", format="wav_16000"), 400, "invalid_output_format", param="output_format")
    refused(ask(api, previous_request_ids=["a"]), 400, "unsupported_model", param="model_id")
    refused(ask(api, future_text="x" * 101, model_id="eleven_v4"), 400, "invalid_parameters", param="future_text")
    refused(ask(api_with("free"), lines=[("Hi.", LIBRARY)]), 402, "paid_plan_required", status="payment_required")
    long = ask(api, lines=[("x" * 1000, HARPER), ("y" * 1001, CALVIN)])
    refused(long, 400, "text_too_long", status="max_character_limit_exceeded", param="inputs")
    assert api.get("/v1/user/subscription").json()["character_count"] == 0


def test_v4_takes_a_single_line_in_place_of_speech(api: Api) -> None:
    for model in ("eleven_v4", "eleven_v4_turbo", "eleven_v3_conversational"):
        assert ask(api, lines=[("Hello.", HARPER)], model_id=model).content
    assert api.speak("Hello.", model_id="eleven_v4").status_code == 200
