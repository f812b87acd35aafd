"""What the speech socket refuses: in the handshake without a word, later with a message and a close."""

from contextlib import ExitStack
from typing import Any

import pytest
import websocket

from eleven_cli.sandbox.server import running
from eleven_cli.sandbox.speech import speech_encoder

from .conftest import LIBRARY, Api
from .socket_client import SocketClient, speech, started
from .test_streams import stream

TIMEOUT = "Have not received a new text input within the timeout of 1.0 seconds. Streaming input terminated."


def refused(live: SocketClient, error: str, code: int = 1008) -> str:
    """The session ends with this error; gives its message."""
    message = live.refusal()
    assert set(message) == {"message", "error", "code"}
    assert (message["error"], message["code"]) == (error, code)
    return str(message["message"])


@pytest.mark.parametrize("model", ["eleven_v3", "eleven_v3_conversational", "eleven_v4", "eleven_v4_turbo"])
def test_expressive_models_have_another_socket(api: Api, model: str) -> None:
    message = refused(started(api, model_id=model), "unsupported_model")
    assert message == f"The model {model} is not supported on this endpoint."


@pytest.mark.parametrize("model", ["eleven_multilingual_v2", "eleven_flash_v2", "eleven_turbo_v2_5"])
def test_the_others_speak(api: Api, model: str) -> None:
    assert started(api, model_id=model).text("Hi. ").text("").rest()


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"model_id": "nope"}, "model_not_found"),
        ({"model_id": "eleven_english_sts_v2"}, "unsupported_model"),
        ({"output_format": "wav_16000"}, "invalid_output_format"),
        ({"output_format": "mp3"}, "invalid_output_format"),
        ({"inactivity_timeout": "181"}, "invalid_parameters"),
        ({"inactivity_timeout": "0"}, "invalid_parameters"),
        ({"inactivity_timeout": "soon"}, "invalid_parameters"),
        ({"inactivity_timeout": "9" * 5000}, "invalid_parameters"),
        ({"auto_mode": "perhaps"}, "invalid_parameters"),
        ({"sync_alignment": "2"}, "invalid_parameters"),
        ({"enable_ssml_parsing": "x"}, "invalid_parameters"),
        ({"apply_text_normalization": "maybe"}, "invalid_parameters"),
        ({"seed": "-1"}, "invalid_parameters"),
        ({"seed": "many"}, "invalid_parameters"),
        ({"language_code": "xx"}, "unsupported_language"),
        ({"language_code": "de", "model_id": "eleven_multilingual_v2"}, "unsupported_language"),
    ],
)
def test_a_query_that_cannot_be(api: Api, query: dict[str, str], error: str) -> None:
    assert refused(started(api, **query), error)


@pytest.mark.parametrize(
    "first",
    [
        {"text": "Hello. "},
        {"text": ""},
        {"text": None},
        {"text": 5},
        {},
        {"text": " ", "voice_settings": 3},
        {"text": " ", "voice_settings": {"stability": 2}},
        {"text": " ", "voice_settings": {"speed": "fast"}},
        {"text": " ", "generation_config": []},
        {"text": " ", "generation_config": {"chunk_length_schedule": [49]}},
        {"text": " ", "generation_config": {"chunk_length_schedule": [120, 501]}},
        {"text": " ", "generation_config": {"chunk_length_schedule": ["120"]}},
        {"text": " ", "generation_config": {"chunk_length_schedule": 120}},
        {"text": " ", "flush": "yes"},
        {"text": " ", "voice_settings": {"stability": "0.5"}},
        {"text": " ", "voice_settings": {"similarity_boost": True}},
        {"text": " ", "voice_settings": {"use_speaker_boost": "yes"}},
        {"text": " ", "pronunciation_dictionary_locators": [{"version_id": "a"}]},
        {"text": " ", "pronunciation_dictionary_locators": "a"},
        {"text": " ", "xi-api-key": 5},
        {"text": " ", "xi_api_key": ["a"]},
        {"text": " ", "authorization": {}},
        {"text": " ", "single_use_token": True},
    ],
)
def test_a_first_message_that_begins_nothing(api: Api, first: dict[str, Any]) -> None:
    assert refused(speech(api).send(**first), "invalid_parameters")


@pytest.mark.parametrize(
    "later",
    [
        {"text": 5},
        {"flush": True},
        {"text": "\ud800"},
        {"text": "x", "try_trigger_generation": 1},
        {"text": "x", "flush": "true"},
        {"text": "x", "voice_settings": "calm"},
        {"text": "x", "generator_config": "long"},
        {"text": "x", "voice_settings": {"stability": 0.1}},
        {"text": "x", "generator_config": {"chunk_length_schedule": [60]}},
        {"text": "x", "generation_config": {"chunk_length_schedule": [60]}},
        {"text": "x", "pronunciation_dictionary_locators": [{"pronunciation_dictionary_id": "a"}]},
    ],
)
def test_a_later_message_that_fits_nowhere(api: Api, later: dict[str, Any]) -> None:
    live = started(api, {"voice_settings": {"stability": 0.5}})
    assert refused(live.send(**later), "invalid_parameters")


def test_settings_may_be_repeated_and_null_is_as_good_as_nothing(api: Api) -> None:
    settings = {"stability": 0.5, "speed": 1.1}
    config = {"chunk_length_schedule": [50, 60]}
    empty = {"pronunciation_dictionary_locators": None, "try_trigger_generation": None}
    live = started(api, {"voice_settings": settings, "generation_config": config, **empty})
    live.text("Once. ", voice_settings=settings, generator_config=config)
    live.text("Twice. ", voice_settings=None, generator_config=None, flush=None, something_new=1)
    assert live.text("").rest()
    assert started(api, {"voice_settings": None, "generation_config": None}).text("Hi. ").text("").rest()


@pytest.mark.parametrize("raw", ["", "{", "text", "[1]", '"text"', "null", "[" * 100_000, b"\xff\x00"])
def test_what_is_no_json_object(api: Api, raw: str | bytes) -> None:
    assert refused(speech(api).send_raw(raw), "malformed_json")
    assert refused(started(api).send_raw(raw), "malformed_json")


def test_a_dictionary_that_there_is_not(api: Api) -> None:
    locators = [{"pronunciation_dictionary_id": "d", "version_id": "v"}]
    live = started(api, {"pronunciation_dictionary_locators": locators})
    assert refused(live, "pronunciation_dictionary_not_found")


def test_silence_ends_a_session_even_with_text_in_the_buffer(api: Api) -> None:
    assert refused(speech(api, inactivity_timeout=1), "input_timeout_exceeded") == TIMEOUT
    live = started(api, inactivity_timeout=1).text("Never heard. ")
    assert refused(live, "input_timeout_exceeded") == TIMEOUT
    assert [message for message in live.messages if message.get("audio")] == []


def test_silence_after_a_whole_turn_ends_it_too(api: Api) -> None:
    live = started(api, inactivity_timeout=1)
    assert live.text("Hello there. ", flush=True).turn()
    assert refused(live, "input_timeout_exceeded") == TIMEOUT


@pytest.mark.parametrize("key", ["wrong", "sk_invalid"])
def test_a_wrong_key_in_the_header_fails_the_handshake(api_with: Any, key: str) -> None:
    turned_away(api_with(key), 401)


def test_an_unknown_voice_fails_the_handshake(api: Api) -> None:
    turned_away(api, 403, voice="nobody")


def turned_away(api: Api, status: int, **more: Any) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refusal:
        speech(api, **more)
    assert refusal.value.status_code == status
    assert not refusal.value.resp_body


def test_without_a_key_in_the_header_the_first_message_is_judged(api_with: Any) -> None:
    wrong, nobody = api_with("wrong"), api_with(None)
    live = speech(wrong, in_header=False).send(text=" ", xi_api_key=wrong.key)
    assert refused(live, "invalid_api_key") == "Invalid API key"
    assert refused(started(nobody, voice="nobody"), "voice_not_found")
    assert refused(started(nobody, {"authorization": "Bearer x"}), "invalid_authorization_header")
    assert refused(started(nobody, single_use_token="sutkn_mine"), "invalid_single_use_token")


def test_a_server_with_one_key(api_with: Any) -> None:
    with running(require_key="sk_right") as base:
        right, nobody = api_with("sk_right", base, exactly=True), api_with(None, base)
        assert started(right).text("Hi. ").text("").rest()
        assert speech(right, in_header=False).send(text=" ", xi_api_key="sk_right").text("Hi. ").text("").rest()
        turned_away(api_with("sk_other", base, exactly=True), 401)
        assert refused(started(nobody), "needs_authorization")
        token = right("POST", "/v1/single-use-token/tts_websocket").json()["token"]
        assert started(nobody, single_use_token=token).text("Hi. ").text("").rest()


def test_plans_have_their_limits_here_too(api_with: Any) -> None:
    assert refused(started(api_with("free"), voice=LIBRARY), "payment_required")
    assert refused(started(api_with("free"), output_format="pcm_44100"), "subscription_required")
    assert started(api_with("restricted")).text("Hi. ").text("").rest()


def test_a_broke_account_is_stopped_where_its_credits_end(api_with: Any) -> None:
    broke = api_with("broke")
    live = started(broke)
    assert live.text("Twenty-four characters. ", flush=True).turn()
    message = refused(live.text("One more. ", flush=True), "quota_exceeded")
    assert "0 credits remaining" in message


def test_too_much_text_for_one_generation(api: Api) -> None:
    message = refused(started(api).text("x " * 20_001, flush=True), "max_character_limit_exceeded")
    assert "40000" in message


def test_too_many_at_once(api_with: Any) -> None:
    free = api_with("free")
    with ExitStack() as streams:
        for _ in range(2):
            streams.enter_context(stream(free, text="Once upon a time there was a text. " * 90))
        live = started(free, model_id="eleven_multilingual_v2").text("Me too. ", flush=True)
        assert "maximum of 2" in refused(live, "too_many_concurrent_requests")
        assert started(free).text("Another group. ").text("").rest()


def test_a_fault_of_the_sandbox_itself(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    live = started(api)
    monkeypatch.setattr(speech_encoder, "synthesize", lambda *given, **more: 1 / 0)
    refused(live.text("Hi. ", flush=True), "internal_error", 1011)


def test_there_is_no_plain_http_at_the_socket(api: Api) -> None:
    answer = api.get("/v1/text-to-speech/x/stream-input")
    assert answer.status_code == 404
