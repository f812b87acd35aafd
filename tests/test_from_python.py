"""The library: what a program gets from `eleven_cli.api`, and that the page about it is true."""

import asyncio
import contextlib
import inspect
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import eleven_cli
from eleven_cli import api
from eleven_cli.sandbox import running
from eleven_cli.settings import ENVIRONMENT
from tests.conftest import KEY
from tests.support.guard import GUARD_S
from tests.support.service import Service, json_reply

ROOT = Path(__file__).parents[1]
PAGE = (Path(eleven_cli.__file__).parent / "help" / "python.md").read_text("utf-8")
PROGRAMS = dict(re.findall(r"`(\w+\.py)`[^`]*:\n\n```python\n(.*?)```", PAGE, re.DOTALL))
OF_THE_COMMAND_LINE = ("typer", "click", "rich", "platformdirs", "tomlkit")
OURS_BELOW = {"api", "audio", "errors", "packages", "processes"}


def test_nothing_of_the_command_line_is_loaded() -> None:
    code = f"from eleven_cli.api import {', '.join(api.__all__)}\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = done.stdout.split()
    assert not [name for name in names if name.partition(".")[0] in OF_THE_COMMAND_LINE]
    assert {name.split(".")[1] for name in names if name.startswith("eleven_cli.")} <= OURS_BELOW
    assert not {"requests", "websocket", "ssl"} & {*names}


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    code = "import eleven_cli.api, sys; print(*(name for name in sys.modules if name.startswith('eleven_cli')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["eleven_cli", "eleven_cli.api"]


def test_what_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute Speech"):
        _ = api.Speech  # type: ignore[attr-defined]
    assert not hasattr(api, "nothing")
    assert {*api.__all__} <= {*dir(api)}


def test_the_list_of_names_is_that_of_the_library() -> None:
    from eleven_cli.api import library

    assert sorted(api.__all__) == sorted(name for name in vars(library) if name.isidentifier() and name[0] != "_")


def undocumented(name: str) -> Iterator[str]:
    thing = getattr(api, name)
    own = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    if not own or own.startswith(f"{name}("):  # dataclasses and named tuples write one
        yield name
    for member in vars(thing) if inspect.isclass(thing) else ():
        function = inspect.getattr_static(thing, member)
        function = getattr(function, "fget", getattr(function, "__func__", function))
        if inspect.isfunction(function) and not member.startswith("_") and not inspect.getdoc(getattr(thing, member)):
            yield f"{name}.{member}"


@pytest.mark.parametrize("name", api.__all__)
def test_every_name_says_what_it_is(name: str) -> None:
    assert list(undocumented(name)) == []


def test_types_are_shipped() -> None:
    assert (files("eleven_cli") / "py.typed").is_file()


def test_the_errors_of_the_page_are_those_that_there_are() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d) \| (.*) \|$", PAGE, re.MULTILINE)
    kinds = {name: getattr(api, name) for name in api.__all__ if inspect.isclass(getattr(api, name))}
    errors = {name for name, kind in kinds.items() if issubclass(kind, api.ElevenError)}
    for name, exit_code, more in rows:
        named = {name, *re.findall(r"`(\w+)`:", more)}
        assert {kinds[kind].exit_code for kind in named} == {int(exit_code)}
        errors -= named
    assert errors == {"AudioError", "OutputClosed"}  # which no one meets without devices and pipes of ours


# the client


@pytest.mark.parametrize("variable", ENVIRONMENT["api_key"])
def test_key_and_server_are_taken_from_the_environment(variable: str) -> None:
    with Service() as service:
        service.on("/v1/models", json_reply([]))
        with api.Client(environ={variable: f" {KEY}\n", "ELEVENLABS_BASE_URL": f"{service.url}/"}) as client:
            assert client.json("GET", "/v1/models") == []
        assert service.requests[0].headers["xi-api-key"] == KEY


def test_arguments_come_first() -> None:
    with Service() as service:
        service.on("/v1/models", json_reply([]))
        environ = {"ELEVENLABS_API_KEY": "sk_another", "ELEVENLABS_BASE_URL": "http://127.0.0.1:9"}
        api.Client(api_key=KEY, base_url=service.url, environ=environ).json("GET", "/v1/models")
        api.Client(api_key="", base_url=service.url, environ=environ).json("GET", "/v1/models")
        assert [request.headers.get("xi-api-key") for request in service.requests] == [KEY, None]


def test_without_anything_it_is_the_service_itself() -> None:
    client = api.Client(environ={})
    assert client.base_url == "https://api.elevenlabs.io"
    assert not client.has_key


@pytest.mark.parametrize("key", ["sk_\nx: y", "sk one", "sk_é", "sk_\0", "sk_\u200b"])
def test_a_key_that_is_none_is_refused_before_it_is_sent(key: str) -> None:
    with pytest.raises(api.AuthError) as refused:
        api.Client(api_key=key, environ={})
    assert key not in str(refused.value)


@pytest.mark.parametrize("url", ["http://example.com", "ftp://x", "https://u:p@example.com", ""])
def test_a_server_that_no_key_may_be_sent_to(url: str) -> None:
    with pytest.raises(api.UsageError):
        api.Client(url, KEY, environ={})


@pytest.mark.parametrize(
    "use",
    [
        lambda client: list(api.SpeechStream(client, api.SpeechRequest("v"))),
        lambda client: api.Conversation(client, "agent").send_text("Hello"),
        lambda client: api.LiveTranscription(client).send_audio(b"\0\0"),
    ],
)
def test_what_is_used_outside_of_its_with_says_so(use: Any) -> None:
    with pytest.raises(RuntimeError, match="its `with`"):
        use(api.Client(api_key=KEY, environ={}))


@pytest.mark.parametrize(
    "ask",
    [
        lambda client, request: api.synthesize(client, request, timed=True),
        lambda client, request: api.SpeechStream(client, request).__enter__(),
    ],
)
def test_a_format_that_cannot_be_measured_is_refused_before_anything_is_asked(ask: Any) -> None:
    request = api.SpeechRequest("v", "mp3_1_1", text="Hello")
    with Service() as service:
        client = api.Client(service.url, KEY, environ={})
        with pytest.raises(api.UsageError, match="unknown format"):
            ask(client, request)
        assert service.requests == []


@pytest.mark.parametrize("rate", [0, -16_000, 11_025, 96_000])
def test_sound_that_the_service_does_not_take_is_refused_before_it_is_called(rate: int) -> None:
    with pytest.raises(api.UsageError, match=f"sound of {rate} Hz") as refused:
        api.LiveTranscription(api.Client(api_key=KEY, environ={}), rate=rate)
    assert "48000 Hz" in refused.value.hint


def test_a_conversation_that_was_not_begun_has_nothing_to_tell() -> None:
    conversation = api.Conversation(api.Client(api_key=KEY, environ={}), "agent")
    assert (conversation.conversation_id, conversation.is_open, conversation.failure) == (None, False, None)


def test_a_task_that_is_cancelled_hangs_up_and_its_thread_ends() -> None:
    """As the page says, with its lines."""
    (lines,) = re.findall(r"```python\n(async def .*?)```", PAGE, re.DOTALL)
    with running() as sandbox:
        client = api.Client(sandbox.url, "sk_from_python")
        conversation = api.Conversation(client, "agent_sandbox_chat")
        has_begun, ended = threading.Event(), threading.Event()

        def listen_to(conversation: api.Conversation) -> None:
            for _ in conversation:
                has_begun.set()
            ended.set()

        names: dict[str, Any] = {"asyncio": asyncio, "conversation": conversation, "listen_to": listen_to}
        exec(lines, names)

        async def cancelled() -> None:
            task = asyncio.create_task(names["call"]())
            await asyncio.to_thread(has_begun.wait, GUARD_S)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

        asyncio.run(cancelled())  # it waits for its threads
    assert ended.is_set()
    assert conversation.failure is None


def test_an_error_says_as_text_what_it_says_as_a_message() -> None:
    with Service() as service:
        service.on("/v1/models", lambda exchange: (exchange.head(content_length="5"), exchange.body(b"hello")))
        with pytest.raises(api.ElevenError) as failed:
            api.Client(service.url, KEY).json("GET", "/v1/models")
    assert str(failed.value) == failed.value.message == "the service sent something that is not JSON: hello"


# the page's programs, as they stand


@pytest.fixture(scope="module")
def environ() -> Iterator[dict[str, str]]:
    with running() as sandbox:
        known = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT["api_key"]}
        mine = {"ELEVENLABS_BASE_URL": sandbox.url, "ELEVENLABS_API_KEY": "sk_from_python", "PYTHONUNBUFFERED": "1"}
        yield {**known, **mine, "AGENT_ID": "agent_sandbox_chat"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, program in PROGRAMS.items():
        (tmp_path / name).write_text(program, "utf-8")
    return tmp_path


def ran(program: str, folder: Path, environ: dict[str, str]) -> str:
    words = [sys.executable, program]
    done = subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=GUARD_S)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_programs_are_found() -> None:
    assert list(PROGRAMS) == ["speak.py", "story.py", "dictate.py", "sound.py", "talk.py"]
    assert len(PROGRAMS["talk.py"].partition("\ntry:")[2].splitlines()) <= 15


def test_a_text_is_spoken_and_heard(folder: Path, environ: dict[str, str]) -> None:
    assert ran("speak.py", folder, environ) == "21 credits\n"
    assert (folder / "question.pcm").stat().st_size > 16_000
    assert ran("dictate.py", folder, environ).splitlines()[-1] == "Where is the station? 0.0"


def test_a_text_is_spoken_while_it_is_written(folder: Path, environ: dict[str, str]) -> None:
    assert ran("story.py", folder, environ) == ""
    assert (folder / "story.mp3").read_bytes().startswith((b"\xff\xfb", b"ID3"))


def test_an_error_says_what_to_do(folder: Path, environ: dict[str, str]) -> None:
    environ = {**environ, "ELEVENLABS_BASE_URL": "http://example.com"}
    words = [sys.executable, "speak.py"]
    done = subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=GUARD_S)
    said = "the API key is never sent over plain http: http://example.com (use the https address)\n"
    assert (done.returncode, done.stderr) == (1, said)


GREETING = "Agent: Hello, this is the sandbox. What can I do for you?"
OF_A_CALL = (
    re.escape(GREETING),
    f"{re.escape(GREETING)} -> .*",
    re.escape("User: Where is the station?"),
    re.escape("Agent: You said: Where is the station?") + ".*",
    r"Latency: \d+ms",
)


def test_a_conversation_is_held_and_ended_by_ctrl_c(folder: Path, environ: dict[str, str]) -> None:
    """The question is spoken into the greeting, which is cut short, and answered."""
    ran("speak.py", folder, environ)
    words = [sys.executable, "talk.py"]
    with subprocess.Popen(
        words, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as talk:
        assert talk.stdout is not None
        awaited = {*OF_A_CALL}
        while awaited and (line := talk.stdout.readline()):
            awaited -= {pattern for pattern in awaited if re.fullmatch(pattern, line.rstrip("\n"))}
        talk.send_signal(signal.SIGINT)
        out, err = talk.communicate(timeout=GUARD_S)
    assert not awaited
    assert re.fullmatch(r"Conversation ID: conv_\w+", out.splitlines()[-1])
    assert (talk.returncode, err) == (0, "")


def test_the_programs_have_types(folder: Path) -> None:
    words = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(ROOT / "pyproject.toml")]
    words += ["--cache-dir", str(ROOT / ".mypy_cache"), *PROGRAMS]
    environ = {**os.environ, "MYPYPATH": str(folder)}
    done = subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stdout
