"""Faults on demand: errors in every shape, a body that breaks off, a WebSocket that misbehaves."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import requests
import websocket

import eleven_cli
from eleven_cli.sandbox import Sandbox, running
from eleven_cli.sandbox.faults.catalogue import ALIASES, BODIES, ERRORS, TRANSFER, names
from eleven_cli.sandbox.faults.fault import Fault, WrongFault, fault_of, read_fault

from .conftest import HARPER, Api
from .socket_client import SocketClient, speech

SPEECH = f"/v1/text-to-speech/{HARPER}"
HEADER = "x-sandbox-fault"
LATE_S = 0.3


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with running() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Sandbox:
    started.reset()
    return started


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Api]:
    api = Api(sandbox.url, sandbox.key)
    yield api
    api.close()


def failed(client: Api, fault: str, path: str = "/v1/models") -> requests.Response:
    return client.get(path, headers={HEADER: fault})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("429", Fault("rate_limit_exceeded")),
        ("429:0.1", Fault("rate_limit_exceeded", rate=0.1)),
        ("429=30", Fault("rate_limit_exceeded", value=30)),
        ("drop", Fault("drop", at=1)),
        ("drop@3", Fault("drop", at=3)),
        ("close", Fault("close", value=1011)),
        ("close=1008@3:0.5", Fault("close", value=1008, at=3, rate=0.5)),
        ("latency=150", Fault("latency", value=150)),
        (" quota_exceeded ", Fault("old-insufficient_credits")),
    ],
)
def test_how_a_fault_is_written(text: str, fault: Fault) -> None:
    assert read_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("rate_limit", "did you mean rate_limit_exceeded"),
        ("dorp", "did you mean drop"),
        ("zzzzz", 'no fault "zzzzz"$'),
        ("zzzzz:x", 'no fault "zzzzz"$'),
        ("", 'no fault ""'),
        ("429:2", "rate of rate_limit_exceeded must be between 0 and 1"),
        ("429:-1", "between 0 and 1"),
        ("429:nan", "between 0 and 1"),
        ("429:often", "not written as NAME"),
        ("429=soon", "not written as NAME"),
        ("429=-1", "takes a value from 0 to 3600"),
        ("429@2", "cannot happen at 2"),
        ("drop@0", "cannot happen at 0"),
        ("drop=5", "drop takes no value"),
        ("html_error=5", "html_error takes no value"),
        ("close=1006", "drop cuts the connection"),
        ("close=99", "takes a value from 1000 to 4999"),
        ("latency=999999999", "takes a value from 0 to 600000"),
    ],
)
def test_what_is_no_fault_is_refused_with_what_is_near(text: str, sentence: str) -> None:
    with pytest.raises(WrongFault, match=sentence):
        read_fault(text)


@pytest.mark.parametrize(
    "described", [5, None, [], {}, {"value": 5}, {"name": "drop", "when": 1}, {"name": 5}, {"name": "429", "rate": "x"}]
)
def test_what_is_no_fault_in_json(described: object) -> None:
    with pytest.raises(WrongFault):
        fault_of(described)


@pytest.mark.parametrize("code", ERRORS)
def test_each_error_code_in_its_shapes(client: Api, code: str) -> None:
    error = ERRORS[code]
    answer = failed(client, code)
    detail = answer.json()["detail"]
    assert answer.status_code == error.status
    assert (detail["type"], detail["status"]) == (error.kind, error.legacy)
    assert detail["code"] == code or (detail["code"], error.status) == ("unauthorized", 401)
    assert detail["request_id"] == answer.headers["x-trace-id"]
    assert "retry-after" not in answer.headers
    old = failed(client, f"old-{code}")
    assert old.status_code == error.old_status
    assert {*old.json()["detail"]} == {"status", "message"}
    assert old.json()["detail"]["status"] == error.legacy


@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("401", 401, {"type": "authentication_error", "code": "unauthorized", "status": "invalid_api_key"}),
        ("402", 402, {"code": "insufficient_credits", "status": "quota_exceeded"}),
        ("403", 403, {"code": "insufficient_permissions", "status": "missing_permissions"}),
        ("missing_permissions", 401, {"code": "missing_permissions"}),
        ("429", 429, {"code": "rate_limit_exceeded"}),
        ("500", 500, {"code": "internal_error"}),
        ("503", 503, {"type": "service_unavailable"}),
        ("quota_exceeded", 401, {"status": "quota_exceeded"}),
        ("too_many_concurrent_requests", 429, {"status": "too_many_concurrent_requests"}),
    ],
)
def test_numbers_and_older_names(client: Api, name: str, status: int, body: dict[str, str]) -> None:
    answer = failed(client, name)
    assert answer.status_code == status
    assert body.items() <= answer.json()["detail"].items()


def test_other_bodies_of_errors(client: Api) -> None:
    assert failed(client, "404").json() == {"detail": "Not Found"}
    assert failed(client, "422").json()["detail"][0]["type"] == "missing"
    assert {*failed(client, "flat_error").json()} == {"error", "message"}
    assert "prompt_suggestion" in failed(client, "bad_prompt").json()["detail"]["data"]
    html, empty = failed(client, "html_error"), failed(client, "empty_error")
    assert (html.status_code, html.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert (empty.status_code, empty.content) == (500, b"")


@pytest.mark.parametrize("name", ["429=7", "503=7", "old-system_busy=7"])
def test_retry_after(client: Api, name: str) -> None:
    assert failed(client, name).headers["retry-after"] == "7"


def test_a_long_body_is_read_before_the_error(client: Api) -> None:
    answer = client("POST", "/v1/speech-to-text", files={"file": bytes(5_000_000)}, headers={HEADER: "429"})
    assert answer.status_code == 429


def test_an_unknown_name_in_the_header_is_refused(client: Api) -> None:
    answer = failed(client, "rate_limit")
    assert answer.status_code == 400
    assert "did you mean rate_limit_exceeded" in answer.json()["detail"]["message"]


@pytest.mark.parametrize("kind", ["", "/stream"])
@pytest.mark.parametrize("name", ["drop", "truncated_chunk"])
def test_a_body_breaks_off(client: Api, kind: str, name: str) -> None:
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        assert len(client("POST", SPEECH + kind, json={"text": "Hello there."}, headers={HEADER: name}).content) < 0
    assert client.get("/v1/models").status_code == 200


def test_some_of_the_body_arrives_before_it_breaks_off(client: Api) -> None:
    answer = client("POST", SPEECH, json={"text": "Hello there."}, headers={HEADER: "drop"}, stream=True)
    assert answer.status_code == 200
    arrived: list[bytes] = []
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        arrived.extend(answer.iter_content(100))
    assert 0 < sum(map(len, arrived)) < int(answer.headers["content-length"])


@pytest.mark.parametrize("name", ["stall", "slow_stream=60000"])
def test_nothing_comes_any_more(client: Api, name: str) -> None:
    body = {"text": "Hello there, this takes a while to say."}
    answer = client("POST", SPEECH, json=body, headers={HEADER: name}, stream=True)
    pieces = answer.iter_content(100)
    assert next(pieces)
    answer.raw._fp.fp.raw._sock.settimeout(LATE_S)
    with pytest.raises(requests.ConnectionError, match="timed out"):
        for _ in pieces:
            pass


@pytest.mark.parametrize("name", ["slow_first_byte=300", "latency=300"])
def test_an_answer_that_comes_late(client: Api, name: str) -> None:
    began = monotonic()
    assert failed(client, name).status_code == 200
    assert monotonic() - began >= LATE_S


def test_a_wrong_content_type(client: Api) -> None:
    answer = client("POST", SPEECH, json={"text": "Hi."}, headers={HEADER: "wrong_content_type"})
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.content.startswith(b"\xff\xfb")


def test_several_faults_at_once(client: Api) -> None:
    began = monotonic()
    assert failed(client, "429, latency=300").status_code == 429
    assert monotonic() - began >= LATE_S


def conversation(sandbox: Sandbox, fault: str) -> tuple[list[dict[str, Any]], tuple[int, str] | None]:
    """What an agent says until its close; the text mode has few messages, which come in one order."""
    sandbox.fault(fault)
    agent = sandbox.agent(first_message="Hello", default_reply="Bye.", text_only=True)
    client = Api(sandbox.url, sandbox.key)
    with SocketClient(client, "/v1/convai/conversation", agent_id=agent) as socket:
        socket.send(type="conversation_initiation_client_data")
        for message in socket:
            if message["type"] == "agent_response" and len(socket.messages) < 9:
                socket.send(type="user_message", text="Good day")
            if len(socket.messages) >= 6:
                break
        client.close()
        return socket.messages, socket.close


def spoken(sandbox: Sandbox, *faults: str) -> SocketClient:
    for fault in faults:
        sandbox.fault(fault)
    client = Api(sandbox.url, sandbox.key)
    socket = speech(client)
    socket.send(text=" ").send(text="One. ", flush=True).send(text="Two. ", flush=True).send(text="")
    return socket


@pytest.mark.parametrize(("fault", "code", "before"), [("close=1008@2", 1008, 1), ("close=4001", 4001, 0)])
def test_a_socket_is_closed_with_a_code_at_a_message(sandbox: Sandbox, fault: str, code: int, before: int) -> None:
    with spoken(sandbox, fault) as socket:
        assert len([*socket]) == before
        assert socket.close == (code, "told to close")


def test_a_socket_is_cut(sandbox: Sandbox) -> None:
    sandbox.fault("drop@2")
    with speech(Api(sandbox.url, sandbox.key)) as socket:
        assert socket.send(text=" ").send(text="One. ", flush=True).next()
        with pytest.raises((websocket.WebSocketConnectionClosedException, OSError)):
            socket.send(text="Two. ", flush=True).next()


def test_a_socket_says_nothing_any_more(sandbox: Sandbox) -> None:
    with spoken(sandbox, "stall@2") as socket:
        assert socket.next()
        socket._socket.settimeout(LATE_S)
        with pytest.raises(websocket.WebSocketTimeoutException):
            socket.next()


def test_messages_come_twice(sandbox: Sandbox) -> None:
    with spoken(sandbox, "duplicate") as socket:
        messages = [*socket]
    assert messages[::2] == messages[1::2]
    assert socket.close
    assert socket.close[0] == 1000


def test_unknown_events_come_between(sandbox: Sandbox) -> None:
    with spoken(sandbox, "unknown_event") as socket:
        messages = [*socket]
    assert [message.get("type") for message in messages[1::2]] == ["sandbox_unknown_event"] * (len(messages) // 2)
    assert all("audio" in message for message in messages[::2])


def test_messages_come_in_another_order(sandbox: Sandbox) -> None:
    with spoken(sandbox) as socket:
        straight = [*socket]
    with spoken(sandbox, "reorder") as socket:
        shuffled = [*socket]
    assert len(straight) >= 3
    assert sorted(map(json.dumps, shuffled)) == sorted(map(json.dumps, straight))
    assert shuffled[0] == straight[0]
    assert shuffled != straight


def test_messages_that_come_late_keep_their_order(sandbox: Sandbox) -> None:
    with spoken(sandbox) as socket:
        straight = [*socket]
    began = monotonic()
    with spoken(sandbox, "latency=300") as socket:
        assert [*socket] == straight
    assert monotonic() - began >= 2 * LATE_S
    assert socket.close == (1000, "")


@pytest.mark.parametrize("fault", ["slow_first_byte=300", "slow_stream=300"])
def test_messages_that_are_slow(sandbox: Sandbox, fault: str) -> None:
    began = monotonic()
    with spoken(sandbox, fault) as socket:
        assert len([*socket]) >= 2
    assert monotonic() - began >= LATE_S


def test_no_pings_come(sandbox: Sandbox) -> None:
    assert "ping" in [message["type"] for message in conversation(sandbox, "unknown_event")[0]]
    sandbox.reset()
    messages, _ = conversation(sandbox, "ping_silence")
    assert [message for message in messages if message["type"] == "ping"] == []
    assert len(messages) >= 3


@pytest.mark.parametrize("name", ["429", "old-insufficient_credits"])
def test_a_socket_is_refused_with_the_error(sandbox: Sandbox, client: Api, name: str) -> None:
    sandbox.fault(name)
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        speech(client)
    assert refused.value.status_code in (401, 429)
    assert json.loads(refused.value.resp_body)["detail"]["status"]


def test_a_fault_may_be_for_some_paths_and_some_times(sandbox: Sandbox, client: Api) -> None:
    sandbox.fault("429", path="/v1/text-to-speech/*", times=2)
    assert client.get("/v1/models").status_code == 200
    assert [client.speak("Hi.").status_code for _ in range(4)] == [429, 429, 200, 200]
    assert [asked.status for asked in sandbox.requests(voice=HARPER)] == [429, 429, 200, 200]
    assert sandbox.requests(voice=HARPER)[0].body == {"text": "Hi."}


def test_errors_come_one_after_another(sandbox: Sandbox, client: Api) -> None:
    sandbox.fault("429", times=1)
    sandbox.fault("503", times=2)
    assert [client.get("/v1/models").status_code for _ in range(4)] == [429, 503, 503, 200]


def test_a_rate_is_the_share_that_fails(sandbox: Sandbox, client: Api) -> None:
    sandbox.fault("500", rate=0.5)
    codes = [client.get("/v1/models").status_code for _ in range(60)]
    assert {*codes} == {200, 500}  # but for one of 10^18 runs
    sandbox.reset()
    sandbox.fault("500:0")
    assert client.get("/v1/models").status_code == 200


def test_faults_are_set_and_listed_and_cleared_over_http(sandbox: Sandbox, client: Api) -> None:
    wanted = ["429=3", {"name": "drop", "path": "/v1/voices", "times": 1}]
    shown = client("PUT", "/sandbox/faults", json=wanted).json()
    assert shown["faults"][0] == {"name": "rate_limit_exceeded", "value": 3, "at": 1, "rate": 1.0}
    assert shown == client.get("/sandbox/faults").json()
    assert {*shown["names"]} == {*names()} > {*TRANSFER, "429", "voice_not_found", "old-voice_not_found"}
    assert client.get("/v1/models").headers["retry-after"] == "3"
    assert client("PUT", "/sandbox/faults", json=[]).json()["faults"] == []
    assert client.get("/v1/models").status_code == 200


@pytest.mark.parametrize("body", [b"{", b"", b'["dorp"]', b"[5]", b'{"name": "x"}', b"[" * 100_000])
def test_a_faulty_list_changes_nothing(sandbox: Sandbox, client: Api, body: bytes) -> None:
    sandbox.fault("500")
    answer = client("PUT", "/sandbox/faults", data=body)
    assert answer.status_code == 400
    assert answer.json()["detail"]["message"]
    assert client.get("/v1/models").status_code == 500


def test_reset_returns_to_the_faults_of_the_start(sandbox: Sandbox, client: Api) -> None:
    sandbox.fault("500")
    sandbox.reset()
    assert client.get("/v1/models").status_code == 200


def test_the_help_page_has_the_names() -> None:
    page = (Path(eleven_cli.__file__).parent / "help" / "testing.md").read_text("utf-8")
    rows = [line.split(" | ")[0] for line in page.partition("## Faults")[2].splitlines() if line.startswith("| `")]
    shown = {re.split(r"[=@]", name)[0] for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert shown - {"old-CODE"} == {*TRANSFER, *BODIES, *ALIASES}
