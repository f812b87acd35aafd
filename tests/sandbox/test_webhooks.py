"""Webhooks after calls: what is sent, how it is signed, and what happens where nobody takes it."""

import base64
import json
import re
from pathlib import Path

import pytest

from eleven_cli.sandbox.server import running
from tests.sandbox.call_webhooks import AGENT, event, talk_by_text
from tests.support.service import Exchange, json_reply, raw_reply

from .call import Call, babble, silence
from .conftest import Api
from .decoding import decoded
from .own_program import own_program

BOTH = AGENT + 'events = ["transcript", "audio"]\n'


def test_the_transcript_is_sent_when_the_call_has_ended(tmp_path: Path) -> None:
    with own_program(tmp_path, AGENT) as program:
        program.on("/hook", json_reply({}))
        conversation_id = talk_by_text(program, user_id="ana", dynamic_variables={"plan": "gold"})
        request = program.next()
        told = event(request)
        assert request.method == "POST"
        assert request.headers["content-type"] == "application/json"
        assert request.headers["x-team"] == "tests"
        assert set(told) == {"type", "event_timestamp", "data"}
        assert told["type"] == "post_call_transcription"
        assert isinstance(told["event_timestamp"], int)
        api = Api(program.base, "any")
        assert told["data"] == api.get(f"/v1/convai/conversations/{conversation_id}").json()
        api.close()
        assert told["data"]["status"] == "done"
        assert told["data"]["conversation_initiation_client_data"]["dynamic_variables"]["plan"] == "gold"
        said = [(turn["role"], turn["message"]) for turn in told["data"]["transcript"] if turn["message"]]
        assert said == [("agent", "Hello."), ("user", "bye"), ("agent", "Goodbye.")]
        assert program.came.empty()


def test_the_sound_follows_the_transcript(tmp_path: Path) -> None:
    with own_program(tmp_path, BOTH) as program:
        program.on("/hook", json_reply({}))
        with Call(program.base, query="agent_id=agent_told").start() as call:
            conversation_id = call.until("conversation_initiation_metadata")["conversation_id"]
            call.response()
            call.send_audio(babble(1.0) + silence(1.5))
            call.transcript()
            call.send_text("bye")
            call.end()
        transcript, sound = event(program.next()), event(program.next())
        assert (transcript["type"], sound["type"]) == ("post_call_transcription", "post_call_audio")
        assert [transcript["data"][name] for name in ("has_audio", "has_user_audio", "has_response_audio")] == [
            True
        ] * 3
        assert set(sound["data"]) == {"agent_id", "conversation_id", "full_audio"}
        assert sound["data"]["conversation_id"] == conversation_id
        mp3 = base64.b64decode(sound["data"]["full_audio"], validate=True)
        assert 1.0 < decoded(mp3).seconds < 30.0
        api = Api(program.base, "any")
        answer = api.get(f"/v1/convai/conversations/{conversation_id}/audio")
        api.close()
        assert (answer.content, answer.headers["content-type"]) == (mp3, "audio/mpeg")


def test_a_call_by_text_has_no_sound(tmp_path: Path) -> None:
    with own_program(tmp_path, BOTH) as program:
        program.on("/hook", json_reply({}))
        conversation_id = talk_by_text(program)
        assert event(program.next())["data"]["has_audio"] is False
        talk_by_text(program)  # the next event is of the next call
        assert event(program.next())["type"] == "post_call_transcription"
        api = Api(program.base, "any")
        assert api.get(f"/v1/convai/conversations/{conversation_id}/audio").status_code == 404
        api.close()


@pytest.mark.parametrize("how", ["hang up", "fail"])
def test_calls_that_end_otherwise_are_told_too(tmp_path: Path, how: str) -> None:
    failing = AGENT.replace(
        "[agents.webhook]", "[[agents.replies]]\npattern='fail'\nfail='1011:x:Broken.'\n[agents.webhook]"
    )
    with own_program(tmp_path, failing) as program:
        program.on("/hook", json_reply({}))
        with Call(program.base, query="agent_id=agent_told").start_text() as call:
            call.response()
            if how == "fail":
                call.send_text("fail")
                call.end()
            else:
                call.hang_up()
        data = event(program.next())["data"]
        assert data["status"] == ("failed" if how == "fail" else "done")


FAILURES = {
    "status 500": (raw_reply(b"no", 500), "500"),
    "status 404": (raw_reply(b"", 404), "404"),
    "a redirect": (raw_reply(b"", 302, location="http://127.0.0.1:1/other"), "302"),
    "no HTTP": (lambda exchange: exchange.body(b"hello\r\n\r\n"), "not HTTP"),
    "nothing": (lambda exchange: exchange.drop(), "it failed"),
}


@pytest.mark.parametrize("kind", FAILURES)
def test_a_failure_is_told_in_the_log(tmp_path: Path, kind: str) -> None:
    reply, what = FAILURES[kind]
    with own_program(tmp_path, AGENT) as program:
        program.on("/hook", reply)
        talk_by_text(program)
        program.next()
        talk_by_text(program)  # the first delivery does not stand in the way of the next
        program.next()
        api = Api(program.base, "any")
        assert api.get("/v1/models").status_code == 200
        api.close()
        entry = program.next_sent()
        request, status, _ = entry.parts()
        assert request == f"sent POST {program.url}/hook"
        assert what in status + entry.failure
        assert "wsec_test" not in json.dumps(entry.record())


@pytest.mark.parametrize(
    "address", ["http://192.0.2.1/hook", "http://example.com/hook", "http://0x08080808/", "http://[2001:db8::1]/"]
)
def test_other_machines_are_not_reached(tmp_path: Path, address: str) -> None:
    with own_program(tmp_path, AGENT.replace("URL/hook", address)) as program:
        talk_by_text(program)
        failure = program.next_sent().failure
        assert "opens connections to this machine only" in failure
        assert "--allow-network" in failure


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "0x7f000001", "2130706433", "LOCALHOST", "app.localhost", "[::ffff:127.0.0.1]"]
)
def test_every_spelling_of_this_machine_is_reached(tmp_path: Path, host: str) -> None:
    with own_program(tmp_path, AGENT.replace("URL", f"http://{host}:PORT")) as program:
        program.on("/hook", json_reply({}))
        talk_by_text(program)
        assert event(program.next())["type"] == "post_call_transcription"


def test_other_machines_are_reached_where_that_is_allowed(tmp_path: Path) -> None:
    with own_program(tmp_path, AGENT.replace("URL", "http://0.0.0.0:PORT"), allow_network=True) as program:
        program.on("/hook", json_reply({}))
        talk_by_text(program)
        assert event(program.next())["type"] == "post_call_transcription"


def test_a_retry_where_it_is_asked_for(tmp_path: Path) -> None:
    with own_program(tmp_path, AGENT + "retry_enabled = true\n") as program:
        program.on("/hook", raw_reply(b"", 503), json_reply({}))
        talk_by_text(program)
        first, second = program.next(), program.next()
        assert first.body == second.body
        assert event(second)


def test_a_webhook_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    with own_program(tmp_path, AGENT) as program:
        program.on("/hook", Exchange.until_released)
        first = talk_by_text(program)
        program.next()
        assert talk_by_text(program) != first
        program.next()
    # the server has ended, although nobody has answered


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ('url = "ftp://127.0.0.1/"', "url must be an address such as"),
        ('url = "http://127.0.0.1:99999/"', "url must be an address such as"),
        ("url = 5", "url must be a string"),
        ('secret = "x"', "url is missing"),
        ('url = "http://127.0.0.1/"\nevents = ["everything"]', "events has 'everything'"),
        ('url = "http://127.0.0.1/"\nevents = "audio"', "events must be a list"),
        ('url = "http://127.0.0.1/"\nheaders = {}', "headers is not known"),
        ('url = "http://127.0.0.1/"\nrequest_headers = { "a b" = "c" }', "request_headers has 'a b'"),
        ('url = "http://127.0.0.1/"\nrequest_headers = { a = "c\\r\\nd: e" }', "request_headers has 'a'"),
        ('url = "http://127.0.0.1/"\nretry_enabled = 3', "retry_enabled must be true or false"),
    ],
)
def test_a_wrong_webhook(tmp_path: Path, key: str, what: str) -> None:
    path = tmp_path / "agents.toml"
    path.write_text(f'[[agents]]\nid = "agent_mine"\nname = "Mine"\n[agents.webhook]\n{key}\n')
    with pytest.raises(ValueError, match=re.escape(f"agents[1].webhook.{what}")), running(agents=path):
        pass
