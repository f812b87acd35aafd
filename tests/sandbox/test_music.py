"""Music of the sandbox: as long as was asked, chosen by the words, always the same, and paid for."""

import json
from typing import Any

import numpy as np
import pytest
import requests

from eleven_cli.sandbox.music import finetunes

from .call import hiss
from .conftest import Api
from .decoding import decoded
from .schemas import faults, refused
from .uploads import muxed, wav

PATH = "/v1/music"
RATE = 44100
SECTION = {
    "section_name": "Verse",
    "positive_local_styles": ["soft piano"],
    "negative_local_styles": [],
    "duration_ms": 4000,
    "lines": ["City lights are fading"],
}
PLAN = {"positive_global_styles": ["pop"], "negative_global_styles": [], "sections": [SECTION, SECTION]}
CHUNK = {"text": "[Verse]\nHello.", "duration_ms": 3000, "positive_styles": ["pop", "warm synths"]}
REFERENCE = {"song_id": "x", "range": {"start_ms": 0, "end_ms": 3000}}


def composed(api: Api, path: str = PATH, format: str = "pcm_44100", **body: Any) -> requests.Response:
    return api("POST", path, json=body, params={"output_format": format} if format else {})


def samples(api: Api, prompt: str = "calm piano", ms: int = 5000, **more: Any) -> Any:
    answer = composed(api, prompt=prompt, music_length_ms=ms, **more)
    assert answer.status_code == 200, answer.text
    return np.frombuffer(answer.content, "<i2") / 32768


def planned(api: Api, **body: Any) -> Any:
    answer = api("POST", f"{PATH}/plan", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def credits_used(api: Api) -> int:
    return int(api.get("/v1/user/subscription").json()["character_count"])


@pytest.mark.parametrize("path", [PATH, f"{PATH}/stream"])
def test_what_it_answers(api: Api, path: str) -> None:
    answer = composed(api, path, "", prompt="calm piano", music_length_ms=3000)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/mpeg"
    assert len(answer.headers["song-id"]) >= 20
    assert answer.headers["request-id"]
    assert "history-item-id" not in answer.headers
    sound = decoded(answer.content)
    assert (sound.rate, sound.seconds) == (44100, pytest.approx(3, abs=0.1))


def test_a_page_may_read_the_id_of_its_song(api: Api) -> None:
    origin = {"Origin": "http://localhost:3000"}
    answer = api("POST", PATH, json={"prompt": "x", "music_length_ms": 3000}, headers=origin)
    assert "song-id" in answer.headers["access-control-expose-headers"].split(", ")


@pytest.mark.parametrize("ms", [3000, 3001, 12_345, 60_000])
def test_it_is_as_long_as_was_asked(api: Api, ms: int) -> None:
    assert len(samples(api, ms=ms)) == round(ms * RATE / 1000)


def test_without_a_length_the_words_decide(api: Api) -> None:
    short, long = (composed(api, prompt=text, format="pcm_8000").content for text in ("jazz", "jazz " * 20))
    assert 10 * 16_000 < len(short) < len(long) <= 30 * 16_000


@pytest.mark.parametrize(
    "prompt", ["calm piano", "fast techno", "a sad song in the rain", "an ambient drone", "x", "音楽"]
)
def test_it_is_heard_from_the_beginning_to_the_end_and_never_clipped(api: Api, prompt: str) -> None:
    sound = samples(api, prompt, 8000)
    seconds = sound.reshape(8, RATE).std(axis=1)
    assert (seconds[:7] > 0.05).all()
    assert 0.2 < np.abs(sound).max() < 0.95
    assert abs(sound[-1]) < 0.01


def test_equal_words_make_equal_music_and_others_other(api: Api) -> None:
    first = samples(api, "calm piano")
    assert np.array_equal(first, samples(api, "calm piano"))
    other = samples(api, "fast techno")
    assert abs(np.corrcoef(first, other)[0, 1]) < 0.3


def test_words_say_how_fast_it_is_and_whether_it_has_a_beat(api: Api) -> None:
    def beats(sound: Any) -> int:
        """How many steep rises of what only drums and cymbals have."""
        bright = np.abs(np.diff(sound, 3))
        blocks = bright[: len(bright) // 882 * 882].reshape(-1, 882).mean(axis=1)
        loud = blocks > 0.4 * blocks.max()
        return int((loud[1:] & ~loud[:-1]).sum())

    slow, fast = samples(api, "slow song", 12_000), samples(api, "fast song", 12_000)
    assert beats(fast) > 1.4 * beats(slow) > 0
    quiet, steady = samples(api, "piano", generation_mode="ambience"), samples(api, "piano")
    assert np.abs(np.diff(quiet, 3)).max() < 0.5 * np.abs(np.diff(steady, 3)).max()


def test_bars_and_parts_join_without_a_click(api: Api) -> None:
    sections = [{**SECTION, "positive_local_styles": [style], "duration_ms": 3333} for style in ("no drums", "ambient")]
    plan = {"positive_global_styles": ["no beat"], "negative_global_styles": [], "sections": sections}
    song = np.frombuffer(composed(api, composition_plan=plan).content, "<i2") / 32768
    assert np.abs(np.diff(song)).max() < 0.1


def test_a_loop_does_not_fade_out(api: Api) -> None:
    ends = [samples(api, generation_mode=mode)[-RATE:-2000].std() for mode in ("loop", "track")]
    assert ends[0] > 1.3 * ends[1]


def test_a_plan_makes_music_of_its_length_and_its_seed_changes_it(api: Api) -> None:
    songs = [composed(api, composition_plan=PLAN, seed=seed).content for seed in (1, 1, 2)]
    assert {len(song) for song in songs} == {2 * 8 * RATE}
    assert songs[0] == songs[1] != songs[2]
    older = composed(api, music_prompt=PLAN, seed=1)
    assert older.content == songs[0]
    newer = composed(api, composition_plan={"chunks": [CHUNK, CHUNK]}, model_id="music_v2")
    assert len(newer.content) == 2 * 6 * RATE


@pytest.mark.parametrize(
    ("format", "media_type", "rate"),
    [
        ("mp3_48000_320", "audio/mpeg", 48000),
        ("mp3_48000_240", "audio/mpeg", 48000),
        ("mp3_22050_32", "audio/mpeg", 22050),
        ("opus_48000_96", "audio/ogg", 48000),
    ],
)
def test_formats(api: Api, format: str, media_type: str, rate: int) -> None:
    answer = composed(api, format=format, prompt="calm piano", music_length_ms=3000)
    assert answer.headers["content-type"] == media_type
    sound = decoded(answer.content)
    assert (sound.rate, sound.seconds) == (rate, pytest.approx(3, abs=0.1))


def test_the_model_decides_the_format(api: Api) -> None:
    for format in ("", "auto"):
        answer = composed(api, format=format, prompt="calm piano", music_length_ms=3000, model_id="music_v2_5")
        assert decoded(answer.content).rate == 48000


def test_what_it_costs(api: Api) -> None:
    answer = composed(api, prompt="calm piano", music_length_ms=3500)
    assert answer.headers["character-cost"] == "70"
    assert credits_used(api) == 70
    planned(api, prompt="calm piano")
    assert credits_used(api) == 70
    usage = api.get("/v1/usage/character-stats", params={"start_unix": 0, "end_unix": 4_000_000_000_000,
                    "breakdown_type": "product_type", "aggregation_interval": "cumulative"}).json()  # fmt: skip
    assert sum(usage["usage"]["music"]) == 70
    assert api.get("/v1/history").json()["history"] == []


def test_who_may(api_with: Any) -> None:
    for path in (PATH, f"{PATH}/stream", f"{PATH}/plan"):
        answer = api_with("free")("POST", path, json={"prompt": "x"})
        refused(answer, 402, "paid_plan_required", status="payment_required")
        answer = api_with("restricted")("POST", path, json={"prompt": "x"})
        refused(answer, 403, "insufficient_permissions", status="missing_permissions")
    answer = composed(api_with("starter"), prompt="x", music_length_ms=3000)
    refused(answer, 403, "subscription_required", param="output_format")
    costly = composed(api_with("starter"), format="", composition_plan={**PLAN, "sections": [LONG] * 15})
    refused(costly, 402, "insufficient_credits", status="quota_exceeded")


LONG = {**SECTION, "duration_ms": 120_000}
RULES: dict[str, tuple[dict[str, Any], int, str, str]] = {  # what is asked; status, code and parameter of the refusal
    "nothing": ({}, 400, "missing_required_field", "prompt"),
    "no words": ({"prompt": " "}, 400, "empty_text", "prompt"),
    "prompt and plan": ({"prompt": "x", "composition_plan": PLAN}, 400, "invalid_parameters", "composition_plan"),
    "seed and prompt": ({"prompt": "x", "seed": 1}, 400, "invalid_parameters", "seed"),
    "length and plan": (
        {"composition_plan": PLAN, "music_length_ms": 3000},
        400,
        "invalid_parameters",
        "music_length_ms",
    ),
    "instrumental and plan": (
        {"composition_plan": PLAN, "force_instrumental": True},
        400,
        "invalid_parameters",
        "force_instrumental",
    ),
    "mode and plan": (
        {"composition_plan": PLAN, "generation_mode": "loop"},
        400,
        "invalid_parameters",
        "generation_mode",
    ),
    "plan of another model": (
        {"composition_plan": PLAN, "model_id": "music_v2"},
        400,
        "invalid_parameters",
        "composition_plan",
    ),
    "chunks of another model": (
        {"composition_plan": {"chunks": [CHUNK]}},
        400,
        "invalid_parameters",
        "composition_plan",
    ),
    "empty plan": ({"composition_plan": {**PLAN, "sections": []}}, 400, "invalid_parameters", "composition_plan"),
    "finetune": ({"prompt": "x", "finetune_id": "x"}, 404, "finetune_not_found", "finetune_id"),
}


@pytest.mark.parametrize("what", RULES)
@pytest.mark.parametrize("path", [PATH, f"{PATH}/stream"])
def test_what_breaks_a_rule(api: Api, path: str, what: str) -> None:
    body, status, code, param = RULES[what]
    refused(composed(api, path, **body), status, code, param=param)
    assert credits_used(api) == 0


def test_pieces_of_other_songs_are_not_imitated(api: Api) -> None:
    section = {**SECTION, "source_from": REFERENCE}
    for plan, model in (({"chunks": [REFERENCE]}, "music_v2"), ({**PLAN, "sections": [section]}, "music_v1")):
        answer = composed(api, composition_plan=plan, model_id=model)
        assert (answer.status_code, answer.json()["detail"]["code"]) == (501, "not_imitated")


@pytest.mark.parametrize("format", ["wav_44100", "mp3", "flac"])
def test_an_unknown_format(api: Api, format: str) -> None:
    refused(composed(api, format=format, prompt="x"), 400, "invalid_output_format", param="output_format")


SCHEMA: dict[str, tuple[dict[str, Any], list[str | int], str]] = {  # what is asked; place and kind of the fault
    "long prompt": ({"prompt": "x" * 4101}, ["prompt"], "string_too_long"),
    "no text": ({"prompt": 5}, ["prompt"], "string_type"),
    "too short": ({"prompt": "x", "music_length_ms": 2999}, ["music_length_ms"], "greater_than_equal"),
    "too long": ({"prompt": "x", "music_length_ms": 600_001}, ["music_length_ms"], "less_than_equal"),
    "no whole number": ({"prompt": "x", "music_length_ms": 3000.5}, ["music_length_ms"], "int_from_float"),
    "no model": ({"prompt": "x", "model_id": "music_v9"}, ["model_id"], "literal_error"),
    "no mode": ({"prompt": "x", "generation_mode": "song"}, ["generation_mode"], "literal_error"),
    "negative seed": ({"composition_plan": PLAN, "seed": -1}, ["seed"], "greater_than_equal"),
    "large seed": ({"composition_plan": PLAN, "seed": 2**31}, ["seed"], "less_than_equal"),
    "no strength": ({"prompt": "x", "finetune_strength": 0}, ["finetune_strength"], "greater_than"),
    "no flag": ({"prompt": "x", "store_for_inpainting": "perhaps"}, ["store_for_inpainting"], "bool_parsing"),
    "no plan": ({"composition_plan": "pop"}, ["composition_plan"], "model_attributes_type"),
    "no styles": (
        {"composition_plan": {"positive_global_styles": [], "sections": []}},
        ["composition_plan", "negative_global_styles"],
        "missing",
    ),
    "short section": (
        {"composition_plan": {**PLAN, "sections": [SECTION, {**SECTION, "duration_ms": 2999}]}},
        ["composition_plan", "sections", 1, "duration_ms"],
        "greater_than_equal",
    ),
    "nameless section": (
        {"composition_plan": {**PLAN, "sections": [{**SECTION, "section_name": ""}]}},
        ["composition_plan", "sections", 0, "section_name"],
        "string_too_short",
    ),
    "long line": (
        {"composition_plan": {**PLAN, "sections": [{**SECTION, "lines": ["x" * 201]}]}},
        ["composition_plan", "sections", 0, "lines", 0],
        "string_too_long",
    ),
    "many sections": (
        {"composition_plan": {**PLAN, "sections": [SECTION] * 31}},
        ["composition_plan", "sections"],
        "too_long",
    ),
    "wordless chunk": (
        {"composition_plan": {"chunks": [{"duration_ms": 3000, "positive_styles": []}]}, "model_id": "music_v2"},
        ["composition_plan", "chunks", 0, "text"],
        "missing",
    ),
}


@pytest.mark.parametrize("what", SCHEMA)
def test_what_does_not_fit_the_schema(api: Api, what: str) -> None:
    body, place, kind = SCHEMA[what]
    assert faults(composed(api, **body)) == [(["body", *place], kind)]


@pytest.mark.parametrize("ms", [3000, 20_001, 119_999, 600_000])
@pytest.mark.parametrize(
    ("model", "kind"), [("music_v1", "sections"), ("music_v2", "chunks"), ("music_v2_5", "chunks")]
)
def test_a_plan_of_a_prompt(api: Api, model: str, kind: str, ms: int) -> None:
    plan = planned(api, prompt="Calm piano, and rain", music_length_ms=ms, model_id=model)
    durations = [part["duration_ms"] for part in plan[kind]]
    assert sum(durations) == ms
    assert all(3000 <= one <= 120_000 for one in durations)
    styles = plan["positive_global_styles"] if kind == "sections" else plan[kind][0]["positive_styles"]
    assert styles == ["calm", "piano", "rain"]
    if ms == 20_001:
        music = composed(api, composition_plan=plan, model_id=model)
        assert len(music.content) == 2 * round(ms * RATE / 1000)


@pytest.mark.parametrize("ms", [None, 3000, 10_000, 500_000])
def test_a_plan_of_another_plan(api: Api, ms: int | None) -> None:
    plan = planned(api, prompt="more drums", source_composition_plan=PLAN, music_length_ms=ms)
    assert plan["positive_global_styles"] == ["pop", "more", "drums"]
    assert {part["section_name"] for part in plan["sections"]} == {"Verse"}
    assert sum(part["duration_ms"] for part in plan["sections"]) == (ms or 8000)
    chunks = planned(api, prompt="drums", source_composition_plan={"chunks": [CHUNK]}, model_id="music_v2")["chunks"]
    assert chunks == [{**CHUNK, "positive_styles": ["pop", "warm synths", "drums"]}]


def test_a_plan_that_cannot_be_made(api: Api) -> None:
    ask = {"prompt": "x", "source_composition_plan": PLAN, "model_id": "music_v2"}
    refused(api("POST", f"{PATH}/plan", json=ask), 400, "invalid_parameters", param="source_composition_plan")
    refused(api("POST", f"{PATH}/plan", json={"prompt": " "}), 400, "empty_text", param="prompt")
    assert faults(api("POST", f"{PATH}/plan", json={})) == [(["body", "prompt"], "missing")]


@pytest.mark.parametrize("path", ["detailed/stream", "stem-separation"])
def test_what_is_not_imitated_is_said(api: Api, path: str) -> None:
    assert api("POST", f"{PATH}/{path}", json={"prompt": "x"}).status_code == 501


# with its plan


def detailed(api: Api, format: str = "pcm_44100", **body: Any) -> tuple[dict[str, Any], bytes, requests.Response]:
    """What is said of the music, and the music."""
    answer = composed(api, f"{PATH}/detailed", format, **body)
    assert answer.status_code == 200, answer.text
    kind, _, boundary = answer.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/mixed"
    before, told, sound, after = answer.content.split(f"--{boundary}".encode())
    assert (before, after) == (b"", b"--\r\n")
    head, _, body_of = told.partition(b"\r\n\r\n")
    assert head == b"\r\nContent-Type: application/json"
    return json.loads(body_of), sound.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n"), answer


@pytest.mark.parametrize("model", ["music_v1", "music_v2"])
def test_music_comes_with_the_plan_that_it_was_made_by(api: Api, model: str) -> None:
    told, sound, answer = detailed(api, prompt="sad jazz piano", music_length_ms=4000, model_id=model)
    assert len(sound) == 4 * 2 * RATE
    assert answer.headers["song-id"]
    assert b'filename="song.pcm"' in answer.content
    metadata = told["song_metadata"]
    about = {"title": "Jazz Piano", "description": "sad jazz piano", "genres": ["jazz"]}
    assert metadata == {**about, "languages": [], "is_explicit": False}
    assert (told["words_timestamps"], told["waveform_visual"]) == (None, None)
    again = composed(api, composition_plan=told["composition_plan"], model_id=model)
    assert again.content == sound


def test_what_is_told_only_when_it_is_asked_for(api: Api) -> None:
    told, sound, _ = detailed(api, composition_plan=PLAN, with_timestamps=True, with_waveform_visual=True)
    assert told["composition_plan"] == PLAN
    assert told["words_timestamps"] == []  # nobody sings
    quarters = np.frombuffer(sound, "<i2").astype(int).reshape(-1, RATE // 4)
    loudest = [int(row[np.abs(row).argmax()]) for row in quarters]
    assert told["waveform_visual"] == [round(one * 1000 / 32768) for one in loudest]
    assert len(loudest) == 4 * 8
    assert told["song_metadata"]["title"] == "Pop Soft Piano"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"prompt": "x", "composition_plan": PLAN}, 400),
        ({"prompt": "x", "with_timestamps": "perhaps"}, 422),
        ({"prompt": "x", "with_waveform_visual": 5}, 422),
        ({"prompt": "x", "music_length_ms": 1}, 422),
    ],
)
def test_what_is_refused_with_details_too(api: Api, body: dict[str, Any], status: int) -> None:
    assert composed(api, f"{PATH}/detailed", **body).status_code == status


# to videos


def filmed(api: Api, *videos: bytes, format: str = "pcm_44100", **fields: Any) -> requests.Response:
    files = [("videos", ("a.mp4", video)) for video in videos]
    return api("POST", f"{PATH}/video-to-music", data=fields, files=files, params={"output_format": format})


def test_music_is_as_long_as_the_videos(api: Api) -> None:
    video = muxed("mp4", None, video=True)  # of two seconds, and silent
    before = credits_used(api)
    calm = filmed(api, video, video, description="calm piano", tags=["soft", "slow"])
    assert calm.status_code == 200, calm.text
    assert len(calm.content) == pytest.approx(4 * 2 * RATE, abs=8000)
    assert calm.headers["song-id"]
    assert credits_used(api) > before
    assert filmed(api, video, video, description="fast techno").content != calm.content
    assert decoded(filmed(api, muxed("mp4", bytes(96000), video=True), format="auto").content).rate == 44100


@pytest.mark.parametrize(
    ("videos", "fields", "status"),
    [
        ([], {}, 422),
        ([b"no video"], {}, 400),
        ([muxed("ogg", bytes(96000))], {}, 400),
        ([muxed("mp4", None, video=True)] * 11, {}, 400),
        ([muxed("mp4", None, video=True)], {"tags": ["x"] * 11}, 422),
        ([muxed("mp4", None, video=True)], {"description": "x" * 1001}, 422),
        ([muxed("mp4", None, video=True)], {"model_id": "eleven_v3"}, 422),
        ([muxed("mp4", None, video=True)], {"format": "wav_44100"}, 400),
    ],
)
def test_what_is_refused_of_videos(api: Api, videos: list[bytes], fields: dict[str, Any], status: int) -> None:
    assert filmed(api, *videos, **fields).status_code == status


def uploaded(api: Api, seconds: float = 4.0, **fields: Any) -> requests.Response:
    return api("POST", f"{PATH}/upload", data=fields, files={"file": ("song.wav", wav(hiss(seconds, 4000)))})


@pytest.mark.parametrize(
    ("model", "kind"),
    [("music_v1", "sections"), ("true", "sections"), ("music_v2", "chunks"), ("music_v2_5", "chunks")],
)
def test_a_plan_of_an_uploaded_song_makes_one_as_long(api: Api, model: str, kind: str) -> None:
    plan = uploaded(api, 25.0, extract_composition_plan=model).json()["composition_plan"]
    assert sum(part["duration_ms"] for part in plan[kind]) == 25_000
    ask = {"composition_plan": plan, "model_id": "music_v1" if model == "true" else model}
    assert len(composed(api, **ask).content) == 2 * 25 * RATE


def test_what_is_told_of_an_uploaded_song(api: Api) -> None:
    nothing = uploaded(api).json()
    assert len(nothing.pop("song_id")) == 20
    assert nothing == {"composition_plan": None, "words_timestamps": None, "waveform_visual": None}
    told = uploaded(api, with_timestamps="true", with_waveform_visual="true").json()
    assert told["words_timestamps"] == []
    assert len(told["waveform_visual"]) == 16
    assert all(50 < abs(value) <= 1000 for value in told["waveform_visual"])


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        ({}, 422),
        ({"files": {"file": ("a.txt", b"no song")}}, 400),
        ({"files": {"file": ("a.wav", b"")}}, 400),
        ({"data": {"file": "text"}}, 422),
    ],
)
def test_what_is_no_song(api: Api, ask: dict[str, Any], status: int) -> None:
    assert api("POST", f"{PATH}/upload", **ask).status_code == status


def test_what_is_refused_of_an_upload(api: Api, api_with: Any) -> None:
    refused(uploaded(api, 2.9), 400, "audio_too_short", param="file")
    refused(uploaded(api_with("free")), 402, "paid_plan_required", status="payment_required")
    assert faults(uploaded(api, extract_composition_plan="music_v9")) == [
        (["body", "extract_composition_plan"], "literal_error")
    ]
    assert uploaded(api, with_timestamps="perhaps").status_code == 422


FINETUNES = f"{PATH}/finetunes"


def finetune(api: Api, name: str = "Sea shanties", **fields: Any) -> Any:
    answer = api("POST", FINETUNES, data={"name": name, "primary_genre": "folk", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_finetune_from_the_beginning_to_the_end(api: Api) -> None:
    nothing = {"finetunes": [], "next_cursor": None, "has_more": False}
    assert api.get(FINETUNES).json() == nothing
    made = finetune(api, tags=["sea", "choir"], visibility="workspace", model_id="music_v2")
    assert (made["tags"], made["visibility"], made["model_id"]) == (["sea", "choir"], "workspace", "music_v2")
    one = f"{FINETUNES}/{made['id']}"
    changed = api("PATCH", one, json={"name": "Shanties", "tags": ["rope"], "primary_genre": None}).json()
    assert (changed["name"], changed["tags"], changed["primary_genre"]) == ("Shanties", ["rope"], "folk")
    assert api.get(one).json()["created_at"] == made["created_at"]
    assert [each["id"] for each in api.get(FINETUNES).json()["finetunes"]] == [made["id"]]
    assert api("DELETE", one).json()["id"] == made["id"]
    assert api.get(FINETUNES).json() == nothing
    for method, more in (("GET", {}), ("PATCH", {"json": {}}), ("DELETE", {})):
        refused(api(method, one, **more), 404, "finetune_not_found", param="finetune_id")


def test_finetunes_are_of_their_account_sorted_and_in_pages(api: Api, api_with: Any) -> None:
    ids = [finetune(api, name)["id"] for name in ("bbbbb", "ccccc", "AAAAA")]
    assert api_with("other").get(FINETUNES).json()["finetunes"] == []

    def listed(**query: Any) -> list[str]:
        page = api.get(FINETUNES, params={"page_size": 2, **query}).json()
        shown = [one["id"] for one in page["finetunes"]]
        assert page["has_more"] is (page["next_cursor"] is not None)
        return shown + (listed(**{**query, "cursor": page["next_cursor"]}) if page["has_more"] else [])

    assert listed() == ids[::-1]
    assert listed(sort="created_at", sort_direction="asc") == ids
    assert listed(sort="name", sort_direction="asc") == [ids[2], ids[0], ids[1]]
    assert listed(visibility="workspace") == listed(created_by="elevenlabs") == []
    assert listed(visibility="private", created_by="self") == ids[::-1]


def test_a_finetune_is_used_when_it_is_ready(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetunes, "TRAINING_S", 3600)
    made = finetune(api, tags="fast drums")
    assert (made["status"], made["training_progress"] < 1) == ("pending", True)
    ask = {"prompt": "calm piano", "music_length_ms": 3000, "finetune_id": made["id"]}
    refused(composed(api, **ask), 400, "invalid_parameters", param="finetune_id")
    monkeypatch.setattr(finetunes, "TRAINING_S", 0)
    ready = api.get(f"{FINETUNES}/{made['id']}").json()
    assert (ready["status"], ready["training_progress"]) == ("completed", 1.0)
    coloured = composed(api, **ask)
    assert coloured.status_code == 200
    assert coloured.content != composed(api, prompt="calm piano", music_length_ms=3000).content
    refused(composed(api, **{**ask, "model_id": "music_v2"}), 400, "invalid_parameters", param="finetune_id")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": None}, "name"),
        ({"name": "four"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"primary_genre": None}, "primary_genre"),
        ({"visibility": "public"}, "visibility"),
        ({"model_id": "music_v9"}, "model_id"),
    ],
)
def test_a_finetune_that_cannot_be_made(api: Api, fields: dict[str, Any], field: str) -> None:
    form = {"name": "Sea shanties", "primary_genre": "folk", **fields}
    answer = api("POST", FINETUNES, data={name: value for name, value in form.items() if value is not None})
    assert [where for where, _ in faults(answer)] == [["body", field]]


def test_recordings_of_a_finetune(api: Api, api_with: Any) -> None:
    form = {"name": "Sea shanties", "primary_genre": "folk"}
    song = ("a.wav", wav(hiss(0.2, 4000)))
    for count, status in ((0, 201), (50, 201), (51, 422)):
        answer = api("POST", FINETUNES, data=form, files=[("files", song)] * count)
        assert answer.status_code == status, answer.text
    refused(
        api("POST", FINETUNES, data=form, files=[("files", ("a.wav", b"no sound"))]),
        400,
        "invalid_audio",
        status="invalid_content",
    )
    assert api_with("free")("POST", FINETUNES, data=form).status_code == 402


@pytest.mark.parametrize(
    "body",
    [{"name": "four"}, {"name": 5}, {"tags": "x"}, {"tags": ["x"] * 6}, {"visibility": "public"}, {"primary_genre": 1}],
)
def test_a_change_of_a_finetune_that_cannot_be(api: Api, body: dict[str, Any]) -> None:
    answer = api("PATCH", f"{FINETUNES}/any", json=body)
    assert next(where for where, _ in faults(answer))[:2] == ["body", next(iter(body))]


@pytest.mark.parametrize(
    "query",
    ["page_size=0", "page_size=151", "visibility=secret", "created_by=me", "sort=age", "sort_direction=up"],
)
def test_a_list_of_finetunes_that_cannot_be_had(api: Api, query: str) -> None:
    assert api.get(f"{FINETUNES}?{query}").status_code == 422
