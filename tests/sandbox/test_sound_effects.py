"""Sound effects of the sandbox: as long as was asked, each heard to be what it is, loops without a seam."""

from typing import Any

import numpy as np
import pytest
import requests

from .conftest import Api
from .decoding import decoded
from .schemas import faults, refused

PATH = "/v1/sound-generation"
RATE = 44100


def generated(api: Api, text: Any = "rain", format: str = "pcm_44100", **body: Any) -> requests.Response:
    return api("POST", PATH, json={"text": text, **body}, params={"output_format": format} if format else {})


def samples(api: Api, text: str, **body: Any) -> Any:
    answer = generated(api, text, **body)
    assert answer.status_code == 200, answer.text
    return np.frombuffer(answer.content, "<i2").astype(float)


def band(sound: Any, low_hz: float, high_hz: float) -> float:
    """The share of the power in a band."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / RATE)
    return float(power[(hz >= low_hz) & (hz < high_hz)].sum() / power.sum())


def evenness(sound: Any) -> float:
    """How even the loudness is: 1 for steady noise, towards 0 for single knocks."""
    blocks = sound[: len(sound) // 441 * 441].reshape(-1, 441).std(axis=1)
    return float(np.median(blocks) / blocks.max())


def test_what_it_answers(api: Api) -> None:
    answer = generated(api, "a bell", "", duration_seconds=2)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.headers["character-cost"] == "40"
    assert answer.headers["request-id"]
    assert "history-item-id" not in answer.headers
    assert decoded(answer.content).seconds == pytest.approx(2, abs=0.1)
    assert generated(api, "a bell").headers["character-cost"] == "100"


@pytest.mark.parametrize("seconds", [0.5, 1, 2.345, 30])
def test_it_is_as_long_as_was_asked(api: Api, seconds: float) -> None:
    assert len(samples(api, "wind", duration_seconds=seconds)) == pytest.approx(seconds * RATE, abs=2)


def test_without_a_duration_the_description_decides(api: Api) -> None:
    short, long = samples(api, "rain"), samples(api, "rain that falls on an old tin roof in the night")
    assert 2 * RATE <= len(short) < len(long) <= 6 * RATE


@pytest.mark.parametrize(
    ("text", "low_hz", "high_hz", "least"),
    [
        ("a 440 hertz tone", 430, 450, 0.95),
        ("a beep", 950, 1050, 0.9),
        ("distant thunder", 20, 200, 0.7),
        ("wind in the trees", 100, 1000, 0.8),
        ("rain on a tin roof", 800, 12000, 0.9),
        ("a church bell", 200, 1700, 0.9),
        ("an engine", 40, 450, 0.85),
        ("birds in the morning", 2000, 6000, 0.9),
        ("footsteps on gravel", 20, 400, 0.5),
    ],
)
def test_each_is_heard_to_be_what_it_is(api: Api, text: str, low_hz: float, high_hz: float, least: float) -> None:
    assert band(samples(api, text, duration_seconds=3), low_hz, high_hz) >= least


def test_what_goes_on_is_even_and_what_strikes_is_not(api: Api) -> None:
    for text in ("rain", "noise", "an engine"):
        assert evenness(samples(api, text, duration_seconds=3)) > 0.35
    for text in ("footsteps", "a clock", "a knock at the door", "an explosion"):
        assert evenness(samples(api, text, duration_seconds=3)) < 0.1


def test_words_are_heard_together(api: Api) -> None:
    both = samples(api, "rain and thunder", duration_seconds=3)
    assert band(both, 20, 200) > 0.05
    assert band(both, 800, 12000) > 0.2


def test_what_nobody_knows_is_heard_too(api: Api) -> None:
    one, other = (samples(api, text, duration_seconds=1) for text in ("a wibble", "a wobble"))
    assert one.std() > 500
    assert not np.array_equal(one, other)
    assert np.array_equal(one, samples(api, "a wibble", duration_seconds=1))


@pytest.mark.parametrize("text", ["rain", "wind", "a tone", "an engine", "a bell", "footsteps", "the sea", "a siren"])
def test_a_loop_has_no_seam(api: Api, text: str) -> None:
    loop = samples(api, text, duration_seconds=2, loop=True)
    steps = np.abs(np.diff(loop))
    assert abs(loop[0] - loop[-1]) <= steps.max()
    seam = np.concatenate([loop[-882:], loop[:882]])
    assert np.abs(np.diff(seam, 2)).max() <= np.abs(np.diff(loop, 2)).max() * 1.1
    once = samples(api, text, duration_seconds=2)
    assert abs(once[:3]).max() < 200
    assert abs(once[-3:]).max() < 200


@pytest.mark.parametrize("format", ["mp3_44100_128", "opus_48000_64", "ulaw_8000", "alaw_8000", "pcm_16000"])
def test_formats(api: Api, format: str) -> None:
    answer = generated(api, "a beep", format, duration_seconds=1)
    assert answer.status_code == 200
    raw = {"ulaw_8000": ("mulaw", 8000), "alaw_8000": ("alaw", 8000), "pcm_16000": ("s16le", 16000)}
    assert decoded(answer.content, *raw.get(format, ())).seconds == pytest.approx(1, abs=0.1)


def test_what_it_refuses(api: Api, api_with: Any) -> None:
    assert faults(api("POST", PATH, json={})) == [(["body", "text"], "missing")]
    assert faults(generated(api, 5, loop="perhaps", duration_seconds=[])) == [
        (["body", "text"], "string_type"),
        (["body", "duration_seconds"], "float_type"),
        (["body", "loop"], "bool_parsing"),
    ]
    refused(generated(api, " "), 400, "empty_text", param="text")
    refused(generated(api, "x" * 451), 400, "text_too_long", status="max_character_limit_exceeded", param="text")
    for seconds in (0.4, 30.1, -1):
        refused(generated(api, duration_seconds=seconds), 400, "invalid_parameters", param="duration_seconds")
    refused(generated(api, prompt_influence=1.1), 400, "invalid_parameters", param="prompt_influence")
    refused(generated(api, format="wav_44100"), 400, "invalid_output_format", param="output_format")
    refused(generated(api, model_id="eleven_v3"), 404, "model_not_found", param="model_id")
    refused(generated(api, model_id="eleven_text_to_sound_v3", loop=True), 400, "unsupported_model", param="model_id")
    refused(generated(api_with("broke"), format=""), 402, "insufficient_credits", status="quota_exceeded")
    refused(generated(api_with("restricted"), format=""), 403, "insufficient_permissions", status="missing_permissions")
    refused(generated(api_with("free"), format="pcm_44100"), 403, "subscription_required", param="output_format")


def test_it_is_in_the_usage(api: Api) -> None:
    generated(api, "rain", duration_seconds=1)
    query = {
        "start_unix": 0,
        "end_unix": 4_000_000_000_000,
        "breakdown_type": "product_type",
        "aggregation_interval": "month",
    }
    answer = api.get("/v1/usage/character-stats", params=query).json()
    assert sum(answer["usage"]["sound_effects"]) == 20
