"""What the README promises about the key, files and what others send: a table for each promise.

Children's environments have their own in `test_children.py`, links at `NAME.part` in `commands/test_tts.py`, secrets of
the service in `api/test_answers.py`, archives and compressed answers in `text/test_epub.py` and `api/test_answers.py`.
"""

import ast
import json
import os
import queue
import re
import shlex
import socket
import stat
import sys
import tempfile
import threading
import tomllib
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
import requests
import typer

import eleven_cli
from eleven_cli.api import AgentSaid, Client, Conversation, ElevenError, SpeechRequest, synthesize
from eleven_cli.api.agents.tool_events import ToolCalled
from eleven_cli.api.network.connector import socket_url
from eleven_cli.app import tree
from eleven_cli.commands.talk import setup
from eleven_cli.commands.talk.tools import Tools
from eleven_cli.sandbox import running
from tests.conftest import KEY
from tests.support.guard import GUARD_S
from tests.support.service import MP3_FRAME, Service, audio_reply, error_reply, json_reply, raw_reply
from tests.support.sources import dotted

PACKAGE = Path(eleven_cli.__file__).parent
PROJECT = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["project"]
VOICE_ID = "q30UQ9qvtBNcrAki3LpZ"
HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\r\x08\u202e[red]x"
CONTROLS = {"\x1b", "\x07", "\x9b", "\r", "\x08", "\u202e"}


def every_option(command=None, path=()):
    command = command or typer.main.get_command(tree())
    yield from ((path, name) for option in command.params for name in option.opts)
    for name, child in getattr(command, "commands", {}).items():
        yield from every_option(child, (*path, name))


@cache
def modules():
    """Each of ours with its nodes."""
    return [(path, list(ast.walk(ast.parse(path.read_text("utf-8"))))) for path in sorted(PACKAGE.rglob("*.py"))]


# the key: not in argv


def test_no_option_takes_a_key():
    """It would stand in the process list, and in the shell's history."""
    words = {"key", "token", "secret", "password", "auth", "header"}
    found = {(*path, name) for path, name in every_option() if name[0] == "-" and words & {*name.split("-")}}
    refuses_the_key = ("api", "--header")  # tests/commands/test_api.py: each name of its header
    assert found == {("talk", "--no-auth"), ("sandbox", "--require-key"), refuses_the_key}


@pytest.mark.parametrize("words", ["auth login", "config set api_key", "--profile x config set api_key"])
def test_a_key_that_is_given_as_an_argument_is_not_taken(eleven, home, words):
    assert eleven(*words.split(), KEY).code == 2
    assert not (home / ".config").exists()


# not in what is shown, whoever says it

EVERYTHING = {
    "tts": ["tts", "hi", "-o", "x.mp3"],
    "voices": ["voices"],
    "models": ["models"],
    "usage": ["usage"],
    "auth": ["auth", "status"],
    "history": ["history"],
    "agents": ["agents"],
    "conversations": ["conversations"],
    "dictionaries": ["dictionaries"],
    "stt": ["stt", "a.mp3"],
    "sts": ["sts", "a.mp3", "-o", "x.mp3"],
    "isolate": ["isolate", "a.mp3", "-o", "x.mp3"],
    "sfx": ["sfx", "rain", "-o", "x.mp3"],
    "align": ["align", "a.mp3", "hi"],
    "talk": ["talk", "--text", "--agent-id", "agent"],
    "api": ["api", "/v1/models", "--include"],
    "doctor": ["doctor"],
}


class Everywhere(dict):
    """The same replies for every path."""

    def __init__(self, reply):
        super().__init__()
        self._reply = reply

    def get(self, path, default=None):
        return [self._reply]


@pytest.fixture
def recording(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.mp3").write_bytes(MP3_FRAME * 40)


@pytest.mark.parametrize("words", [[], ["--debug"]], ids=["plain", "debug"])
@pytest.mark.parametrize("command", EVERYTHING)
@pytest.mark.usefixtures("recording")
def test_a_key_that_the_service_repeats_is_not_shown(eleven, service, command, words):
    said = f"bad key {KEY}, also {KEY!r} and key={KEY}"
    service.replies = Everywhere(error_reply(401, KEY, said, request_id=KEY, x_echo=KEY))
    result = eleven(*words, *EVERYTHING[command])
    assert result.code in (1, 3)
    assert service.requests[0].headers["xi-api-key"] == KEY
    assert KEY not in result.err + result.text


@pytest.mark.parametrize("where", ["message", "cause", "note"])
def test_a_traceback_does_not_show_the_key(eleven, service, monkeypatch, where):
    def broken(client):
        error = RuntimeError(KEY if where == "message" else "broken")
        if where == "note":
            error.add_note(f"while the key was {KEY}")
        raise error from (ValueError({"xi-api-key": KEY}) if where == "cause" else None)

    monkeypatch.setattr("eleven_cli.api.models.list_models", broken)
    result = eleven("--debug", "models")
    assert "Traceback" in result.err
    assert KEY not in result.err
    assert KEY not in eleven("models").err


def test_a_client_does_not_show_its_key():
    client = Client("https://example.com", KEY, environ={})
    assert KEY not in f"{client} {client!r}"


# not on the way elsewhere


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("ask", ["list", "paid", "socket"])
def test_no_redirect_is_followed(service, status, ask):
    asked = {
        "list": lambda client: client.json("GET", "/v1/models"),
        "paid": lambda client: client.json("POST", "/v1/models", json={}),
        "socket": lambda client: client.socket_to("/v1/models", {}),
    }
    with Service() as other:
        for location in (f"{other.url}/v1/models", other.url.replace("http", "ws") + "/x", "/elsewhere"):
            service.on("/v1/models", raw_reply(b"", status, location=location))
            with pytest.raises(ElevenError):
                asked[ask](Client(service.url, KEY, retries=0))
        assert other.requests == []
    assert {request.path for request in service.requests} == {"/v1/models"}


class Proxy(threading.Thread):
    """Refuses every connection, and keeps what it was told."""

    def __init__(self):
        super().__init__(daemon=True)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.told: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def run(self):
        connection, _ = self._listener.accept()
        with self._listener, connection:
            said = b""
            while b"\r\n\r\n" not in said and (piece := connection.recv(4096)):
                said += piece
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            self.told.put(said)


@pytest.mark.parametrize("ask", [lambda c: c.json("GET", "/v1/models"), lambda c: c.socket_to("/v1/models", {})])
def test_a_proxy_is_not_told_the_key(ask):
    proxy = Proxy()
    proxy.start()
    with pytest.raises(ElevenError):
        ask(Client("https://example.com", KEY, environ={"HTTPS_PROXY": proxy.url}, retries=0))
    told = proxy.told.get(timeout=GUARD_S)
    assert told.startswith(b"CONNECT example.com:443 ")
    assert KEY.encode() not in told


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "http://10.0.0.1",
        "http://192.168.1.1:8080",
        "http://127.0.0.1.example.com",
        "http://localhost@example.com",
        "http://[2001:db8::1]",
        "http://[::ffff:8.8.8.8]",
        "http://0x08080808",
        "http://134744072",
        "HTTP://EXAMPLE.COM",
        "ws://example.com",
    ],
)
def test_the_key_is_not_entrusted_to_plain_http(url):
    with pytest.raises(ElevenError):
        Client(url, KEY, environ={})


def test_a_socket_is_as_safe_as_its_server():
    assert socket_url("https://example.com", "/x", {}) == "wss://example.com/x"


# files


@pytest.fixture
def created(monkeypatch):
    """The files that are made from now on, each with its mode, where the user's mask hides nothing."""
    made = []
    real = os.open

    def opened(path, flags, mode=0o777, **more):
        if flags & os.O_CREAT:
            made.append((str(path), mode & 0o777))
        return real(path, flags, mode, **more)

    monkeypatch.setattr(os, "open", opened)
    former = os.umask(0)
    yield made
    os.umask(former)


@pytest.mark.parametrize("words", [["config", "set", "voice", "x"], ["config", "unset", "voice"], ["auth", "logout"]])
def test_settings_are_never_readable_by_others(eleven, service, home, created, words):
    """Not even for a moment: they are made so, not changed afterwards."""
    assert eleven("auth", "login", stdin=f"{KEY}\n").code == 0
    assert eleven("config", "set", "voice", "y").code == 0
    assert eleven(*words).code == 0
    assert [(path, mode) for path, mode in created if str(home) in path and mode & 0o077] == []
    files = [path for path in (home / ".config").rglob("*") if path.is_file()]
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (*files, *(path.parent for path in files))} == {0}


def test_what_is_remembered_is_private(eleven, service, home, created):
    service.on("/v2/voices", json_reply({"voices": [], "has_more": False}))
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven("tts", "hi", "--cache", "-o", str(home / "x.mp3")).code == 0
    kept = list((home / ".cache").rglob("*"))
    assert [path for path in kept if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    assert [(path, mode) for path, mode in created if ".cache" in path and mode & 0o077] == []


SAFE_NAMES = {"TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "TemporaryDirectory", "mkstemp", "mkdtemp"}


def test_temporary_files_are_those_that_nobody_can_guess():
    for path, nodes in modules():
        attributes = {dotted(node) for node in nodes if isinstance(node, ast.Attribute)}
        froms = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "tempfile"]
        imported = {alias.name for node in froms for alias in node.names}
        used = {name.split(".")[1] for name in attributes if name.startswith("tempfile.")}
        assert used | imported <= SAFE_NAMES, path
        texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        assert not [text for text in texts if text.startswith(("/tmp/", "/var/tmp/"))], path
        assert not attributes & {"os.tempnam", "os.chmod"}, f"{path}: what is private is made so"


def test_a_temporary_file_is_private():
    with tempfile.NamedTemporaryFile(prefix="eleven-") as file:
        assert stat.S_IMODE(os.stat(file.name).st_mode) == 0o600


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "x;y", "C:\\x", "%2e%2e%2fx", "\x1b[2J", "."])
def test_no_name_of_the_service_becomes_one_of_a_file(eleven, service, tmp_path, monkeypatch, name):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    headers = {"content_disposition": f"attachment; filename={json.dumps(name)}", "request_id": json.dumps(name)}
    service.on_speech(audio_reply([MP3_FRAME], history_item_id=json.dumps(name), **headers))
    assert eleven("tts", "hi", "-o", "x.mp3").code == 0
    item = {"history_item_id": name, "text": name, "voice_name": name, "content_type": "audio/mpeg", "date_unix": 1}
    service.on("/v1/history", json_reply({"history": [item], "has_more": False}))
    service.replies = {**service.replies, **Everywhere(raw_reply(MP3_FRAME, content_type="audio/mpeg", **headers))}
    eleven("history", "get", "last", "-o", "y.mp3")
    assert {path.name for path in tmp_path.iterdir()} <= {"here", "home"}
    assert {path.name for path in (tmp_path / "here").iterdir()} <= {"x.mp3", "y.mp3"}


# what others say is text

LISTED = {
    "voices": ("/v2/voices", {"voices": [{"voice_id": "a" * 20, "name": HOSTILE, "category": "premade"}]}),
    "history": ("/v1/history", {"history": [{"history_item_id": "h", "text": HOSTILE, "voice_name": HOSTILE}]}),
    "agents": ("/v1/convai/agents", {"agents": [{"agent_id": "a", "name": HOSTILE, "tags": [HOSTILE]}]}),
    "conversations": (
        "/v1/convai/conversations",
        {"conversations": [{"conversation_id": "c", "agent_id": "a", "agent_name": HOSTILE, "status": "done"}]},
    ),
    "dictionaries": (
        "/v1/pronunciation-dictionaries",
        {"pronunciation_dictionaries": [{"id": "d", "name": HOSTILE, "latest_version_id": "v"}]},
    ),
    "models": ("/v1/models", [{"model_id": "m", "name": HOSTILE, "can_do_text_to_speech": True}]),
}


@pytest.mark.parametrize("tty", ["", "out err"], ids=["pipe", "terminal"])
@pytest.mark.parametrize("command", LISTED)
def test_a_name_moves_no_cursor(eleven, service, command, tty):
    path, answer = LISTED[command]
    service.on(path, json_reply(answer))
    result = eleven(command, tty=tty)
    assert result.code == 0
    assert "owned" in result.text
    assert not CONTROLS & set(result.text.replace("\x1b[1m", "").replace("\x1b[0m", "")), result.text


@pytest.fixture(scope="module")
def sandbox():
    """With a past: something was spoken, and an agent was talked to."""
    with running() as sandbox:
        with Client(sandbox.url, sandbox.key, environ={}) as client:
            with synthesize(client, SpeechRequest(VOICE_ID, text="Hello")) as speech:
                assert b"".join(chunk.data for chunk in speech)
            override = {"conversation": {"text_only": True}}
            with Conversation(client, "agent_sandbox_chat", override=override) as conversation:
                next(event for event in conversation if isinstance(event, AgentSaid))
        yield sandbox


class Spoilt:
    """Answers as the sandbox does, with control characters in every text."""

    def __init__(self, sandbox):
        self._sandbox = sandbox

    def get(self, path, default=None):
        return [self._reply]

    def _reply(self, exchange):
        asked = exchange.request
        headers = {"xi-api-key": self._sandbox.key, "content-type": asked.headers.get("content-type", "")}
        url = f"{self._sandbox.url}{asked.path}"
        answer = requests.request(
            asked.method, url, params=asked.query, data=asked.body, headers=headers, timeout=GUARD_S
        )
        kind = answer.headers["content-type"]
        if kind.startswith("application/json"):
            json_reply(spoilt(answer.json()), answer.status_code)(exchange)
        else:
            raw_reply(answer.content, answer.status_code, content_type=kind)(exchange)


def spoilt(value, name=""):
    match value:
        case dict():
            return {key: spoilt(each, key) for key, each in value.items()}
        case list():
            return [spoilt(each, name) for each in value]
        case str() if not name.endswith(("_id", "id", "cursor")):
            return f"{value}{HOSTILE}"
    return value


SHOWN = [
    "voices", "voices show {voice}", "voices library", "models", "usage", "history",
    "history show last", "agents", "agents show agent_sandbox_chat", "conversations", "conversations show last",
    "stt a.mp3", "align a.mp3 hi", "api /v1/models", "doctor",
]  # fmt: skip


@pytest.mark.parametrize("command", SHOWN)
@pytest.mark.usefixtures("recording")
def test_no_text_of_the_service_moves_the_cursor(eleven, service, sandbox, monkeypatch, command):
    monkeypatch.setattr("eleven_cli.terminal.results.width_of", lambda stdout: 400)  # for every column
    service.replies = Spoilt(sandbox)
    for words in ([], ["--debug"]):
        result = eleven(*words, *command.format(voice=VOICE_ID).split(), tty="out err")
        assert result.code == 0, result.err
        shown = re.sub(r"\x1b\[(\d+(;\d+)*)?[mK]|\r(?=\x1b\[K|\n)", "", result.text + result.err)
        assert "owned" in shown
        assert not CONTROLS & {*shown}, shown


@pytest.mark.parametrize("tty", ["", "out err"], ids=["pipe", "terminal"])
@pytest.mark.usefixtures("recording")
def test_a_transcript_moves_no_cursor(eleven, service, tty):
    service.on("/v1/speech-to-text", json_reply({"text": HOSTILE, "language_code": HOSTILE, "words": []}))
    result = eleven("stt", "a.mp3", tty=tty)
    assert "owned" in result.text
    assert not CONTROLS - ({"\u202e"} if not tty else set()) & {*result.text, *result.err}


@pytest.mark.parametrize("tty", ["", "out err"], ids=["pipe", "terminal"])
@pytest.mark.parametrize("where", ["message", "code", "request id", "reason"])
def test_an_error_moves_no_cursor(eleven, service, where, tty):
    said = {name: HOSTILE if name == where else "x" for name in ("message", "code")}
    headers = {"request_id": "\x9b31m\x08"} if where == "request id" else {}
    service.on("/v1/models", error_reply(422, said["code"], said["message"], **headers))
    shown = eleven("models", tty=tty).err.replace("\x1b[31m", "").replace("\x1b[0m", "").replace("\x1b[2m", "")
    assert not CONTROLS - {"\r"} & set(shown.replace("\x1b[K", "").replace("\x1b[36m", "")), shown


# tools

INJECTED = [
    "; touch owned",
    "$(touch owned)",
    "`touch owned`",
    "| touch owned",
    "\n touch owned",
    "-o owned",
    "owned\0",
]


@pytest.mark.parametrize("text", INJECTED)
def test_an_agent_chooses_no_command(tmp_path, monkeypatch, text):
    """What it says reaches the tool as JSON on stdin; names that were not given are no tools."""
    monkeypatch.chdir(tmp_path)
    answers: queue.SimpleQueue[tuple[str, str, bool]] = queue.SimpleQueue()
    shown = "import sys; print(sys.argv[1:], sys.stdin.read())"
    commands = setup.tools([shlex.join([f"t={sys.executable}", "-c", shown, "x"])])
    with Tools(commands, lambda *said: answers.put(said)) as tools:
        tools.run(ToolCalled("t", text, {"where": text, text: text}))
        call, result, is_error = answers.get(timeout=GUARD_S)
        assert (call, is_error) == (text, False)
        assert result == "['x'] " + json.dumps({"where": text, text: text})
        for name in (text, f"t{text}", "/bin/sh", "../t", "sh"):
            tools.run(ToolCalled(name, "2", {}))
            assert answers.get(timeout=GUARD_S) == ("2", f"there is no tool {name} here", True)
    assert not list(tmp_path.glob("*owned*"))


def test_nothing_is_run_by_a_shell():
    shells = {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "eval", "exec"}
    for path, nodes in modules():
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        assert not [call for call in calls for word in call.keywords if word.arg == "shell"], path
        assert not shells & {ast.unparse(call.func) for call in calls}, path


# dependencies

FIXED_IN = {  # the newest known advisory of each, by the version that mends it
    "requests": (2, 33),  # CVE-2026-25645
    "urllib3": (2, 7),  # CVE-2026-44431, CVE-2026-44432
    "certifi": (2024, 7, 4),  # CVE-2024-39689
    "idna": (3, 15),  # CVE-2026-45409
    "pygments": (2, 20),  # CVE-2026-4539
    "markdown-it-py": (2, 2),  # CVE-2023-26303
    "numpy": (1, 22),  # CVE-2021-41495
    "starlette": (1, 3, 1),  # CVE-2026-48710, CVE-2026-54282
    "h11": (0, 16),  # CVE-2025-43859
    "python-multipart": (0, 0, 30),  # CVE-2026-53538
    "uvicorn": (0, 11, 7),  # CVE-2020-7694
    "websockets": (9, 1),  # CVE-2021-33880
    "cryptography": (50, 0),  # CVE-2026-69247
    "protobuf": (6, 33, 5),  # CVE-2026-0994
}


def test_no_version_with_a_known_flaw_may_be_installed():
    declared = [*PROJECT["dependencies"], *chain(*PROJECT["optional-dependencies"].values())]
    bounds = dict(word.partition(";")[0].partition(",")[0].split(">=") for word in declared if ">=" in word)
    lowest = {name: tuple(map(int, bound.strip().split("."))) for name, bound in bounds.items()}
    assert {name: bound for name, bound in FIXED_IN.items() if lowest[name] < bound} == {}
