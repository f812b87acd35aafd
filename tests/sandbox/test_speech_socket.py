"""The speech socket: when what is spoken, and what the client gets of it."""

from contextlib import ExitStack
from itertools import pairwise
from typing import Any

import pytest

from . import test_formats as formats
from .conftest import Api
from .decoding import Sound, pcm
from .socket_client import SocketClient, sound, speech, spoken, started, words

RATE = 16000
LONG = "There is so much to say about this that nobody can wait for the end of the sentence, which is far away. "


def test_a_session_from_the_first_space_to_the_close(api: Api) -> None:
    live = started(api, {"voice_settings": {"stability": 0.5, "similarity_boost": 0.8}}, sync_alignment="true")
    live.text("The first move is what sets ").text("everything in motion. ", try_trigger_generation=True)
    first = live.next()
    assert first
    assert set(first) == {"audio", "isFinal", "normalizedAlignment", "alignment"}
    assert first["isFinal"] is None
    assert words(first) == words(first, "normalizedAlignment") == "The first move is what sets everything in motion. "
    live.text(" ").text("Costs $5. ", flush=True).turn()
    live.text("Goodbye. ").text("").rest()
    assert spoken(live.messages) == "The first move is what sets everything in motion. Costs $5. Goodbye. "
    assert live.messages[-1] == {"audio": None, "isFinal": True, "normalizedAlignment": None, "alignment": None}
    assert all(message["audio"] and message["isFinal"] is None for message in live.messages[:-1])
    assert live.close == (1000, "")


def test_one_alignment_for_each_sentence_with_its_first_audio(api: Api) -> None:
    text = "One is here. Two is there! "
    live = started(api, sync_alignment="true")
    live.text(text, flush=True).turn()
    aligned = [message for message in live.messages if message["alignment"]]
    assert [words(message) for message in aligned] == ["One is here. ", "Two is there! "]
    assert len(live.messages) > len(aligned)
    for message in aligned:
        alignment = message["alignment"]
        assert set(alignment) == {"chars", "charStartTimesMs", "charDurationsMs"}
        starts, durations = alignment["charStartTimesMs"], alignment["charDurationsMs"]
        assert len(starts) == len(durations) == len(alignment["chars"])
        assert all(isinstance(time, int) and time >= 0 for time in (*starts, *durations))
        ends = [start + duration for start, duration in zip(starts, durations, strict=True)]
        assert starts == [0, *ends[:-1]]


def test_no_alignment_unless_asked_for(api: Api) -> None:
    live = started(api).text("Hello there. ").text("")
    live.rest()
    assert all(message["alignment"] is message["normalizedAlignment"] is None for message in live.messages)


def test_it_waits_for_the_schedule(api: Api) -> None:
    live = started(api, {"generation_config": {"chunk_length_schedule": [50, 90]}}, sync_alignment="true")
    live.text("x" * 40 + " ").text("y" * 8 + " ")
    live.text("z" * 20 + " ").text("a" * 69).text(" ").text("b" * 88 + " ").text("c ")
    live.text("").rest()
    generated = "".join(words(message) for message in live.messages)
    assert generated == "x" * 40 + " " + "y" * 8 + " " + "z" * 20 + " " + "a" * 69 + " " + "b" * 88 + " c "
    costs = [words(message) for message in live.messages if message["alignment"]]
    assert costs[0].startswith("x" * 40)


def test_too_little_text_is_not_spoken_before_it_is_flushed(api: Api) -> None:
    """What is charged shows what has been spoken: nothing but the flushed turn."""
    live = started(api).text("Not yet. ", try_trigger_generation=True)
    with started(api) as other:
        other.text("Now. ", flush=True).turn()
    assert used(api) == credits_for("Now. ")
    live.text("", flush=True).rest()
    assert used(api) == credits_for("Now. ") + credits_for("Not yet. ")


def test_enough_text_is_spoken_at_once(api: Api) -> None:
    live = started(api)
    live.text(LONG + "And more. " * 3)
    assert live.next()
    assert used(api) == credits_for(LONG + "And more. " * 3)


def test_words_are_not_cut_in_the_middle(api: Api) -> None:
    live = started(api, {"generation_config": {"chunk_length_schedule": [50]}}, sync_alignment="true")
    live.text("This is rather a long sentence, and it has a long wor").text("")
    live.rest()
    assert next(words(message) for message in live.messages if message["alignment"]).endswith("a long ")
    assert spoken(live.messages) == "This is rather a long sentence, and it has a long wor"


def test_auto_mode_speaks_every_message(api: Api) -> None:
    live = started(api, auto_mode="true", sync_alignment="true")
    for text in ("Yes. ", "No. "):
        live.text(text)
        message = live.next()
        while message and not message["alignment"]:
            message = live.next()
        assert message
        assert words(message) == text
    assert live.text("").rest()
    assert live.close == (1000, "")


def test_a_turn_says_when_it_ends_and_the_next_one_follows(api: Api) -> None:
    live = started(api)
    first = live.text("One. ", flush=True).turn()
    second = live.text("Two. ", flush=True).turn()
    assert [message.get("is_final_audio_for_turn") for message in live.messages].count(True) == 2
    assert all(pcm(audio, RATE).loud() for audio in (first, second))
    assert live.text("").rest() == b""
    assert live.close == (1000, "")


@pytest.mark.parametrize("nothing", [" ", "\n", "  \t"])
def test_space_alone_is_nothing_to_say(api: Api, nothing: str) -> None:
    live = started(api).text(nothing, flush=True).text(nothing).text("")
    assert live.rest() == b""
    assert [message["isFinal"] for message in live.messages] == [True]
    assert live.close == (1000, "")
    assert used(api) == 0


def test_a_space_parts_words_and_otherwise_does_nothing(api: Api) -> None:
    live = started(api, sync_alignment="true")
    live.text(" ").text("one").text(" ").text(" ").text("two").text("").rest()
    assert spoken(live.messages) == "one two"


def test_it_sounds_as_over_http(api: Api) -> None:
    text = "Seven sober sailors sing."
    live = started(api, {"voice_settings": {"speed": 0.8, "stability": 0.9}}, output_format="pcm_24000")
    audio = live.text(text).text("").rest()
    settings = {"speed": 0.8, "stability": 0.9}
    other = api.said(text, model_id="eleven_flash_v2_5", format="pcm_24000", voice_settings=settings)
    assert abs(pcm(audio, 24000).seconds - pcm(other, 24000).seconds) < 0.01
    assert abs(pcm(audio, 24000).rms() / pcm(other, 24000).rms() - 1) < 0.02


@pytest.mark.parametrize("format", formats.STREAMING)
def test_the_audio_of_a_session_is_one_stream(api: Api, format: str) -> None:
    lengths = []
    for name in (format, "pcm_24000"):
        live = started(api, output_format=name)
        audio = live.text("Seven sober sailors. ", flush=True).turn()
        audio += live.text("They sing! ", flush=True).turn()
        audio += live.text("And go. ").text("").rest()
        heard = formats.heard(audio, name)
        assert heard.rate == int(name.split("_")[1])
        begins = [
            later for earlier, later in zip([-1.0, *heard.loud()], heard.loud(), strict=False) if later - earlier > 0.2
        ]
        assert len(begins) == 3
        lengths.append(heard.seconds)
    assert abs(lengths[0] - lengths[1]) < 0.35  # each flush may add some silence


@pytest.mark.parametrize("format", ["pcm_16000", "mp3_44100_128", "mp3_22050_32", "opus_48000_64", "ulaw_8000"])
def test_the_times_are_those_of_the_sound(api: Api, format: str) -> None:
    """Offset by the sound that had come before, every word begins where it is heard."""
    live = started(api, output_format=format, sync_alignment="true", auto_mode="true")
    for text in ("Table. ", "Pilot. Carbon. ", "Tiger. "):
        live.text(text, flush=text.startswith("P"))
    live.text("").rest()
    audio, told = b"", []
    for message in live.messages:
        if message["alignment"]:
            before = formats.heard(audio, format).seconds if audio else 0.0
            told.append(before + message["alignment"]["charStartTimesMs"][0] / 1000)
        audio += sound(message)
    heard = begins(formats.heard(audio, format))
    assert len(told) == len(heard) == 4
    late = [at - said for at, said in zip(heard, told, strict=True)]  # a word begins with a silent closure
    assert min(late) > 0
    assert max(late) < 0.08
    assert max(late) - min(late) < 0.03


def test_break_tags_count_only_when_asked_for(api: Api) -> None:
    text = 'One <break time="1.5s" /> two. '
    seconds = []
    for value in ("true", "false"):
        live = started(api, enable_ssml_parsing=value, sync_alignment="true")
        audio = live.text(text).text("").rest()
        seconds.append(pcm(audio, RATE).longest_silence())
        normalized = "".join(words(message, "normalizedAlignment") for message in live.messages)
        assert normalized == ("One  two. " if value == "true" else text)
        assert spoken(live.messages) == text
    assert seconds[0] > 1.4 > seconds[1]


def test_the_language_and_the_settings_count(api: Api) -> None:
    plain, german, slow = (
        started(api, init, **query).text("Die Orange war nie sauer. ").text("").rest()
        for init, query in (
            (None, {}),
            (None, {"language_code": "de"}),
            ({"voice_settings": {"speed": 0.7}}, {}),
        )
    )
    assert plain != german
    assert len(slow) > 1.2 * len(plain)


def test_text_is_taken_while_nobody_listens(api: Api) -> None:
    """A client that writes megabytes before it reads anything must not be stuck."""
    live = started(api, auto_mode="true", output_format="pcm_48000", sync_alignment="true")
    text = "This goes on for a while, and then for a while longer. "
    for _ in range(30):
        live.text(text, something_new="x" * 400_000)
    live.text("").rest()
    assert spoken(live.messages) == text * 30


def test_the_first_sound_comes_before_the_text_is_complete(api: Api) -> None:
    live = started(api, auto_mode="true")
    live.text("Warm up. ").next()
    live.text("The quick brown fox jumps over the lazy dog. ")
    assert live.next()


def test_what_was_said_is_charged_as_over_http(api: Api) -> None:
    live = started(api)
    live.text("Five! ", flush=True).turn()
    assert used(api) == 3
    live.text("Six. ").text("").rest()
    assert used(api) == 3 + 3
    answer = api.get("/v1/user/subscription").json()
    assert answer["character_count"] == 6


def test_a_socket_takes_a_place_only_while_it_speaks(api_with: Any) -> None:
    free = api_with("free")
    with ExitStack() as sessions:
        for _ in range(3):
            live: SocketClient = sessions.enter_context(started(free, model_id="eleven_multilingual_v2"))
            live.text("Hello. ", flush=True).turn()
        assert free.speak("Hi.").headers["current-concurrent-requests"] == "1"


def test_who_leaves_in_the_middle_gives_the_place_back(api_with: Any) -> None:
    from .test_streams import until_accepted

    free = api_with("free")
    for _ in range(3):
        live = started(free, model_id="eleven_multilingual_v2", output_format="pcm_32000")
        live.text(LONG * 10, flush=True).next()
        live.disconnect()
    assert until_accepted(free).status_code == 200


def test_the_key_may_come_with_the_first_message(api: Api) -> None:
    for name in ("xi-api-key", "xi_api_key"):
        live = speech(api, in_header=False).send(**{"text": " ", name: api.key})
        assert live.text("Hi. ").text("").rest()
    assert used(api) == 2 * credits_for("Hi. ")


def test_a_single_use_token_opens_one_session(api: Api) -> None:
    token = api("POST", "/v1/single-use-token/tts_websocket").json()["token"]
    live = started(api, in_header=False, single_use_token=token)
    assert live.text("Hi. ").text("").rest()
    assert used(api) == credits_for("Hi. ")
    assert started(api, in_header=False, single_use_token=token).refusal()["error"] == "invalid_single_use_token"


def used(api: Api) -> int:
    return int(api.get("/v1/user/subscription").json()["character_count"])


def credits_for(text: str) -> int:
    return (len(text) + 1) // 2


def begins(sound: Sound) -> list[float]:
    """The seconds at which something is heard after a pause."""
    loud = sound.loud(600)
    return [later for earlier, later in pairwise([-1.0, *loud]) if later - earlier > 0.2]
