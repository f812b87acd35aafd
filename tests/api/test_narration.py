"""The speech socket's messages: whatever comes becomes a value, and times count from the session's beginning."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.api.tts import Alignment, AudioChunk, session
from eleven_cli.api.tts.speech import SpeechRequest
from eleven_cli.api.tts.stream import SpeechStream
from eleven_cli.api.tts.stream_messages import Final, ServerError, TurnEnd, decode
from eleven_cli.api.tts.timestamps import of_request, of_socket
from eleven_cli.errors import NetworkError
from tests.support.json_values import ANY_JSON
from tests.support.speech_socket import Dialling, encoded

REQUEST = SpeechRequest("voice", "pcm_16000")
NAMES = st.sampled_from(["audio", "isFinal", "is_final", "alignment", "message", "error", "code", "chars"])


@given(st.text() | st.binary() | ANY_JSON.map(json.dumps) | st.dictionaries(NAMES, ANY_JSON).map(json.dumps))
def test_no_message_is_an_exception(message):
    assert all(isinstance(event, AudioChunk | TurnEnd | Final | ServerError) for event in decode(message))


@given(st.dictionaries(st.text(max_size=30), ANY_JSON))
def test_no_alignment_is_an_exception(value):
    for reader in (of_socket, of_request):
        assert reader(value) is None or isinstance(reader(value), Alignment)


HI = Alignment(("H", "i"), (0, 0.05), (0.05, 0.12))
ONE = {"chars": ["H", "i"], "charStartTimesMs": [0, 50], "charDurationsMs": [50, 70]}


@pytest.mark.parametrize(
    ("message", "events"),
    [
        ({"audio": encoded(b"ab"), "isFinal": None, "alignment": None}, [AudioChunk(b"ab")]),
        (
            {"audio": encoded(b"ab"), "alignment": ONE},
            [AudioChunk(b"ab", Alignment(("H", "i"), (0, 0.05), (0.05, 0.12)))],
        ),
        ({"audio": encoded(b"ab"), "isFinal": True}, [AudioChunk(b"ab"), Final()]),
        ({"audio": None, "isFinal": True}, [Final()]),
        ({"is_final": True}, [Final()]),
        ({"audio": "", "isFinal": False}, []),
        ({"is_final_audio_for_turn": True}, [TurnEnd()]),
        ({"audio": encoded(b"ab"), "is_final_audio_for_turn": True}, [AudioChunk(b"ab"), TurnEnd()]),
        ({"message": "No.", "error": "quota_exceeded", "code": 1008}, [ServerError("No.", "quota_exceeded")]),
        ({"error": "quota_exceeded"}, [ServerError("quota_exceeded", "quota_exceeded")]),
        ({"message": "No."}, [ServerError("No.")]),
    ],
)
def test_what_messages_say(message, events):
    assert list(decode(json.dumps(message))) == events


@pytest.mark.parametrize(
    "alignment",
    [
        {**ONE, "chars": ["H"]},
        {**ONE, "charStartTimesMs": None},
        {**ONE, "charDurationsMs": [1, "2"]},
        {**ONE, "charDurationsMs": [1, float("inf")]},
        {},
        None,
        [],
    ],
)
def test_an_alignment_that_does_not_fit_is_none(alignment):
    assert of_socket(alignment) is None


def test_both_spellings_of_durations():
    older = {**ONE, "charsDurationsMs": ONE["charDurationsMs"]}
    del older["charDurationsMs"]
    snake = {"chars": ["H", "i"], "char_start_times_ms": [0, 50], "char_durations_ms": [50, 70]}
    assert of_socket(ONE) == of_socket(older) == of_socket(snake)


def stream(connect, **options):
    return SpeechStream(Dialling(connect), REQUEST, duration_of=lambda: len, **options)


class Silent:
    """A socket that takes everything and says what it was given."""

    def __init__(self, *messages):
        self.sent, self._messages, self.closed = [], messages, None

    def send(self, message):
        self.sent.append(message)

    def messages(self, tick_s):
        yield from map(json.dumps, self._messages)

    def close(self, *words):
        self.closed = session.Close(1000, by_us=True)

    def __exit__(self, *exc):
        pass


def test_pauses_are_bridged_by_blanks():
    socket = Silent({"audio": encoded(b"x")}, {"isFinal": True})
    now = [0.0]
    with stream(lambda: socket, clock=lambda: now[0]) as speech:
        speech.send_text("One. ")
        speech.keep_alive()  # too soon
        now[0] += session.KEEPALIVE_S
        speech.keep_alive()
        speech.end()
        list(speech)
    assert socket.sent == [{"text": " "}, {"text": "One. "}, {"text": " "}, {"text": ""}]


def test_times_count_from_the_sessions_beginning():
    first, second = ({"audio": encoded(b"x" * 10), "alignment": ONE} for _ in range(2))
    socket = Silent(first, {"audio": encoded(b"x" * 5)}, second, {"isFinal": True})
    with stream(lambda: socket) as speech:
        speech.send_text("HiHi")
        speech.end()
        starts = [sound.alignment.starts_s for sound in speech if sound.alignment]
    assert starts == [(0, 0.05), (15, 15.05)]


class Deaf(Silent):
    """A socket that nothing comes from."""

    def messages(self, tick_s):
        while self.closed is None:
            yield None


def test_a_peer_that_says_nothing_any_more_is_given_up():
    sockets, now = [], [0.0]

    def connect():
        sockets.append(Deaf())
        return sockets[-1]

    def clock():
        now[0] += 1.0
        return now[0]

    with stream(connect, clock=clock) as speech:
        speech.send_text("Is anybody there? ")
        speech.end()
        with pytest.raises(NetworkError, match="connection was lost"):
            list(speech)
    assert len(sockets) < 10
    assert all(socket.closed for socket in sockets)


def test_the_text_ends_while_it_connects_again_and_nothing_more_is_to_be_spoken():
    half = Silent({"audio": encoded(b"x" * 4), "alignment": {**ONE, "charDurationsMs": [50, 9000]}})
    last = Deaf()
    sockets = iter([half, last])
    speech = stream(lambda: next(sockets), clock=lambda: 0.0, on_notice=lambda line: "again" in line and speech.end())
    with speech:
        speech.send_text("Hi")
        with pytest.raises(NetworkError, match="in the middle of: 'Hi'"):
            list(speech)
    assert last.sent == [{"text": " "}, {"text": ""}]
    assert last.closed


def test_while_nothing_comes_it_says_that_it_is_here():
    socket, now = Deaf(), [0.0]

    def clock():
        now[0] += 1.0
        if now[0] > 100:
            socket.close()
        return now[0]

    with (
        stream(lambda: socket, clock=clock) as speech,
        pytest.raises(NetworkError),
    ):
        list(speech)
    assert socket.sent.count({"text": " "}) > 5


class Stalled(Deaf):
    """A socket that takes nothing any more."""

    def send(self, message):
        raise NetworkError("the connection stalled while sending")


def test_a_network_that_takes_nothing_is_a_lost_connection():
    working = Silent({"audio": encoded(b"x")}, {"isFinal": True})
    sockets = iter([Stalled(), working])
    with stream(lambda: next(sockets)) as speech:
        speech.send_text("Hello. ")
        speech.end()
        assert [sound.data for sound in speech] == [b"x"]
    assert {"text": "Hello. "} in working.sent


def test_a_server_that_is_away_for_a_moment():
    working, waited = Silent({"isFinal": True}), []
    answers = iter([NetworkError("cannot connect"), NetworkError("no answer", code="timeout"), working])

    def connect():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with stream(connect, pause=waited.append) as speech:
        speech.end()
        list(speech)
    assert waited == [0.5, 1.0]
