"""Transcripts that nobody waits for: the answer comes at once, the transcript is kept, and webhooks are told."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from eleven_cli.sandbox.outgoing.webhooks import SECRET
from eleven_cli.sandbox.state.keeping import Keeping
from tests.support.service import json_reply, raw_reply

from .call_webhooks import UNTOLD, event, made
from .conftest import Api
from .own_program import OwnProgram, own_program
from .schemas import refused
from .uploads import FOX, said, wav

PATH = "/v1/speech-to-text"
HOOKS = "/v1/workspace/webhooks"


def hook(api: Api, program: OwnProgram, path: str, *, is_told: bool = True, **more: Any) -> dict[str, str]:
    """A webhook; one that is told of transcripts."""
    program.on(path, json_reply({}))
    new = made(api, f"{program.url}{path}")
    change = {"is_disabled": False, "name": "Mine", "events": ["speech_to_text"] if is_told else [], **more}
    assert api("PATCH", f"{HOOKS}/{new['webhook_id']}", json=change).status_code == 200
    return new


def ask(api: Api, audio: bytes | None = None, **fields: Any) -> requests.Response:
    form = {"model_id": "scribe_v2", "webhook": "true", **fields}
    return api("POST", PATH, data=form, files={"file": ("a.wav", wav(said(api)) if audio is None else audio)})


def test_the_answer_comes_at_once_and_the_transcript_over_the_webhook(program: OwnProgram, mine: Api) -> None:
    new = hook(mine, program, "/stt")
    metadata = {"job": "7", "who": {"name": "Ana"}}
    answer = ask(mine, webhook_metadata=json.dumps(metadata), diarize="true")
    assert answer.status_code == 202
    accepted = answer.json()
    assert set(accepted) == {"message", "request_id", "transcription_id"}
    assert accepted["request_id"] == answer.headers["request-id"]
    told = event(program.next(), new["webhook_secret"])
    assert set(told) == {"type", "event_timestamp", "data"}
    assert told["type"] == "speech_to_text_transcription"
    assert set(told["data"]) == {"request_id", "transcription", "webhook_metadata"}
    assert told["data"]["request_id"] == accepted["request_id"]
    assert told["data"]["webhook_metadata"] == metadata
    body = told["data"]["transcription"]
    assert (body["text"], body["transcription_id"]) == (FOX, accepted["transcription_id"])
    assert body["words"][0]["speaker_id"] == "speaker_0"
    kept = f"{PATH}/transcripts/{accepted['transcription_id']}"
    assert mine.get(kept).json() == body
    assert mine("DELETE", kept).status_code == 200
    assert mine.get(kept).status_code == 404


def test_all_that_are_told_of_transcripts_are_told_or_the_one_that_is_named(program: OwnProgram, mine: Api) -> None:
    hook(mine, program, "/one")
    hook(mine, program, "/two")
    hook(mine, program, "/off", is_disabled=True)
    other = hook(mine, program, "/other", is_told=False)
    assert ask(mine).status_code == 202
    assert [program.next().path, program.next().path] == ["/one", "/two"]
    assert ask(mine, webhook_id=other["webhook_id"]).status_code == 202
    assert program.next().path == "/other"
    assert mine("POST", PATH, data={"model_id": "scribe_v2"}, files={"file": wav(said(mine))}).status_code == 200
    assert ask(mine).status_code == 202
    assert program.next().path == "/one"  # and nobody was told of what was waited for


def test_a_webhook_that_fails_is_told_again_where_it_wants_to_be(program: OwnProgram, mine: Api) -> None:
    hook(mine, program, "/stt", retry_enabled=True)
    program.on("/stt", raw_reply(b"", status=503), json_reply({}))
    accepted = ask(mine).json()
    first, second = program.next(), program.next()
    assert first.body == second.body
    assert mine.get(f"{PATH}/transcripts/{accepted['transcription_id']}").json()["text"] == FOX
    (shown,) = mine.get(HOOKS).json()["webhooks"]
    assert shown["most_recent_failure_error_code"] == 503


@pytest.mark.parametrize(
    ("fields", "status", "said_of", "param"),
    [
        ({}, 400, "no_webhook_configured", "webhook"),
        ({"webhook_id": "nobody"}, 404, "webhook_not_found", None),
        ({"webhook": "false", "webhook_id": "nobody"}, 400, "invalid_parameters", "webhook_id"),
        ({"webhook_metadata": "no JSON"}, 400, "invalid_parameters", "webhook_metadata"),
        ({"webhook_metadata": "[1]"}, 400, "invalid_parameters", "webhook_metadata"),
        ({"webhook_metadata": '{"a": {"b": {"c": 1}}}'}, 400, "invalid_parameters", "webhook_metadata"),
        ({"webhook_metadata": '{"a": {"b": [1]}}'}, 400, "invalid_parameters", "webhook_metadata"),
        ({"webhook_metadata": json.dumps({"a": "x" * 16384})}, 400, "invalid_parameters", "webhook_metadata"),
    ],
)
def test_what_is_refused_at_once(
    api: Api, fields: dict[str, str], status: int, said_of: str, param: str | None
) -> None:
    answer = ask(api, **fields)
    detail = answer.json()["detail"]
    assert (answer.status_code, detail["status"], detail.get("param")) == (status, said_of, param)


def test_no_recording_is_refused_at_once_and_costs_nothing(program: OwnProgram, mine: Api) -> None:
    hook(mine, program, "/stt")
    before = mine.get("/v1/user/subscription").json()["character_count"]
    assert ask(mine, b"no sound").status_code == 400
    assert mine.get("/v1/user/subscription").json()["character_count"] == before


# what the next run still knows


def test_webhooks_secrets_and_tokens_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    with own_program(tmp_path, UNTOLD, keeping=Keeping(folder=folder)) as program:
        api = Api(program.base, "creator-of-mine")
        new = hook(api, program, "/stt")
        gone = hook(api, program, "/gone")
        assert api("DELETE", f"{HOOKS}/{gone['webhook_id']}").status_code == 200
        told = {"webhooks": {"post_call_webhook_id": new["webhook_id"]}}
        settings = api("PATCH", "/v1/convai/settings", json=told).json()
        secret = {"type": "new", "name": "oven", "value": "s3cr3t-heat"}
        secret_id = api("POST", "/v1/convai/secrets", json=secret).json()["secret_id"]
        tokens = [api("POST", "/v1/single-use-token/batch_scribe").json()["token"] for _ in range(2)]
        redeemed = f"{PATH}?token={tokens[0]}"
        form = {"data": {"model_id": "scribe_v2"}, "files": {"file": ("a.wav", wav(said(api)))}}
        assert requests.post(program.base + redeemed, **form, timeout=60).status_code == 200
        signed = "/v1/convai/conversation/get-signed-url?agent_id=agent_told"
        url = api.get(signed).json()["signed_url"]
        used = api.get("/v1/user/subscription").json()["character_count"]
        webhooks = api.get(HOOKS).json()
        api.close()
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert not any(token.encode() in kept for token in (*tokens, "creator-of-mine", url.partition("signature=")[2]))
    with own_program(tmp_path, UNTOLD, keeping=Keeping(folder=folder)) as program:
        form["files"] = {"file": ("a.wav", form["files"]["file"][1])}
        assert requests.post(f"{program.base}{PATH}?token={tokens[0]}", **form, timeout=60).status_code == 401
        assert requests.post(f"{program.base}{PATH}?token={tokens[1]}", **form, timeout=60).status_code == 200
        api = Api(program.base, "creator-of-mine")
        assert api.get("/v1/user/subscription").json()["character_count"] > used  # the token was that account's
        assert api.get("/v1/user/subscription").json()["tier"] == "creator"
        assert api.get(HOOKS).json() == webhooks
        assert api.get("/v1/convai/settings").json() == settings
        assert [one["name"] for one in api.get("/v1/convai/secrets").json()["secrets"]] == ["oven"]
        assert api("DELETE", f"/v1/convai/secrets/{secret_id}").status_code == 204
        api.close()


def test_webhooks_are_told_again(program: OwnProgram, mine: Api) -> None:
    new = hook(mine, program, "/stt")
    program.on("/elsewhere", json_reply({}))
    kept = ask(mine, webhook_metadata='{"job": "7"}').json()["transcription_id"]
    first = event(program.next(), new["webhook_secret"])
    again = mine("POST", f"/sandbox/transcripts/{kept}/replay")
    sent = {"type": "speech_to_text_transcription", "url": f"{program.url}/stt", "status": 200, "failure": ""}
    assert again.json() == {"deliveries": [sent]}
    assert event(program.next(), new["webhook_secret"])["data"] == first["data"]
    other = mine("POST", f"/sandbox/transcripts/{kept}/replay", json={"url": f"{program.url}/elsewhere"})
    assert [one["url"] for one in other.json()["deliveries"]] == [f"{program.url}/elsewhere"]
    assert event(program.next(), new["webhook_secret"])["data"] == first["data"]


def test_one_that_was_waited_for_is_told_where_somebody_wants_it(program: OwnProgram, mine: Api) -> None:
    program.on("/elsewhere", json_reply({}))
    body = ask(mine, webhook="false").json()
    path = f"/sandbox/transcripts/{body['transcription_id']}/replay"
    refused(mine("POST", path), 400, "no_webhook")
    refused(mine("POST", path, json={"url": "localhost"}), 400, "invalid_parameters", param="url")
    refused(mine("POST", "/sandbox/transcripts/none/replay"), 404, "transcript_not_found")
    assert mine("POST", path, json={"url": f"{program.url}/elsewhere"}).status_code == 200
    assert event(program.next(), SECRET)["data"]["transcription"] == body
