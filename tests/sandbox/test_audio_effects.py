"""Audio effects of the sandbox, heard: a band, an echo, a place between two channels, distance, a background."""

import io
from array import array
from typing import Any

import av
import numpy as np
import pytest
from av.audio.resampler import AudioResampler

from .conftest import HARPER, Api
from .schemas import faults, refused

TEXT = "The quick brown fox jumps over the lazy dog."
SPEECH, DIALOGUE = f"/v1/text-to-speech/{HARPER}", "/v1/text-to-dialogue"


def answer(api: Api, format: str, effects: Any, path: str = SPEECH, kind: str = "", text: str = TEXT) -> Any:
    body = {"text": text} if path == SPEECH else {"inputs": [{"text": text, "voice_id": HARPER}]}
    more = {} if effects is None else {"audio_effects": effects}
    return api("POST", path + kind, json={**body, **more}, params={"output_format": format})


def heard(data: bytes, rate: int = 24000) -> Any:
    """The samples of a file, one row a channel."""
    rows = []
    with av.open(io.BytesIO(data)) as file:
        stream = file.streams.audio[0]
        layout = "stereo" if stream.codec_context.channels == 2 else "mono"
        resampler = AudioResampler(format="s16", layout=layout, rate=rate)
        samples = array("h")
        for frame in file.decode(stream):
            for plain in resampler.resample(frame):
                samples.frombytes(bytes(plain.planes[0])[: plain.samples * 2 * (2 if layout == "stereo" else 1)])
        rows = np.array(samples, float).reshape(-1, 2 if layout == "stereo" else 1).T
    return rows


def spoken(api: Api, effects: Any = None, format: str = "wav_24000", path: str = SPEECH) -> Any:
    answered = answer(api, format, effects, path)
    assert answered.status_code == 200, answered.text
    return heard(answered.content)


def share(sound: Any, low_hz: float, high_hz: float, rate: int = 24000) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / rate)
    return float(power[(hz >= low_hz) & (hz < high_hz)].sum() / power.sum())


def rms(sound: Any) -> float:
    return float(np.sqrt(np.mean(sound**2)))


@pytest.mark.parametrize("path", [SPEECH, DIALOGUE])
def test_a_phone_has_a_narrow_band(api: Api, path: str) -> None:
    (plain,), (phone,) = spoken(api, path=path), spoken(api, {"filter_preset_id": "phone"}, path=path)
    assert abs(len(plain) - len(phone)) <= 2
    assert share(plain, 300, 3400) < 0.95
    assert share(phone, 300, 3400) > 0.98
    assert share(phone, 0, 200) < 0.005 < share(plain, 0, 200) / 2


@pytest.mark.parametrize("path", [SPEECH, DIALOGUE])
@pytest.mark.parametrize("format", ["wav_24000", "mp3_44100_128", "opus_48000_64"])
def test_a_room_is_stereo_and_rings_on(api: Api, format: str, path: str) -> None:
    plain = spoken(api, format=format, path=path)
    room = spoken(api, {"environment_id": "hall"}, format, path)
    assert (len(plain), len(room)) == (1, 2)
    tail = room[:, plain.shape[1] :]
    assert tail.shape[1] / 24000 == pytest.approx(1.4, abs=0.15)
    assert rms(tail[:, : 24000 // 4]) > 20
    assert rms(tail[:, -2400:]) < rms(tail[:, :2400]) / 5
    assert np.corrcoef(tail[0, :12000], tail[1, :12000])[0, 1] < 0.5  # each ear has echoes of its own


def test_more_of_a_room_rings_louder(api: Api) -> None:
    length = spoken(api).shape[1]
    tails = [rms(spoken(api, {"environment_id": "hall", "send_level": level})[:, length:]) for level in (0, 0.2, 1)]
    assert tails[0] < 2 < tails[1] < tails[2] / 3


@pytest.mark.parametrize(("pan", "left_db"), [(-1, 60), (-0.5, 7.7), (0.5, -7.7), (1, -60)])
@pytest.mark.parametrize("path", [SPEECH, DIALOGUE])
def test_a_place_between_the_channels(api: Api, pan: float, left_db: float, path: str) -> None:
    left, right = spoken(api, {"pan": pan}, path=path)
    difference = 20 * np.log10((rms(left) + 1e-3) / (rms(right) + 1e-3))
    assert difference == pytest.approx(left_db, abs=0.5) if abs(left_db) < 60 else abs(difference) > 60


def test_the_middle_is_mono(api: Api) -> None:
    assert np.array_equal(spoken(api, {"pan": 0}), spoken(api))


def test_what_is_far_is_soft_and_dull(api: Api) -> None:
    near, half, far = (spoken(api, {"distance": distance})[0] for distance in (0, 0.5, 1))
    assert rms(near) > 1.8 * rms(half) > 3 * rms(far)
    assert share(near, 2000, 12000) > 4 * share(far, 2000, 12000)


def test_a_background_is_heard_where_nobody_speaks(api: Api) -> None:
    (plain,), (cafe,) = spoken(api), spoken(api, {"background_noise_id": "cafe"})
    assert rms(plain[-1200:]) < 30
    assert rms(cafe[-1200:]) > 100
    assert len(plain) == len(cafe)


@pytest.mark.parametrize("kind", ["/stream", "/stream/with-timestamps", "/with-timestamps"])
def test_every_endpoint_has_them(api: Api, kind: str) -> None:
    for path in (SPEECH, DIALOGUE):
        plain = answer(api, "mp3_44100_128", None, path, kind).content
        assert len(answer(api, "mp3_44100_128", {"environment_id": "cathedral"}, path, kind).content) > 1.5 * len(plain)


@pytest.mark.parametrize("path", [SPEECH, DIALOGUE])
def test_what_they_refuse(api: Api, path: str) -> None:
    for member in ("filter_preset_id", "environment_id", "background_noise_id"):
        said = answer(api, "mp3_44100_128", {member: "nosuch"}, path)
        refused(said, 404, "audio_effect_not_found", status="not_found", param=f"audio_effects.{member}")
    for format in ("pcm_24000", "ulaw_8000", "alaw_8000"):
        for effects in ({"environment_id": "hall"}, {"pan": 0.1}):
            refused(answer(api, format, effects, path), 400, "invalid_output_format", param="output_format")
        assert answer(api, format, {"filter_preset_id": "phone", "pan": 0}, path).status_code == 200
    wrong = {"distance": 2, "send_level": -1, "pan": 1.5, "filter_preset_id": 5, "environment_id": []}
    assert faults(answer(api, "mp3_44100_128", wrong, path)) == [
        (["body", "audio_effects", "filter_preset_id"], "string_type"),
        (["body", "audio_effects", "environment_id"], "string_type"),
        (["body", "audio_effects", "distance"], "less_than_equal"),
        (["body", "audio_effects", "send_level"], "greater_than_equal"),
        (["body", "audio_effects", "pan"], "less_than_equal"),
    ]
    assert faults(answer(api, "mp3_44100_128", "phone", path)) == [(["body", "audio_effects"], "model_attributes_type")]


def test_the_catalogue(api: Api, api_with: Any) -> None:
    listed = api.get("/v1/audio-effects/catalog").json()
    members = {
        "filter_presets": "filter_preset_id", "environments": "environment_id",
        "background_noises": "background_noise_id",
    }  # fmt: skip
    assert set(listed) == set(members)
    for name, member in members.items():
        assert all(set(entry) == {member, "name", "description"} for entry in listed[name])
    assert "phone" in [entry["filter_preset_id"] for entry in listed["filter_presets"]]
    refused(api_with("wrong").get("/v1/audio-effects/catalog"), 401, "unauthorized", status="invalid_api_key")


def test_they_cost_nothing_more(api: Api) -> None:
    plain, room = (answer(api, "mp3_44100_128", effects).headers for effects in (None, {"environment_id": "hall"}))
    assert plain["character-cost"] == room["character-cost"]
