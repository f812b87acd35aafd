"""The order of things in a conversation, where exact time and order matter: over a socket that is a list."""

import base64
import json

import pytest

from eleven_cli import __version__
from eleven_cli.api.agents.conversation import Conversation, end_in_words, failure_of
from eleven_cli.api.agents.events import Audio, ErrorEvent
from eleven_cli.api.sockets.socket import Close
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


class Dialling:
    """A client that has no key, and opens this socket."""

    has_key, base_url = False, "https://example.com"

    def __init__(self, socket):
        self._socket = socket

    def socket(self, url):
        assert url == "wss://example.com/v1/convai/conversation?agent_id=agent"
        return self._socket


def with_agent(socket, **options):
    return Conversation(Dialling(socket), "agent", **options)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def audio(event_id, data=b"ab"):
    return {"type": "audio", "audio_event": {"audio_base_64": base64.b64encode(data).decode(), "event_id": event_id}}


def interruption(**members):
    return {"type": "interruption", "interruption_event": members}


def response(text="x", event_id=1):
    return {"type": "agent_response", "agent_response_event": {"agent_response": text, "event_id": event_id}}


def transcript(text):
    return {"type": "user_transcript", "user_transcription_event": {"user_transcript": text, "event_id": 2}}


def complete(event_id):
    return {"type": "agent_response_complete", "agent_response_complete_event": {"event_id": event_id}}


METADATA = {
    "type": "conversation_initiation_metadata",
    "conversation_initiation_metadata_event": {"conversation_id": "c"},
}
PING = {"type": "ping", "ping_event": {"event_id": 7}}


def heard(*messages, act=lambda conversation, event: None):
    """The ids of the audio that comes through."""
    conversation = with_agent(Listed(*messages))
    ids = []
    with conversation:
        for event in conversation:
            if isinstance(event, Audio):
                ids.append(event.event_id)
            act(conversation, event)
    return ids


def test_the_initiation_comes_first():
    socket = Listed(METADATA)
    with with_agent(socket):
        source = {"source": "eleven-cli", "version": __version__}
        assert socket.sent == [{"type": "conversation_initiation_client_data", "source_info": source}]


def test_pongs_are_sent_at_once():
    socket = Listed(METADATA, PING)
    with with_agent(socket) as conversation:
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


HUSH, SAY = "hush", "say"
I_OF_LATE_TEXT = [audio(1), HUSH, response("late", 1), audio(2), audio(3)]
THE_TEXT_BEFORE = [response("one"), audio(1), HUSH, audio(2)]


def final(event_id):
    message = audio(event_id)
    message["audio_event"]["is_final"] = True
    return message


@pytest.mark.parametrize(
    ("happenings", "ids"),
    [
        pytest.param([*THE_TEXT_BEFORE, audio(3)], [1], id="the rest of the turn"),
        pytest.param([*THE_TEXT_BEFORE, response("two", 4), audio(4)], [1, 4], id="until the text of the next"),
        pytest.param(I_OF_LATE_TEXT, [1], id="the turn's own text comes late"),
        pytest.param([*I_OF_LATE_TEXT, response("two", 4), audio(4)], [1, 4], id="the next text after a late one"),
        pytest.param([*THE_TEXT_BEFORE, transcript("hm"), audio(3)], [1, 3], id="the user has spoken"),
        pytest.param([*THE_TEXT_BEFORE, 1.1, audio(3), audio(4)], [1, 3, 4], id="quiet, then audio before its text"),
        pytest.param(
            [*THE_TEXT_BEFORE, 1.1, audio(3), response("two", 3), audio(4)], [1, 3, 4], id="quiet, audio, then its text"
        ),
        pytest.param([*THE_TEXT_BEFORE, 0.9, audio(3), 0.9, audio(4)], [1], id="the voice falters"),
        pytest.param([audio(1), HUSH, 3.0, response("late", 1), audio(2)], [1], id="a late text after a pause"),
        pytest.param([audio(1), HUSH, 4.1, audio(2)], [1, 2], id="an agent without texts"),
        pytest.param(
            [response("one"), audio(1), HUSH, SAY, interruption(event_id=1), audio(1), audio(2), response("two", 2)],
            [1, 2],
            id="typed: interruption, then audio before its text",
        ),
        pytest.param(
            [response("one"), audio(1), HUSH, SAY, interruption(), audio(2), response("two", 2)],
            [1, 2],
            id="typed: an interruption without an id",
        ),
        pytest.param([response("one"), audio(1), 2.0, HUSH, SAY, audio(2)], [1, 2], id="typed after all had come"),
        pytest.param(
            [audio(1), HUSH, SAY, response("two", 2), audio(2)], [1, 2], id="typed: the answer's text, not the old one"
        ),
        pytest.param([*THE_TEXT_BEFORE, final(3), audio(4)], [1, 4], id="the last audio of the turn"),
        pytest.param([*THE_TEXT_BEFORE, complete(3), audio(4)], [1, 4], id="the agent says that it is done"),
        pytest.param(
            [response("one"), audio(1), 5.0, audio(2), HUSH, response("two", 2), audio(3)],
            [1, 2],
            id="the late text of a second turn",
        ),
        pytest.param(
            [response("one"), audio(5), HUSH, audio(6), interruption(), audio(6), audio(7)],
            [5, 7],
            id="what was left out counts as heard for an interruption without an id",
        ),
    ],
)
def test_what_is_left_out_when_the_agent_is_silenced(happenings, ids):
    clock = Clock()
    socket = Acted(happenings, clock)
    conversation = with_agent(socket, clock=clock)
    socket.acts = {HUSH: conversation.interrupt, SAY: lambda: conversation.send_text("hi")}
    with conversation:
        assert [event.event_id for event in conversation if isinstance(event, Audio)] == ids


class Acted(Listed):
    """Between its messages time passes (numbers, in seconds) and the user acts (words)."""

    def __init__(self, happenings, clock):
        super().__init__(*happenings)
        self._clock = clock

    def messages(self, tick_s):
        for item in self._messages:
            if isinstance(item, float):
                self._clock.now += item
            elif isinstance(item, str):
                self.acts[item]()
            else:
                yield json.dumps(item)
        self.closed = self.closed or Close(1000)


def test_speech_and_text_reach_the_agent():
    socket = Listed(METADATA)
    with with_agent(socket) as conversation:
        conversation.send_audio(b"\1\2")
        conversation.send_text("hi")
        conversation.typing()
        conversation.answer_tool("i", "r", is_error=True)
    assert socket.sent[1:] == [
        {"user_audio_chunk": "AQI="},
        {"type": "user_message", "text": "hi"},
        {"type": "user_activity"},
        {"type": "client_tool_result", "tool_call_id": "i", "result": "r", "is_error": True},
    ]
    assert socket.closed == Close(1000, "User ended conversation", by_us=True)


def waited(clock, seconds, *messages):
    """Run the messages, then the seconds, one silent tick each."""
    with with_agent(Listed(*messages, *[None] * seconds), clock=clock) as conversation:
        for event in conversation:
            clock.now += event is None
    return conversation


def test_pings_that_stop_end_the_call():
    waited(Clock(), 29, METADATA, PING)
    with pytest.raises(NetworkError, match="no ping for 30 s"):
        waited(Clock(), 40, METADATA, PING)


def test_an_agent_that_never_pings_is_not_cut_off():
    waited(Clock(), 100, METADATA, response())


def test_an_agent_that_does_not_begin():
    with pytest.raises(NetworkError, match="did not start within 15 s"):
        waited(Clock(), 20)


def queue(status):
    return {"type": "queue_status", "queue_status_event": {"status": status}}


@pytest.mark.parametrize("sign", [queue("waiting"), PING])
def test_a_queued_caller_is_not_cut_off(sign):
    conversation = waited(Clock(), 10, sign, *[None] * 10, sign)
    assert conversation.started is None
    with pytest.raises(NetworkError, match="did not start within 15 s"):
        waited(Clock(), 20, sign, *[None] * 10, sign)


def test_the_first_beginning_counts():
    again = {**METADATA, "conversation_initiation_metadata_event": {"conversation_id": "another"}}
    assert waited(Clock(), 0, METADATA, again).started.conversation_id == "c"


@pytest.mark.parametrize(
    ("close", "failed", "said"),
    [
        (Close(1000, "End call tool was called."), None, "End call tool was called (1000)"),
        (Close(1000), None, "code 1000"),
        (Close(1002), ErrorEvent(1002, "It took too long.", "llm_timeout"), "It took too long (llm_timeout, 1002)"),
        (Close(1002), ErrorEvent(1002, "", "llm_timeout"), "llm_timeout, 1002"),
        (Close(1006), ErrorEvent(1011, "Oops", ""), "Oops"),
    ],
)
def test_an_end_in_words(close, failed, said):
    assert end_in_words(close, failed) == said


@pytest.mark.parametrize(
    "reason", ["There is no agent with this id.", "The AI agent you are trying to reach does not exist."]
)
def test_an_agent_that_does_not_exist(reason):
    assert failure_of(Close(3000, reason), None).exit_code == 4


def test_what_an_end_amounts_to():
    assert failure_of(Close(1000), None) is None
    assert failure_of(Close(1000), ErrorEvent(1000, "too long", "max_duration_exceeded")) is None
    assert failure_of(Close(1006, by_us=True), None) is None
    assert failure_of(Close(1005), None).exit_code == 1
    assert failure_of(Close(1006), None).exit_code == 6
    assert failure_of(Close(1008), ErrorEvent(1008, "", "invalid_api_key")).exit_code == 3
