"""Conversations by text: the order of events, what the agents answer, what ends them."""

import json
import re
import socket
from time import monotonic
from typing import Any

import pytest
import websocket

from eleven_cli.sandbox.agents.overrides import field_of_wrong_type
from eleven_cli.sandbox.conversations import conversation, responder
from eleven_cli.sandbox.server import running

from .call import Call, payload

MINE = """
[[agents]]
id = "agent_mine"
name = "Mine"
text_only = true
default_reply = "Yes."
"""


def kinds(call: Call) -> list[str]:
    return [event["type"] for event in call.events if event["type"] != "ping"]


def failed(call: Call, code: int, error_type: str) -> dict[str, Any]:
    """The conversation ends with an error event and a close that agree; gives the event."""
    assert call.end()[0] == code
    assert call.events[-1]["type"] == "error"
    error = payload(call.events[-1])
    assert (error["code"], error["error_type"]) == (code, error_type)
    assert call.close == (code, error["message"])
    assert error["message"].endswith(".")
    return error


def test_a_text_conversation_from_beginning_to_end(call: Any) -> None:
    talk = call("chat").start_text(dynamic_variables={}, source_info={"source": "test", "version": "1"})
    metadata = talk.until("conversation_initiation_metadata")
    assert re.fullmatch(r"conv_[a-z0-9]{26}", metadata["conversation_id"])
    assert metadata["agent_output_audio_format"] == metadata["user_input_audio_format"] == "pcm_16000"
    assert talk.events[0]["type"] == "conversation_initiation_metadata"
    assert talk.response() == "Hello, this is the sandbox. What can I do for you?"
    assert talk.ask("How are you?").startswith("I am fine")
    talk.send_text("bye")
    assert talk.end() == (1000, "The agent ended the call.")
    assert payload(talk.events[-1])["tool_name"] == "end_call"
    assert "audio" not in kinds(talk)
    assert "user_transcript" not in kinds(talk)
    assert "context_usage" in kinds(talk)


def test_the_parts_of_a_reply_make_up_the_reply(call: Any) -> None:
    talk = call("chat").start_text()
    for ask in (talk.response, lambda: talk.ask("Tell me a joke."), lambda: talk.ask("How are you?")):
        text = ask()
        response = talk.payloads("agent_response")[-1]
        parts = [one for one in talk.payloads("agent_chat_response_part") if one["event_id"] == response["event_id"]]
        assert [part["type"] for part in parts] == ["start", *["delta"] * (len(parts) - 2), "stop"]
        assert "".join(part["text"] for part in parts) == response["agent_response"] == text
        assert parts[0]["text"] == parts[-1]["text"] == ""
        assert len(parts) > 5
    ids = [one["event_id"] for one in talk.payloads("agent_response")]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("Hi", "Hello"),
        ("HOW ARE YOU?", "fine"),
        ("what is the weather like", "sunny"),
        ("What's the weather in New York?", "In New York the sun"),
        ("tell me a joke", "phone"),
        ("my name is Zoë", "Zoë"),
        ("who are you?", "Harper"),
        ("help", "weather"),
        ("thanks", "welcome"),
        ("xyzzy 😀 <b>{{nothing}}</b>", "You said: xyzzy 😀 <b>{{nothing}}</b>."),
        ("(speech, 1.8 s)", "1.8 seconds"),
        ("that is all, bye", "Goodbye!"),
    ],
)
def test_small_talk(call: Any, said: str, answer: str) -> None:
    talk = call("chat").start({"agent": {"first_message": ""}, "conversation": {"text_only": True}})
    assert answer in talk.ask(said)


def test_messages_wait_for_their_turn(call: Any) -> None:
    talk = call("echo").start_text()
    said = [f"Number {number}, and a few words." for number in range(8)]
    for text in said:
        talk.send_text(text)
    assert [talk.response() for _ in said] == said


def test_the_first_message_needs_no_initiation(call: Any) -> None:
    talk = call("chat")
    talk.send(type="feedback", event_id=0, score=None)
    assert talk.until("conversation_initiation_metadata")["conversation_id"]
    assert talk.response().startswith("Hello")


def test_an_early_message_is_not_lost(call: Any) -> None:
    talk = call("echo")
    talk.send_text("Early bird.")
    assert talk.response() == "Early bird."


def test_pings_measure_the_way(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "PING_S", 0.05)
    talk = call("echo").start_text()
    assert talk.until("ping") == {"event_id": 1, "ping_ms": None}
    pings = [talk.until("ping") for _ in range(4)]
    assert [ping["event_id"] for ping in pings] == [2, 3, 4, 5]
    assert all(isinstance(ping["ping_ms"], int) and 0 <= ping["ping_ms"] < 50 for ping in pings)


def test_without_pongs_nothing_is_measured(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "PING_S", 0.05)
    talk = call("echo").start_text()
    talk.answers_pings = False
    talk.send(type="pong", event_id=99)
    assert [talk.until("ping")["ping_ms"] for _ in range(4)] == [None] * 4


def test_context_is_known_and_no_turn(call: Any) -> None:
    talk = call("chat").start_text()
    talk.response()
    talk.send(type="contextual_update", text="The user looks at order 1041.", context_id="page")
    talk.send(type="contextual_update", text="It rains.")
    talk.send(type="contextual_update", text="The user looks at order 1042.", context_id="page")
    assert talk.ask("What do you know?") == "I was told: The user looks at order 1042. It rains.."


def test_messages_that_are_no_turn(call: Any) -> None:
    talk = call("echo").start_text()
    talk.send(type="feedback", event_id=1, score="like")
    talk.send(type="feedback", event_id=1, score=None)
    talk.send(type="user_activity")
    talk.send(type="user_message", text=None)
    talk.send(type="user_message")
    talk.send(type="mcp_tool_approval_result", tool_call_id="x", is_approved=True)
    talk.send(type="client_tool_result", tool_call_id="nobody asked", result="", is_error=False)
    talk.send(type="conversation_initiation_client_data")
    talk.send(type="from the future", future_event={"x": 1})
    talk.send(no_type=1)
    talk.send(type=["list"])
    talk.send(user_audio_chunk="AAAA")
    assert talk.ask("Only this.") == "Only this."
    assert kinds(talk).count("agent_response") == 1


def test_a_multimodal_message(call: Any) -> None:
    talk = call("echo").start_text()
    file = {"type": "file_input", "file_id": "file_1"}
    talk.send(
        type="multimodal_message", text={"type": "user_message", "text": "Look at this."}, file=file, files=[file]
    )
    assert talk.response() == "Look at this."
    talk.send(type="multimodal_message", file=file)
    assert talk.response() == "(a file)"
    talk.send(type="multimodal_message")
    assert talk.ask("Nothing.") == "Nothing."


def test_typing_holds_the_agent_back(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responder, "TYPING_S", 0.4)
    talk = call("chat")
    talk.send(type="user_activity")
    began = monotonic()
    talk.until("agent_response")
    assert monotonic() - began > 0.3


@pytest.mark.parametrize(
    "data", ["{", "", "null", "[1]", '"text"', "1", "[" * 100_000, b"\xff\x00", "{'type': 'user_message'}"]
)
def test_broken_messages(call: Any, data: str | bytes) -> None:
    talk = call("echo").start_text()
    talk.until("conversation_initiation_metadata")
    if isinstance(data, bytes):
        talk._socket.send_binary(data)
    else:
        talk.send_raw(data)
    failed(talk, 1008, "invalid_message")


@pytest.mark.parametrize(
    ("message", "error_type"),
    [
        ({"type": "user_message", "text": 5}, "invalid_message"),
        ({"type": "user_message", "text": "x", "rich_content_id": 5}, "invalid_message"),
        ({"type": "pong"}, "missing_fields"),
        ({"type": "pong", "event_id": "1"}, "invalid_message"),
        ({"type": "pong", "event_id": True}, "invalid_message"),
        ({"type": "feedback", "score": "like"}, "missing_fields"),
        ({"type": "feedback", "event_id": 1}, "missing_fields"),
        ({"type": "feedback", "event_id": 1.5, "score": "like"}, "invalid_message"),
        ({"type": "feedback", "event_id": 1, "score": "love"}, "invalid_message"),
        ({"type": "feedback", "event_id": 1, "score": True}, "invalid_message"),
        ({"type": "contextual_update"}, "missing_fields"),
        ({"type": "contextual_update", "text": None}, "invalid_message"),
        ({"type": "contextual_update", "text": "x", "context_id": 5}, "invalid_message"),
        ({"type": "client_tool_result", "result": "", "is_error": False}, "missing_fields"),
        ({"type": "client_tool_result", "tool_call_id": "x", "is_error": False}, "missing_fields"),
        ({"type": "client_tool_result", "tool_call_id": "x", "result": ""}, "missing_fields"),
        ({"type": "client_tool_result", "tool_call_id": 5, "result": "", "is_error": False}, "invalid_message"),
        ({"type": "client_tool_result", "tool_call_id": "x", "result": "", "is_error": "no"}, "invalid_message"),
        ({"type": "mcp_tool_approval_result", "tool_call_id": "x"}, "missing_fields"),
        ({"type": "mcp_tool_approval_result", "is_approved": True}, "missing_fields"),
        ({"type": "mcp_tool_approval_result", "tool_call_id": "x", "is_approved": 1}, "invalid_message"),
        ({"type": "multimodal_message", "text": "x"}, "invalid_message"),
        ({"type": "multimodal_message", "text": {"text": "x"}}, "missing_fields"),
        ({"type": "multimodal_message", "text": {"type": "user_message", "text": 5}}, "invalid_message"),
        ({"type": "multimodal_message", "text": {"type": "other", "text": "x"}}, "invalid_message"),
        ({"type": "multimodal_message", "file": "file_1"}, "invalid_message"),
        ({"type": "multimodal_message", "file": {"type": "file_input"}}, "missing_fields"),
        ({"type": "multimodal_message", "file": {"file_id": "file_1"}}, "missing_fields"),
        ({"type": "multimodal_message", "file": {"type": "file_input", "file_id": 1}}, "invalid_message"),
        ({"type": "multimodal_message", "files": {}}, "invalid_message"),
        ({"type": "multimodal_message", "files": [{"type": "picture", "file_id": "1"}]}, "invalid_message"),
    ],
)
def test_messages_that_break_the_contract(call: Any, message: dict[str, Any], error_type: str) -> None:
    talk = call("echo").start_text()
    talk.send(**message)
    failed(talk, 1008, error_type)


def test_a_broken_first_message(call: Any) -> None:
    talk = call("echo")
    talk.send_raw("nonsense")
    failed(talk, 1008, "invalid_message")
    assert kinds(talk) == ["error"]


def test_a_large_message_is_taken(call: Any) -> None:
    text = "word " * 600_000
    talk = call("echo").start_text()
    talk.send(type="contextual_update", text=text * 5)
    assert talk.ask("Still there?") == "Still there?"


@pytest.mark.parametrize(
    ("agent", "override", "field"),
    [
        ("echo", {"agent": {"first_message": "Hello"}}, "first_message"),
        ("echo", {"agent": {"prompt": {"prompt": "Be kind."}}}, "prompt"),
        ("echo", {"tts": {"voice_id": "x"}}, "voice_id"),
        ("tools", {"agent": {"language": "de"}}, "language"),
        ("long", {"conversation": {"max_duration_seconds": 5}}, "max_duration_seconds"),
    ],
)
def test_an_override_that_is_not_allowed(call: Any, agent: str, override: dict[str, Any], field: str) -> None:
    talk = call(agent).start(override)
    error = failed(talk, 1008, "override_error")
    assert f"'{field}'" in error["message"]
    assert kinds(talk) == ["error"]


@pytest.mark.parametrize(
    "override",
    [
        {"agent": {"first_message": 5}},
        {"conversation": {"text_only": "yes"}},
        {"tts": {"speed": "fast"}},
        {"tts": {"voice_id": "nobody"}},
        {"tts": {"speed": True}},
        {"agent": {"language": "tlh"}},
        {"agent": "kind"},
        {"agent": {"prompt": "Be kind."}},
        {"turn": {"soft_timeout_config": ["Well?"]}},
        "everything",
    ],
)
def test_an_override_that_makes_no_sense(call: Any, override: Any) -> None:
    failed(call("chat").start(override), 1008, "value_error")


@pytest.mark.parametrize(
    ("name", "value"),
    [("model_id", 5), ("supported_voices", "x"), ("keywords", {}), ("tool_ids", "x"), ("llm", []), ("message", 1)],
)
def test_an_override_of_the_wrong_type(name: str, value: Any) -> None:
    assert field_of_wrong_type({"first_message": "Hello", name: value}) == name


@pytest.mark.parametrize(
    "data",
    [
        {"conversation_config_override": ["x"]},
        {"custom_llm_extra_body": "x"},
        {"dynamic_variables": [1]},
        {"user_id": 5},
        {"branch_id": 5},
        {"environment": []},
        {"starting_workflow_node_id": {}},
        {"procedure_ids": "x"},
        {"procedure_ids": [1]},
        {"source_info": "sdk"},
        {"source_info": {"version": 2}},
        {"tool_mock_config": "all"},
        {"tool_mock_config": {"mocking_strategy": "some"}},
        {"tool_mock_config": {"mocked_tool_names": "x"}},
        {"tool_mock_config": {"fallback_strategy": None}},
    ],
)
def test_an_initiation_that_breaks_the_contract(call: Any, data: dict[str, Any]) -> None:
    talk = call("chat")
    talk.send(type="conversation_initiation_client_data", **data)
    failed(talk, 1008, "value_error")
    assert kinds(talk) == ["error"]


def test_what_clients_send_in_the_initiation(call: Any) -> None:
    """The official clients send null and empty values, and what a tool returns as it is."""
    empty = dict.fromkeys(("user_id", "branch_id", "environment", "starting_workflow_node_id", "procedure_ids"))
    source = {"source": "python_sdk", "version": None}
    mocking = {"mocking_strategy": "selected", "mocked_tool_names": ["x"], "fallback_strategy": "call_real_tool"}
    talk = call("tools").start({}, **empty, source_info=source, tool_mock_config=mocking, dynamic_variables=None)
    talk.send_text("What time is it?")
    asked = talk.until("client_tool_call")
    talk.send(type="client_tool_result", tool_call_id=asked["tool_call_id"], result={"hour": 12}, is_error=False)
    assert talk.until("agent_tool_response")["is_error"] is False


def test_overrides_that_are_allowed(call: Any) -> None:
    agent = {"first_message": "Guten Tag.", "language": "de", "prompt": {"prompt": "Be kind.", "llm": None}}
    talk = call("chat").start(
        {"agent": agent, "tts": {"speed": 1.1, "stability": None}, "conversation": {"text_only": True}, "unknown": 1}
    )
    assert talk.response() == "Guten Tag."
    assert call("chat").start({"agent": {"first_message": ""}, "conversation": {"text_only": True}}).ask("Hi") == (
        "Hello! It is good to hear you."
    )


def test_text_only_counts_outside_of_its_section_too(call: Any) -> None:
    """So the service's Python SDK asks for it."""
    talk = call("chat").start({"text_only": True})
    assert talk.response().startswith("Hello, this is the sandbox.")
    assert "audio" not in kinds(talk)
    assert call("chat").start({"text_only": True, "conversation": {"text_only": False}}).until("audio")


def test_dynamic_variables(call: Any) -> None:
    talk = call("greeter").start_text(dynamic_variables={"user_name": "Ana", "unused": 1, "flag": True})
    assert talk.response() == "Hello Ana! How can I help you?"
    assert talk.ask("Nothing.") == "I have noted it, Ana: Nothing."


@pytest.mark.parametrize("variables", [{}, {"username": "x"}, {"user_name": None}])
def test_a_missing_dynamic_variable(call: Any, variables: dict[str, Any]) -> None:
    error = failed(call("greeter").start_text(dynamic_variables=variables), 1008, "missing_dynamic_variable")
    assert "user_name" in error["message"]


def test_variables_of_an_overridden_first_message(call: Any) -> None:
    override = {"agent": {"first_message": "Hi {{who}}, {{system__agent_id}}."}, "conversation": {"text_only": True}}
    failed(call("chat").start(override), 1008, "missing_dynamic_variable")
    talk = call("chat").start(override, dynamic_variables={"who": 7})
    assert talk.response() == "Hi 7, agent_sandbox_chat."


@pytest.mark.parametrize("variables", ["x", {"a": [1]}, {"a": {"b": 1}}])
def test_variables_of_the_wrong_kind(call: Any, variables: Any) -> None:
    failed(call("chat").start_text(dynamic_variables=variables), 1008, "value_error")


@pytest.mark.parametrize(
    ("said", "code", "error_type"),
    [
        ("fail 1000", 1000, "max_duration_exceeded"),
        ("fail 1002", 1002, "llm_timeout"),
        ("Please fail 1008.", 1008, "value_error"),
        ("FAIL 1011", 1011, "unknown_websocket_crash"),
    ],
)
def test_failures(call: Any, said: str, code: int, error_type: str) -> None:
    talk = call("error").start_text()
    talk.response()
    talk.send_text(said)
    failed(talk, code, error_type)


def test_a_dropped_connection(call: Any) -> None:
    talk = call("error").start_text()
    talk.response()
    talk.send_text("drop")
    with pytest.raises((ConnectionError, websocket.WebSocketConnectionClosedException)):
        talk.end()
    assert talk.close is None


def test_dropping_one_leaves_the_others(call: Any) -> None:
    other = call("echo").start_text()
    test_a_dropped_connection(call)
    assert other.ask("Here.") == "Here."


def test_an_agent_falls_silent(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "PING_S", 0.02)
    talk = call("error").start_text()
    talk.response()
    talk.until("ping")
    talk.send_text("silence")
    talk.send_text("Are you there?")
    talk._socket.settimeout(0.3)
    with pytest.raises(websocket.WebSocketTimeoutException):
        talk.end()
    assert kinds(talk).count("agent_response") == 1


def test_nobody_says_anything(described: Any) -> None:
    talk = described(MINE + "idle_s = 0.3")
    talk.start()
    failed(talk, 1002, "transport_receive_timeout")
    assert 0.25 < monotonic() - talk.opened < 10


def test_not_even_the_initiation(described: Any) -> None:
    failed(described(MINE + "idle_s = 0.2"), 1002, "transport_receive_timeout")


def test_pongs_are_not_input_but_activity_is(described: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "PING_S", 0.02)
    talk = described(MINE + "idle_s = 0.4")
    talk.start()
    for _ in range(30):
        talk.until("ping")
        talk.send(type="user_activity")
    assert monotonic() - talk.opened > 0.5
    failed(talk, 1002, "transport_receive_timeout")


def test_the_longest_duration(described: Any, call: Any) -> None:
    talk = described(MINE + "max_duration_s = 0.3")
    talk.start()
    failed(talk, 1000, "max_duration_exceeded")
    override = {"conversation": {"text_only": True, "max_duration_seconds": 0.2}}
    failed(call("chat").start(override), 1000, "max_duration_exceeded")


def test_many_conversations_at_once(call: Any) -> None:
    talks = [call("echo").start_text() for _ in range(30)]
    for number, talk in enumerate(talks):
        talk.send_text(f"I am {number}.")
    assert [talk.response() for talk in talks] == [f"I am {number}." for number in range(30)]
    ids = {talk.payloads("conversation_initiation_metadata")[0]["conversation_id"] for talk in talks}
    assert len(ids) == 30


def test_a_caller_who_leaves_in_the_middle_does_no_harm(call: Any, capfd: pytest.CaptureFixture[str]) -> None:
    for agent in ("chat", "long", "tools"):
        for close in (Call.hang_up, lambda talk: talk._socket.shutdown()):
            talk = call(agent).start()
            talk.until("agent_response")
            close(talk)
    assert call("echo").start_text().ask("Here.") == "Here."
    assert capfd.readouterr() == ("", "")


def test_a_stopping_server_does_not_wait_for_conversations(capfd: pytest.CaptureFixture[str]) -> None:
    with running() as base:
        talks = [Call(base, agent).start() for agent in ("chat", "long", "tools", "echo") * 3]
        for talk in talks:
            talk.until("ping")
        Call(base, "chat")
        leaving = monotonic()
    assert monotonic() - leaving < 5
    for talk in talks:
        with pytest.raises((ConnectionError, websocket.WebSocketConnectionClosedException)):
            talk.end()
    assert capfd.readouterr() == ("", "")


def test_every_event_is_ascii_json_with_one_wrapper(call: Any) -> None:
    talk = call("echo").start_text()
    talk.send_text("Größe \u2028 \ud800 end")
    talk.response()
    assert all(len(event) == 2 for event in talk.events)
    assert json.dumps(talk.events).isascii()


def test_a_client_that_does_not_read_holds_nobody_up(call: Any) -> None:
    deaf = call("long", sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)]).start()
    for _ in range(20):
        deaf.send_text("More!")
    assert call("echo").start_text().ask("Here.") == "Here."
