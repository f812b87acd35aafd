"""Keys, permissions, plans and credits."""

from typing import Any

import pytest

from eleven_cli.sandbox.accounts.accounts import Accounts
from eleven_cli.sandbox.server import running
from eleven_cli.sandbox.state.store import MemoryStore

from .conftest import HARPER, LIBRARY, Api
from .schemas import EXTENDED, SUBSCRIPTION, USER, check, faults, refused

READS = ["/v1/models", "/v2/voices", "/v1/voices", f"/v1/voices/{HARPER}", "/v1/user", "/v1/user/subscription"]


@pytest.mark.parametrize("path", READS)
def test_no_key_is_needed(api_with: Any, path: str) -> None:
    assert api_with(None).get(path).status_code == 200


@pytest.mark.parametrize("word", ["wrong", "invalid", "sk_WRONG"])
def test_a_wrong_key_is_refused_everywhere(api_with: Any, word: str) -> None:
    api = api_with(word)
    for answer in (*map(api.get, READS), api.speak()):
        assert refused(answer, 401, "unauthorized", status="invalid_api_key") == "Invalid API key"


def test_a_key_as_bearer_token_is_refused(api_with: Any) -> None:
    answer = api_with(None).get("/v1/models", headers={"Authorization": "Bearer sk_abc"})
    refused(answer, 401, "invalid_authorization_header")


@pytest.mark.parametrize(
    ("path", "permission"),
    [
        ("/v1/models", "models_read"),
        ("/v2/voices", "voices_read"),
        ("/v1/voices", "voices_read"),
        (f"/v1/voices/{HARPER}", "voices_read"),
        (f"/v1/voices/{HARPER}/settings", "voices_read"),
        ("/v1/user", "user_read"),
        ("/v1/user/subscription", "user_read"),
    ],
)
def test_a_restricted_key_lacks_the_permission(api_with: Any, path: str, permission: str) -> None:
    answer = api_with("restricted").get(path)
    message = refused(answer, 403, "insufficient_permissions", status="missing_permissions")
    assert f" {permission} " in message or f" {permission}," in message


def test_a_restricted_key_may_speak(api_with: Any) -> None:
    assert api_with("restricted").speak("Hi.").status_code == 200


def test_the_free_plan_stops_at_library_voices(api_with: Any, api: Api) -> None:
    free = api_with("free")
    refused(free.speak(voice=LIBRARY), 402, "paid_plan_required", status="payment_required")
    assert free.speak("Hi.").status_code == 200
    assert api.speak("Hi.", voice=LIBRARY).status_code == 200


@pytest.mark.parametrize("format", ["mp3_44100_192", "pcm_44100", "pcm_48000", "wav_44100", "wav_48000"])
def test_the_free_plan_stops_at_the_best_formats(api_with: Any, api: Api, format: str) -> None:
    answer = api_with("free").speak("Hi.", format=format)
    refused(answer, 403, "subscription_required", param="output_format")
    assert api.speak("Hi.", format=format).status_code == 200


def test_a_broke_account_has_twelve_credits(api_with: Any) -> None:
    broke = api_with("broke")
    message = refused(broke.speak("x" * 140), 402, "insufficient_credits", status="quota_exceeded")
    assert "12 credits remaining" in message
    assert "140 credits" in message
    assert broke.speak("x" * 24, model_id="eleven_flash_v2_5").status_code == 200
    assert "0 credits remaining" in refused(broke.speak("x"), 402, "insufficient_credits", status="quota_exceeded")


def test_credits_go_down_as_they_are_used(api: Api, api_with: Any) -> None:
    before = api.get("/v1/user/subscription").json()
    answer = api.speak("Five!", model_id="eleven_flash_v2_5")
    assert answer.headers["character-cost"] == "3"
    assert api.speak("Five!").headers["character-cost"] == "5"
    after = api.get("/v1/user/subscription").json()
    assert after["character_count"] == before["character_count"] + 8
    assert api.get("/v1/user").json()["subscription"]["character_count"] == after["character_count"]
    assert api_with("somebody-else").get("/v1/user/subscription").json()["character_count"] == 0


def test_a_refused_request_costs_nothing(api: Api) -> None:
    api.speak(voice="nobody")
    assert api.get("/v1/user/subscription").json()["character_count"] == 0


@pytest.mark.parametrize(("word", "tier"), [("plain", "pro"), ("free", "free"), ("broke", "starter")])
def test_subscription_and_user_have_all_fields(api_with: Any, word: str, tier: str) -> None:
    api = api_with(word)
    subscription, user = api.get("/v1/user/subscription").json(), api.get("/v1/user").json()
    check(subscription, EXTENDED)
    check(subscription["current_overage"], {"amount": str, "currency": str})
    check(user, USER)
    check(user["subscription"], SUBSCRIPTION)
    assert subscription["tier"] == user["subscription"]["tier"] == tier
    assert subscription["character_count"] <= subscription["character_limit"]
    assert api.key not in str(user)


def test_a_server_with_one_key(api_with: Any) -> None:
    with running(require_key="sk_right") as base:
        right = api_with("sk_right", base, exactly=True)
        assert right.get("/v1/models").status_code == 200
        assert right.speak("Hi.").status_code == 200
        for other in ("sk_other", "sk_right2", "free"):
            answer = api_with(other, base, exactly=True).get("/v1/models")
            refused(answer, 401, "unauthorized", status="invalid_api_key")
        nobody = api_with(None, base)
        refused(nobody.get("/v1/models"), 404, "workspace_not_found")
        for answer in (nobody.get("/v2/voices"), nobody.get("/v1/user"), nobody.speak()):
            refused(answer, 401, "unauthorized", status="needs_authorization")


def test_the_required_key_is_an_ordinary_account_whatever_it_is_called(api_with: Any) -> None:
    with running(require_key="wrong-and-broke") as base:
        api = api_with("wrong-and-broke", base, exactly=True)
        assert api.get("/v1/user/subscription").json()["tier"] == "pro"


def test_single_use_tokens_are_given_to_keys(api: Api, api_with: Any) -> None:
    for kind in ("tts_websocket", "realtime_scribe", "batch_scribe"):
        token = api("POST", f"/v1/single-use-token/{kind}").json()["token"]
        assert token.startswith("sutkn_")
    assert faults(api("POST", "/v1/single-use-token/other")) == [(["path", "token_type"], "literal_error")]
    refused(
        api_with("wrong")("POST", "/v1/single-use-token/tts_websocket"), 401, "unauthorized", status="invalid_api_key"
    )


def test_of_very_many_accounts_the_latest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eleven_cli.sandbox.accounts.accounts.MAX_ACCOUNTS", 2)
    accounts = Accounts(None, MemoryStore())
    first, second = (accounts.identify({"xi-api-key": key}, "text_to_speech") for key in "ab")
    assert accounts.identify({"xi-api-key": "a"}, "text_to_speech") is first
    accounts.identify({"xi-api-key": "c"}, "text_to_speech")
    assert accounts.identify({"xi-api-key": "a"}, "text_to_speech") is first
    assert accounts.identify({"xi-api-key": "b"}, "text_to_speech") is not second
