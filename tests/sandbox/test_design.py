"""Voices of descriptions: three previews that differ, one of which is kept and speaks."""

import base64
from itertools import combinations
from typing import Any

import pytest

from eleven_cli.sandbox.server import running
from eleven_cli.sandbox.voice_changer.pitch import pitch_hz
from eleven_cli.sandbox.voice_design import routes as design_routes

from .conftest import HARPER, LIBRARY, Api
from .decoding import decoded
from .schemas import check_voice, faults, refused
from .uploads import said, wav

SAILOR = "an old sailor, gravelly and kind"
LINE = "The tide will turn before the morning comes, and then we shall see what the water has left for us on the sand."


def designed(api: Api, description: str = SAILOR, path: str = "/design", **body: Any) -> list[dict[str, Any]]:
    answer = api("POST", f"/v1/text-to-voice{path}", json={"voice_description": description, "text": LINE, **body})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["previews"])


def kept(api: Api, generated: str, name: str = "Sailor", description: str = SAILOR) -> Any:
    body = {"voice_name": name, "voice_description": description, "generated_voice_id": generated}
    return api("POST", "/v1/text-to-voice", json=body)


def pitch(preview: dict[str, Any]) -> float:
    sound = decoded(base64.b64decode(preview["audio_base_64"]))
    return pitch_hz(sound.samples.tobytes(), sound.rate)


def test_three_previews_that_sound_different(api: Api) -> None:
    previews = designed(api, seed=1)
    assert len({preview["generated_voice_id"] for preview in previews}) == 3
    for preview in previews:
        assert (preview["media_type"], preview["language"]) == ("audio/mpeg", "en")
        assert preview["duration_secs"] > 3
    hertz = [pitch(preview) for preview in previews]
    assert all(abs(one - other) > 8 for one, other in combinations(hertz, 2)), hertz


def test_the_words_of_the_description_are_heard(api: Api) -> None:
    low = designed(api, "a deep old man who speaks slowly and calmly", seed=1)[0]
    high = designed(api, "a young girl with a bright and squeaky voice", seed=1)[0]
    assert pitch(high) > 1.4 * pitch(low)
    assert low["duration_secs"] > 1.3 * high["duration_secs"]


def test_a_seed_gives_the_same_voices_and_another_gives_others(api: Api) -> None:
    first, again, other = (designed(api, seed=seed) for seed in (4, 4, 5))
    assert [one["audio_base_64"] for one in first] == [one["audio_base_64"] for one in again]
    assert [one["audio_base_64"] for one in first] != [one["audio_base_64"] for one in other]


def test_a_kept_one_is_a_voice_and_speaks_as_its_preview(api: Api) -> None:
    preview = designed(api, seed=1)[1]
    answer = kept(api, preview["generated_voice_id"])
    assert answer.status_code == 200, answer.text
    voice = answer.json()
    check_voice(voice)
    assert (voice["name"], voice["category"], voice["description"]) == ("Sailor", "generated", SAILOR)
    assert (voice["labels"]["age"], voice["is_owner"]) == ("old", True)
    listed = api.get("/v2/voices", params={"category": "generated"}).json()["voices"]
    assert [one["name"] for one in listed] == ["Sailor"]
    assert api.said(LINE, voice=voice["voice_id"], format="mp3_44100_128") == base64.b64decode(preview["audio_base_64"])
    assert api.get(voice["preview_url"].removeprefix(api.base)).status_code == 200


def test_the_next_server_has_it(api: Api) -> None:
    voice_id = kept(api, designed(api)[0]["generated_voice_id"]).json()["voice_id"]
    with running(strict=True) as base:
        other = Api(base, api.key)
        assert other.speak("Hello there.", voice=voice_id).status_code == 200
        assert Api(base, "another").speak("Hello there.", voice=voice_id).status_code == 404


def test_a_preview_can_be_kept_by_the_next_server(api: Api) -> None:
    generated = designed(api)[0]["generated_voice_id"]
    with running() as base:
        assert kept(Api(base, api.key), generated).status_code == 200


def test_it_is_kept_once(api: Api) -> None:
    generated = designed(api)[0]["generated_voice_id"]
    assert kept(api, generated).status_code == 200
    refused(kept(api, generated), 409, "voice_already_exists", param="generated_voice_id")


def test_a_previews_audio_can_be_had_again(api: Api) -> None:
    preview = designed(api)[0]
    answer = api.get(f"/v1/text-to-voice/{preview['generated_voice_id']}/stream")
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.content == base64.b64decode(preview["audio_base_64"])


def test_only_ids_where_the_audio_is_to_be_streamed(api: Api) -> None:
    assert [preview["audio_base_64"] for preview in designed(api, stream_previews=True)] == ["", "", ""]


def test_an_unknown_and_an_expired_preview(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    generated = designed(api)[0]["generated_voice_id"]
    monkeypatch.setattr(design_routes, "KEPT_S", -1.0)
    for one in ("nobodyknowsthis00000", generated):
        refused(kept(api, one), 404, "voice_not_found", param="generated_voice_id")
        answer = api.get(f"/v1/text-to-voice/{one}/stream")
        refused(answer, 404, "voice_not_found", param="generated_voice_id")


def test_a_remix_is_a_changed_voice(api: Api) -> None:
    voice = kept(api, designed(api, "a calm woman who reads the evening news", seed=1)[0]["generated_voice_id"]).json()
    same = designed(api, "a bit different", f"/{voice['voice_id']}/remix", seed=1)[0]
    lower = designed(api, "much deeper", f"/{voice['voice_id']}/remix", seed=1)[0]
    assert pitch(lower) < 0.9 * pitch(same)
    assert kept(api, lower["generated_voice_id"], "Deeper").status_code == 200


def test_a_clone_without_labels_can_be_remixed(api: Api) -> None:
    files = {"files": ("me.wav", wav(said(api)))}
    mine = api("POST", "/v1/voices/add", data={"name": "Me"}, files=files).json()["voice_id"]
    same = designed(api, "a bit different", f"/{mine}/remix", seed=1)[0]
    lower = designed(api, "a man", f"/{mine}/remix", seed=1)[0]
    assert pitch(lower) < 0.9 * pitch(same)


@pytest.mark.parametrize("voice", [HARPER, LIBRARY])
def test_only_ones_own_voices_can_be_remixed(api: Api, voice: str) -> None:
    answer = api("POST", f"/v1/text-to-voice/{voice}/remix", json={"voice_description": "lower", "text": LINE})
    refused(answer, 403, "voice_access_denied", param="voice_id")


def test_it_costs_the_characters_of_the_text(api: Api) -> None:
    answer = api("POST", "/v1/text-to-voice/design", json={"voice_description": SAILOR, "text": LINE})
    assert answer.headers["character-cost"] == str(len(LINE))
    assert api.get("/v1/user/subscription").json()["character_count"] == len(LINE)


def test_a_text_of_its_own(api: Api) -> None:
    body = {"voice_description": SAILOR, "auto_generate_text": True}
    assert 100 <= len(api("POST", "/v1/text-to-voice/design", json=body).json()["text"]) <= 1000


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ({}, ["missing"]),
        ({"voice_description": "x" * 19, "text": LINE}, ["string_too_short"]),
        ({"voice_description": "x" * 1001, "text": LINE}, ["string_too_long"]),
        ({"voice_description": SAILOR, "text": "x" * 99}, ["string_too_short"]),
        ({"voice_description": SAILOR, "text": "x" * 1001}, ["string_too_long"]),
        ({"voice_description": SAILOR, "text": LINE, "seed": 2**31}, ["less_than_equal"]),
        ({"voice_description": SAILOR, "text": LINE, "seed": -1}, ["greater_than_equal"]),
        ({"voice_description": SAILOR, "text": LINE, "guidance_scale": 101}, ["less_than_equal"]),
        ({"voice_description": SAILOR, "text": LINE, "loudness": -2}, ["greater_than_equal"]),
        ({"voice_description": SAILOR, "text": LINE, "model_id": "eleven_v3"}, ["literal_error"]),
    ],
)
def test_what_does_not_fit_the_schema(api: Api, body: dict[str, Any], kinds: list[str]) -> None:
    assert [kind for _, kind in faults(api("POST", "/v1/text-to-voice/design", json=body))] == kinds


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "text"),
        ({"auto_generate_text": False}, "text"),
        ({"text": LINE, "reference_audio_base64": "AAAA"}, "reference_audio_base64"),
    ],
)
def test_what_contradicts_itself(api: Api, body: dict[str, Any], param: str) -> None:
    answer = api("POST", "/v1/text-to-voice/design", json={"voice_description": SAILOR, **body})
    refused(answer, 400, "invalid_parameters", param=param)


def test_a_free_plan_may_design_and_has_three_slots() -> None:
    with running(plan="free", stock_voices=False) as base:
        api = Api(base, "somebody")
        assert api.get("/v2/voices").json()["voices"] == []
        generated = [preview["generated_voice_id"] for _ in range(2) for preview in designed(api)]
        assert [kept(api, one).status_code for one in generated[:3]] == [200, 200, 200]
        refused(kept(api, generated[3]), 400, "voice_limit_reached")
        used = api.get("/v1/user/subscription").json()
        assert (used["tier"], used["voice_slots_used"], used["voice_limit"]) == ("free", 3, 3)


@pytest.mark.parametrize(
    ("options", "key", "names"),
    [
        ({"plan": "free"}, "k", 14),
        ({"stock_voices": False}, "k", 2),
        ({}, "newcomer", 2),
        ({}, "free-newcomer", 0),
        ({"stock_voices": False, "plan": "free"}, "k", 0),
        ({"stock_voices": False, "plan": "free"}, "creator", 2),
    ],
)
def test_accounts_without_stock_voices(options: dict[str, Any], key: str, names: int) -> None:
    with running(**options) as base:
        assert len(Api(base, key).get("/v1/voices").json()["voices"]) == names


def test_a_free_plan_does_not_speak_with_library_voices() -> None:
    with running(plan="free") as base:
        refused(Api(base, "k").speak(voice=LIBRARY), 402, "paid_plan_required", status="payment_required")
