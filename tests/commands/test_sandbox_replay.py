"""`eleven sandbox replay`: a webhook of a conversation or a transcript is sent again."""

import json
import socket

import pytest
import requests

from eleven_cli.sandbox.outgoing.webhooks import SECRET
from tests.sandbox.call_webhooks import AGENT, event, talk_by_text
from tests.sandbox.own_program import own_program
from tests.sandbox.uploads import wav
from tests.support.service import json_reply, raw_reply


@pytest.fixture
def told(tmp_path):
    """A program that was told of a call, and the call's id."""
    with own_program(tmp_path, AGENT) as program:
        program.on("/hook", json_reply({}))
        conversation_id = talk_by_text(program)
        program.next()
        yield program, conversation_id


def test_the_same_is_sent_again(eleven, told):
    program, conversation_id = told
    done = eleven("--base-url", program.base, "sandbox", "replay", conversation_id)
    assert (done.code, done.err) == (0, "")
    assert done.out.decode() == f"post_call_transcription\t{program.url}/hook\t200\n"
    assert event(program.next())["data"]["conversation_id"] == conversation_id


def test_another_event_and_address_as_json(eleven, told):
    program, conversation_id = told
    program.on("/other", json_reply({}))
    port = program.base.rpartition(":")[2]
    words = ("replay", conversation_id, "--url", f"{program.url}/other", "--event", "call_initiation_failure", "--json")
    done = eleven("sandbox", *words, "--port", port)
    sent = {"event": "call_initiation_failure", "url": f"{program.url}/other", "status": 200, "failure": ""}
    assert (done.code, json.loads(done.out)) == (0, [sent])
    assert event(program.next())["type"] == "call_initiation_failure"


def test_a_transcript(eleven, told):
    program, _ = told
    program.on("/stt", json_reply({}))
    form = {"model_id": (None, "scribe_v2"), "file": ("a.wav", wav(bytes(16000)))}
    answer = requests.post(f"{program.base}/v1/speech-to-text", files=form, headers={"xi-api-key": "k"}, timeout=60)
    transcript = answer.json()
    base = ("--base-url", program.base, "sandbox", "replay", transcript["transcription_id"])
    done = eleven(*base, "--url", f"{program.url}/stt")
    assert (done.code, done.err) == (0, "")
    assert done.out.decode() == f"speech_to_text_transcription\t{program.url}/stt\t200\n"
    assert event(program.next(), SECRET)["data"]["transcription"] == transcript
    wrong = eleven(*base, "--event", "audio")
    assert (wrong.code, wrong.out) == (2, b"")
    assert "a transcript has one only" in wrong.err


def test_what_can_go_wrong(eleven, told):
    program, conversation_id = told
    program.on("/broken", raw_reply(b"", 500))
    base = ("--base-url", program.base, "sandbox", "replay")
    done = eleven(*base, conversation_id, "--url", f"{program.url}/broken")
    assert done.code == 1
    assert f"{program.url}/broken did not take post_call_transcription: it answered 500" in done.err
    unknown = eleven(*base, "conv_unknown")
    assert (unknown.code, unknown.out) == (4, b"")
    assert "conv_unknown" in unknown.err
    elsewhere = eleven(*base, conversation_id, "--url", "http://192.0.2.1/")
    assert elsewhere.code == 1
    assert "--allow-network" in elsewhere.err


def test_no_sandbox_is_running(eleven):
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        done = eleven("--retries", "0", "sandbox", "replay", "conv_any", "--port", port)
    assert done.code == 6
    assert "hint: start it, or name its port: eleven sandbox --port 8311" in done.err
