"""What comes over the agents' socket becomes a value, whatever it is."""
# ruff: noqa: E501 (a table is read in columns)

import base64
import json
from typing import Any, Optional, Union

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eleven_cli.api.agents import events, messages, tool_events
from eleven_cli.api.agents.messages import as_json, decode
from eleven_cli.api.json_fields import value_of_kind


def message(kind, wrapper=None, **members):
    return json.dumps({"type": kind, **({wrapper: members} if wrapper else members)})


KNOWN = [
    (
        message("conversation_initiation_metadata", "conversation_initiation_metadata_event", conversation_id="c", agent_output_audio_format="ulaw_8000"),
        events.Started("c", "ulaw_8000", "pcm_16000"),
    ),
    (message("ping", "ping_event", event_id=0, ping_ms=None), events.Ping(0, None)),
    (message("ping", "ping_event", event_id=3), events.Ping(3, None)),
    (message("audio", "audio_event", audio_base_64=base64.b64encode(b"\1\2").decode(), event_id=4, is_final=True), events.Audio(b"\1\2", 4, True)),
    (message("audio", "audio_event", audio_base_64="%", event_id=None), events.Audio()),
    (message("user_transcript", "user_transcription_event", user_transcript="hi", event_id=1), events.UserSaid("hi", 1)),
    (message("tentative_user_transcript", "tentative_user_transcription_event", user_transcript="h"), events.UserSaying("h")),
    (message("agent_response", "agent_response_event", agent_response="Yes.", attachments=[{}]), events.AgentSaid("Yes.")),
    (
        message("agent_response_correction", "agent_response_correction_event", original_agent_response="a b", corrected_agent_response="a", event_id=2),
        events.AgentCorrected("a b", "a", 2),
    ),
    (message("agent_chat_response_part", "text_response_part", text="x", type="delta", event_id=1), events.AgentPart("x", "delta", 1)),
    (message("agent_response_complete", "agent_response_complete_event", event_id=1), events.AgentComplete(1)),
    (message("interruption", "interruption_event", event_id=8), events.Interrupted(8)),
    (message("interruption", "interruption_event", reason="user"), events.Interrupted(None, "user")),
    (
        message("client_tool_call", "client_tool_call", tool_name="t", tool_call_id="i", parameters={"a": 1}, event_id=4, expects_response=False),
        tool_events.ToolCalled("t", "i", {"a": 1}, 4, False),
    ),
    (message("agent_tool_request", "agent_tool_request", tool_name="t", tool_type="client"), tool_events.ToolRequested("t", "", "client")),
    (
        message("agent_tool_response", "agent_tool_response", tool_name="end_call", tool_call_id="i", tool_type="system", is_error=False, is_called=True, event_id=11),
        tool_events.ToolAnswered("end_call", "i", "system", False, True, "", 11),
    ),
    (
        message("agent_tool_response_full_payload", "agent_tool_response_full_payload", tool_name="t", full_tool_result="r", truncated=True),
        tool_events.ToolAnsweredInFull("t", full_tool_result="r", truncated=True),
    ),
    (message("mcp_tool_call", "mcp_tool_call", tool_name="t", state="failure", error_message="no"), tool_events.McpToolCalled(tool_name="t", state="failure", error_message="no")),
    (message("mcp_connection_status", "mcp_connection_status", integrations=[1]), tool_events.McpConnected([1])),
    (message("vad_score", "vad_score_event", vad_score=0.5), events.VoiceActivity(0.5)),
    (message("context_usage", "context_usage_event", model="m", context_tokens=7), events.ContextUsed("m", 7)),
    (message("agent_typing", "agent_typing_event", is_typing=True), events.AgentTyping(True)),
    (message("queue_status", "queue_status_event", status="waiting"), events.QueueStatus("waiting")),
    (message("guardrail_triggered"), events.GuardrailTriggered()),
    (message("error", "error_event", code=1008, message="m", error_type="override_error", debug_message=None), events.ErrorEvent(1008, "m", "override_error")),
    (message("client_error", "error_event", code=1011, error_name="x"), events.ErrorEvent(1011, "", "x")),
    (message("error", code=1002, message="flat"), events.ErrorEvent(1002, "flat")),
    (message("agent_reasoning_response_part", "reasoning_response_part", text="hm", event_id="7"), events.RawEvent("agent_reasoning_response_part", {"text": "hm", "event_id": "7"})),
    (message("external_agent_connected", "external_agent_connected_event"), events.RawEvent("external_agent_connected")),
    (message("brand_new", x=1), events.UnknownEvent("brand_new", {"x": 1})),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "event"), KNOWN, ids=[f"{at}-{type(event).__name__}" for at, (_, event) in enumerate(KNOWN)]
)
def test_every_event(text, event):
    assert decode(text) == event
    json.dumps(as_json(event))


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", "null", '{"type": null}', '{"type": 3}', "[" * 100_000, b"\0\1"])
def test_what_is_no_message(text):
    assert isinstance(decode(text), events.UnreadableEvent)


@pytest.mark.parametrize(
    "wrong", [None, 7, "x", [], True, {"event_id": {}}, {"event_id": 1e400}, {"event_id": "1", "audio_base_64": 3}]
)
def test_members_of_the_wrong_kind(wrong):
    wrappers = {cls.TYPE: cls.WRAPPER for cls in messages._CLASSES}
    for kind, wrapper in wrappers.items():
        event = decode(json.dumps({"type": kind, wrapper: wrong}))
        assert kind == event.TYPE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
KINDS = st.sampled_from([*messages._BY_TYPE, *messages._RAW, "unknown"])
MEMBER_NAMES = st.sampled_from(
    ["event_id", "ping_ms", "audio_base_64", "parameters", "text", "type", "message", "code", "is_final"]
)


@settings(max_examples=300, deadline=None)
@given(KINDS, st.dictionaries(MEMBER_NAMES | st.text(), JSON, max_size=5), st.booleans())
def test_nothing_the_server_sends_raises(kind, members, wrapped):
    wrapper = getattr(messages._BY_TYPE.get(kind), "WRAPPER", "") or messages._RAW.get(kind, "w")
    data = {"type": kind, wrapper: members} if wrapped else {**members, "type": kind}
    as_json(decode(json.dumps(data)))


@settings(max_examples=200, deadline=None)
@given(st.text() | st.binary())
def test_no_text_and_no_bytes_raise(frame):
    as_json(decode(frame))


def test_logs_hold_no_audio():
    assert as_json(events.Audio(b"1234", 5)) == {"type": "audio", "event_id": 5, "is_final": False, "bytes": 4}


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        (str, "a", "a"), (str, 1, None), (bool, True, True), (bool, 1, None), (int, 3, 3), (int, "3", None),
        (int | None, 3, 3), (int | None, 3.0, 3), (int | None, 3.5, None), (int | None, True, None),
        (Optional[int], 3, 3), (Union[float, None], 3, 3.0),  # noqa: UP007, UP045
        (float | None, "x", None), (float | None, 1e300, None),
        (dict[str, Any], {"a": 1}, {"a": 1}), (dict, [], None), (list[Any], [1], [1]), (list, "a", None),
    ],
)  # fmt: skip
def test_members_by_the_type_that_is_declared_however_python_calls_it(kind, value, read):
    found = value_of_kind(kind, value)
    assert (found, type(found)) == (read, type(read))
