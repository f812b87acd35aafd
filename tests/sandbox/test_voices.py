"""The lists: models and voices."""

from typing import Any

import pytest

from .conftest import HARPER, LIBRARY, Api
from .decoding import decoded
from .schemas import MODEL, SETTINGS, check, check_voice, faults, refused

LIMITS = {
    "eleven_v4": 10_000,
    "eleven_v4_turbo": 10_000,
    "eleven_v3": 5_000,
    "eleven_v3_conversational": 5_000,
    "eleven_multilingual_v2": 10_000,
    "eleven_flash_v2_5": 40_000,
    "eleven_flash_v2": 30_000,
    "eleven_turbo_v2_5": 40_000,
    "eleven_turbo_v2": 30_000,
}


def names(api: Api, **query: Any) -> list[str]:
    answer = api.get("/v2/voices", params={"page_size": 100, **query})
    assert answer.status_code == 200, answer.text
    return [voice["name"] for voice in answer.json()["voices"]]


def test_models_are_an_array_of_whole_models(api: Api) -> None:
    models = api.get("/v1/models").json()
    assert isinstance(models, list)
    for model in models:
        check(model, MODEL)
        check(model["model_rates"], {"character_cost_multiplier": float, "cost_discount_multiplier": float})
        assert all(set(language) == {"language_id", "name"} for language in model["languages"])
    by_id = {model["model_id"]: model for model in models}
    speaking = {name: one for name, one in by_id.items() if one["can_do_text_to_speech"]}
    assert {name: one["maximum_text_length_per_request"] for name, one in speaking.items()} == LIMITS
    changers = {name for name, one in by_id.items() if one["can_do_voice_conversion"]}
    assert changers == {"eleven_multilingual_sts_v2", "eleven_english_sts_v2"}


def test_every_language_of_a_model_can_be_spoken(api: Api) -> None:
    models = {model["model_id"]: model for model in api.get("/v1/models").json()}
    heard = {
        language["language_id"]: api.said(
            "12", format="pcm_8000", model_id="eleven_v4", language_code=language["language_id"]
        )
        for language in models["eleven_v4"]["languages"]
    }
    assert len(heard) >= 10
    assert len(set(heard.values())) == len(heard)


def test_voices_are_whole_voices(api: Api) -> None:
    voices = api.get("/v1/voices").json()["voices"]
    for voice in voices:
        check_voice(voice)
        assert {"accent", "age", "gender", "use_case", "descriptive", "language"} <= voice["labels"].keys()
        assert voice["description"]
    assert len(voices) == len({voice["voice_id"] for voice in voices}) >= 8
    assert len({voice["labels"]["language"] for voice in voices}) >= 6
    assert [voice["category"] for voice in voices].count("cloned") == 1
    assert voices[0]["category"] == "premade"
    last = voices[-1]
    assert last["category"] == "professional"
    assert last["sharing"]["free_users_allowed"] is False


def test_one_voice_and_its_settings(api: Api) -> None:
    voice = api.get(f"/v1/voices/{HARPER}").json()
    check_voice(voice)
    assert voice["name"] == "Harper"
    check(api.get(f"/v1/voices/{HARPER}/settings").json(), SETTINGS)
    for path in ("/v1/voices/nobody", "/v1/voices/nobody/settings"):
        refused(api.get(path), 404, "voice_not_found", param="voice_id")


def test_a_page_has_ten_voices_and_says_where_to_go_on(api: Api) -> None:
    page = api.get("/v2/voices").json()
    assert len(page["voices"]) == 10
    assert page["has_more"] is True
    assert page["total_count"] == len(api.get("/v1/voices").json()["voices"])
    rest = api.get("/v2/voices", params={"next_page_token": page["next_page_token"]}).json()
    assert rest["has_more"] is False
    assert rest["next_page_token"] is None
    together = [voice["voice_id"] for voice in page["voices"] + rest["voices"]]
    assert together == [voice["voice_id"] for voice in api.get("/v1/voices").json()["voices"]]


def test_pages_of_a_filtered_and_sorted_list(api: Api) -> None:
    query: dict[str, Any] = {"language": "en", "sort": "name", "sort_direction": "desc", "page_size": 2}
    found: list[str] = []
    while True:
        page = api.get("/v2/voices", params=query).json()
        found += [voice["name"] for voice in page["voices"]]
        if not page["has_more"]:
            break
        query["next_page_token"] = page["next_page_token"]
    assert found == sorted(found, reverse=True)
    assert found == names(api, language="en", sort="name", sort_direction="desc")


def test_the_total_is_not_counted_unless_asked(api: Api) -> None:
    assert api.get("/v2/voices", params={"include_total_count": "false"}).json()["total_count"] == 0


@pytest.mark.parametrize("size", [0, 101, -1])
def test_a_page_size_out_of_range(api: Api, size: int) -> None:
    refused(api.get("/v2/voices", params={"page_size": size}), 400, "invalid_page_size", param="page_size")


def test_faults_in_the_query_are_listed(api: Api) -> None:
    answer = api.get("/v2/voices", params={"page_size": "many", "include_total_count": "perhaps"})
    places = [(["query", "page_size"], "int_parsing"), (["query", "include_total_count"], "bool_parsing")]
    assert faults(answer) == places


@pytest.mark.parametrize("token", ["nonsense", "bm9uc2Vuc2U=", "é", "YWZ0ZXI6bm9ib2R5"])
def test_a_token_of_another_list(api: Api, token: str) -> None:
    answer = api.get("/v2/voices", params={"next_page_token": token})
    refused(answer, 400, "invalid_cursor", param="next_page_token")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"search": "harp"}, ["Harper"]),
        ({"search": "HARPER"}, ["Harper"]),
        ({"search": "élodie"}, ["Élodie"]),
        ({"search": "gentleman by the fire"}, ["Desmond"]),
        ({"search": "scottish"}, ["Fergus"]),
        ({"search": "cloned"}, ["Robin (my clone)"]),
        ({"search": "nobody at all"}, []),
        ({"category": "professional"}, ["Vivienne"]),
        ({"voice_type": "community"}, ["Vivienne"]),
        ({"voice_type": "personal"}, ["Robin (my clone)"]),
        ({"voice_type": "non-community"}, ["Robin (my clone)"]),
        ({"voice_type": "non-default"}, ["Robin (my clone)", "Vivienne"]),
        ({"voice_type": "saved"}, ["Robin (my clone)", "Vivienne"]),
        ({"voice_type": "workspace"}, []),
        ({"gender": "male", "accent": "british"}, ["Desmond"]),
        ({"age": "old"}, ["Desmond"]),
        ({"language": ["de", "it"]}, ["Annika", "Jonas", "Chiara"]),
        ({"use_cases": ["advertisement"]}, ["Joaquín", "Vivienne"]),
        ({"use_cases": ["social_media", "characters_animation"]}, ["Fergus", "Élodie"]),
        ({"voice_ids": [LIBRARY, HARPER, "nobody"]}, ["Harper", "Vivienne"]),
        ({"high_quality": "true"}, []),
        ({"collection_id": "c1"}, []),
    ],
)
def test_filters(api: Api, query: dict[str, Any], expected: list[str]) -> None:
    assert names(api, **query) == expected


def test_sorting(api: Api) -> None:
    everyone = names(api)
    assert names(api, sort="name") == sorted(everyone, key=str.casefold)
    assert names(api, sort="name", sort_direction="desc") == sorted(everyone, key=str.casefold, reverse=True)
    assert names(api, sort="created_at_unix")[:2] == ["Vivienne", "Robin (my clone)"]
    assert names(api, sort="created_at_unix", sort_direction="desc")[:2] == ["Robin (my clone)", "Vivienne"]


@pytest.mark.parametrize("name", ["sort", "sort_direction", "voice_type", "category"])
def test_an_unknown_choice(api: Api, name: str) -> None:
    refused(api.get("/v2/voices", params={name: "sideways"}), 400, "invalid_parameters", param=name)


def test_too_many_voice_ids(api: Api) -> None:
    answer = api.get("/v2/voices", params={"voice_ids": [HARPER] * 101})
    refused(answer, 400, "invalid_parameters", param="voice_ids")


def test_every_voice_has_a_preview_that_needs_no_key(api: Api, api_with: Any) -> None:
    nobody, heard = api_with("wrong"), set()
    for voice in api.get("/v2/voices", params={"page_size": 100}).json()["voices"]:
        address = voice["preview_url"]
        assert address.startswith(f"{api.base}/")
        answer = nobody.get(address.removeprefix(api.base))
        assert answer.headers["content-type"] == "audio/mpeg"
        assert 1 < decoded(answer.content).seconds < 10
        heard.add(answer.content)
    assert len(heard) == len(api.get("/v1/voices").json()["voices"])
    refused(nobody.get("/previews/nobody.mp3"), 404, "voice_not_found", param="voice_id")
    assert api.get("/v1/user/subscription").json()["character_count"] == 0


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("harper", ["Harper"]),
        ("german", ["Annika", "Jonas"]),
        ("british narrative", ["Desmond"]),
        ("cloned", ["Robin (my clone)"]),
        ("hindi", ["Ananya"]),
    ],
)
def test_searching_looks_at_names_labels_and_descriptions(api: Api, search: str, found: list[str]) -> None:
    assert names(api, search=search) == found
