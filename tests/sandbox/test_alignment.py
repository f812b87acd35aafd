"""Forced alignment: given words get times."""

import pytest

from .call import babble, silence
from .conftest import Api
from .schemas import faults, refused
from .uploads import FOX, aligned, said, wav


def test_known_words_get_their_own_times(api: Api) -> None:
    timed = api.speak(FOX, kind="/with-timestamps", format="pcm_16000").json()["alignment"]
    body = aligned(api, wav(silence(1.0) + said(api)), FOX).json()
    assert [word["text"] for word in body["words"]] == FOX.split()
    for word in body["words"]:
        start = timed["character_start_times_seconds"][FOX.index(word["text"])]
        assert word["start"] == pytest.approx(1.0 + start, abs=0.06)
        assert word["end"] > word["start"]
    assert body["loss"] < 0.5


def test_every_character_has_a_time(api: Api) -> None:
    text = "  The quick,\n  BROWN fox!  "
    characters = aligned(api, wav(said(api)), text).json()["characters"]
    assert "".join(one["text"] for one in characters) == text
    times = [time for one in characters for time in (one["start"], one["end"])]
    assert times == sorted(times)


def test_words_that_were_not_said_lie_between_those_that_were(api: Api) -> None:
    body = aligned(api, wav(said(api)), "The very quick brown and lazy fox.").json()
    losses = {word["text"]: word["loss"] for word in body["words"]}
    assert losses["quick"] < 1 < losses["very"]
    starts = [word["start"] for word in body["words"]]
    assert starts == sorted(starts)


def test_unknown_speech_shares_its_time_out(api: Api) -> None:
    body = aligned(api, wav(silence(1.0) + babble(2.0) + silence(1.0)), "one two three four").json()
    assert body["words"][0]["start"] == pytest.approx(1.0, abs=0.2)
    assert body["words"][-1]["end"] == pytest.approx(3.0, abs=0.2)
    assert body["loss"] > 1
    silent = aligned(api, wav(silence(2.0)), "one two").json()
    assert silent["words"][-1]["end"] == pytest.approx(2.0, abs=0.01)


def test_what_it_refuses(api: Api) -> None:
    assert faults(aligned(api, wav(silence(1)), None)) == [(["body", "text"], "missing")]
    assert faults(api("POST", "/v1/forced-alignment", data={"text": "a"})) == [(["body", "file"], "missing")]
    refused(aligned(api, b"text", "a"), 400, "invalid_audio", status="invalid_content")
    refused(aligned(api, wav(silence(1)), " "), 400, "empty_text", param="text")
