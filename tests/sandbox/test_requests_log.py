"""What the log tells of requests and socket messages, and what it must not tell."""

import asyncio
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
import websocket

from eleven_cli.sandbox.accounts import user
from eleven_cli.sandbox.conversations import conversation_socket
from eleven_cli.sandbox.http.middleware import background_failures
from eleven_cli.sandbox.http.requests_log import BackgroundFailure, Entry, ServedRequest, SocketMessage
from eleven_cli.sandbox.outgoing.post_call import PostCall
from eleven_cli.sandbox.server import running
from eleven_cli.sandbox.sockets.json_socket import Disconnected
from tests.support.guard import GUARD_S

from .call import Call
from .conftest import HARPER, Api
from .uploads import wav

SPEECH = f"/v1/text-to-speech/{HARPER}"
REAL_KEY = "sk_0123456789abcdef0123456789abcdef0123456789abcdef"


class Watched:
    """A server, and what its log was told."""

    def __init__(self, base: str) -> None:
        self.api = Api(base, REAL_KEY)
        self.entries: list[Entry] = []
        self._told = threading.Condition()

    def log(self, entry: Entry) -> None:
        with self._told:
            self.entries.append(entry)
            self._told.notify_all()

    def last(self) -> ServedRequest:
        """The next request that has ended."""
        return self.until(lambda entries: next((one for one in entries if isinstance(one, ServedRequest)), None))

    def until(self, find: Callable[[list[Entry]], Any]) -> Any:
        with self._told:
            assert self._told.wait_for(lambda: find(self.entries), timeout=GUARD_S)
            return find(self.entries)

    def text(self) -> str:
        return json.dumps([entry.record() for entry in self.entries])


@pytest.fixture
def watched() -> Iterator[Watched]:
    entries: list[Callable[[Entry], None]] = []
    with running(log=lambda entry: entries[0](entry)) as base:
        watched = Watched(base)
        entries.append(watched.log)
        yield watched
        watched.api.close()


def test_a_request(watched: Watched) -> None:
    answer = watched.api.speak("Hello there.", format="pcm_16000", model_id="eleven_flash_v2_5")
    served = watched.last()
    record = served.record()
    assert record | {"ms": 0, "time": "", "bytes_received": 0} == {
        "time": "",
        "request_id": answer.headers["x-trace-id"],
        "method": "POST",
        "path": SPEECH,
        "query": {"output_format": "pcm_16000"},
        "key": "****def",
        "status": 200,
        "ms": 0,
        "bytes_received": 0,
        "bytes_sent": len(answer.content),
        "body": {"text": "Hello there.", "model_id": "eleven_flash_v2_5"},
    }
    before, status, after = served.parts()
    assert (before, status) == (f"POST {SPEECH}", "200")
    assert after.endswith(f" ms {round(len(answer.content) / 1000)} kB")


@pytest.mark.parametrize(
    ("path", "request_of", "unknown"),
    [
        (SPEECH, {"json": {"text": "hi", "voice_setings": {}}}, ("voice_setings",)),
        (SPEECH, {"json": {"text": "hi"}, "params": {"format": "mp3"}}, ("?format",)),
        (SPEECH, {"json": {"text": "hi", "voice_settings": {}}, "params": {"output_format": "pcm_8000"}}, ()),
        ("/v1/speech-to-text", {"data": {"model": "scribe_v2"}, "files": {"file": ("a.wav", wav(b""))}}, ("model",)),
        ("/v1/nowhere", {"json": {"anything": 1}}, ()),
    ],
)
def test_fields_that_the_service_does_not_know(
    watched: Watched, path: str, request_of: dict[str, Any], unknown: tuple[str, ...]
) -> None:
    watched.api("POST", path, **request_of)
    served = watched.last()
    assert served.unknown == unknown
    assert (f"(unknown: {', '.join(unknown)})" in served.parts()[2]) is bool(unknown)


def test_no_key_is_told(watched: Watched) -> None:
    watched.api.get("/v1/user")
    watched.api.get(f"/v1/models?xi-api-key={REAL_KEY}&single_use_token=sutkn_secret&authorization=Bearer+secret")
    watched.api("POST", SPEECH, json={"text": f"my key is {REAL_KEY}", "xi_api_key": "another-secret"})
    watched.api.get(f"/v1/{REAL_KEY}")
    watched.api.get("/v1/models", headers={"authorization": "Bearer the-secret"})
    watched.until(lambda entries: len(entries) == 5)
    lines = " ".join(" ".join(entry.parts()) for entry in watched.entries if isinstance(entry, ServedRequest))
    for secret in (REAL_KEY, "secret"):
        assert secret not in watched.text()
        assert secret not in lines


def test_socket_messages(watched: Watched) -> None:
    url = f"{watched.api.base.replace('http', 'ws')}/v1/text-to-speech/{HARPER}/stream-input?model_id=eleven_flash_v2_5"
    live = websocket.create_connection(url, timeout=GUARD_S)
    live.send(json.dumps({"text": " ", "xi-api-key": REAL_KEY}))
    live.send(json.dumps({"text": "Hello there. ", "flush": True}))
    live.send(json.dumps({"text": ""}))
    while live.recv():
        pass
    served = watched.last()
    messages = [one for one in watched.entries if isinstance(one, SocketMessage)]
    records = [one.record() for one in messages]
    assert [one["message"].get("text") for one in records if one["from"] == "client"] == [" ", "Hello there. ", ""]
    assert records[0]["message"]["xi-api-key"] == "****"
    assert any("… (" in one["message"].get("audio", "") for one in records if one["from"] == "sandbox")
    assert {one["request_id"] for one in records} == {served.trace_id}
    assert (served.method, served.status) == ("WS", 1000)
    assert served.sent > 10_000


def test_what_failed_within_a_socket(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation_socket, "configure_session", lambda *given: 1 / 0)
    url = f"{watched.api.base.replace('http', 'ws')}/v1/convai/conversation?agent_id=agent_sandbox_chat"
    live = websocket.create_connection(url, timeout=GUARD_S)
    live.send('{"type": "conversation_initiation_client_data"}')
    said = ""
    while data := live.recv():
        said += str(data)
    assert "ZeroDivision" not in said
    assert "ZeroDivisionError: division by zero" in watched.last().failure


def test_what_failed_within_is_told_to_the_log_alone(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user, "_next_month_unix", lambda: 1 / 0)
    answer = watched.api.get("/v1/user")
    assert answer.status_code == 500
    assert answer.json()["detail"]["message"] == "The sandbox itself failed."
    assert "ZeroDivision" not in answer.text
    assert "ZeroDivisionError: division by zero" in watched.last().failure
    assert "Traceback" in watched.last().record()["failure"]


WEBHOOK = """
[[agents]]
id = "agent_mine"
name = "Mine"
[agents.webhook]
url = "http://127.0.0.1:9/"
"""


def test_what_fails_where_nobody_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*given: Any) -> None:
        raise ZeroDivisionError(f"of {REAL_KEY}")

    monkeypatch.setattr(PostCall, "deliver", fails)
    (path := tmp_path / "agents.toml").write_text(WEBHOOK)
    failures: Queue[BackgroundFailure] = Queue()

    def log(entry: Entry) -> None:
        if isinstance(entry, BackgroundFailure):
            failures.put(entry)

    with running(agents=path, log=log) as base:
        with Call(base, query="agent_id=agent_mine").start_text():
            pass
        record = failures.get(timeout=GUARD_S).record()
    assert record["task"].endswith("fails")
    assert "ZeroDivisionError: of sk_****" in record["failure"]
    assert "Traceback" in record["failure"]


FAILURES: dict[str, tuple[dict[str, Any], bool]] = {  # what an event loop tells; whether it is logged
    "a bug in a callback": ({"exception": ZeroDivisionError()}, True),
    "a client that has left": ({"exception": ConnectionResetError(), "transport": None}, False),
    "a handshake that failed": ({"exception": ssl.SSLError(), "transport": None}, False),
    "a socket that has closed": ({"exception": Disconnected()}, False),
    "a file that cannot be written": ({"exception": PermissionError(), "future": asyncio.Future}, True),
    "a task that was given up": ({}, False),
}


@pytest.mark.parametrize("what", FAILURES)
def test_clients_that_leave_are_no_failures(what: str, caplog: pytest.LogCaptureFixture) -> None:
    context, is_logged = FAILURES[what]
    logged: list[Entry] = []
    with closing(asyncio.new_event_loop()) as loop:
        for log in (logged.append, None):
            background_failures(log)(loop, {"message": what, **context})
    assert [entry.task for entry in logged if isinstance(entry, BackgroundFailure)] == [what] * is_logged
    assert (what in caplog.text) is is_logged
