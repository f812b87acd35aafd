"""`eleven stt --live --redact` and `--entities`: nothing that is to be redacted is shown or kept."""

import json
import os
import signal
import threading

import pytest

from eleven_cli.api.stt import held
from eleven_cli.api.stt.events import Redacted
from tests.support.guard import GUARD_S
from tests.support.transcriptions import SECOND, piped, sound

LIVE = ["stt", "--live", "--silence", "0.3"]
TWICE = sound(0.4, 0.5, 0.4)
SAID, SHOWN = "My name is Ana Keller.", "My name is {PERSON_NAME_1}."
WORDS = [{"text": text, "start": at / 2, "end": at / 2 + 0.4, "type": "word"} for at, text in enumerate(SAID.split())]
FOUND = {"text": "Ana Keller", "entity_type": "person_name", "start_char": 11, "end_char": 21}


def speaks(*, redacts=True):
    """A service that hears a name, twice, and redacts it."""

    def script(session):
        session.start()
        session.until_heard(SECOND // 4)
        session.partial("My name is Ana")
        for _ in range(2):
            session.until_commit()
            session.committed(SAID)
            session.send("committed_transcript_with_timestamps", text=SAID, language_code="eng", words=WORDS)
            session.send("committed_transcript_entities", text=SAID, entities=[FOUND])
            if redacts:
                session.send("redacted_transcript", text=SAID, redacted_text=SHOWN)
        session.until_closed()

    return script


@pytest.mark.parametrize("where", ["file", "stdout"])
@pytest.mark.parametrize("format", ["text", "json", "jsonl", "srt", "vtt"])
def test_what_is_redacted_is_nowhere(eleven, scribe, tmp_path, format, where):
    server = scribe(speaks())
    argv = ["-o", str(tmp_path / "a")] if where == "file" else []
    result = eleven(*LIVE, "--redact", "PII", "--format", format, *argv, stdin=TWICE, tty="err")
    text = (tmp_path / "a").read_text() if where == "file" else result.text
    assert result.code == 0
    assert text.count("{PERSON_NAME_1}") >= 2
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    everything = text.encode() + result.err.encode() + kept
    assert b"Ana" not in everything
    assert b"Keller" not in everything
    assert server.query["entity_redaction"] == server.query["entity_detection"] == ["pii"]


def test_words_that_were_kept_have_their_times(eleven, scribe):
    scribe(speaks())
    value = json.loads(eleven(*LIVE, "--redact", "pii", "--format", "json", stdin=TWICE).text)
    assert (value["text"], value["language_code"]) == (f"{SHOWN} {SHOWN}", "eng")
    assert "".join(word["text"] for word in value["words"]) == value["text"]
    assert [word for word in value["words"] if word["type"] == "word"][:4] == [
        *WORDS[:3],
        {"text": "{PERSON_NAME_1}.", "type": "word", "start": 1.5, "end": 2.4},
    ]


@pytest.mark.parametrize("argv", [[], ["--once"]])
def test_what_is_not_redacted_is_left_out_and_is_an_error(eleven, scribe, monkeypatch, argv):
    monkeypatch.setitem(held.FOLLOWS_S, Redacted, 0.0)
    scribe(speaks(redacts=False))
    result = eleven(*LIVE, "--redact", "pii", *argv, stdin=TWICE)
    assert (result.code, result.text) == (1, "")
    assert "a transcript is left out: the service did not redact it in time" in result.err
    assert result.error.startswith("error: the service did not redact ")
    assert "Ana" not in result.err


def test_once(eleven, scribe):
    scribe(speaks())
    assert eleven(*LIVE, "--once", "--redact", "pii", stdin=TWICE).text == f"{SHOWN}\n"


def test_ctrl_c_waits_for_what_is_still_to_be_redacted(spawn, scribe):
    running = threading.Event()

    def script(session):
        session.start()
        session.until_heard(SECOND)
        session.committed(SAID)
        assert running.wait(GUARD_S)
        os.kill(process.pid, signal.SIGINT)
        session.until_commit()
        session.committed("")
        session.send("redacted_transcript", text=SAID, redacted_text=SHOWN)
        session.until_closed()

    scribe(script)
    process, writing = piped(spawn, "--redact", "pii")
    running.set()
    out, err = process.communicate(timeout=GUARD_S)
    os.close(writing)
    assert (process.returncode, out.decode()) == (0, f"{SHOWN}\n"), err
    assert b"Ana" not in err


# entities


def test_entities_are_listed_below_the_lines_and_once(eleven, scribe):
    server = scribe(speaks())
    result = eleven(*LIVE, "--entities", stdin=TWICE)
    assert (result.code, result.err) == (0, "")
    assert result.text == f"{SAID}\n{SAID}\n\nperson_name: Ana Keller\n"
    assert server.query["entity_detection"] == ["all"]
    assert "entity_redaction" not in server.query


@pytest.mark.parametrize("argv", [[], ["--once"]])
def test_entities_as_json(eleven, scribe, argv):
    scribe(speaks())
    result = eleven(*LIVE, "--entities", "--format", "json", *argv, stdin=TWICE)
    value = json.loads(result.text)
    assert [entity["entity_type"] for entity in value["entities"]] == ["person_name"] * (1 if argv else 2)
    for entity in value["entities"]:
        assert value["text"][entity["start_char"] : entity["end_char"]] == entity["text"] == "Ana Keller"


def test_entities_as_events(eleven, scribe):
    scribe(speaks())
    lines = eleven(*LIVE, "--entities", "--json", stdin=TWICE).text.splitlines()
    assert [json.loads(line).get("entities") for line in lines] == [None, [FOUND], [FOUND]]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--entities", "--redact", "pii"], "give either --entities or --redact, not both"),
        (["--entities", "-o", "a.srt"], "--format srt shows no entities"),
        (["--redact", "credit card"], 'takes categories or types of entities, not "credit card"'),
    ],
)
def test_what_does_not_go_together(eleven, argv, said):
    result = eleven("stt", "--live", *argv, stdin=TWICE)
    assert result.code == 2
    assert said in result.err
