"""`eleven_cli.sandbox.running`: a sandbox for the tests of other programs, and what was asked of it."""

import dataclasses
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from eleven_cli.sandbox import Sandbox, running
from eleven_cli.sandbox.accounts import user
from eleven_cli.sandbox.fixture import recording
from tests.support.guard import GUARD_S

from .conftest import HARPER, Api
from .socket_client import SocketClient

LEDA = "CaK1KilJWJy9D6GjB7nZ"
START_S = 0.4


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(strict=True) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Api]:
    api = Api(sandbox.url, sandbox.key)
    yield api
    api.close()


def test_a_request_is_recorded_as_it_arrived(sandbox: Sandbox, client: Api) -> None:
    client.said("Hello.", format="pcm_16000", seed=7)
    (asked,) = sandbox.requests()
    assert (asked.method, asked.path) == ("POST", f"/v1/text-to-speech/{HARPER}")
    assert asked.query == {"output_format": "pcm_16000"}
    assert asked.body == {"text": "Hello.", "seed": 7}
    assert (asked.voice, asked.status) == (HARPER, 200)
    assert asked.key.endswith(sandbox.key[-4:])
    assert sandbox.key not in repr(asked)


def test_what_is_recorded_cannot_be_changed(sandbox: Sandbox, client: Api) -> None:
    client.said("Hello.")
    asked: Any = sandbox.requests()[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        asked.path = "/"
    with pytest.raises(TypeError):
        asked.query["a"] = "b"
    asked.body["text"] = "Something else."
    assert sandbox.requests()[0].body == {"text": "Hello."}


def test_the_oldest_requests_make_room(sandbox: Sandbox, client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MOST_BYTES", 300)
    for text in ("a" * 100, "b" * 100, "c" * 100, "d" * 1000):
        client.speak(text, voice="nobody")
        client.get("/v1/nothing")
    assert [asked.body["text"][0] for asked in sandbox.requests("/v1/text-to-speech/*")] == ["d"]


def test_a_start_loads_no_codecs() -> None:
    script = (
        "import sys; from eleven_cli.sandbox import running\nwith running(): print({'av', 'numpy'} & {*sys.modules})"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=GUARD_S, check=True)
    assert ended.stdout == "set()\n"


def test_what_fails_within_is_told_to_python_s_logging(
    client: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(user, "_next_month_unix", lambda: 1 / 0)
    answer = client.get("/v1/user")
    assert (answer.status_code, "ZeroDivision" in answer.text) == (500, False)
    assert client.get("/v1/models").status_code == 200
    (record,) = (record for record in caplog.records if record.name == "eleven.sandbox")
    assert "GET /v1/user failed:" in record.getMessage()
    assert "ZeroDivisionError: division by zero" in record.getMessage()


@pytest.mark.parametrize(
    ("wanted", "paths"),
    [
        ({}, ["/v1/models", f"/v1/text-to-speech/{HARPER}", "/v1/text-to-dialogue", "/v1/nothing"]),
        ({"path": "/v1/models"}, ["/v1/models"]),
        ({"path": "/v1/text-to-*"}, [f"/v1/text-to-speech/{HARPER}", "/v1/text-to-dialogue"]),
        ({"path": "/v1/model"}, []),
        ({"voice": HARPER}, [f"/v1/text-to-speech/{HARPER}", "/v1/text-to-dialogue"]),
        ({"voice": LEDA}, ["/v1/text-to-dialogue"]),
        ({"method": "get"}, ["/v1/models", "/v1/nothing"]),
        ({"voice": HARPER, "path": "/v1/text-to-dialogue"}, ["/v1/text-to-dialogue"]),
    ],
)
def test_requests_are_chosen_by_path_voice_and_method(
    sandbox: Sandbox, client: Api, wanted: dict[str, str], paths: list[str]
) -> None:
    client.get("/v1/models")
    client.speak("Hello.")
    lines = [{"text": "Hi.", "voice_id": HARPER}, {"text": "Hello.", "voice_id": LEDA}]
    client("POST", "/v1/text-to-dialogue", json={"inputs": lines})
    assert client.get("/v1/nothing").status_code == 404
    assert [asked.path for asked in sandbox.requests(**wanted)] == paths


def test_bodies_that_are_not_json_are_bytes(sandbox: Sandbox, client: Api) -> None:
    client("POST", "/v1/speech-to-text", files={"file": b"RIFF"}, data={"model_id": "scribe_v1"})
    client.get("/v1/models")
    form, nothing = sandbox.requests()
    assert b'name="model_id"' in form.body
    assert nothing.body == b""


def test_refusals_are_recorded_with_their_status(sandbox: Sandbox) -> None:
    api = Api(sandbox.url, "wrong")
    assert api.get("/v1/user").status_code == 401
    assert [(asked.status, asked.key) for asked in sandbox.requests()] == [(401, "…")]
    api.close()


def test_a_socket_is_recorded_with_its_messages(sandbox: Sandbox, client: Api) -> None:
    secret = "sk_0123456789abcdef0123"

    path = f"/v1/text-to-speech/{HARPER}/stream-input"
    with SocketClient(client, path, output_format="pcm_16000") as socket:
        socket.send(text=" ", xi_api_key=secret).send(text="Hello. ").send(text="").rest()
    (asked,) = sandbox.requests(method="WS", voice=HARPER)
    assert [message["text"] for message in asked.messages] == [" ", "Hello. ", ""]
    assert secret not in repr(asked)
    assert asked.status == 1000


def test_many_side_by_side_know_nothing_of_each_other() -> None:
    with running() as one, running() as two, running(require_key="sk_the_only_one") as three:
        assert len({one.url, two.url, three.url}) == 3
        assert requests.get(f"{one.url}/v1/models", timeout=GUARD_S).status_code == 200
        assert requests.get(f"{three.url}/v1/models", timeout=GUARD_S).status_code == 404
        with_key = requests.get(f"{three.url}/v1/models", headers={"xi-api-key": three.key}, timeout=GUARD_S)
        assert with_key.status_code == 200
        assert [len(sandbox.requests()) for sandbox in (one, two, three)] == [1, 0, 2]


def used(api: Api) -> int:
    return int(api.get("/v1/user/subscription").json()["character_count"])


def names(api: Api) -> set[str]:
    return {voice["name"] for voice in api.get("/v1/voices").json()["voices"]}


@pytest.mark.parametrize("over", ["http", "python"])
def test_reset_forgets_what_clients_have_done(sandbox: Sandbox, client: Api, over: str) -> None:
    mp3 = client.said("Hello there.")
    assert client("POST", "/v1/voices/add", data={"name": "Ann"}, files={"files": mp3}).status_code == 200
    agent = sandbox.agent(first_message="Hello")
    assert (used(client) > 0, "Ann" in names(client)) == (True, True)
    assert client.get(f"/v1/convai/agents/{agent}").status_code == 200
    if over == "http":
        assert client("POST", "/sandbox/reset").status_code == 204
    else:
        sandbox.reset()
    assert sandbox.requests() == []
    assert (used(client), "Ann" in names(client)) == (0, False)
    assert client.get(f"/v1/convai/agents/{agent}").status_code == 404


def test_reset_forgets_also_what_outlives_a_server(api: Api, memory: Path) -> None:
    """`eleven sandbox` keeps its voices in a folder."""
    mp3 = api.said("Hello there.")
    assert api("POST", "/v1/voices/add", data={"name": "Ann"}, files={"files": mp3}).status_code == 200
    assert list(memory.glob("voices/*/*.json"))
    assert api("POST", "/sandbox/reset").status_code == 204
    assert not list(memory.glob("voices/*/*.json"))
    assert "Ann" not in names(api)


def test_voices_do_not_outlive_the_block(memory: Path) -> None:
    key = {"xi-api-key": "the-same-key"}
    with running() as sandbox:
        speech = requests.post(
            f"{sandbox.url}/v1/text-to-speech/{HARPER}", json={"text": "Hello there."}, headers=key, timeout=30
        )
        made = requests.post(
            f"{sandbox.url}/v1/voices/add", data={"name": "A"}, files={"files": speech.content}, headers=key, timeout=30
        )
        assert made.status_code == 200
    assert not list(memory.glob("voices/*/*.json"))


def test_an_agent_has_the_words_of_the_agents_file(sandbox: Sandbox, client: Api) -> None:
    agent = sandbox.agent(first_message="Which pizza?", replies={r"pizza (?P<kind>\w+)": "One {{kind}}."})
    shown = client.get(f"/v1/convai/agents/{agent}").json()
    assert shown["conversation_config"]["agent"]["first_message"] == "Which pizza?"
    assert sandbox.agent() != agent
    assert sandbox.agent(id="agent_mine", replies=[{"pattern": "bye", "end": True}]) == "agent_mine"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"nome": "x"}, "nome is not known"),
        ({"voice": "Nobody"}, "voice must be one of"),
        ({"id": "a b"}, "id must be"),
    ],
)
def test_a_faulty_agent_names_its_key(sandbox: Sandbox, wrong: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        sandbox.agent(**wrong)


def test_an_unknown_plan_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="free, starter, creator or pro"), running(plan="gold"):
        pass


def test_leaving_the_block_stops_it() -> None:
    with running() as sandbox:
        pass
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{sandbox.url}/v1/models", timeout=GUARD_S)


def test_it_starts_soon() -> None:
    """Measured as work of the processor, which other tests beside this one do not disturb."""
    script = """
import time
from eleven_cli.sandbox import running
with running():
    print(time.process_time())
"""
    done = [subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout for _ in range(2)]
    assert min(map(float, done)) < 2 * START_S  # with the start of Python itself, on machines half as fast
