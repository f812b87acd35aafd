"""What several endpoints read or hide has one meaning in all of them."""

from contextlib import suppress
from typing import Any

import pytest
from starlette.datastructures import Headers

from eleven_cli.sandbox import running
from eleven_cli.sandbox.fixture.network_guard import NetworkGuard, OtherHost
from eleven_cli.sandbox.http.guard import Guard
from eleven_cli.sandbox.http.validate import truth
from eleven_cli.sandbox.loopback import is_this_machine, loopback_addresses

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


HOSTS = {
    "127.0.0.1": True,
    "127.8.8.8": True,
    "::1": True,
    "::ffff:127.0.0.1": True,
    "localhost": True,
    "LocalHost": True,
    "localhost.": True,
    "app.localhost": True,
    "::ffff:10.0.0.1": False,
    "10.0.0.1": False,
    "2001:db8::1": False,
    "example.com": False,
    "localhost.example.com": False,
    "xlocalhost": False,
    "127.0.0.1.nip.io": False,
}


@pytest.mark.parametrize("host", HOSTS)
def test_what_is_this_machine(host: str) -> None:
    """To listen on, to be called, to be asked by, and to be asked in a test."""
    assert is_this_machine(host) is HOSTS[host]
    assert bool(loopback_addresses(host)) is HOSTS[host]
    written = f"[{host}]:8311" if ":" in host else f"{host}:8311"
    assert (Guard().refusal(Headers({"host": written})) is None) is HOSTS[host]
    assert _may_be_asked(host) is HOSTS[host]


def test_where_everything_listens_is_reached_but_is_no_name_of_this_machine() -> None:
    for host in ("0.0.0.0", "::", "::ffff:0.0.0.0"):
        assert not is_this_machine(host)
        assert not loopback_addresses(host)
        assert _may_be_asked(host)


def _may_be_asked(host: str) -> bool:
    with suppress(OtherHost):
        NetworkGuard().check(host)
        return True
    return False
