"""The history: what was generated is listed, heard again, downloaded and deleted."""

import io
import zipfile
from typing import Any

import pytest

from .conftest import HARPER, Api
from .schemas import faults, refused
from .socket_client import dialogue, speech
from .uploads import wav

CALVIN = "CaK1KilJWJy9D6GjB7nZ"
ITEM = {
    "history_item_id", "request_id", "voice_id", "voice_name", "voice_category", "model_id", "text", "date_unix",
    "character_count_change_from", "character_count_change_to", "content_type", "output_format", "state", "settings",
    "source", "dialogue", "share_link_id", "alignments",
}  # fmt: skip


def listed(api: Api, **query: Any) -> list[dict[str, Any]]:
    answer = api.get("/v1/history", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["history"])


def texts(api: Api, **query: Any) -> list[str]:
    return [item["text"] for item in listed(api, **query)]


def unknown(answer: Any) -> None:
    refused(answer, 404, "history_item_not_found", param="history_item_id")


def test_an_account_without_a_past(api: Api) -> None:
    empty = {"history": [], "last_history_item_id": None, "has_more": False, "scanned_until": None}
    assert api.get("/v1/history").json() == empty


@pytest.mark.parametrize("kind", ["", "/stream", "/with-timestamps", "/stream/with-timestamps"])
@pytest.mark.parametrize("format", ["mp3_44100_128", "pcm_16000"])
def test_speech_is_an_item(api: Api, kind: str, format: str) -> None:
    answer = api.speak("Hello there.", kind=kind, format=format, voice_settings={"style": 0.25})
    assert answer.content
    (item,) = listed(api)
    assert set(item) == ITEM
    assert item["history_item_id"] == answer.headers["history-item-id"]
    assert item["request_id"] == answer.headers["request-id"]
    assert (item["text"], item["voice_id"], item["voice_name"]) == ("Hello there.", HARPER, "Harper")
    assert (item["source"], item["output_format"], item["state"]) == ("TTS", format, "created")
    assert item["settings"]["style"] == 0.25
    spent = item["character_count_change_to"] - item["character_count_change_from"]
    assert spent == int(answer.headers["character-cost"])
    assert api.get(f"/v1/history/{item['history_item_id']}").json() == item
    audio = api.get(f"/v1/history/{item['history_item_id']}/audio")
    assert audio.headers["content-type"] == item["content_type"]
    if "timestamps" not in kind:
        assert audio.content == answer.content
    assert len(audio.content) > 5000


def test_a_dialogue_and_a_changed_voice_are_items(api: Api) -> None:
    lines = [{"text": "Hi.", "voice_id": HARPER}, {"text": "Hello.", "voice_id": CALVIN}]
    dialogue = api("POST", "/v1/text-to-dialogue", json={"inputs": lines})
    changed = api(
        "POST", f"/v1/speech-to-speech/{CALVIN}", files={"audio": ("a.wav", wav(api.said(format="pcm_16000")))}
    )
    second, _, first = listed(api)
    names = ("Harper", "Calvin")
    assert first["dialogue"] == [{**line, "voice_name": name} for line, name in zip(lines, names, strict=True)]
    assert (first["text"], first["source"]) == ("Hi.Hello.", "TTS")
    assert (second["text"], second["source"], second["voice_id"]) == (None, "STS", CALVIN)
    for item, answer in ((first, dialogue), (second, changed)):
        assert api.get(f"/v1/history/{item['history_item_id']}/audio").content == answer.content


def test_what_is_not_logged_is_no_item(api: Api) -> None:
    answer = api("POST", f"/v1/text-to-speech/{HARPER}", json={"text": "Hi."}, params={"enable_logging": "false"})
    assert answer.status_code == 200
    assert "history-item-id" not in answer.headers
    assert listed(api) == []


def test_pages_and_directions(api: Api) -> None:
    for text in ("One.", "Two.", "Three."):
        api.said(text)
    assert texts(api) == ["Three.", "Two.", "One."]
    assert texts(api, sort_direction="asc") == ["One.", "Two.", "Three."]
    first = api.get("/v1/history", params={"page_size": 2}).json()
    assert first["has_more"] is True
    assert first["last_history_item_id"] == first["history"][-1]["history_item_id"]
    after = {"start_after_history_item_id": first["last_history_item_id"], "page_size": 2}
    rest = api.get("/v1/history", params=after).json()
    assert [item["text"] for item in rest["history"]] == ["One."]
    assert rest["has_more"] is False
    unknown(api.get("/v1/history", params={"start_after_history_item_id": "x"}))


def test_filters(api: Api) -> None:
    api.said("The red fox.", model_id="eleven_flash_v2_5")
    api.said("The blue fox.", voice=CALVIN)
    at = listed(api)[0]["date_unix"]
    assert texts(api, voice_id=CALVIN) == ["The blue fox."]
    assert texts(api, search="FOX red") == ["The red fox."]
    assert texts(api, search="harper") == ["The red fox."]
    assert texts(api, model_id="eleven_flash_v2_5", source="TTS") == ["The red fox."]
    assert texts(api, source="STS") == []
    assert texts(api, date_before_unix=at - 100) == []
    assert len(texts(api, date_after_unix=at - 100)) == 2
    assert texts(api, date_after_unix=at + 100) == []


@pytest.mark.parametrize(
    ("query", "place"),
    [({"page_size": "x"}, "page_size"), ({"page_size": 0}, "page_size"), ({"page_size": 1001}, "page_size"),
     ({"date_after_unix": "soon"}, "date_after_unix")],
)  # fmt: skip
def test_a_query_that_does_not_fit(api: Api, query: dict[str, Any], place: str) -> None:
    assert [loc for loc, _ in faults(api.get("/v1/history", params=query))] == [["query", place]]


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"source": "Radio"}, "source"),
        ({"sort_direction": "up"}, "sort_direction"),
        ({"model_id": "eleven_v3"}, "source"),
    ],
)
def test_a_query_that_makes_no_sense(api: Api, query: dict[str, Any], param: str) -> None:
    refused(api.get("/v1/history", params=query), 400, "invalid_parameters", param=param)


def test_an_item_is_deleted(api: Api) -> None:
    api.said("One.")
    api.said("Two.")
    path = f"/v1/history/{listed(api)[0]['history_item_id']}"
    assert api("DELETE", path).json() == {"status": "ok"}
    assert texts(api) == ["One."]
    for answer in (api("DELETE", path), api.get(path), api.get(f"{path}/audio")):
        unknown(answer)


def test_another_account_has_another_history(api: Api, server: str) -> None:
    api.said("One.")
    other = Api(server, "another-key-for-history")
    assert listed(other) == []
    unknown(other.get(f"/v1/history/{listed(api)[0]['history_item_id']}"))
    other.close()


def download(api: Api, ids: list[str], **more: Any) -> Any:
    return api("POST", "/v1/history/download", json={"history_item_ids": ids, **more})


def test_downloads(api: Api) -> None:
    spoken = {text: api.said(text) for text in ("One.", "Two.")}
    ids = [item["history_item_id"] for item in listed(api)]
    one = download(api, ids[:1])
    assert (one.content, one.headers["content-type"]) == (spoken["Two."], "audio/mpeg")
    assert one.headers["content-disposition"] == f'attachment; filename="{ids[0]}.mp3"'
    both = zipfile.ZipFile(io.BytesIO(download(api, ids, output_format="default").content))
    assert {both.read(name) for name in both.namelist()} == set(spoken.values())
    wav = download(api, ids[:1], output_format="wav")
    assert (wav.content[:4], wav.headers["content-type"]) == (b"RIFF", "audio/wav")


def test_samples_are_downloaded_as_wav(api: Api) -> None:
    samples = api.said("One.", format="pcm_16000")
    (item,) = listed(api)
    assert download(api, [item["history_item_id"]], output_format="wav").content[44:] == samples


def test_downloads_that_cannot_be(api: Api) -> None:
    api.said("One.", format="ulaw_8000")
    (item,) = listed(api)
    assert download(api, []).status_code == 400
    for answer in (download(api, []), download(api, [item["history_item_id"]], output_format="wav")):
        assert answer.status_code == 400
        assert set(answer.json()) == {"error", "message"}
    unknown(download(api, ["nobody"]))
    assert faults(api("POST", "/v1/history/download", json={})) == [(["body", "history_item_ids"], "missing")]
    assert download(api, ["x"], output_format="ogg").status_code == 422


def test_a_live_session_is_one_item(api: Api) -> None:
    live = speech(api, output_format="pcm_16000")
    live.text(" ", voice_settings={"speed": 1.1}).text("One sentence. ", flush=True)
    audio = live.turn()
    audio += live.text("And another. ").text("").rest()
    (item,) = listed(api)
    assert (item["text"], item["source"], item["output_format"]) == ("One sentence. And another. ", "TTS", "pcm_16000")
    assert item["settings"]["speed"] == 1.1
    assert item["character_count_change_to"] - item["character_count_change_from"] > 10
    assert api.get(f"/v1/history/{item['history_item_id']}/audio").content == audio


def test_a_live_session_that_is_not_logged_is_none(api: Api) -> None:
    live = speech(api, enable_logging="false")
    assert live.text(" ").text("Hello. ").text("").rest()
    assert listed(api) == []


def test_a_live_dialogue_is_one_item(api: Api) -> None:
    lines = [{"text": "Knock knock. ", "voice_id": HARPER}, {"text": "Who is there? ", "voice_id": CALVIN}]
    live = dialogue(api, HARPER, CALVIN).send(inputs=lines, close_socket=True)
    audio = live.rest()
    (item,) = listed(api)
    assert [(line["voice_name"], line["text"]) for line in item["dialogue"]] == [
        ("Harper", "Knock knock. "),
        ("Calvin", "Who is there? "),
    ]
    assert api.get(f"/v1/history/{item['history_item_id']}/audio").content == audio
