"""What several endpoints read or hide has one meaning in all of them."""

from typing import Any

import pytest

from eleven_cli.sandbox import running
from eleven_cli.sandbox.http.guard import is_this_machine
from eleven_cli.sandbox.http.validate import truth

from .conftest import Api

DICTIONARIES = "/v1/pronunciation-dictionaries"
SECRET = "sk_0123456789abcdef0123"


@pytest.mark.parametrize(
    ("value", "means"),
    [
        (True, True),
        (1, True),
        ("true", True),
        ("YES", True),
        ("on", True),
        ("1", True),
        (False, False),
        (0, False),
        ("false", False),
        ("No", False),
        ("off", False),
        (None, False),
    ],
)
def test_words_for_true_and_false(value: Any, means: bool) -> None:
    assert truth(value) is means


@pytest.mark.parametrize(("archived", "is_archived"), [("yes", True), ("on", True), ("no", False), (True, True)])
def test_a_dictionary_is_archived_by_every_word_for_true(api: Api, archived: Any, is_archived: bool) -> None:
    made = api("POST", f"{DICTIONARIES}/add-from-rules", json={"name": "mine", "rules": []}).json()
    changed = api("PATCH", f"{DICTIONARIES}/{made['id']}", json={"archived": archived}).json()
    assert (changed["archived_time_unix"] is not None) is is_archived


def test_previews_are_not_made_up_when_that_is_denied_in_words(api: Api) -> None:
    body = {"voice_description": "A calm old man with a deep voice", "auto_generate_text": "false"}
    answer = api("POST", "/v1/text-to-voice/design", json=body)
    assert (answer.status_code, answer.json()["detail"]["param"]) == (400, "text")


def test_the_recorder_hides_what_the_log_hides() -> None:
    with running() as sandbox:
        api = Api(sandbox.url, "one")
        body = {"api_key": SECRET, "deep": {"token": SECRET, "list": [{"Authorization": SECRET}]}, "text": "Hello."}
        api("POST", f"/v1/history/download?token={SECRET}", json=body)
        (asked,) = sandbox.requests()
        api.close()
    assert SECRET not in repr(asked)
    assert asked.body["text"] == "Hello."


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("::ffff:10.0.0.1", False),
        ("0.0.0.0", False),
        ("example.com", False),
    ],
)
def test_what_is_this_machine(host: str, is_here: bool) -> None:
    assert is_this_machine(host) is is_here
