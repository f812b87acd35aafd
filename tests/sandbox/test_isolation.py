"""The isolator: less noise, the same speech, as long as it was."""

from array import array

import pytest

from eleven_cli.sandbox.sound.media import Media
from eleven_cli.sandbox.voice_changer import request as limits

from .call import hiss, silence
from .conftest import Api
from .decoding import decoded
from .schemas import faults, refused
from .uploads import FOX, isolated, said, transcript, wav


def noisy(speech: bytes, amplitude: int) -> bytes:
    whole = silence(0.8) + speech + silence(0.8)
    noise = array("h", hiss(len(whole) / 32000, amplitude))
    pairs = zip(array("h", whole), noise, strict=True)
    return array("h", [max(-32768, min(32767, one + more)) for one, more in pairs]).tobytes()


@pytest.mark.parametrize("kind", ["", "/stream"])
def test_noise_is_gone_and_speech_is_not(api: Api, kind: str) -> None:
    speech = said(api)
    loud = noisy(speech, 1000)
    answer = isolated(api, wav(loud), kind)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "audio/mpeg"
    sound = decoded(answer.content)
    assert sound.seconds == pytest.approx(len(loud) / 32000, abs=0.08)
    assert sound.rms(0.2, 0.7) < 60  # it was 577
    assert sound.rms(0.9, 1.9) > 1000
    assert transcript(api, answer.content)["text"] == FOX


def test_clean_speech_stays_as_it_is(api: Api) -> None:
    answer = isolated(api, said(api), file_format="pcm_s16le_16", preview_b64="AAAA")
    assert transcript(api, answer.content)["text"] == FOX
    assert int(answer.headers["character-cost"]) > 10


def test_what_it_refuses(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(isolated(api, b"text"), 400, "invalid_audio", status="invalid_content")
    refused(isolated(api, wav(silence(0.02))), 400, "audio_too_short")
    assert faults(isolated(api, wav(silence(1)), file_format="x")) == [(["body", "file_format"], "literal_error")]
    assert faults(api("POST", "/v1/audio-isolation", data={})) == [(["body", "audio"], "missing")]
    monkeypatch.setattr(
        Media, "duration_s", property(lambda media: limits.MAX_CLEANED_S + 2, lambda media, s: None), raising=False
    )
    refused(isolated(api, wav(silence(1))), 400, "audio_too_long")
