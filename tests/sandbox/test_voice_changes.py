"""Voices that are cloned, edited, set and deleted."""

import json
from typing import Any

import pytest

from eleven_cli.sandbox.voice_changer.pitch import pitch_hz

from .conftest import HARPER, LIBRARY, Api
from .decoding import decoded
from .schemas import faults, refused
from .uploads import CALVIN, wav

ROBIN = "Sr4oaKhUIhRNQ6XTqcTl"
TEXT = "I am a recording of a voice, and this is how I sound when I read something."
RATE = 16000


@pytest.fixture
def recording(api: Api) -> bytes:
    return wav(api.said(TEXT, format="pcm_16000", voice=CALVIN))


def clone(api: Api, *recordings: bytes, **fields: Any) -> Any:
    files = [("files", (f"{number}.wav", data, "audio/wav")) for number, data in enumerate(recordings)]
    return api("POST", "/v1/voices/add", files=files or [("x", ("", b""))], data={"name": "Me", **fields})


def cloned(api: Api, *recordings: bytes, **fields: Any) -> str:
    answer = clone(api, *recordings, **fields)
    assert answer.status_code == 200, answer.text
    assert answer.json()["requires_verification"] is False
    return str(answer.json()["voice_id"])


def shown(api: Api, voice_id: str) -> Any:
    return api.get(f"/v1/voices/{voice_id}").json()


def spoken_hz(api: Api, voice_id: str) -> float:
    return pitch_hz(api.said(TEXT, format="pcm_16000", voice=voice_id), RATE)


# cloning


@pytest.mark.parametrize("voice", [CALVIN, HARPER, "CTWycwnTdn5JauRfHT17"], ids=["low", "high", "higher"])
def test_a_clone_speaks_at_the_pitch_of_the_recording(api: Api, voice: str) -> None:
    original = spoken_hz(api, voice)
    made = cloned(api, wav(api.said(TEXT, format="pcm_16000", voice=voice)))
    assert spoken_hz(api, made) == pytest.approx(original, rel=0.15)


def test_a_clone_is_a_voice_of_ones_own(api: Api, recording: bytes) -> None:
    labels = {"accent": "british", "language": "en"}
    made = cloned(api, recording, recording, name=" Me ", description="Plain.", labels=json.dumps(labels))
    voice = shown(api, made)
    assert (voice["name"], voice["category"], voice["is_owner"]) == ("Me", "cloned", True)
    assert (voice["description"], voice["labels"]) == ("Plain.", labels)
    assert made in {one["voice_id"] for one in api.get("/v2/voices", params={"category": "cloned"}).json()["voices"]}


def test_other_formats_and_remove_noise(api: Api) -> None:
    made = cloned(api, api.said(TEXT), remove_background_noise="true")
    assert shown(api, made)["name"] == "Me"


@pytest.mark.parametrize(
    ("data", "code", "status", "param"),
    [
        (b"Just a text.\n" * 100, "invalid_audio", "invalid_content", None),
        (b"", "invalid_audio", "invalid_content", None),
        (wav(bytes(2 * RATE * 3)), "invalid_audio", "invalid_content", None),
        (wav(b"\x00\x40\x00\xc0" * (RATE // 4)), "audio_too_short", None, "files"),
        (wav(bytes(51_000_000)), "request_too_large", None, "files"),
    ],
    ids=["text", "empty", "silent", "short", "large"],
)
def test_recordings_that_make_no_voice(api: Api, data: bytes, code: str, status: str | None, param: str | None) -> None:
    answer = clone(api, data)
    assert answer.status_code == 400, answer.text
    detail = answer.json()["detail"]
    assert (detail["code"], detail["status"], detail.get("param")) == (code, status or code, param)


def test_the_schema_of_a_clone(api: Api, recording: bytes) -> None:
    assert [loc for loc, _ in faults(clone(api))] == [["body", "files"]]
    assert [loc for loc, _ in faults(clone(api, recording, name=""))] == [["body", "name"]]
    answer = clone(api, recording, remove_background_noise="perhaps")
    assert [loc for loc, _ in faults(answer)] == [["body", "remove_background_noise"]]
    for labels in ("x", "[1]", '{"age": 3}'):
        refused(clone(api, recording, labels=labels), 400, "invalid_parameters", param="labels")
    refused(clone(api, recording, name="  "), 400, "invalid_parameters", param="name")


def test_a_free_plan_clones_nothing(api_with: Any, recording: bytes) -> None:
    answer = clone(api_with("free"), recording)
    refused(answer, 403, "subscription_required", status="can_not_use_instant_voice_cloning")


# editing


def edit(api: Api, voice_id: str, **fields: Any) -> Any:
    return api("POST", f"/v1/voices/{voice_id}/edit", files=[(name, (None, value)) for name, value in fields.items()])


def test_what_is_edited_and_what_stays(api: Api) -> None:
    before = shown(api, ROBIN)
    assert edit(api, ROBIN, name="Rob").json() == {"status": "ok"}
    after = shown(api, ROBIN)
    assert after == {**before, "name": "Rob"}
    edit(api, ROBIN, name="Rob", description="", labels=json.dumps({"age": "young"}))
    assert (shown(api, ROBIN)["description"], shown(api, ROBIN)["labels"]) == ("", {"age": "young"})


def test_new_recordings_change_the_pitch(api: Api, recording: bytes) -> None:
    before = spoken_hz(api, ROBIN)
    files = [("files", ("a.wav", recording, "audio/wav"))]
    assert api("POST", f"/v1/voices/{ROBIN}/edit", files=files, data={"name": "Rob"}).status_code == 200
    assert spoken_hz(api, ROBIN) != pytest.approx(before, rel=0.05)


def test_an_edit_needs_a_name(api: Api) -> None:
    assert [loc for loc, _ in faults(edit(api, ROBIN, description="x"))] == [["body", "name"]]
    refused(edit(api, ROBIN, name=" "), 400, "invalid_parameters", param="name")


@pytest.mark.parametrize("voice", [HARPER, LIBRARY])
def test_only_ones_own_voices_can_be_edited(api: Api, voice: str) -> None:
    refused(edit(api, voice, name="Mine"), 403, "voice_access_denied")


# settings


def test_settings_that_are_left_out_get_their_defaults(api: Api) -> None:
    path = f"/v1/voices/{ROBIN}/settings"
    defaults = api.get(path).json()
    api("POST", f"{path}/edit", json={**defaults, "stability": 0.2, "speed": 1.1})
    assert api.get(path).json() == {**defaults, "stability": 0.2, "speed": 1.1}
    assert api("POST", f"{path}/edit", json={"style": 0.5}).json() == {"status": "ok"}
    assert api.get(path).json() == {**defaults, "style": 0.5}


def test_settings_hold_for_what_is_spoken(api: Api) -> None:
    before = api.said(TEXT, format="pcm_16000", voice=ROBIN)
    api("POST", f"/v1/voices/{ROBIN}/settings/edit", json={"speed": 1.2})
    assert len(api.said(TEXT, format="pcm_16000", voice=ROBIN)) < 0.9 * len(before)
    assert api.said(TEXT, format="pcm_16000", voice=ROBIN, voice_settings={"speed": 1.0}) == before


def test_the_schema_of_settings(api: Api) -> None:
    answer = api("POST", f"/v1/voices/{ROBIN}/settings/edit", json={"stability": 2, "use_speaker_boost": "perhaps"})
    assert [loc[-1] for loc, _ in faults(answer)] == ["stability", "use_speaker_boost"]


# deleting


@pytest.mark.parametrize("voice", [ROBIN, LIBRARY])
def test_what_is_deleted_is_gone(api: Api, voice: str) -> None:
    assert api("DELETE", f"/v1/voices/{voice}").json() == {"status": "ok"}
    refused(api.get(f"/v1/voices/{voice}"), 404, "voice_not_found", param="voice_id")
    refused(api("DELETE", f"/v1/voices/{voice}"), 404, "voice_not_found", param="voice_id")


def test_premade_voices_stay(api: Api) -> None:
    refused(api("DELETE", f"/v1/voices/{HARPER}"), 403, "voice_access_denied")
    assert shown(api, HARPER)["name"] == "Harper"


def test_other_accounts_keep_theirs(api: Api, api_with: Any) -> None:
    api("DELETE", f"/v1/voices/{ROBIN}")
    assert shown(api_with("other"), ROBIN)["voice_id"] == ROBIN


def test_a_key_that_may_only_speak_changes_nothing(api_with: Any) -> None:
    restricted = api_with("restricted")
    for answer in (
        restricted("DELETE", f"/v1/voices/{ROBIN}"),
        edit(restricted, ROBIN, name="X"),
        clone(restricted, b"x"),
    ):
        refused(answer, 403, "insufficient_permissions", status="missing_permissions")


def test_the_sound_can_be_decoded(api: Api, recording: bytes) -> None:
    assert decoded(api.said(TEXT, voice=cloned(api, recording))).seconds > 2
