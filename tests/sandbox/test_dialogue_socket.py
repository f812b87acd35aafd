"""The dialogue socket: who may speak, when what is spoken, and how it ends."""

from contextlib import ExitStack
from typing import Any

import pytest
import websocket

from eleven_cli.sandbox.speech_sockets import dialogue_socket

from .conftest import HARPER, LIBRARY, Api
from .decoding import pcm
from .socket_client import Message, SocketClient, dialogue, sound, spoken, words

CALVIN = "CaK1KilJWJy9D6GjB7nZ"
IMOGEN = "Zu2OgLbAGJO1Dg8HS7wl"
RATE = 16000


def line(text: str, voice_id: str = HARPER, **more: Any) -> Message:
    return {"text": text, "voice_id": voice_id, **more}


def refused(live: SocketClient, error: str, param: str | None = None) -> str:
    """The session ends with this error; gives its message."""
    message = live.refusal()
    assert (message["error"], message["code"], message.get("param")) == (error, 1008, param)
    return str(message["message"])


def test_a_session_from_the_voices_to_the_close(api: Api) -> None:
    live = dialogue(api, HARPER, CALVIN, sync_alignment="true")
    live.send(inputs=[line("Knock knock. ")]).send(inputs=[line("Who is there? ", CALVIN)]).send(flush=True)
    audio = live.turn()
    aligned = [message["alignment"] for message in live.messages if message.get("alignment")]
    assert ["".join(one["chars"]) for one in aligned] == ["Knock knock. ", "Who is there? "]
    assert all(set(one) == {"chars", "char_start_times_ms", "char_durations_ms"} for one in aligned)
    assert live.messages[-1] == {"is_final_audio_for_turn": True}
    assert all(set(message) == {"audio", "alignment", "is_final"} for message in live.messages[:-1])
    assert len(pcm(audio, RATE).loud()) > 50
    live.send(keep_alive=True).send(close_socket=True).rest()
    assert live.messages[-1] == {"is_final": True}
    assert live.close == (1000, "")


def test_two_voices_sound_like_two(api: Api) -> None:
    how = {"model_id": "eleven_v3", "format": "pcm_16000"}
    both = [api.said("Hello there. ", voice=voice, **how) for voice in (HARPER, CALVIN)]
    live = dialogue(api, HARPER, CALVIN)
    live.send(inputs=[line("Hello there. "), line("Hello there. ", CALVIN)], close_socket=True)
    assert abs(len(live.rest()) - sum(map(len, both))) < 400


def test_the_end_speaks_what_is_left(api: Api) -> None:
    live = dialogue(api, HARPER, sync_alignment="true").send(inputs=[line("Short. ")]).send(close_socket=True)
    live.rest()
    assert spoken(live.messages) == "Short. "


def test_enough_text_is_spoken_at_once_and_less_waits(api: Api) -> None:
    live = dialogue(api, HARPER, sync_alignment="true")
    enough = "One two three four five six seven and eight at last. "
    live.send(inputs=[line("Only three words. ")]).send(inputs=[line(enough)])
    first = live.next()
    assert first
    assert words(first).startswith("Only three words. ")


def test_another_voice_or_turn_ends_the_last_one(api: Api) -> None:
    live = dialogue(api, HARPER, CALVIN, sync_alignment="true")
    live.send(inputs=[line("One. "), line("Two. ", new_turn=True), line("Three. ", CALVIN)])
    told = ""
    while "Two. " not in told:
        message = live.next()
        assert message
        told += words(message)
    assert told == "One. Two. "
    live.send(close_socket=True).rest()
    assert spoken(live.messages) == "One. Two. Three. "


def test_a_flush_of_nothing_still_says_that_the_turn_is_over(api: Api) -> None:
    live = dialogue(api, HARPER).send(flush=True)
    assert live.turn() == b""


@pytest.mark.parametrize("format", ["mp3_44100_128", "opus_48000_64"])
def test_all_voices_are_in_one_stream(api: Api, format: str) -> None:
    from .test_formats import heard

    live = dialogue(api, HARPER, CALVIN, output_format=format)
    live.send(inputs=[line("Table. "), line("Pilot. ", CALVIN), line("Tiger. ")], flush=True)
    audio = live.turn()
    audio += live.send(close_socket=True).rest()
    assert heard(audio, format).rms() > 300
    assert heard(audio, format).seconds > 2


def test_the_usual_model_has_one_voice(api: Api) -> None:
    live = SocketClient(api, "/v1/text-to-dialogue/stream-input").send(voices=[HARPER])
    live.send(inputs=[line("Hello. ")], close_socket=True)
    assert live.rest()
    for model in ("eleven_v3_conversational", "eleven_v4_turbo"):
        live = dialogue(api, HARPER, CALVIN, model_id=model)
        assert "exactly 1 voice" in refused(live, "invalid_parameters", "voices")


@pytest.mark.parametrize("model", ["eleven_v4", "eleven_v4_turbo", "eleven_v3_conversational"])
def test_expressive_models_speak_here(api: Api, model: str) -> None:
    assert dialogue(api, HARPER, model_id=model).send(inputs=[line("Hi. ")], close_socket=True).rest()


@pytest.mark.parametrize("model", ["eleven_flash_v2_5", "eleven_multilingual_v2", "eleven_english_sts_v2"])
def test_the_others_do_not(api: Api, model: str) -> None:
    assert model in refused(dialogue(api, HARPER, model_id=model), "unsupported_model", "model_id")


@pytest.mark.parametrize(
    "first",
    [
        {},
        {"voices": []},
        {"voices": "x"},
        {"voices": [1]},
        {"keep_alive": True},
        {"voices": [HARPER], "voice_settings": {"stability": 2}},
        {"voices": [HARPER], "voice_settings": {"stability": "0.5"}},
        {"voices": [HARPER], "voice_settings": {"clone_strength": False}},
        {"voices": [HARPER], "pronunciation_dictionary_locators": {}},
        {"voices": [HARPER], "xi_api_key": 5},
        {"voices": [HARPER], "authorization": []},
        {"voices": [HARPER], "single_use_token": 1},
    ],
)
def test_a_first_message_that_begins_nothing(api: Api, first: Message) -> None:
    message = dialogue(api).send(**first).refusal()
    assert message["error"] == "invalid_parameters"


def test_voices_that_cannot_be_had(api: Api, api_with: Any) -> None:
    assert refused(dialogue(api, HARPER, "nobody"), "voice_not_found", "voice_id")
    assert refused(dialogue(api, *(f"voice{number}" for number in range(11))), "invalid_parameters", "voices")
    assert refused(dialogue(api_with("free"), LIBRARY), "payment_required")


@pytest.mark.parametrize(
    "later",
    [
        {"inputs": "Hello"},
        {"inputs": [{"text": "Hello"}]},
        {"inputs": [{"text": 5, "voice_id": HARPER}]},
        {"inputs": [{"text": "Hello", "voice_id": IMOGEN}]},
        {"inputs": [{"text": "Hello", "voice_id": HARPER, "new_turn": "yes"}]},
        {"inputs": [{"text": "Hello", "voice_id": 5}]},
        {"inputs": ["Hello"]},
        {"flush": 1},
        {"keep_alive": "yes"},
        {"close_socket": "true"},
        {"voices": [HARPER]},
        {"voice_settings": {"stability": 0.1}},
    ],
)
def test_a_later_message_that_fits_nowhere(api: Api, later: Message) -> None:
    assert dialogue(api, HARPER).send(**later).refusal()["error"] == "invalid_parameters"


def test_what_is_no_json(api: Api) -> None:
    assert refused(dialogue(api).send_raw("{"), "malformed_json")
    assert refused(dialogue(api, HARPER).send_raw("[]"), "malformed_json")


def test_silence_ends_a_session(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert dialogue_socket.IDLE_TIMEOUT_S == 20
    monkeypatch.setattr(dialogue_socket, "IDLE_TIMEOUT_S", 0.2)
    live = dialogue(api, HARPER).send(inputs=[line("Never heard. ")])
    refused(live, "input_timeout_exceeded")
    assert not any(map(sound, live.messages))


def test_keys_and_tokens(api: Api, api_with: Any) -> None:
    wrong, nobody = api_with("wrong"), api_with(None)
    with pytest.raises(websocket.WebSocketBadStatusException) as refusal:
        dialogue(wrong, HARPER)
    assert refusal.value.status_code == 401
    live = dialogue(wrong, in_header=False).send(voices=[HARPER], xi_api_key=wrong.key)
    assert refused(live, "invalid_api_key")
    token = api("POST", "/v1/single-use-token/tts_websocket").json()["token"]
    live = dialogue(nobody).send(voices=[HARPER], single_use_token=token)
    assert live.send(inputs=[line("Hello. ")], close_socket=True).rest()
    assert api.get("/v1/user/subscription").json()["character_count"] == len("Hello. ")


def test_an_open_session_takes_a_place_of_its_own_kind(api_with: Any) -> None:
    free = api_with("free")
    with ExitStack() as sessions:
        for _ in range(14):
            live = sessions.enter_context(dialogue(free, HARPER))
            assert live.send(flush=True).turn() == b""
        assert "maximum of 14" in refused(dialogue(free, HARPER), "too_many_concurrent_requests")
        assert free.speak("Hi.").headers["current-concurrent-requests"] == "1"


def test_a_broke_account_is_stopped_where_its_credits_end(api_with: Any) -> None:
    live = dialogue(api_with("broke"), HARPER)
    assert live.send(inputs=[line("Twelve char.")], flush=True).turn()
    refused(live.send(inputs=[line("More. ")], flush=True), "quota_exceeded")
