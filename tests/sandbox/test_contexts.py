"""`multi-stream-input`: several contexts in one connection, of one voice, or of a dialogue."""

from collections import defaultdict
from typing import Any

import pytest
import websocket

from eleven_cli.sandbox.speech_sockets import dialogue_socket
from eleven_cli.sandbox.speech_sockets.contexts import Contexts

from .conftest import HARPER, Api
from .decoding import pcm
from .socket_client import FLASH, Message, SocketClient, sound, words

CALVIN = "CaK1KilJWJy9D6GjB7nZ"
IDS = {"contextId", "context_id"}
KINDS = ("speech", "dialogue")


def speech(api: Api, voice: str = HARPER, *, in_header: bool = True, **query: Any) -> SocketClient:
    query = {"model_id": FLASH, "output_format": "pcm_16000", "sync_alignment": "true", **query}
    return SocketClient(api, f"/v1/text-to-speech/{voice}/multi-stream-input", in_header=in_header, **query)


def dialogue(api: Api, **query: Any) -> SocketClient:
    query = {"model_id": "eleven_v3", "output_format": "pcm_16000", "sync_alignment": "true", **query}
    return SocketClient(api, "/v1/text-to-dialogue/multi-stream-input", **query)


def said(context_id: str, text: str, **more: Any) -> Message:
    return {"context_id": context_id, "inputs": [{"text": text, "voice_id": HARPER}], **more}


def opened(api: Api, kind: str, *ids: str) -> SocketClient:
    """A connection with these contexts."""
    live = speech(api) if kind == "speech" else dialogue(api)
    for context_id in ids:
        live.send(context_id=context_id, **({"text": " "} if kind == "speech" else {"voices": [HARPER]}))
    return live


def tell(live: SocketClient, kind: str, context_id: str, text: str, **more: Any) -> SocketClient:
    return live.send(
        **({"text": text, "context_id": context_id} if kind == "speech" else said(context_id, text)), **more
    )


def is_final(message: Message) -> bool:
    return message.get("is_final") is True


def of(live: SocketClient) -> dict[Any, list[Message]]:
    """What came for each context."""
    found = defaultdict(list)
    for message in live.messages:
        found[message["context_id"]].append(message)
    return found


def spoken(messages: list[Message]) -> str:
    return "".join(map(words, messages))


def until_final(live: SocketClient, context_id: str) -> None:
    assert any(is_final(message) and message["context_id"] == context_id for message in live), live.messages


def refused(live: SocketClient, error: str) -> Message:
    message = live.refusal()
    assert (message["error"], message["code"]) == (error, 1008)
    return message


# both


@pytest.mark.parametrize("kind", KINDS)
def test_each_context_has_its_audio_and_its_end(api: Api, kind: str) -> None:
    live = opened(api, kind, "a", "b")
    tell(live, kind, "a", "One is here. ")
    tell(live, kind, "b", "Two is there. ", flush=True)
    tell(live, kind, "a", "And three. ", flush=True)
    live.send(close_socket=True).rest()
    assert live.close == (1000, "")
    for context_id, text in (("a", "One is here. And three. "), ("b", "Two is there. ")):
        messages = of(live)[context_id]
        assert spoken(messages) == text
        assert [is_final(message) for message in messages] == [False] * (len(messages) - 1) + [True]
        assert any(message.get("is_final_audio_for_turn") for message in messages)
        assert len(pcm(b"".join(map(sound, messages)), 16000).loud()) > 20
    assert set(of(live)) == {"a", "b"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_context_that_is_closed_says_what_it_has_and_the_others_go_on(api: Api, kind: str) -> None:
    live = opened(api, kind, "a", "b")
    tell(live, kind, "a", "Unfinished. ").send(context_id="a", close_context=True)
    until_final(live, "a")
    assert spoken(of(live)["a"]) == "Unfinished. "
    tell(live, kind, "b", "I go on. ", flush=True).send(close_socket=True).rest()
    assert spoken(of(live)["b"]) == "I go on. "
    assert live.close == (1000, "")


@pytest.mark.parametrize("kind", KINDS)
def test_closing_a_context_that_is_not_there_does_nothing(api: Api, kind: str) -> None:
    live = opened(api, kind, "a").send(context_id="gone", close_context=True)
    live.send(context_id="a", close_context=True).send(context_id="a", close_context=True)
    live.send(close_socket=True).rest()
    assert set(of(live)) == {"a"}
    assert live.close == (1000, "")


@pytest.mark.parametrize("kind", KINDS)
def test_at_most_five_are_open(api: Api, kind: str) -> None:
    live = opened(api, kind, *"abcde").send(context_id="a", close_context=True)
    until_final(live, "a")
    opening = {"text": " "} if kind == "speech" else {"voices": [HARPER]}
    live.send(context_id="f", **opening)
    assert refused(live.send(context_id="g", **opening), "invalid_parameters")["context_id"] == "g"


@pytest.mark.parametrize("kind", KINDS)
def test_the_end_of_the_connection_lets_all_speak(api: Api, kind: str) -> None:
    live = opened(api, kind, "a", "b")
    for context_id in "ab":
        tell(live, kind, context_id, f"This is {context_id}. ")
    live.send(close_socket=True).rest()
    assert [spoken(of(live)[context_id]) for context_id in "ab"] == ["This is a. ", "This is b. "]


@pytest.mark.parametrize("kind", KINDS)
def test_credits_are_charged_for_what_is_spoken(api: Api, kind: str) -> None:
    def used() -> int:
        return int(api.get("/v1/user/subscription").json()["character_count"])

    before = used()
    live = opened(api, kind, "a", "b")
    for context_id in "ab":
        tell(live, kind, context_id, "0123456789", flush=True)
    live.send(close_socket=True).rest()
    assert used() - before == (10 if kind == "speech" else 20)


@pytest.mark.parametrize("kind", KINDS)
def test_too_few_credits_end_the_connection(api_with: Any, kind: str) -> None:
    live = opened(api_with("broke"), kind, "a")
    assert refused(tell(live, kind, "a", "Much more than twelve credits. " * 3, flush=True), "quota_exceeded")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", [{"context_id": 5}, {"context_id": "a", "close_context": "yes"}, {"close_socket": 1}])
def test_a_message_of_the_wrong_type_ends_the_connection(api: Api, kind: str, wrong: Message) -> None:
    assert refused(opened(api, kind, "a").send(**wrong), "invalid_parameters")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_json_ends_the_connection(api: Api, kind: str) -> None:
    assert refused(opened(api, kind, "a").send_raw("nonsense"), "malformed_json")


# as LiveKit's and Pipecat's plugins ask


def test_one_connection_for_many_answers_each_flushed_and_closed(api: Api) -> None:
    live = speech(api, auto_mode="true", enable_ssml_parsing="false", inactivity_timeout=180)
    for context_id in ("first", "second"):
        live.send(text=" ", voice_settings={}, context_id=context_id)
        live.send(text="Hello there. ", context_id=context_id, flush=True)
        live.send(text="", context_id=context_id, flush=True)
        live.send(context_id=context_id, close_context=True)
        until_final(live, context_id)
        assert spoken(of(live)[context_id]) == "Hello there. "


def test_keepalives_between_the_turns_of_a_call(api: Api) -> None:
    live = speech(api, auto_mode="true")
    for context_id in ("first", "second"):
        live.send(text="")
        live.send(text=" ", context_id=context_id, voice_settings={"stability": 0.5})
        live.send(text="Hello there. ", context_id=context_id).send(text="", context_id=context_id)
        live.send(context_id=context_id, flush=True).send(context_id=context_id, close_context=True)
        until_final(live, context_id)
        live.send(context_id=context_id, close_context=True)
    assert [spoken(of(live)[context_id]) for context_id in ("first", "second")] == ["Hello there. "] * 2


def test_a_context_of_a_dialogue_that_only_keeps_the_connection_alive(api: Api) -> None:
    live = opened(api, "dialogue", "keepalive")
    for context_id in ("first", "second"):
        live.send(context_id="keepalive", keep_alive=True).send(context_id=context_id, voices=[HARPER])
        line = {"text": "Hello there. ", "voice_id": HARPER, "new_turn": True}
        live.send(context_id=context_id, inputs=[line]).send(context_id=context_id, flush=True)
        live.send(context_id=context_id, close_context=True)
        until_final(live, context_id)
    assert [spoken(of(live)[context_id]) for context_id in ("first", "second")] == ["Hello there. "] * 2


# one voice


def test_the_fields_of_a_message(api: Api) -> None:
    live = opened(api, "speech", "a")
    tell(live, "speech", "a", "Hello. ", flush=True).send(close_socket=True).rest()
    for message in live.messages:
        assert set(message) - {"is_final_audio_for_turn"} == {
            *("audio", "isFinal", "is_final", "alignment", "normalizedAlignment"),
            *IDS,
        }
        assert message["contextId"] == message["context_id"] == "a"
        assert message["isFinal"] is message["is_final"]
    assert set(next(message for message in live.messages if message["alignment"])["alignment"]) == {
        *("chars", "charStartTimesMs", "charDurationsMs"),
    }
    assert live.messages[-1]["audio"] is None


@pytest.mark.parametrize("spelling", sorted(IDS))
def test_both_spellings_are_read(api: Api, spelling: str) -> None:
    live = speech(api).send(text=" ", **{spelling: "a"}).send(text="Hello. ", **{spelling: "a"}, flush=True)
    live.send(close_socket=True).rest()
    assert spoken(of(live)["a"]) == "Hello. "


def test_a_context_without_an_id(api: Api) -> None:
    live = speech(api).send(text=" ").send(text="No name. ").send(flush=True).send(close_context=True)
    live.send(text="Again. ").send(close_socket=True).rest()
    assert set(of(live)) == {None}
    assert spoken(live.messages) == "No name. Again. "
    assert sum(map(is_final, live.messages)) == 2


def test_the_first_message_may_have_the_text_and_other_settings(api: Api) -> None:
    live = speech(api).send(text="Slowly spoken words. ", context_id="slow", voice_settings={"speed": 0.7}, flush=True)
    live.send(text="Slowly spoken words. ", context_id="fast", voice_settings={"speed": 1.2}, flush=True)
    live.send(close_socket=True).rest()
    slow, fast = (sum(len(sound(message)) for message in of(live)[context_id]) for context_id in ("slow", "fast"))
    assert slow > 1.4 * fast


def test_text_to_a_closed_id_starts_a_new_context_after_the_old(api: Api) -> None:
    live = opened(api, "speech", "a")
    tell(live, "speech", "a", "The old one. ").send(context_id="a", close_context=True)
    live.send(text="The new one. ", context_id="a", voice_settings={"stability": 0.1})
    live.send(close_socket=True).rest()
    messages = of(live)["a"]
    first = list(map(is_final, messages)).index(True)
    assert spoken(messages[:first]) == "The old one. "
    assert spoken(messages[first:]) == "The new one. "
    assert sum(map(is_final, messages)) == 2


def test_an_empty_text_keeps_alive_and_does_not_close(api: Api) -> None:
    live = opened(api, "speech", "a")
    for text in ("", " ", ""):
        live.send(text=text, context_id="a").send(text="")
    tell(live, "speech", "a", "Still here. ").send(text="", context_id="a", flush=True)
    live.turn()
    assert spoken(live.messages) == "Still here. "
    live.send(close_socket=True).rest()
    assert live.close == (1000, "")


SETTINGS = {"voice_settings": {"stability": 0.3}}
CONFIG = {"generation_config": {"chunk_length_schedule": [50]}}


@pytest.mark.parametrize("later", [SETTINGS, CONFIG])
def test_settings_after_the_first_message_are_refused(api: Api, later: Message) -> None:
    live = opened(api, "speech", "a").send(text="Hello. ", context_id="a", **later)
    message = refused(live, "invalid_parameters")
    assert message["contextId"] == message["context_id"] == "a"


@pytest.mark.parametrize("later", [SETTINGS, CONFIG])
def test_a_keepalive_before_the_settings_makes_them_too_late(api: Api, later: Message) -> None:
    live = speech(api).send(text="", context_id="a").send(text=" ", context_id="a", **later)
    refused(live, "invalid_parameters")


def test_a_keepalive_without_an_id_opens_nothing(api: Api) -> None:
    live = speech(api).send(text="").send(text=" ", **SETTINGS).send(text="Fine. ", flush=True)
    live.send(close_socket=True).rest()
    assert spoken(live.messages) == "Fine. "


def test_the_same_settings_again_are_no_other(api: Api) -> None:
    live = speech(api).send(text=" ", context_id="a", voice_settings={})
    live.send(text="Hello. ", context_id="a", voice_settings={}, flush=True).send(close_socket=True).rest()
    assert live.close == (1000, "")


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"context_id": "a"},
        {"text": 5, "context_id": "a"},
        {"text": 5, "context_id": "a", "close_context": True},
        {"text": 5, "context_id": "a", "flush": True},
        {"text": "x", "context_id": "a", "flush": "yes"},
        {"context_id": "a", "flush": 1},
    ],
)
def test_a_message_needs_a_text_or_a_switch(api: Api, message: Message) -> None:
    refused(opened(api, "speech", "a").send(**message), "invalid_parameters")


def test_a_context_that_hears_nothing_ends_without_what_it_has_and_the_others_go_on(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, usual = [], Contexts.open

    def open_one(self: Any, context_id: str, *args: Any) -> Any:
        asked.append(self._idle_timeout_s)
        self._idle_timeout_s = 0.05 if context_id == "idle" else asked[0]
        return usual(self, context_id, *args)

    monkeypatch.setattr(Contexts, "open", open_one)
    live = speech(api, inactivity_timeout=179).send(text=" ", context_id="a").send(text=" ", context_id="idle")
    live.send(text="Never said. ", context_id="idle")
    until_final(live, "idle")
    assert spoken(of(live)["idle"]) == ""
    tell(live, "speech", "a", "Go on. ", flush=True).turn()
    live.send(close_socket=True).rest()
    assert live.close == (1000, "")
    assert spoken(of(live)["a"]) == "Go on. "
    assert asked[0] == 179


def test_a_connection_that_hears_nothing_is_closed(api: Api) -> None:
    live = speech(api, inactivity_timeout=1).send(text=" ", context_id="a")
    assert refused(live, "input_timeout_exceeded")


@pytest.mark.parametrize("name", ["xi_api_key", "xi-api-key"])
def test_the_key_of_the_first_message(api: Api, name: str) -> None:
    live = speech(api, in_header=False).send(text=" ", context_id="a", **{name: api.key})
    tell(live, "speech", "a", "Hello. ").send(close_socket=True).rest()
    assert live.close == (1000, "")
    assert api.get("/v1/user/subscription").json()["character_count"] > 0


def test_a_wrong_key_or_model(api: Api, api_with: Any) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as failed:
        speech(api_with("wrong"))
    assert failed.value.status_code == 401
    with pytest.raises(websocket.WebSocketBadStatusException) as failed:
        speech(api, "nobody")
    assert failed.value.status_code == 403
    refused(speech(api, model_id="eleven_v3").send(text=" ", context_id="a"), "unsupported_model")


def test_a_connection_that_speaks_counts_once_whatever_its_contexts(api_with: Any) -> None:
    api = api_with("free")
    live = speech(api, model_id="eleven_multilingual_v2")  # of which a free plan has two at once
    for context_id in "abcde":
        live.send(text="All of us speak at the same time. " * 3, context_id=context_id, flush=True)
    assert live.next()
    assert api.speak("Hi.", model_id="eleven_multilingual_v2").headers["current-concurrent-requests"] in ("1", "2")
    live.send(close_socket=True).rest()
    assert live.close == (1000, "")
    assert sum(map(is_final, live.messages)) == 5
    assert api.speak("Hi.", model_id="eleven_multilingual_v2").headers["current-concurrent-requests"] == "1"


# a dialogue


def test_the_fields_of_a_dialogues_message(api: Api) -> None:
    live = opened(api, "dialogue", "a")
    tell(live, "dialogue", "a", "Hello. ", flush=True).send(context_id="a", keep_alive=True)
    live.send(close_socket=True).rest()
    *audio, turn, final = live.messages
    assert all(set(message) == {"audio", "alignment", "is_final", "context_id"} for message in audio)
    assert turn == {"is_final_audio_for_turn": True, "context_id": "a"}
    assert final == {"is_final": True, "context_id": "a"}


def test_a_context_has_voices_and_settings_of_its_own(api: Api) -> None:
    live = dialogue(api).send(context_id="a", voices=[HARPER, CALVIN], voice_settings={"stability": 0.5})
    live.send(context_id="b", voices=[CALVIN])
    lines = [{"text": "Knock knock. ", "voice_id": HARPER}, {"text": "Who is there? ", "voice_id": CALVIN}]
    live.send(context_id="a", inputs=lines, close_context=True)
    until_final(live, "a")
    assert spoken(of(live)["a"]) == "Knock knock. Who is there? "
    assert refused(live.send(context_id="b", inputs=lines[:1]), "invalid_parameters")["context_id"] == "b"


def test_a_closed_context_of_a_dialogue_is_opened_by_its_voices(api: Api) -> None:
    live = opened(api, "dialogue", "a").send(context_id="a", close_context=True)
    until_final(live, "a")
    live.send(context_id="a", voices=[HARPER]).send(**said("a", "Again. ")).send(close_socket=True).rest()
    assert spoken(live.messages) == "Again. "


@pytest.mark.parametrize(
    "message",
    [
        said("b", "Who am I? "),
        {"context_id": "b", "keep_alive": True},
        {"context_id": "b", "flush": True},
        {"context_id": "a", "voices": [HARPER]},
        {"context_id": "a", "voice_settings": {"stability": 0.5}},
        {"context_id": "a", "inputs": [{"text": "Hi. ", "voice_id": CALVIN}]},
        {"keep_alive": True},
        {"voices": [HARPER]},
    ],
)
def test_a_fault_of_one_context_ends_the_connection(api: Api, message: Message) -> None:
    refused(opened(api, "dialogue", "a").send(**message), "invalid_parameters")


def test_a_dialogue_that_hears_nothing_is_closed(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogue_socket, "IDLE_TIMEOUT_S", 0.3)
    assert refused(opened(api, "dialogue", "a"), "input_timeout_exceeded")


def test_a_connection_takes_one_slot_whatever_its_contexts(api_with: Any) -> None:
    api = api_with("free")
    connections = [opened(api, "dialogue", "a", "b") for _ in range(14)]
    assert refused(opened(api, "dialogue", "a"), "too_many_concurrent_requests")
    for live in connections:
        live.disconnect()
