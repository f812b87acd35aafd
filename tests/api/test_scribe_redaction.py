"""Live transcripts that are redacted, searched for entities, or edited: each is held until that has come."""

import pytest

from eleven_cli.api.client import Client
from eleven_cli.api.stt import held
from eleven_cli.api.stt.events import Committed, Edited, FoundEntities, Partial, RealtimeEntity, RealtimeWord, Redacted
from eleven_cli.api.stt.query import RealtimeOptions, query
from eleven_cli.api.stt.realtime import LiveTranscription
from eleven_cli.api.stt.redaction import redacted_words
from eleven_cli.errors import AuthError
from tests.support.realtime_socket import ScribeServer

RATE = 8000
SECOND = b"\x10\x27" * RATE  # loud
SECRET, SAFE, LAST = "Call Ana now.", "Call {PERSON_NAME_1} now.", "the last message"
WORDS = [{"text": text, "start": at, "end": at + 0.5, "type": "word"} for at, text in enumerate(SECRET.split())]


@pytest.fixture
def scribe():
    servers = []

    def started(*scripts, by_itself=None, told=None, clock=None, **options):
        server = ScribeServer(list(scripts)).__enter__()
        servers.append(server)
        wanted = RealtimeOptions(manual=by_itself is None, silence_s=by_itself, **{"redact": ("pii",), **options})
        notices = told if told is not None else []
        made = LiveTranscription(
            Client(server.url, "k"), wanted, rate=RATE, on_notice=notices.append, pause=lambda s: None, clock=clock
        )
        return server, made

    yield started
    for server in servers:
        server.__exit__()
        assert not server.failures


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def redacted(session, text=SECRET, instead=SAFE):
    session.send("redacted_transcript", text=text, redacted_text=instead)


def heard(transcription, sound=SECOND):
    transcription.send_audio(sound)
    transcription.finish()
    return [event for event in transcription if event is not None]


def heard_in_vain(transcription, clock, kind):
    """What is given where nothing of this kind comes: time passes when LAST has come."""
    transcription.send_audio(SECOND)
    transcription.finish()
    seen = []
    for event in transcription:
        if event == Partial(LAST):
            clock.now += held.FOLLOWS_S[kind]
        elif event is not None:
            seen.append(event)
    return seen


def transcripts(events):
    return [event.text for event in events if isinstance(event, Committed)]


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({}, []),
        ({"redact": ("pii", "pci")}, [("entity_detection", "pii"), ("entity_detection", "pci"),
                                      ("entity_redaction", "pii"), ("entity_redaction", "pci")]),
        ({"entities": ("all",)}, [("entity_detection", "all")]),
        ({"entities": ("pii",), "redact": ("pii",)}, [("entity_detection", "pii"), ("entity_redaction", "pii")]),
        ({"edit": "in capital letters"}, [("transcript_edit", "in capital letters")]),
    ],
)  # fmt: skip
def test_what_is_asked_for(options, asked):
    basic = query(RealtimeOptions(), RATE)
    assert [pair for pair in query(RealtimeOptions(**options), RATE) if pair not in basic] == asked


@pytest.mark.parametrize("echo", [True, False])
@pytest.mark.parametrize("timed", [True, False])
def test_a_transcript_comes_redacted_and_only_so(scribe, timed, echo):
    def script(session):
        session.start()
        session.until_commit()
        session.committed(SECRET, echo=echo)
        if timed:
            session.send("committed_transcript_with_timestamps", text=SECRET, language_code="eng", words=WORDS)
        session.send("committed_transcript_entities", text=SECRET, entities=[{"text": "Ana", "entity_type": "name"}])
        redacted(session)
        session.until_closed()

    _, transcription = scribe(script, timed=timed)
    with transcription:
        (only,) = heard(transcription)
    assert (only.text, only.entities) == (SAFE, None)
    assert "Ana" not in repr(only)
    assert [word.text for word in only.words or ()] == (["Call", " ", "{PERSON_NAME_1}", " ", "now."] if timed else [])


def test_the_order_is_that_of_the_commits_whatever_comes_first(scribe):
    def script(session):
        session.start()
        for text in ("One Ana.", "", "Two Bob."):
            session.until_commit()
            session.committed(text)
        redacted(session, "Two Bob.", "Two.")
        redacted(session, "Nobody said this.", "?")
        redacted(session, " One Ana.\n", "One.")
        session.until_closed()

    _, transcription = scribe(script)
    with transcription:
        for _ in range(2):
            transcription.send_audio(SECOND)
            transcription.commit()
        assert transcripts(heard(transcription)) == ["One.", "", "Two."]
    assert transcription.unredacted == 0


def test_the_same_said_twice_is_redacted_twice(scribe):
    def script(session):
        session.start()
        for _ in range(2):
            session.until_commit()
            session.committed(SECRET)
        redacted(session)
        redacted(session)
        session.until_closed()

    _, transcription = scribe(script)
    with transcription:
        transcription.send_audio(SECOND)
        transcription.commit()
        assert transcripts(heard(transcription)) == [SAFE, SAFE]


def test_what_is_not_redacted_in_time_is_left_out_and_counted(scribe):
    told, clock = [], Clock()

    def script(session):
        session.start()
        for text in (SECRET, "Bye Bob."):
            session.until_commit()
            session.committed(text, echo=False)
        redacted(session, "Bye Bob.", "Bye.")
        session.send("redacted_transcript", text=SECRET, redacted_text=None)
        session.partial(LAST)
        session.until_closed()

    _, transcription = scribe(script, told=told, clock=clock)
    with transcription:
        transcription.send_audio(SECOND)
        transcription.commit()
        seen = heard_in_vain(transcription, clock, Redacted)
    assert (transcripts(seen), transcription.unredacted) == (["Bye."], 1)
    assert told == ["a transcript is left out: the service did not redact it in time"]
    assert SECRET not in repr(seen)


@pytest.mark.parametrize("by_itself", [None, 0.5])
def test_a_connection_that_is_lost_before_a_redaction_costs_no_word(scribe, by_itself):
    def drops(session):
        session.start()
        session.until_commit()
        session.committed("One Ana.", echo=False)
        redacted(session, "One Ana.", "One.")
        session.until_commit()
        session.committed("Two Bob.", echo=False)  # and it is gone before that is redacted
        session.drop()

    def goes_on(session):
        session.start()
        session.until_commit()
        session.committed("Two Bob.")
        redacted(session, "Two Bob.", "Two.")
        session.committed("")
        session.until_closed()

    server, transcription = scribe(drops, goes_on, by_itself=by_itself)
    with transcription:
        transcription.send_audio(SECOND)
        transcription.commit()
        assert [text for text in transcripts(heard(transcription, SECOND * 2)) if text] == ["One.", "Two."]
    first, second = server.sessions
    assert first.heard.endswith(second.heard)  # from the commit that was redacted on, and no more
    assert len(second.heard) == len(first.heard) - first.commits[0]
    assert transcription.unredacted == 0


def test_an_error_of_the_session_gives_nothing_that_is_not_redacted(scribe):
    def script(session):
        session.start()
        session.until_commit()
        session.committed(SECRET)
        session.send("auth_error", error="The token is spent.")
        session.until_closed()

    _, transcription = scribe(script)
    seen = []
    with transcription:
        transcription.send_audio(SECOND)
        transcription.finish()
        with pytest.raises(AuthError):
            seen.extend(transcription)  # takes what is given until it raises
    assert not any(seen)


def test_entities_and_edits_follow_their_transcripts(scribe):
    found = {"text": "Ana", "entity_type": "person_name", "start_char": 5, "end_char": 8}
    odd = [found, "odd", {"text": None, "entity_type": 5, "start_char": True, "end_char": 2.5}]

    def script(session):
        session.start()
        session.until_commit()
        session.committed(SECRET)
        session.send("edited_transcript", text=SECRET, edited_text="CALL ANA NOW.")
        session.send("committed_transcript_entities", text=SECRET, entities=odd)
        session.until_closed()

    _, transcription = scribe(script, redact=(), entities=("all",), edit="in capital letters")
    with transcription:
        (only,) = heard(transcription)
    entities = (RealtimeEntity("person_name", "Ana", 5, 8), RealtimeEntity("", "", None, None))
    assert only == Committed(SECRET, entities=entities, edited="CALL ANA NOW.")


@pytest.mark.parametrize("kind", [FoundEntities, Edited])
def test_what_does_not_come_in_time_does_not_cost_the_transcript(scribe, kind):
    clock = Clock()

    def script(session):
        session.start()
        session.until_commit()
        session.committed(SECRET, echo=False)
        session.partial(LAST)
        session.until_closed()

    wanted = {"entities": ("all",)} if kind is FoundEntities else {"edit": "?"}
    _, transcription = scribe(script, redact=(), clock=clock, **wanted)
    with transcription:
        assert heard_in_vain(transcription, clock, kind) == [Committed(SECRET)]


def test_partials_are_given_as_they_were_said(scribe):
    def script(session):
        session.start()
        session.until_heard(len(SECOND))
        session.partial("Call Ana")
        session.until_commit()
        session.committed(SECRET)
        redacted(session)
        session.until_closed()

    _, transcription = scribe(script)
    with transcription:
        assert heard(transcription) == [Partial("Call Ana"), Committed(SAFE)]


# the times of what was replaced


def words(*texts):
    return [RealtimeWord(text, float(at), at + 0.5, "word", "s1") for at, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("said", "text", "times"),
    [
        (["My", "name", "is", "Ana", "Bee."], "My name is {NAME}", [(0, 0.5), (1, 1.5), (2, 2.5), (3, 4.5)]),
        (["Ana", "left."], "{NAME} left.", [(0, 0.5), (1, 1.5)]),
        (["Ana"], "{NAME}", [(0, 0.5)]),
        (["Ana", "and", "Bob"], "{A} and {B}", [(0, 0.5), (1, 1.5), (2, 2.5)]),
        (["Ana"], "somebody else", [(0, 0.25), (0.25, 0.5)]),
        (["Ana", "left."], "left.", [(1, 1.5)]),
        (["left."], "{NAME} left.", [(None, None), (0, 0.5)]),
        (["Ana"], "", []),
        ([], "{NAME}", [(None, None)]),
        (["x"] * 600, "y " * 2, [(0, 299.75), (299.75, 599.5)]),
    ],
)
def test_the_times_of_what_was_replaced(said, text, times):
    made = [word for word in redacted_words(words(*said), text) if word.kind != "spacing"]
    assert [(word.start_s, word.end_s) for word in made] == times
    assert "".join(word.text for word in redacted_words(words(*said), text)) == " ".join(text.split())


def test_words_without_times_stay_without():
    said = [RealtimeWord("Ana", None, None), RealtimeWord(" ", None, None, "spacing"), RealtimeWord("left.", None, 2.0)]
    assert [word[:3] for word in redacted_words(said, "{NAME} left.")] == [
        ("{NAME}", None, None),
        (" ", None, None),
        ("left.", None, 2.0),
    ]
