"""The voice changer: another voice says the same, for as long, and its words are still recognised."""

import http.client
import json
from typing import Any

import pytest

from eleven_cli.sandbox.voice_changer import request as limits
from eleven_cli.sandbox.voice_changer.pitch import pitch_hz, voice_pitch_hz
from eleven_cli.sandbox.voices.voice_data import VOICES
from tests.support.guard import GUARD_S

from .call import babble, silence
from .conftest import HARPER, LIBRARY, Api
from .decoding import decoded, pcm
from .schemas import faults, refused
from .uploads import CALVIN, CHANGER, FOX, changed, muxed, said, transcript, wav

ELODIE = "CTWycwnTdn5JauRfHT17"
FORMATS = ["mp3_44100_128", "mp3_22050_32", "opus_48000_64", "pcm_8000", "pcm_44100", "wav_24000", "ulaw_8000"]
RAW = {"pcm_8000": "s16le", "pcm_44100": "s16le", "ulaw_8000": "mulaw"}


@pytest.mark.parametrize("voice", [CALVIN, ELODIE])
def test_the_pitch_becomes_the_voices(api: Api, voice: str) -> None:
    speech = said(api, "Where are you going, my friend? I am going home.", voice="AEW6NXG3Zmswb66xjSKy")
    answer = changed(api, wav(speech), voice)
    assert answer.status_code == 200, answer.text
    before, after, wanted = pitch_hz(speech, 16000), pitch_hz(answer.content, 16000), voice_pitch_hz(VOICES[voice])
    assert abs(after - wanted) < abs(before - wanted) / 3


def test_it_lasts_as_long_to_the_millisecond(api: Api) -> None:
    for speech in (said(api), said(api, "One."), babble(3.3)):
        for voice in (HARPER, CALVIN, ELODIE):
            assert abs(len(changed(api, wav(speech), voice).content) - len(speech)) <= 32


@pytest.mark.parametrize("format", FORMATS)
def test_every_format(api: Api, format: str) -> None:
    answer = changed(api, wav(said(api)), format=format)
    sound = decoded(answer.content, RAW.get(format), int(format.split("_")[1]) if format in RAW else None)
    assert sound.seconds == pytest.approx(len(said(api)) / 32000, abs=0.08)  # encoders put delays around it
    assert sound.rms() > 300


def test_different_voices_sound_different_and_the_same_alike(api: Api) -> None:
    speech = wav(said(api))
    first, again, other = (changed(api, speech, voice).content for voice in (CALVIN, CALVIN, "NWjVqAa1qnz8hND6eE6C"))
    assert first == again != other


def test_words_are_recognised_in_the_new_voice(api: Api) -> None:
    text = "Hello there, my friend. The quick brown fox jumps over the lazy dog. How are you?"
    for voice in (CALVIN, ELODIE, HARPER):
        new = changed(api, said(api, text, format="mp3_44100_128"), voice, format="mp3_44100_128").content
        assert transcript(api, new)["text"] == text
    third = changed(api, changed(api, wav(said(api)), CALVIN).content, ELODIE, file_format="pcm_s16le_16").content
    assert transcript(api, wav(third))["text"] == FOX


@pytest.mark.parametrize("voice", [CALVIN, ELODIE, HARPER, "NWjVqAa1qnz8hND6eE6C"])
def test_ten_seconds_whose_end_is_softer_than_the_rest(api: Api, voice: str) -> None:
    text = (
        "The lighthouse keeper climbed the narrow stairs every single evening. He carried a small lamp and a basket"
        " full of bread. At the top he watched the ships until the morning came, and then he slept."
    )
    new = changed(api, said(api, text, format="mp3_44100_128"), voice, format="mp3_44100_128").content
    assert transcript(api, new)["text"] == text


def test_the_stream_gives_the_same_and_gives_it_early(api: Api) -> None:
    speech = wav(said(api, "This is a sentence of some length, and there are more of them. " * 12))
    answer = changed(api, speech, kind="/stream")
    first = answer.raw.read1(65536)
    assert 0 < len(first) < len(speech) / 10
    rest = first
    while piece := answer.raw.read1(65536):
        rest += piece
    assert rest == changed(api, speech).content


def test_the_newer_name_of_the_path(api: Api) -> None:
    for kind in ("", "/stream"):
        answer = api("POST", f"/v1/voice-changer/{CALVIN}{kind}", files={"audio": ("a", wav(said(api)))})
        assert answer.status_code == 200, answer.text


def test_raw_samples(api: Api) -> None:
    speech = said(api)
    raw = changed(api, speech, file_format="pcm_s16le_16")
    assert raw.content == changed(api, wav(speech)).content


def test_noise_can_be_removed_on_the_way(api: Api) -> None:
    noisy = babble(1.0, amplitude=2000) + silence(0.5)
    plain, quiet = (changed(api, wav(noisy), remove_background_noise=value).content for value in ("false", "true"))
    assert plain != quiet
    assert pcm(quiet, 16000).rms() < pcm(plain, 16000).rms()


def test_what_it_costs(api: Api) -> None:
    speech = wav(said(api) + silence(2.0))
    before = api.get("/v1/user/subscription").json()["character_count"]
    answer = changed(api, speech)
    cost = int(answer.headers["character-cost"])
    assert cost == pytest.approx((len(speech) - 44) / 32000 / 60 * 1000, abs=1)
    assert api.get("/v1/user/subscription").json()["character_count"] - before == cost
    assert answer.headers["request-id"]


def test_what_is_no_sound(api: Api) -> None:
    speech = wav(said(api))
    video = muxed("mp4", None, video=True)
    for audio in (b"", b"This is a text.\n" * 100, speech[:20_000], video, b"#EXTM3U\nfile:///etc/hosts\n"):
        refused(changed(api, audio), 400, "invalid_audio", status="invalid_content")


def test_too_short_and_too_long(api: Api) -> None:
    refused(changed(api, wav(silence(0.05))), 400, "audio_too_short")
    refused(changed(api, wav(silence(limits.MAX_CHANGED_S + 2))), 400, "audio_too_long")
    assert changed(api, wav(silence(0.2))).status_code == 200


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"model_id": "eleven_multilingual_v2"}, "unsupported_model", "model_id"),
        ({"voice_settings": "{"}, "invalid_voice_settings", "voice_settings"),
        ({"voice_settings": '{"stability": 3}'}, "invalid_voice_settings", "voice_settings"),
        ({"voice_settings": "[]"}, "invalid_voice_settings", "voice_settings"),
        ({"seed": "-1"}, "invalid_parameters", "seed"),
    ],
)
def test_what_makes_no_sense(api: Api, fields: dict[str, str], code: str, param: str) -> None:
    refused(changed(api, wav(said(api)), **fields), 400, code, param=param)


def test_an_unknown_model(api: Api) -> None:
    refused(changed(api, wav(said(api)), model_id="nope"), 404, "model_not_found", param="model_id")


@pytest.mark.parametrize(
    ("fields", "place", "kind"),
    [
        ({"seed": "x"}, "seed", "int_parsing"),
        ({"file_format": "mp3"}, "file_format", "literal_error"),
        ({"remove_background_noise": "perhaps"}, "remove_background_noise", "bool_parsing"),
    ],
)
def test_faults(api: Api, fields: dict[str, str], place: str, kind: str) -> None:
    assert faults(changed(api, wav(said(api)), **fields)) == [(["body", place], kind)]


def test_without_a_file(api: Api) -> None:
    path = f"/v1/speech-to-speech/{CALVIN}"
    assert faults(api("POST", path, data={"model_id": CHANGER})) == [(["body", "audio"], "missing")]
    assert faults(api("POST", path, json={"audio": 1})) == [(["body", "audio"], "missing")]
    assert faults(api("POST", path, files={"audio": (None, "text")})) == [(["body", "audio"], "value_error")]
    broken = api("POST", path, data=b"--x\r\nno", headers={"content-type": "multipart/form-data"})
    assert broken.status_code == 400
    assert broken.json()["detail"]["code"] == "bad_request"


def test_settings_and_voice_are_heeded(api: Api, api_with: Any) -> None:
    speech = wav(said(api))
    weak, strong = (changed(api, speech, voice_settings=json.dumps({"similarity_boost": one})) for one in (0.0, 1.0))
    assert weak.content != strong.content
    refused(changed(api, speech, "nobody"), 404, "voice_not_found", param="voice_id")
    refused(
        changed(api, speech, format="wav_16000", kind="/stream"), 400, "invalid_output_format", param="output_format"
    )
    refused(changed(api_with("free"), speech, LIBRARY), 402, "paid_plan_required", status="payment_required")
    refused(changed(api_with("broke"), wav(silence(3))), 402, "insufficient_credits", status="quota_exceeded")
    refused(changed(api_with("wrong"), speech), 401, "unauthorized", status="invalid_api_key")
    answer = changed(api_with("restricted"), speech)
    refused(answer, 403, "insufficient_permissions", status="missing_permissions")


@pytest.mark.parametrize(("key", "path", "status"), [("wrong", CALVIN, 401), ("k", "nobody", 404)])
def test_the_refusal_comes_before_the_upload_ends(server: str, key: str, path: str, status: int) -> None:
    connection = http.client.HTTPConnection(server.removeprefix("http://"), timeout=GUARD_S)
    connection.putrequest("POST", f"/v1/speech-to-speech/{path}")
    connection.putheader("xi-api-key", key)
    connection.putheader("content-type", "multipart/form-data; boundary=x")
    connection.putheader("content-length", "100000000")
    connection.endheaders(b'--x\r\ncontent-disposition: form-data; name="audio"; filename="a"\r\n\r\n')
    assert connection.getresponse().status == status
    connection.close()


def test_an_upload_that_is_too_large(server: str, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"xi-api-key": str(api.key), "content-type": "multipart/form-data; boundary=x"}
    connection = http.client.HTTPConnection(server.removeprefix("http://"), timeout=GUARD_S)
    connection.putrequest("POST", f"/v1/speech-to-speech/{CALVIN}")
    for name, value in {**headers, "content-length": str(limits.MAX_BYTES + 1)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    detail = json.loads(answer.read())["detail"]
    assert (answer.status, detail["type"], detail["code"]) == (400, "invalid_request", "request_too_large")
    connection.close()
    monkeypatch.setattr("eleven_cli.sandbox.voice_changer.routes.MAX_BYTES", 10_000)

    def pieces() -> Any:
        yield b'--x\r\ncontent-disposition: form-data; name="audio"; filename="a"\r\n\r\n'
        for _ in range(100):
            yield bytes(1000)

    path = f"/v1/speech-to-speech/{CALVIN}"
    assert api("POST", path, data=pieces(), headers=headers).json()["detail"]["code"] == "request_too_large"
