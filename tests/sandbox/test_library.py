"""The Voice Library: pages, filters and orders; adding from it."""

from typing import Any

import pytest
import requests

from .conftest import LIBRARY, Api
from .decoding import decoded
from .schemas import faults, refused

ITEM = [
    "public_owner_id",
    "voice_id",
    "date_unix",
    "name",
    "accent",
    "gender",
    "age",
    "descriptive",
    "use_case",
    "category",
    "usage_character_count_1y",
    "usage_character_count_7d",
    "play_api_usage_character_count_1y",
    "cloned_by_count",
    "free_users_allowed",
    "live_moderation_enabled",
    "featured",
]


def listed(api: Api, **query: Any) -> list[dict[str, Any]]:
    answer = api.get("/v1/shared-voices", params={"page_size": 100, **query})
    assert answer.status_code == 200, answer.text
    voices: list[dict[str, Any]] = answer.json()["voices"]
    return voices


def test_there_are_forty_whole_voices(api: Api) -> None:
    voices = listed(api)
    assert len({voice["voice_id"] for voice in voices}) == len(voices) == 40
    assert all(set(ITEM) <= voice.keys() for voice in voices)
    assert LIBRARY in {voice["voice_id"] for voice in voices}


def test_pages_join_to_the_whole_list(api: Api) -> None:
    pages = [api.get("/v1/shared-voices", params={"page_size": 7, "page": page}).json() for page in range(7)]
    assert [page["has_more"] for page in pages] == [True] * 5 + [False, False]
    assert [voice["voice_id"] for page in pages for voice in page["voices"]] == [one["voice_id"] for one in listed(api)]
    assert {page["total_count"] for page in pages} == {40}
    assert len(api.get("/v1/shared-voices").json()["voices"]) == 30


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"language": "it"}, lambda one: one["language"] == "it"),
        ({"gender": "Female"}, lambda one: one["gender"] == "female"),
        ({"age": "old", "gender": "male"}, lambda one: (one["age"], one["gender"]) == ("old", "male")),
        ({"accent": "scottish"}, lambda one: one["accent"] == "scottish"),
        ({"category": "high_quality"}, lambda one: one["category"] == "high_quality"),
        ({"search": "nonno"}, lambda one: one["name"] == "Nonno Piero"),
        ({"search": "italian warm"}, lambda one: False),
        ({"use_cases": ["advertisement", "social_media"]}, lambda one: one["use_case"][:2] in ("ad", "so")),
        ({"descriptives": "deep"}, lambda one: one["descriptive"] == "deep"),
        ({"featured": "true"}, lambda one: one["featured"]),
        ({"include_custom_rates": "false"}, lambda one: one["rate"] == 1),
        ({"include_live_moderated": "false"}, lambda one: not one["live_moderation_enabled"]),
        ({"min_notice_period_days": "90"}, lambda one: (one["notice_period"] or 0) >= 90),
        ({"locale": "pt-BR"}, lambda one: one["language"] == "pt"),
    ],
)  # fmt: skip
def test_filters(api: Api, query: dict[str, Any], fits: Any) -> None:
    every = listed(api)
    assert [one["voice_id"] for one in listed(api, **query)] == [one["voice_id"] for one in every if fits(one)]
    assert 0 <= len(listed(api, **query)) < len(every)


@pytest.mark.parametrize(
    ("sort", "member"),
    [
        ("created_date", "date_unix"),
        ("usage_character_count_1y", "usage_character_count_1y"),
        ("cloned_by_count", "cloned_by_count"),
    ],
)
def test_orders(api: Api, sort: str, member: str) -> None:
    values = [one[member] for one in listed(api, sort=sort)]
    assert values == sorted(values, reverse=True)
    assert [one["voice_id"] for one in listed(api)] == [one["voice_id"] for one in listed(api, sort="created_date")]
    assert len(listed(api, sort="trending")) == 40


@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ({"page_size": "101"}, "invalid_page_size", "page_size"),
        ({"page_size": "0"}, "invalid_page_size", "page_size"),
        ({"page": "-1"}, "invalid_parameters", "page"),
        ({"category": "premade"}, "invalid_parameters", "category"),
        ({"sort": "price"}, "invalid_parameters", "sort"),
    ],
)
def test_values_that_are_refused(api: Api, query: dict[str, str], code: str, param: str) -> None:
    refused(api.get("/v1/shared-voices", params=query), 400, code, param=param)


def test_the_schema_is_checked(api: Api) -> None:
    answer = api.get("/v1/shared-voices", params={"page": "x", "page_size": "many", "featured": "perhaps"})
    assert {loc[-1] for loc, _ in faults(answer)} == {"page", "page_size", "featured"}


def test_a_sample_needs_no_key(api: Api) -> None:
    voice = listed(api, search="nonno")[0]
    answer = requests.get(voice["preview_url"], timeout=30)
    assert answer.headers["content-type"] == "audio/mpeg"
    assert decoded(answer.content).seconds > 1


def add(api: Api, voice: dict[str, Any], owner: str = "", **body: Any) -> Any:
    path = f"/v1/voices/add/{owner or voice['public_owner_id']}/{voice['voice_id']}"
    return api("POST", path, json=body or {"new_name": "Reader"})


def test_what_is_added_is_in_the_account_and_speaks(api: Api) -> None:
    voice = listed(api, search="giulia")[0]
    assert add(api, voice).json() == {"voice_id": voice["voice_id"]}
    mine = api.get(f"/v1/voices/{voice['voice_id']}").json()
    assert (mine["name"], mine["category"], mine["is_owner"]) == ("Reader", "professional", False)
    assert mine["sharing"]["public_owner_id"] == voice["public_owner_id"]
    assert api.said("Ciao a tutti.", voice=voice["voice_id"])


@pytest.mark.parametrize("owner", ["somebody", "sandboxlibraryowner"])
def test_the_owner_has_to_be_the_right_one(api: Api, owner: str) -> None:
    refused(add(api, listed(api, search="giulia")[0], owner), 404, "voice_not_found", param="voice_id")


def test_an_unknown_voice_and_a_missing_name(api: Api) -> None:
    refused(add(api, {"public_owner_id": "x", "voice_id": "y"}), 404, "voice_not_found", param="voice_id")
    answer = add(api, listed(api, search="giulia")[0], bookmarked=True)
    assert [loc[-1] for loc, _ in faults(answer)] == ["new_name"]
    assert add(api, listed(api)[0], new_name=None).status_code == 422
    refused(add(api, listed(api)[0], new_name=" "), 400, "invalid_parameters", param="name")


def test_a_free_plan_may_look_but_not_add(api_with: Any) -> None:
    api = api_with("free")
    refused(add(api, listed(api)[0]), 402, "paid_plan_required", status="payment_required")


def test_a_restricted_key_may_not_even_look(api_with: Any) -> None:
    answer = api_with("restricted").get("/v1/shared-voices")
    refused(answer, 403, "insufficient_permissions", status="missing_permissions")
