"""Pronunciation dictionaries: made, changed, listed and archived; and how they are heard."""

from typing import Any

import pytest

from eleven_cli.sandbox.dictionaries.pronunciation import as_written, said
from eleven_cli.sandbox.hearing.memory import MEMORY

from .conftest import Api
from .schemas import INT_OR_NONE, TEXT_OR_NONE, check, faults, refused
from .socket_client import dialogue, speech

PATH = "/v1/pronunciation-dictionaries"
LOCATORS = "pronunciation_dictionary_locators"
PLS = """<?xml version="1.0" encoding="UTF-8"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en-US">
  <lexeme><grapheme>WCAG</grapheme><alias>double you cag</alias></lexeme>
  <lexeme><grapheme>tomato</grapheme><phoneme>təˈmeɪtoʊ</phoneme></lexeme>
</lexicon>"""
METADATA = {
    "id": str,
    "latest_version_id": str,
    "latest_version_rules_num": int,
    "name": str,
    "permission_on_resource": TEXT_OR_NONE,
    "created_by": str,
    "creation_time_unix": int,
    "archived_time_unix": INT_OR_NONE,
    "description": TEXT_OR_NONE,
}
ADDED = {"id": str, "name": str, "created_by": str, "creation_time_unix": int, "version_id": str}


def alias(word: str, spoken: str, **more: Any) -> dict[str, Any]:
    return {"string_to_replace": word, "type": "alias", "alias": spoken, **more}


def made(api: Api, *rules: dict[str, Any], name: str = "Names") -> Any:
    answer = api("POST", f"{PATH}/add-from-rules", json={"name": name, "rules": list(rules)})
    assert answer.status_code == 200, answer.text
    check(answer.json(), {**ADDED, "version_rules_num": int})
    return answer.json()


def uploaded(api: Api, content: str | bytes = PLS, **fields: str) -> Any:
    files = {"file": ("names.pls", content, "application/pls+xml")}
    return api("POST", f"{PATH}/add-from-file", files=files, data={"name": "Names", **fields})


def shown(api: Api, dictionary_id: str) -> Any:
    answer = api.get(f"{PATH}/{dictionary_id}")
    assert answer.status_code == 200, answer.text
    check(answer.json(), {**METADATA, "rules": list})
    return answer.json()


def locator(dictionary: Any, version: str | None = None) -> dict[str, str]:
    return {"pronunciation_dictionary_id": dictionary["id"], **({"version_id": version} if version else {})}


def heard() -> list[str]:
    """All that the sandbox remembers to have said."""
    return [sentence.text for fingerprint in MEMORY.all() for sentence in fingerprint.sentences]


def test_a_pls_file_becomes_rules_and_is_given_back_as_one(api: Api) -> None:
    answer = uploaded(api, description="Ours.")
    assert answer.status_code == 200, answer.text
    added = answer.json()
    assert (added["name"], added["description"], added["version_rules_num"]) == ("Names", "Ours.", 2)
    exact = {"case_sensitive": True, "word_boundaries": True}
    assert shown(api, added["id"])["rules"] == [
        {"string_to_replace": "WCAG", "type": "alias", "alias": "double you cag", **exact},
        {"string_to_replace": "tomato", "type": "phoneme", "phoneme": "təˈmeɪtoʊ", "alphabet": "ipa", **exact},
    ]
    answer = api.get(f"{PATH}/{added['id']}/{added['version_id']}/download")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "attachment" in answer.headers["content-disposition"]
    again = uploaded(api, answer.content).json()
    assert shown(api, again["id"])["rules"] == shown(api, added["id"])["rules"]


ENTITY = '<!DOCTYPE a [<!ENTITY b "c">]><lexicon/>'


@pytest.mark.parametrize("content", ["WCAG=W C A G", "<html/>", "<lexicon>", ENTITY, ENTITY.encode("utf-16")])
def test_what_is_no_pls(api: Api, content: str | bytes) -> None:
    refused(uploaded(api, content), 400, "invalid_parameters", param="file")


def test_versions_are_added_and_the_old_ones_stay(api: Api) -> None:
    dictionary = made(api, alias("a", "1"), alias("b", "2"))
    one = f"{PATH}/{dictionary['id']}"
    for path, body, rules in [
        ("add-rules", {"rules": [alias("b", "3"), alias("c", "4")]}, {"a": "1", "b": "3", "c": "4"}),
        ("remove-rules", {"rule_strings": ["a", "x"]}, {"b": "3", "c": "4"}),
        ("set-rules", {"rules": [alias("d", "5")]}, {"d": "5"}),
    ]:
        answer = api("POST", f"{one}/{path}", json=body).json()
        latest = shown(api, dictionary["id"])
        assert {rule["string_to_replace"]: rule["alias"] for rule in latest["rules"]} == rules
        assert answer == {
            "id": dictionary["id"],
            "version_id": latest["latest_version_id"],
            "version_rules_num": len(rules),
        }
    assert "<grapheme>a</grapheme>" in api.get(f"{one}/{dictionary['version_id']}/download").text
    refused(api.get(f"{one}/none/download"), 404, "pronunciation_dictionary_not_found", param="version_id")


def test_pages_orders_and_what_is_archived(api: Api) -> None:
    ids = {name: made(api, name=name)["id"] for name in ("b", "c", "a")}
    by_name = {"sort": "name", "sort_direction": "ascending", "page_size": 2}
    first = api.get(PATH, params=by_name).json()
    assert ([each["name"] for each in first["pronunciation_dictionaries"]], first["has_more"]) == (["a", "b"], True)
    last = api.get(PATH, params={**by_name, "cursor": first["next_cursor"]}).json()
    assert ([each["name"] for each in last["pronunciation_dictionaries"]], last["has_more"]) == (["c"], False)
    answer = api("PATCH", f"{PATH}/{ids['c']}", json={"archived": True})
    check(answer.json(), METADATA)
    assert answer.json()["archived_time_unix"] > 0
    listed = api.get(PATH, params={"include_archived": "false"}).json()["pronunciation_dictionaries"]
    assert {each["name"] for each in listed} == {"a", "b"}
    assert len(api.get(PATH).json()["pronunciation_dictionaries"]) == 3
    answer = api("PATCH", f"{PATH}/{ids['c']}", json={"archived": False, "name": "See"})
    assert (answer.json()["archived_time_unix"], answer.json()["name"]) == (None, "See")


def test_each_account_has_its_own(api: Api, api_with: Any) -> None:
    dictionary = made(api)
    code = "pronunciation_dictionary_not_found"
    refused(api_with("other").get(f"{PATH}/{dictionary['id']}"), 404, code, param="pronunciation_dictionary_id")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"rules": []}, ["body", "name"]),
        ({"name": "x"}, ["body", "rules"]),
        ({"name": "x", "rules": [{"type": "alias", "string_to_replace": "a"}]}, ["body", "rules", 0, "alias"]),
        ({"name": "x", "rules": [{"type": "sung", "string_to_replace": "a"}]}, ["body", "rules", 0, "type"]),
        ({"name": "x", "rules": [alias("", "b")]}, ["body", "rules", 0, "string_to_replace"]),
        ({"name": "x", "rules": [], "workspace_access": "owner"}, ["body", "workspace_access"]),
    ],
)
def test_rules_that_fit_no_schema(api: Api, body: dict[str, Any], place: list[str | int]) -> None:
    assert faults(api("POST", f"{PATH}/add-from-rules", json=body))[0][0] == place


def test_an_alias_is_heard_and_the_times_are_those_of_the_text(api: Api) -> None:
    dictionary = made(api, alias("WCAG", "double you see ay gee"))
    plain = api.speak("We follow WCAG here.", kind="/with-timestamps").json()["alignment"]
    spoken = api.speak("We follow WCAG here.", kind="/with-timestamps", **{LOCATORS: [locator(dictionary)]}).json()
    alignment = spoken["alignment"]
    assert alignment["characters"] == plain["characters"]
    at = alignment["characters"].index("W", 3)
    lasting = alignment["character_end_times_seconds"][at + 3] - alignment["character_start_times_seconds"][at]
    shorter = plain["character_end_times_seconds"][at + 3] - plain["character_start_times_seconds"][at]
    assert lasting > shorter > 0
    assert "We follow double you see ay gee here." in heard()


def test_a_version_is_heard_that_was_asked_for(api: Api) -> None:
    dictionary = made(api, alias("one", "first"))
    api("POST", f"{PATH}/{dictionary['id']}/set-rules", json={"rules": [alias("one", "second")]})
    for version, words in ((dictionary["version_id"], "The first."), (None, "The second.")):
        api.said("The one.", **{LOCATORS: [locator(dictionary, version)]})
        assert words in heard()
    refused(
        api.speak(**{LOCATORS: [locator(dictionary, "none")]}),
        404,
        "pronunciation_dictionary_not_found",
        param=LOCATORS,
    )


def test_a_dialogue_and_both_sockets_hear_them_too(api: Api) -> None:
    given = {LOCATORS: [locator(made(api, alias("Hi", "Good morning")))]}
    body = {"inputs": [{"text": "Hi, one.", "voice_id": "q30UQ9qvtBNcrAki3LpZ"}], **given}
    assert api("POST", "/v1/text-to-dialogue", json=body).status_code == 200
    live = speech(api)
    live.text(" ", **given).text("Hi, two. ").text("").rest()
    live = dialogue(api).send(voices=["q30UQ9qvtBNcrAki3LpZ"], **given)
    live.send(inputs=[{"text": "Hi, three.", "voice_id": "q30UQ9qvtBNcrAki3LpZ"}]).send(close_socket=True)
    live.rest()
    assert {f"Good morning, {number}." for number in ("one", "two", "three")} <= set(heard())


@pytest.mark.parametrize(
    ("rules", "text", "spoken"),
    [
        ([("a", "b", True, True), ("b", "a", True, True)], "a b", "b a"),
        ([("a", "b", True, True)], "A ant a", "A ant b"),
        ([("a", "b", False, True)], "A ant a", "b ant b"),
        ([("a", "b", True, False)], "A ant a", "A bnt b"),
        ([("New", "Old", True, True), ("New York", "NY", True, True)], "New York", "Old York"),
        ([("C++", "see plus plus", True, True)], "C++ C+", "see plus plus C+"),
        ([("a", r"\1", True, True)], "a", r"\1"),
        ([], "as it is", "as it is"),
    ],
)
def test_what_is_said(rules: list[tuple[str, str, bool, bool]], text: str, spoken: str) -> None:
    words, places = said(text, tuple(rules))
    assert words == spoken
    times = as_written([float(time) for time in range(len(words) + 1)], places)
    assert len(times) == len(text) + 1
    assert times == sorted(times)
    assert times[-1] == len(words)


def test_they_outlive_the_server_and_are_forgotten_with_what_was_said(api: Api) -> None:
    from eleven_cli.sandbox.hearing import memory_folder

    made(api)
    assert memory_folder.kept().voices == 0
    memory_folder.forget()
    assert api.get(PATH).json()["pronunciation_dictionaries"] == []
