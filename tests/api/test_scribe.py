"""Live transcription: no word twice, none lost, whatever the connection does."""

import json
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.api.client import Client
from eleven_cli.api.stt.events import (
    Committed,
    Event,
    Partial,
    ServiceWarning,
    SessionError,
    SessionStarted,
    UnknownMessage,
    decode,
)
from eleven_cli.api.stt.query import RealtimeOptions
from eleven_cli.api.stt.realtime import LiveTranscription
from eleven_cli.errors import AuthError, ElevenError, LimitError, NetworkError
from tests.support.guard import GUARD_S
from tests.support.json_values import ANY_JSON
from tests.support.realtime_socket import ScribeServer

RATE = 8000
SECOND = b"\x10\x27" * RATE  # loud


@given(st.text() | st.binary() | ANY_JSON.map(json.dumps))
def test_no_message_is_an_exception(message):
    assert isinstance(decode(message), Event)


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ({"message_type": "session_started", "session_id": "a", "config": {"x": None}}, SessionStarted("a")),
        ({"message_type": "partial_transcript", "text": "Hel"}, Partial("Hel")),
        ({"message_type": "committed_transcript", "text": "Hello."}, Committed("Hello.")),
        ({"message_type": "warning", "warning": "logged"}, ServiceWarning("logged")),
        ({"message_type": "auth_error", "error": "Bad token"}, SessionError("auth_error", "Bad token")),
        ({"message_type": "never_heard_of", "error": "Odd"}, SessionError("never_heard_of", "Odd")),
        ({"message_type": "final_transcript", "text": "x"}, UnknownMessage("final_transcript")),
    ],
)
def test_what_messages_say(message, event):
    assert decode(json.dumps(message)) == event


def test_words_with_nothing_in_them():
    words = [
        {"text": "Hi", "start": 0.1, "end": 0.2, "type": "word", "logprob": -1, "speaker_id": None},
        {"text": " ", "type": "spacing", "start": None},
        "odd",
        {"type": "word"},
    ]
    message = {"message_type": "committed_transcript_with_timestamps", "text": "Hi ", "words": words}
    event = decode(json.dumps({**message, "language_code": None}))
    assert [(word.text, word.start_s, word.kind) for word in event.words] == [
        ("Hi", 0.1, "word"),
        (" ", None, "spacing"),
    ]


@pytest.fixture
def scribe():
    servers = []

    def started(*scripts, by_itself=None, timed=False, pauses=None, told=None):
        server = ScribeServer(list(scripts)).__enter__()
        servers.append(server)
        client = Client(server.url, "k")
        wait = (pauses if pauses is not None else []).append
        transcription = LiveTranscription(
            client,
            RealtimeOptions(manual=by_itself is None, silence_s=by_itself, timed=timed),
            rate=RATE,
            on_notice=(told if told is not None else []).append,
            pause=wait,
        )
        return server, transcription

    yield started
    for server in servers:
        server.__exit__()
        assert not server.failures


def events(transcription):
    return [event for event in transcription if event is not None]


def hears_and_answers(text):
    def script(session):
        session.start()
        session.until_commit()
        session.committed(text)
        assert session.until_closed() == 1000

    return script


def test_sound_in_words_out(scribe):
    server, transcription = scribe(hears_and_answers("Hello."))
    with transcription:
        transcription.send_audio(SECOND)
        transcription.finish()
        assert events(transcription) == [Committed("Hello.")]
    assert server.sessions[0].heard.startswith(SECOND)


def test_nothing_is_sent_before_the_service_has_begun(scribe):
    listening = threading.Event()

    def script(session):
        with pytest.raises(TimeoutError):
            session.connection.recv(timeout=0.2)
        listening.set()
        hears_and_answers("Hello.")(session)

    _, transcription = scribe(script)
    with transcription:
        transcription.send_audio(SECOND)
        transcription.finish()
        assert events(transcription) == [Committed("Hello.")]
    assert listening.is_set()


def test_partials_and_the_echo_after_a_transcript(scribe):
    def script(session):
        session.start()
        session.until_heard(len(SECOND))
        session.partial("Hel")
        session.partial("Hello.")
        session.until_commit()
        session.committed("Hello.")  # and the same again as a partial
        session.partial("Hello.")  # said once more: this is no echo
        session.until_commit()
        session.committed("Hello.", echo=False)
        session.until_closed()

    _, transcription = scribe(script)
    with transcription:
        transcription.send_audio(SECOND)
        seen = []
        for event in transcription:
            if event is None:
                continue
            seen.append(event)
            if event == Partial("Hello.") and len(seen) == 2:
                transcription.commit()
            if event == Partial("Hello.") and len(seen) == 4:
                transcription.send_audio(SECOND)
                transcription.finish()
    assert seen == [Partial("Hel"), Partial("Hello."), Committed("Hello."), Partial("Hello."), Committed("Hello.")]


def test_a_transcript_with_times_comes_once(scribe):
    word = {"text": "Hi", "start": 0.5, "end": 0.7, "type": "word", "logprob": 0}

    def script(session):
        session.start()
        session.until_commit()
        session.committed("Hi")
        session.send("committed_transcript_with_timestamps", text="Hi", words=[word], language_code="eng")
        session.until_closed()

    _, transcription = scribe(script, timed=True)
    with transcription:
        transcription.send_audio(SECOND)
        transcription.finish()
        (only,) = events(transcription)
    assert (only.text, only.language, only.words[0].start_s) == ("Hi", "eng", 0.5)


def test_times_that_come_late_are_not_taken_for_anothers(scribe):
    def script(session):
        session.start()
        session.until_commit()
        session.committed("First.")
        session.committed("Second.")
        session.send("committed_transcript_with_timestamps", text="Second.", words=[])
        session.send("committed_transcript_with_timestamps", text="First.", words=[])
        session.send("committed_transcript_with_timestamps", text="None of these.", words=[])
        session.committed("")
        session.until_closed()

    _, transcription = scribe(script, timed=True, by_itself=1.0)
    with transcription:
        transcription.send_audio(SECOND)
        transcription.finish()
        assert events(transcription)[:2] == [Committed("First.", ()), Committed("Second.", ())]


def test_times_that_never_come_do_not_cost_the_transcript(scribe):
    def script(session):
        session.start()
        session.until_commit()
        session.committed("Hi")
        session.until_closed()

    _, transcription = scribe(script, timed=True)
    with transcription:
        transcription.send_audio(SECOND)
        transcription.finish()
        assert events(transcription) == [Committed("Hi")]


def test_too_little_to_commit_is_padded(scribe):
    server, transcription = scribe(hears_and_answers("Hi"))
    with transcription:
        transcription.send_audio(SECOND[:800])
        transcription.finish()
        events(transcription)
    assert server.sessions[0].commits[0] >= 0.35 * len(SECOND)


def test_nothing_heard_is_nothing_asked(scribe):
    left = threading.Event()

    def script(session):
        session.start()
        assert session.until_closed() == 1000
        left.set()

    server, transcription = scribe(script)
    with transcription:
        transcription.finish()
        assert events(transcription) == []
    assert left.wait(GUARD_S)  # who has nothing to say may be gone before the server's side has begun
    assert server.sessions[0].commits == []


def test_no_commit_when_nothing_came_since_the_last(scribe):
    def script(session):
        session.start()
        session.until_commit()
        session.committed("Hi")
        session.until_closed()

    server, transcription = scribe(script)
    with transcription:
        transcription.send_audio(SECOND)
        transcription.commit()
        transcription.commit()
        transcription.finish()
        assert events(transcription) == [Committed("Hi")]
    assert len(server.sessions[0].commits) == 1


def test_a_lost_connection_hears_again_what_was_not_committed(scribe):
    told = []

    def drops(session):
        session.start()
        session.until_commit()
        session.committed("First.")
        session.until_heard(2 * len(SECOND))
        session.drop()

    server, transcription = scribe(drops, hears_and_answers("Second."), told=told)
    second = b"\x01\x02" * RATE
    with transcription:
        transcription.send_audio(SECOND)
        transcription.commit()
        seen = []
        for event in transcription:
            if isinstance(event, Committed):
                seen.append(event.text)
                if event.text == "First.":
                    transcription.send_audio(second)
            if told and len(server.sessions) == 2:
                transcription.finish()
    assert seen == ["First.", "Second."]
    assert server.sessions[1].heard.startswith(second)
    assert SECOND not in server.sessions[1].heard
    assert told == ["the connection was lost; connecting again"]


def test_commits_that_were_not_answered_are_asked_for_again(scribe):
    def drops(session):
        session.start()
        session.until_commit()
        session.drop()

    def answers(session):
        session.start()
        session.until_commit()
        session.committed("First.")
        session.until_commit()
        session.committed("Second.")
        session.until_closed()

    server, transcription = scribe(drops, answers)
    with transcription:
        transcription.send_audio(SECOND)
        transcription.commit()
        transcription.send_audio(SECOND)
        transcription.finish()
        assert events(transcription) == [Committed("First."), Committed("Second.")]
    assert server.sessions[1].commits[0] == len(SECOND)


def test_after_a_silence_only_the_silence_is_kept(scribe):
    def commits_by_itself(session):
        session.start()
        session.until_heard(3 * len(SECOND))
        session.committed("By itself.")
        session.until_heard(3 * len(SECOND) + 2)
        session.drop()

    server, transcription = scribe(commits_by_itself, hears_and_answers(""), by_itself=1.0)
    with transcription:
        transcription.send_audio(SECOND * 3)
        for event in transcription:
            if isinstance(event, Committed) and event.text:
                transcription.send_audio(b"\1\2")
            if len(server.sessions) == 2:
                transcription.finish()
    assert server.sessions[1].heard.rstrip(b"\0") == SECOND + SECOND[: len(SECOND) // 2] + b"\1\2"


@pytest.mark.parametrize("code", ["session_time_limit_exceeded", "transcriber_error"])
def test_the_services_own_limits_are_no_end(scribe, code):
    def ends(session):
        session.start()
        session.send(code, error="That is enough.")
        session.connection.close(1000)

    _, transcription = scribe(ends, hears_and_answers("Hi"))
    with transcription:
        transcription.send_audio(SECOND)
        transcription.finish()
        assert events(transcription) == [Committed("Hi")]


def test_a_close_with_1000_is_no_success(scribe):
    def leaves(session):
        session.start()
        session.until_heard(len(SECOND))
        session.connection.close(1000)

    _, transcription = scribe(leaves, hears_and_answers("Hi"))
    with transcription:
        transcription.send_audio(SECOND)
        transcription.finish()
        assert events(transcription) == [Committed("Hi")]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("auth_error", AuthError),
        ("quota_exceeded", LimitError),
        ("rate_limited", LimitError),
        ("input_error", ElevenError),
        ("unaccepted_terms", ElevenError),
    ],
)
@pytest.mark.parametrize("started", [True, False])
def test_what_the_service_gives_up_with(scribe, code, kind, started):
    def refuses(session):
        if started:
            session.start()
        session.send(code, error="No.")
        session.connection.close(1000)

    server, transcription = scribe(refuses)
    with transcription:
        transcription.send_audio(SECOND)
        with pytest.raises(kind, match=rf"No \({code}\)"):
            events(transcription)
    assert len(server.sessions) == 1


def test_a_service_that_always_hangs_up_is_given_up(scribe):
    server, transcription = scribe(lambda session: session.connection.close(1000))
    with transcription, pytest.raises(NetworkError, match="connection was lost"):
        events(transcription)
    assert 3 < len(server.sessions) < 10


def test_a_commit_in_time_and_where_it_is_quiet(scribe):
    def script(session):
        session.start()
        for _ in range(2):
            session.until_commit()
            session.committed("")
        session.until_closed()

    server, transcription = scribe(script)
    with transcription:
        for second in range(24):
            transcription.send_audio(bytes(len(SECOND)) if second == 23 else SECOND)
        transcription.send_audio(SECOND)
        transcription.finish()
        events(transcription)
    assert server.sessions[0].commits[0] == 24 * len(SECOND)


def test_warnings_are_told(scribe):
    told = []

    def script(session):
        session.start()
        session.send("warning", warning="It is logged anyway.")
        session.until_closed()

    _, transcription = scribe(script, told=told)
    with transcription:
        for _ in transcription:
            if told:
                transcription.finish()
    assert told == ["the service warns: It is logged anyway."]


# where the service commits by itself, too


QUIET = bytes(len(SECOND))


def test_at_the_end_it_is_given_the_silence_to_commit_by_itself(scribe):
    server, transcription = scribe(hears_and_answers(""), by_itself=1.5)
    with transcription:
        transcription.send_audio(SECOND)
        transcription.finish()
        assert events(transcription) == [Committed("")]
    assert server.sessions[0].heard == SECOND + bytes(int(2.5 * len(SECOND)))


@pytest.mark.parametrize("timed", [False, True])
def test_a_commit_of_its_own_that_was_under_way_is_not_taken_for_the_last(scribe, timed):
    def script(session):
        session.start()
        session.until_commit()
        for text in ("First.", "Second.", ""):
            session.committed(text)
            if timed:
                session.send("committed_transcript_with_timestamps", text=text, words=[])
        assert session.until_closed() == 1000

    _, transcription = scribe(script, by_itself=1.0, timed=timed)
    with transcription:
        transcription.send_audio(SECOND + QUIET + SECOND)
        transcription.finish()
        assert [event.text for event in events(transcription)] == ["First.", "Second.", ""]


def test_an_answer_that_takes_long_is_waited_for_while_something_is_left_to_answer(scribe):
    def script(session):
        session.start()
        session.until_commit()
        session.committed("First.")
        with pytest.raises(TimeoutError):
            session.connection.recv(timeout=2)
        session.committed("Second.")
        session.until_closed()

    _, transcription = scribe(script, by_itself=0.5)
    with transcription:
        transcription.send_audio(SECOND + QUIET + SECOND)
        transcription.finish()
        started = time.monotonic()
        assert [event.text for event in events(transcription)] == ["First.", "Second."]
    assert time.monotonic() - started < 5  # nothing but silence is left to be answered then


def test_speech_that_it_takes_for_none_is_committed_all_the_same(scribe):
    _, transcription = scribe(hears_and_answers("Oh."), by_itself=0.5)
    with transcription:
        transcription.send_audio(SECOND)
        transcription.finish()
        assert events(transcription) == [Committed("Oh.")]


def test_an_answer_that_comes_late_costs_no_word_when_the_connection_is_lost(scribe):
    second, all_of_it = b"\x11\x27" * RATE, 4 * len(SECOND)

    def answers_late(session):
        session.start()
        session.until_heard(all_of_it)
        session.committed("First.")
        session.receive()
        session.drop()

    server, transcription = scribe(answers_late, hears_and_answers(""), by_itself=0.5)
    with transcription:
        transcription.send_audio(SECOND + QUIET + second * 2)
        for event in transcription:
            if event == Committed("First."):
                transcription.send_audio(b"\1\2")
            if len(server.sessions) == 2:
                transcription.finish()
    assert server.sessions[1].heard.rstrip(b"\0") == bytes(len(QUIET) // 2) + second * 2 + b"\1\2"


def commits_of(scribe, sounds, **options):
    """After how many seconds commits were asked for, but for the last."""

    def script(session):
        session.start()
        while True:
            session.until_commit()
            session.committed("")

    server, transcription = scribe(script, **options)
    with transcription:
        for sound in sounds:
            transcription.send_audio(sound)
        transcription.finish()
        events(transcription)
    return [size / len(SECOND) for size in server.sessions[0].commits[:-1]]


TENTH = SECOND[: len(SECOND) // 10]


@pytest.mark.parametrize("by_itself", [None, 1.5])
@pytest.mark.parametrize(
    ("sounds", "commits"),
    [
        ([SECOND] * 36, [34]),
        ([*[TENTH] * 230, bytes(len(TENTH)), bytes(len(TENTH)), SECOND], [23.2]),
        ([*[TENTH] * 230, bytes(len(TENTH)), *[TENTH] * 60, bytes(len(TENTH)), SECOND], [29.2]),
        ([bytes(len(TENTH))] * 320, [15, 30]),
        ([*[SECOND] * 5, *[bytes(len(TENTH))] * 140, SECOND], []),
    ],
    ids=["without a gap", "in a gap", "in a short gap when it is late", "in silence", "with silence after it"],
)
def test_no_word_is_cut_by_the_services_own_commit(scribe, sounds, commits, by_itself):
    assert commits_of(scribe, sounds, by_itself=by_itself) == pytest.approx(commits)


def test_a_service_that_wants_to_commit_by_itself_alone(scribe):
    def refuses(session):
        session.start()
        session.until_commit()
        session.send("invalid_request", error="No commits here.")
        session.connection.close(1000)

    server, transcription = scribe(refuses, hears_and_answers(""), by_itself=1.0, told=(told := []))
    with transcription:
        transcription.send_audio(SECOND * 34)
        for _ in transcription:
            if len(server.sessions) == 2:
                transcription.send_audio(SECOND)
                transcription.finish()
    assert told == ["No commits here (invalid_request); connecting again"]
    assert server.sessions[1].commits == [len(server.sessions[1].heard)]


# what becomes of connections


def test_a_transcript_whose_times_are_lost_with_the_connection(scribe):
    def drops(session):
        session.start()
        session.until_commit()
        session.committed("Hi")
        session.drop()

    _, transcription = scribe(drops, hears_and_answers(""), timed=True)
    with transcription:
        transcription.send_audio(SECOND)
        transcription.finish()
        assert events(transcription) == [Committed("Hi")]


def test_what_the_service_gives_up_with_without_hanging_up(scribe):
    def refuses(session):
        session.start()
        session.send("quota_exceeded", error="No.")
        session.until_closed()

    _, transcription = scribe(refuses)
    with transcription:
        transcription.send_audio(SECOND)
        with pytest.raises(LimitError, match=r"No \(quota_exceeded\)"):
            events(transcription)


@pytest.mark.parametrize(
    ("ends", "kind", "said"),
    [
        (lambda session: session.connection.close(1000), NetworkError, "the connection was lost"),
        (lambda session: session.connection.close(1011, "sorry"), NetworkError, "the connection was lost: sorry"),
        (
            lambda session: session.send("transcriber_error", error="Broken."),
            ElevenError,
            r"Broken \(transcriber_error",
        ),
    ],
)
def test_connections_that_are_of_no_use_become_rarer_and_then_no_more(scribe, ends, kind, said):
    def script(session):
        session.start()
        session.until_heard(len(SECOND))
        ends(session)

    server, transcription = scribe(script, pauses=(pauses := []))
    with transcription:
        transcription.send_audio(SECOND)
        with pytest.raises(kind, match=said):
            events(transcription)
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0]
    assert len(server.sessions) == len(pauses) + 2


def test_what_is_asked_for_in_vain_and_may_be_paid_for_each_time_is_not_asked_for_again_and_again(scribe):
    def script(session):
        session.start()
        session.until_commit()
        session.connection.close(1011, "sorry")

    server, transcription = scribe(script)
    with transcription:
        transcription.send_audio(SECOND)
        transcription.finish()
        with pytest.raises(NetworkError, match="the connection was lost: sorry"):
            events(transcription)
    assert len(server.sessions) == 4


def test_a_code_that_is_a_refusal(scribe):
    server, transcription = scribe(lambda session: session.connection.close(1008, "policy violation"))
    with transcription, pytest.raises(ElevenError, match=r"policy violation \(closed_1008\)"):
        events(transcription)
    assert len(server.sessions) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_is_busy_when_one_comes_back(scribe, status):
    def drops(session):
        session.start()
        session.until_heard(len(SECOND))
        session.drop()

    server, transcription = scribe(drops, hears_and_answers("Hi"), pauses=(pauses := []))
    server.refusals = [None, status, status]
    with transcription:
        transcription.send_audio(SECOND)
        transcription.finish()
        assert events(transcription) == [Committed("Hi")]
    assert pauses == [0.5, 1.0] if status == 500 else waits_for_the_busy(pauses)


def waits_for_the_busy(pauses):
    return len(pauses) == 2 and 0.3 < pauses[0] < 0.7 < pauses[1] < 1.3


def test_a_service_that_does_not_begin(scribe, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.stt.realtime.START_TIMEOUT_S", 0.2)

    def drops(session):
        session.start()
        session.until_heard(len(SECOND))
        session.drop()

    silent = [lambda session: session.until_closed()]
    server, transcription = scribe(*silent)
    with transcription, pytest.raises(NetworkError, match="the service did not begin within"):
        events(transcription)
    server, transcription = scribe(drops, *silent, hears_and_answers("Hi"))
    with transcription:
        transcription.send_audio(SECOND)
        transcription.finish()
        assert events(transcription) == [Committed("Hi")]
    assert len(server.sessions) == 3


def test_a_server_that_is_busy_at_first(scribe):
    server, transcription = scribe(hears_and_answers("Hi"), pauses=(pauses := []))
    server.refusals = [503, 429]
    with transcription:
        transcription.send_audio(SECOND)
        transcription.finish()
        assert events(transcription) == [Committed("Hi")]
    assert waits_for_the_busy(pauses)


def test_a_peer_that_is_silent_is_left_and_one_that_answers_pings_is_not(scribe, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.sockets.socket.QUIET_S", 0.05)
    monkeypatch.setattr("eleven_cli.api.sockets.socket.DEAD_S", 0.5)
    server, transcription = scribe(hears_and_answers("Hi"), told=(told := []))
    with transcription:
        transcription.send_audio(SECOND)
        ticks = sum(1 for _ in zip(range(20), transcription, strict=False))  # 50 ms each
        assert (ticks, len(server.sessions)) == (20, 1)
        monkeypatch.setattr("eleven_cli.api.sockets.socket.Socket._ping", lambda self: None)
        for _ in transcription:
            if told:
                transcription.finish()
    assert told == ["the connection was lost: the service does not answer any more; connecting again"]
