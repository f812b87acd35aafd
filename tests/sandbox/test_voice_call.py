"""Conversations by voice: what is heard and said, interruptions, tools, goodbyes. Audio is sent faster than real time;
how long a turn is counts in audio."""

import base64
from itertools import pairwise
from time import monotonic
from typing import Any

import pytest

from eleven_cli.sandbox.conversations import conversation, responder, speech_events
from eleven_cli.sandbox.sound.companding import ulaw_to_pcm

from .call import Call, babble, hiss, payload, silence
from .conftest import Api
from .decoding import pcm
from .test_conversation import MINE, failed, kinds

BYTES_PER_S = {"pcm_8000": 16000, "pcm_16000": 32000, "pcm_24000": 48000, "pcm_44100": 88200, "ulaw_8000": 8000}
FORMATS = {
    "chat": "pcm_16000",
    "error": "pcm_8000",
    "private": "ulaw_8000",
    "goodbye": "pcm_44100",
    "long": "pcm_24000",
}
QUESTION = "What is the weather in Lisbon?"
IMOGEN = "Zu2OgLbAGJO1Dg8HS7wl"
PAUSE = silence(0.8)


def sample_bytes(audio: bytes, format: str) -> bytes:
    return ulaw_to_pcm(audio) if format.startswith("ulaw") else audio


@pytest.fixture
def question(api: Api) -> bytes:
    return api.said(QUESTION, format="pcm_16000")


def quiet_chat(call: Any, **more: Any) -> Call:
    """The chat agent without its greeting."""
    talk: Call = call("chat").start({"agent": {"first_message": ""}}, **more)
    talk.until("conversation_initiation_metadata")
    return talk


@pytest.mark.parametrize("agent", FORMATS)
def test_the_agents_format_is_what_comes(call: Any, agent: str) -> None:
    talk = call(agent, header=["xi-api-key: x"]).start()
    format = talk.until("conversation_initiation_metadata")["agent_output_audio_format"]
    assert format == FORMATS[agent]
    talk.until("audio")
    talk.send_text("bye")
    talk.end()
    rate = int(format.rpartition("_")[2])
    sound = pcm(sample_bytes(base64.b64decode(talk.payloads("audio")[0]["audio_base_64"]), format), rate)
    assert 0.4 < sound.seconds < 1.0
    assert sound.rms() > 500


def test_a_greeting_comes_faster_than_it_is_spoken(call: Any) -> None:
    talk = call("long").start()
    text = talk.response()
    response_id = talk.payloads("agent_response")[0]["event_id"]
    talk.until("agent_response_complete")
    assert monotonic() - talk.opened < 5
    assert 25 < len(talk.audio()) / BYTES_PER_S["pcm_24000"] < 40
    ids = [one["event_id"] for one in talk.payloads("audio")]
    assert ids[0] == response_id
    assert ids == sorted(set(ids))
    assert kinds(talk)[:2] == ["conversation_initiation_metadata", "agent_response"]
    assert "".join(char for one in talk.payloads("audio") for char in one.get("alignment", {}).get("chars", ())) == text


def test_alignments_begin_with_their_event(call: Any) -> None:
    talk = call("long").start()
    talk.until("agent_response_complete")
    for one in talk.payloads("audio"):
        seconds = len(base64.b64decode(one["audio_base_64"])) / BYTES_PER_S["pcm_24000"]
        if alignment := one.get("alignment"):
            starts, durations = alignment["char_start_times_ms"], alignment["char_durations_ms"]
            assert len(alignment["chars"]) == len(starts) == len(durations) > 0
            assert all(isinstance(time, int) and time >= 0 for time in (*starts, *durations))
            assert all(early <= late for early, late in pairwise(starts))
            assert starts[-1] <= 1000 * seconds + 60


def test_a_spoken_question_is_understood_and_answered(call: Any, question: bytes) -> None:
    talk = quiet_chat(call)
    talk.send_audio(question[:40_000])
    talk.until("tentative_user_transcript")
    talk.send_audio(question[40_000:] + PAUSE)
    assert talk.transcript() == QUESTION
    assert talk.response() == "In Lisbon the sun is shining, at least in the sandbox."
    assert talk.until("audio")
    tentative = [one["user_transcript"] for one in talk.payloads("tentative_user_transcript")]
    assert tentative
    assert all(QUESTION.startswith(text) for text in tentative)
    heard_ids = {one["event_id"] for one in talk.payloads("tentative_user_transcript")}
    assert heard_ids == {talk.payloads("user_transcript")[0]["event_id"]}


@pytest.mark.parametrize("chunk_ms", [20, 60, 250, 7])
def test_pieces_of_any_length(call: Any, question: bytes, chunk_ms: int) -> None:
    talk = quiet_chat(call)
    talk.send_audio(silence(0.3) + question + PAUSE, chunk_ms * 32 + (chunk_ms == 7))
    assert talk.transcript() == QUESTION


@pytest.mark.parametrize(("agent", "format"), [("private", "ulaw_8000"), ("error", "pcm_8000"), ("long", "pcm_48000")])
def test_every_input_format_is_understood(call: Any, api: Api, agent: str, format: str) -> None:
    talk = call(agent, header=["xi-api-key: x"]).start()
    talk.until("audio")
    pause = b"\xff" * 6400 if format == "ulaw_8000" else silence(0.8, int(format.rpartition("_")[2]))
    talk.send_audio(api.said(QUESTION, format=format) + pause)
    assert talk.transcript() == QUESTION


def test_foreign_speech_is_only_measured(call: Any) -> None:
    talk = quiet_chat(call)
    talk.send_audio(silence(0.5) + babble(1.2))
    talk.until("tentative_user_transcript")
    talk.send_audio(babble(0.55) + PAUSE)
    assert talk.transcript() in ("(speech, 1.7 s)", "(speech, 1.8 s)")
    assert {one["user_transcript"] for one in talk.payloads("tentative_user_transcript")} == {"(speech)"}
    assert "I heard you speak for 1." in talk.response()


@pytest.mark.parametrize("amplitude", [0, 20, 200])
def test_silence_never_triggers_anything(call: Any, amplitude: int) -> None:
    talk = call("chat").start()
    talk.until("audio")
    talk.send_audio(hiss(20, amplitude))
    assert talk.ask("Still there?")
    assert not {"user_transcript", "tentative_user_transcript"} & set(kinds(talk))
    assert [one["event_id"] for one in talk.payloads("interruption")] == sorted(
        {one["event_id"] for one in talk.payloads("interruption")}
    )


def test_silence_does_not_interrupt(call: Any) -> None:
    talk = call("long").start()
    talk.until("agent_response_complete")
    talk.send_audio(hiss(5, 100, 48000), 9600)
    talk.send(type="client_tool_result")  # the answer to this shows that all before it was heard
    failed(talk, 1008, "missing_fields")
    assert "interruption" not in kinds(talk)


def test_speaking_over_the_agent_interrupts_it(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "PING_S", 0.05)
    talk = call("long").start()
    original = talk.response()
    began = talk.until("audio") and talk.times[-1]
    talk.until("agent_response_complete")
    while talk.times[-1] < began + 1.5:
        talk.until("ping")
    talk.send_audio(silence(0.3, 48000), 9600)
    talk.send_audio(babble(0.3, 48000), 1920)
    interruption = talk.until("interruption")
    elapsed = talk.times[-1] - began
    correction = talk.until("agent_response_correction")
    assert correction["original_agent_response"] == original
    assert correction["corrected_agent_response"].endswith("...")
    heard = correction["corrected_agent_response"].removesuffix("...")
    assert original.startswith(heard)
    ids = [one["event_id"] for one in talk.payloads("audio")]
    assert interruption["event_id"] > max(ids)
    times = [
        (start / 1000 + position, char)
        for one, position in with_positions(talk.payloads("audio"), "pcm_24000")
        for start, char in zip(*(one.get("alignment", {}).get(name, ()) for name in ALIGNED), strict=True)
    ]
    said = "".join(char for start, char in times if start <= elapsed)
    assert 0 <= len(said) - len(heard) < 25
    talk.send_audio(babble(0.6, 48000) + silence(1, 48000), 9600)
    assert talk.transcript().startswith("(speech, ")
    assert talk.until("audio")["event_id"] > interruption["event_id"]


ALIGNED = ("char_start_times_ms", "chars")


def with_positions(events: list[dict[str, Any]], format: str) -> list[tuple[dict[str, Any], float]]:
    position, placed = 0.0, []
    for one in events:
        placed.append((one, position))
        position += len(base64.b64decode(one["audio_base_64"])) / BYTES_PER_S[format]
    return placed


def test_an_interruption_comes_soon(call: Any) -> None:
    """160-240 ms of speech are needed; they arrive here without delay, so that what remains is the server's own."""
    talk = call("long").start()
    talk.until("agent_response_complete")
    for needed in range(1, 30):
        talk.send_audio(babble(0.02 * needed, 48000)[-1920:], 1920)
        if needed == 13:
            talk.until("interruption")
            break
    assert talk.times[-1] - talk.opened < 5


def test_typing_over_the_agent_interrupts_it_too(call: Any) -> None:
    talk = call("long").start()
    talk.until("agent_response_complete")
    talk.send_text("Wait a moment.")
    talk.until("interruption")
    assert talk.response().endswith("and the cat was the queen.")


def test_after_the_last_word_nothing_is_interrupted(call: Any, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "PING_S", 0.05)
    yes = api.said("Yes.", format="pcm_16000")
    talk = call("echo").start()
    talk.send_audio(yes + PAUSE)
    talk.until("audio")
    began, seconds = talk.times[-1], len(api.said("Yes.", voice=IMOGEN, format="pcm_16000")) / 32000
    while talk.times[-1] < began + seconds + 0.1:
        talk.until("ping")
    talk.send_audio(yes + PAUSE)
    assert talk.transcript() == "Yes."
    assert "interruption" not in kinds(talk)


def test_the_agent_hears_its_own_voice(call: Any) -> None:
    """What comes back from the speaker is transcribed as what the agent said."""
    talk = call("tools").start()
    greeting = talk.response()
    talk.until("agent_response_complete")
    echo = quiet_chat(call)
    echo.send_audio(talk.audio() + PAUSE)
    assert echo.transcript() == greeting


def test_audio_that_stops_coming_ends_the_turn(call: Any, question: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech_events, "MISSING_S", 0.1)
    talk = quiet_chat(call)
    talk.send_audio(question.rstrip(b"\0"))
    assert talk.transcript() == QUESTION


def test_scores_come_only_when_listed(call: Any, question: bytes) -> None:
    talk = call("echo").start()
    talk.send_audio(question + PAUSE)
    assert talk.transcript() == QUESTION
    scores = [one["vad_score"] for one in talk.payloads("vad_score")]
    assert len(scores) >= 20
    assert all(0 <= score <= 1 for score in scores)
    assert max(scores) > 0.9
    assert min(scores) < 0.1
    assert talk.response() == QUESTION
    other = quiet_chat(call)
    other.send_audio(question + PAUSE)
    other.transcript()
    assert not other.payloads("vad_score")


def test_a_client_tool(call: Any) -> None:
    talk = call("tools").start()
    talk.send_text("What is the weather in New York?")
    asked = talk.until("client_tool_call")
    assert (asked["tool_name"], asked["parameters"]) == ("get_weather", {"city": "New York"})
    assert asked["expects_response"] is True
    result = {"tool_call_id": asked["tool_call_id"], "result": "19 degrees", "is_error": False}
    talk.send(type="client_tool_result", **result)
    told = talk.until("agent_tool_response")
    about = ("get_weather", asked["tool_call_id"], "client", False, True, asked["event_id"])
    names = ("tool_name", "tool_call_id", "tool_type", "is_error", "is_called", "event_id")
    assert tuple(told[name] for name in names) == about
    assert talk.response() == "The weather: 19 degrees"
    assert talk.until("audio")
    assert "agent_tool_request" in kinds(talk)


def test_a_tool_that_fails(call: Any) -> None:
    talk = call("tools").start_text()
    talk.response()
    talk.send_text("What time is it?")
    asked = talk.until("client_tool_call")
    assert (asked["tool_name"], asked["parameters"]) == ("get_time", {})
    talk.send(type="client_tool_result", tool_call_id=asked["tool_call_id"], result="no clock", is_error=True)
    assert talk.until("agent_tool_response")["is_error"] is True
    assert talk.response() == "That did not work: no clock"


def test_a_tool_that_never_answers(described: Any) -> None:
    reply = "tool_timeout_s = 0.2\n[[agents.replies]]\npattern = 'time'\ntool = 'get_time'\n"
    talk = described(MINE + reply).start()
    talk.send_text("What time is it?")
    talk.until("client_tool_call")
    assert "get_time did not answer" in talk.response()


def test_a_new_question_while_a_tool_runs(call: Any) -> None:
    talk = call("tools").start({"agent": {"first_message": ""}})
    talk.send_text("time")
    first = talk.until("client_tool_call")["tool_call_id"]
    talk.send_text("the weather in Rome")
    second = talk.until("client_tool_call")["tool_call_id"]
    for call_id, result in ((first, "late"), (second, "sunny")):
        talk.send(type="client_tool_result", tool_call_id=call_id, result=result, is_error=False)
    assert talk.response() == "The weather: sunny"


def test_the_farewell_is_heard_in_full_and_then_the_socket_closes(call: Any) -> None:
    talk = call("goodbye").start()
    assert talk.end() == (1000, "The agent ended the call.")
    farewell_s = len(talk.audio()) / BYTES_PER_S["pcm_44100"]
    assert 2.8 < farewell_s < 3.6
    assert farewell_s < monotonic() - talk.opened < farewell_s + 10
    assert kinds(talk)[-1] == "agent_tool_response"
    end_call = payload(talk.events[-1])
    assert (end_call["tool_name"], end_call["tool_type"]) == ("end_call", "system")
    assert kinds(talk)[-2] == "audio"


def test_a_long_farewell_is_cut(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert responder.LONGEST_FAREWELL_S == 15
    monkeypatch.setattr(responder, "LONGEST_FAREWELL_S", 0.2)
    talk = call("goodbye").start()
    assert talk.end()[0] == 1000
    assert monotonic() - talk.opened < 2.5


@pytest.mark.parametrize(("chunk_s", "least", "most"), [("10", 1, 1), ("0.25", 9, 13)])
def test_how_long_an_audio_event_is(described: Any, chunk_s: str, least: int, most: int) -> None:
    toml = MINE.replace(
        "text_only = true", 'first_message = "Thank you for calling, goodbye for now!"\nhangs_up = true'
    )
    talk = described(f"{toml}chunk_s = {chunk_s}").start()
    assert talk.end()[0] == 1000
    assert least <= len(talk.payloads("audio")) <= most


def test_goodbye_by_voice(call: Any, api: Api) -> None:
    bye = api.said("Thanks, that is all. Bye.", format="pcm_16000")
    talk = quiet_chat(call)
    talk.send_audio(bye + PAUSE)
    assert talk.end()[0] == 1000
    assert talk.payloads("user_transcript")[0]["user_transcript"] == "Thanks, that is all. Bye."
    assert talk.payloads("agent_response")[-1]["agent_response"] == "Goodbye!"


def test_failures_in_a_voice_call(call: Any) -> None:
    talk = call("error").start()
    talk.until("audio")
    talk.send_text("fail 1011")
    failed(talk, 1011, "unknown_websocket_crash")


def test_a_caller_who_types_is_waited_for(call: Any, question: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responder, "TYPING_S", 0.5)
    talk = quiet_chat(call)
    talk.send(type="user_activity")
    talk.send_audio(question + PAUSE)
    talk.transcript()
    heard = talk.times[-1]
    talk.response()
    assert talk.times[-1] - heard > 0.2


def test_the_agent_waits_while_the_caller_speaks(call: Any) -> None:
    talk = call("tools").start({"agent": {"first_message": ""}})
    talk.send_text("time")
    asked = talk.until("client_tool_call")
    talk.send_audio(babble(0.7))
    talk.send(type="client_tool_result", tool_call_id=asked["tool_call_id"], result="noon", is_error=False)
    talk.until("agent_tool_response")
    talk.send_audio(babble(0.3) + PAUSE)
    assert talk.transcript().startswith("(speech")
    assert talk.response() == "I can only tell the time and the weather."
    assert len(talk.payloads("agent_response")) == 1


@pytest.mark.parametrize("chunk", ["!!!", "AAA", 5, None, ["AAAA"]])
def test_audio_that_is_none(call: Any, chunk: Any) -> None:
    talk = quiet_chat(call)
    talk.send(user_audio_chunk=chunk)
    failed(talk, 1008, "invalid_message")


@pytest.mark.parametrize("audio", [b"", b"\0", b"\1\2\3"])
def test_crumbs_of_audio(call: Any, audio: bytes, question: bytes) -> None:
    talk = quiet_chat(call)
    talk.send_audio(audio or b"\0")
    talk.send(user_audio_chunk="")
    talk.send_audio(audio[:1])
    assert talk.ask("Hello?")


def test_a_frame_of_twelve_megabytes(call: Any) -> None:
    talk, other = quiet_chat(call), call("echo").start_text()
    talk.send(user_audio_chunk=base64.b64encode(silence(240)).decode())
    other.send_text("Meanwhile.")
    sent = monotonic()
    assert other.response() == "Meanwhile."
    assert monotonic() - sent < 5
    assert talk.ask("Hello?")


def test_languages_and_voices_change_the_sound(call: Any) -> None:
    def greeting(**override: Any) -> bytes:
        talk = call("chat").start({"agent": {"first_message": "Die Orange war nie sauer."}, **override})
        talk.until("context_usage")
        return talk.audio()

    plain = greeting()
    german = greeting(agent={"first_message": "Die Orange war nie sauer.", "language": "de"})
    slow = greeting(tts={"speed": 0.7})
    other = greeting(tts={"voice_id": "CaK1KilJWJy9D6GjB7nZ"})
    assert len({plain, german, slow, other}) == 4
    assert len(slow) > 1.2 * len(plain)


STORY = """
[[agents]]
id = "agent_mine"
name = "Weather"
first_message = "Hi {{user_name}}, how can I help you today?"
overrides = ["language"]
events = ["vad_score"]
[[agents.replies]]
pattern = 'weather.* in (?P<city>\\w+)'
tool = "get_weather"
parameters = { city = "{{city}}" }
reply = "In {{city}} it is {{result}} right now, and the rest of the week looks dry as well, or so they say."
[[agents.replies]]
pattern = 'bye'
reply = "Goodbye!"
end = true
"""


def test_a_whole_call(described: Any, api: Api) -> None:
    bye = "Thanks, that is all. Bye."
    thanks = api.said(bye, format="pcm_16000")
    talk = described(STORY)
    talk.start({"agent": {"language": "en"}}, dynamic_variables={"user_name": "Ana"}, user_id="user-17")
    assert talk.response() == "Hi Ana, how can I help you today?"
    talk.until("audio")
    talk.send_audio(api.said(QUESTION, format="pcm_16000") + PAUSE)
    assert talk.transcript() == QUESTION
    asked = talk.until("client_tool_call")
    assert asked["parameters"] == {"city": "Lisbon"}
    talk.send(type="client_tool_result", tool_call_id=asked["tool_call_id"], result="nineteen degrees", is_error=False)
    assert talk.until("agent_tool_response")["tool_call_id"] == asked["tool_call_id"]
    answer = talk.response()
    assert answer.startswith("In Lisbon it is nineteen degrees")
    talk.until("audio")
    talk.send_audio(thanks + PAUSE)
    interrupted = talk.until("interruption")["event_id"]
    assert talk.until("agent_response_correction")["original_agent_response"] == answer
    assert talk.transcript() == bye
    assert talk.response() == "Goodbye!"
    assert talk.until("audio")["event_id"] > interrupted
    talk.send(type="feedback", event_id=talk.payloads("agent_response")[-1]["event_id"], score="like")
    assert talk.end() == (1000, "The agent ended the call.")
    assert payload(talk.events[-1])["tool_name"] == "end_call"
    assert {"vad_score", "ping"} <= {event["type"] for event in talk.events}
    ids = [
        one["event_id"] for event in talk.events if "event_id" in (one := payload(event)) and event["type"] != "ping"
    ]
    assert ids == sorted(ids)
