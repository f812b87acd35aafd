"""The order of things in a conversation, where exact time and order matter: over a socket that is a list."""

import base64
import json

import pytest

from eleven_cli.api.conversation import Conversation, failure_of
from eleven_cli.api.events import Audio, Failed, initiation
from eleven_cli.api.socket import Close
from eleven_cli.errors import NetworkError


class Listed:
    """A socket that gives what it was given, and remembers what was sent."""

    def __init__(self, *messages):
        self._messages, self.sent, self.closed = messages, [], None

    def messages(self, tick_s):
        yield from (message if message is None else json.dumps(message) for message in self._messages)
        self.closed = self.closed or Close(1000)

    def send(self, message):
        self.sent.append(message)

    def close(self, code, reason):
        self.closed = self.closed or Close(code, reason, by_us=True)

    def __exit__(self, *exc):
        pass


def audio(event_id, data=b"ab"):
    return {"type": "audio", "audio_event": {"audio_base_64": base64.b64encode(data).decode(), "event_id": event_id}}


def interruption(**members):
    return {"type": "interruption", "interruption_event": members}


def response(text="x", event_id=1):
    return {"type": "agent_response", "agent_response_event": {"agent_response": text, "event_id": event_id}}


METADATA = {
    "type": "conversation_initiation_metadata",
    "conversation_initiation_metadata_event": {"conversation_id": "c"},
}
PING = {"type": "ping", "ping_event": {"event_id": 7}}


def heard(*messages, act=lambda conversation, event: None):
    """The ids of the audio that comes through."""
    conversation = Conversation(Listed(*messages), {})
    ids = []
    with conversation:
        for event in conversation:
            if isinstance(event, Audio):
                ids.append(event.event_id)
            act(conversation, event)
    return ids


def test_the_initiation_comes_first():
    socket = Listed(METADATA)
    first = initiation(override={}, variables={}, user_id=None, version="1")
    with Conversation(socket, first):
        assert socket.sent == [
            {"type": "conversation_initiation_client_data", "source_info": {"source": "eleven-cli", "version": "1"}}
        ]


def test_pongs_are_sent_at_once():
    socket = Listed(METADATA, PING)
    with Conversation(socket, {}) as conversation:
        for event in conversation:
            if type(event).__name__ == "Ping":
                assert socket.sent[-1] == {"type": "pong", "event_id": 7}


@pytest.mark.parametrize(
    ("messages", "ids"),
    [
        ([audio(1), audio(2)], [1, 2]),
        ([audio(0), audio(0)], [0, 0]),
        ([audio(5), interruption(event_id=8), audio(7), audio(8), audio(10)], [5, 10]),
        ([audio(5), interruption(), audio(5), audio(6)], [5, 6]),
        ([interruption(event_id=3), interruption(event_id=1), audio(2), audio(4)], [4]),
        ([interruption(event_id=3), audio(None)], [None]),
    ],
)
def test_audio_that_an_interruption_made_void_is_left_out(messages, ids):
    assert heard(METADATA, *messages) == ids


def test_hushing_leaves_out_the_rest_of_the_turn():
    def hush_at_the_first(conversation, event):
        if isinstance(event, Audio) and event.event_id == 1:
            conversation.hush()

    turn = [response("one"), audio(1), audio(2), audio(3), response("two", 4), audio(4)]
    assert heard(METADATA, *turn, act=hush_at_the_first) == [1, 4]


def test_speech_and_text_reach_the_agent():
    socket = Listed(METADATA)
    with Conversation(socket, {}) as conversation:
        conversation.hear(b"\1\2")
        conversation.say("hi")
        conversation.typing()
        conversation.answer_tool("i", "r", is_error=True)
    assert socket.sent[1:] == [
        {"user_audio_chunk": "AQI="},
        {"type": "user_message", "text": "hi"},
        {"type": "user_activity"},
        {"type": "client_tool_result", "tool_call_id": "i", "result": "r", "is_error": True},
    ]
    assert socket.closed == Close(1000, "User ended conversation", by_us=True)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def waited(clock, seconds, *messages):
    """Run the messages, then the seconds, one silent tick each."""
    with Conversation(Listed(*messages, *[None] * seconds), {}, clock=clock) as conversation:
        for event in conversation:
            clock.now += event is None


def test_pings_that_stop_end_the_call():
    waited(Clock(), 29, METADATA, PING)
    with pytest.raises(NetworkError, match="no ping for 30 s"):
        waited(Clock(), 40, METADATA, PING)


def test_an_agent_that_never_pings_is_not_cut_off():
    waited(Clock(), 100, METADATA, response())


def test_an_agent_that_does_not_begin():
    with pytest.raises(NetworkError, match="did not begin within 15 s"):
        waited(Clock(), 20)


def test_what_an_end_amounts_to():
    assert failure_of(Close(1000), None) is None
    assert failure_of(Close(1000), Failed(1000, "too long", "max_duration_exceeded")) is None
    assert failure_of(Close(1006, by_us=True), None) is None
    assert failure_of(Close(1005), None).exit_code == 1
    assert failure_of(Close(1006), None).exit_code == 6
    assert failure_of(Close(1008), Failed(1008, "", "invalid_api_key")).exit_code == 3
