"""What every test stands on: the program in this process or as a real one, a server that does as it is told, the
sandbox, and folders of its own for settings and cache."""

import functools
import gc
import io
import itertools
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import hypothesis
import pytest
import typer.main

from eleven_cli.__main__ import main
from eleven_cli.api.client import Client
from eleven_cli.settings import ENVIRONMENT
from eleven_cli.terminal import Terminal
from tests.support.agent import AGENT, AgentServer
from tests.support.loaded import LoadedProgram, can_be_loaded
from tests.support.realtime_socket import ScribeServer
from tests.support.receiver import Receiver
from tests.support.service import Service, json_reply
from tests.support.soundcard import SoundCard
from tests.support.speech_socket import Narrator
from tests.support.transcriptions import HEARD, STT_PATH
from tests.support.wav_files import wav

# how long an example takes says how busy the machine is, and nothing about the program
hypothesis.settings.register_profile(
    "busy machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("busy machine")

# a process of the program reads the signature of a command once; that of the tests would some thousands of times
typer.main.get_params_from_function = functools.cache(typer.main.get_params_from_function)

# nohup, and a shell's "&", have what is started ignore these, and so would every program under test
for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

KEY = "sk_test_0123456789abcdef"
VOICE = "abcdefghij0123456789"


class Outcome(NamedTuple):
    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def error(self) -> str:
        """The line that says what went wrong."""
        return next(line for line in self.err.splitlines() if line.startswith("error: "))

    @property
    def hint(self) -> str:
        return next(line for line in self.err.splitlines() if line.startswith("hint: "))


class _Bytes(io.BytesIO):
    def __init__(self, data: bytes, *, tty: bool) -> None:
        super().__init__(data)
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


def _stream(data: bytes = b"", *, tty: bool) -> io.TextIOWrapper:
    return io.TextIOWrapper(_Bytes(data, tty=tty), encoding="utf-8", write_through=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What stays until the end is not looked through, again and again, for what may go."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


_LONG = (  # files that take longest, so that none of them is still alone when the others are done
    *("test_readme.py", "test_completion_shells.py", "test_installing.py", "test_rows.py", "test_files.py"),
    *("test_frameworks.py", "test_browser.py", "test_node_sdk.py", "test_pytest_plugin.py", "test_html.py"),
    *("test_sandbox.py", "test_process.py", "test_screen.py", "test_answers.py", "test_joining.py", "test_layers.py"),
    *("test_early_connection.py", "test_command_line.py", "test_audio_effects.py", "test_official_cli.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever uses the sound card is a `sound` test; `tests/run` finds their files by a word in them."""
    items.sort(key=lambda item: _LONG.index(item.path.name) if item.path.name in _LONG else len(_LONG))
    for item in items:
        if "card" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.sound)
    for path in {item.path for item in items if item.get_closest_marker("sound")}:
        assert re.search(r"\bcard\b|mark\.sound", path.read_text("utf-8")), f"tests/run overlooks {path}"


_NUMBERS = itertools.count()


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the test's own, as pytest's, which looks through those of all tests before for a free number."""
    word = re.sub(r"\W", "_", request.node.name)[:30]
    folder = tmp_path_factory.getbasetemp() / "t" / f"{word}{next(_NUMBERS)}"
    folder.mkdir(mode=0o700, parents=True)
    return folder


_NETWORK = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
)
_LOOKED_AT = {
    *(name for names in ENVIRONMENT.values() for name in names),
    *_NETWORK,
    *(name.lower() for name in _NETWORK),
    *("ELEVEN_PROFILE", "ELEVEN_CONFIG", "ELEVEN_SANDBOX", "ELEVEN_QUIET"),
    *("NO_COLOR", "CURL_CA_BUNDLE", "XDG_RUNTIME_DIR"),
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and none of the variables that the program looks at."""
    home = tmp_path / "home"
    home.mkdir()
    for name in _LOOKED_AT & os.environ.keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / ".cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / ".local" / "state"))
    monkeypatch.setenv("TERM", "xterm-256color")
    return home


@pytest.fixture
def eleven(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Run a command line through `main()`. `stdin` is a pipe with these bytes; `tty` names the streams (of "in out
    err") that are terminals."""

    def run(*argv: str, stdin: bytes | str = b"", tty: str = "") -> Outcome:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        streams = [_stream(data, tty="in" in tty), _stream(tty="out" in tty), _stream(tty="err" in tty)]
        for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
            monkeypatch.setattr(sys, name, stream)  # typer prints help pages there
        try:
            code = main([str(word) for word in argv], Terminal(*streams, os.environ), os.environ)
        finally:
            for name in ("stdin", "stdout", "stderr"):
                monkeypatch.setattr(sys, name, getattr(sys, f"__{name}__"))
        out, err = (stream.buffer.getvalue() for stream in streams[1:])  # type: ignore[attr-defined]
        return Outcome(code, out, err.decode())

    return run


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A server that answers as the test says; the program is pointed at it, with a key and a voice."""
    with Service() as service:
        monkeypatch.setenv("ELEVENLABS_BASE_URL", service.url)
        monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
        monkeypatch.setenv("ELEVENLABS_VOICE_ID", VOICE)
        yield service


@pytest.fixture(scope="module")
def card() -> Iterator[SoundCard]:
    """A sound card of its own for the tests of a file, with a microphone to speak into."""
    with SoundCard(microphone=True) as card:
        yield card


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A server that keeps requests whole, uploads included; the program is pointed at it, with a key."""
    with Receiver() as receiver:
        monkeypatch.setenv("ELEVENLABS_BASE_URL", receiver.url)
        monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
        yield receiver


@pytest.fixture
def transcriber(receiver: Receiver) -> Receiver:
    """A server that hears the same in every recording."""
    receiver.on(STT_PATH, json_reply(HEARD))
    return receiver


@pytest.fixture
def recording(tmp_path: Path) -> str:
    """The path of a WAV file."""
    path = tmp_path / "in.wav"
    path.write_bytes(wav())
    return str(path)


@pytest.fixture
def agent_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AgentServer]:
    """An agent that does what the test says; the program is pointed at it."""
    with AgentServer() as server:
        monkeypatch.setenv("ELEVENLABS_BASE_URL", server.url)
        monkeypatch.setenv("AGENT_ID", AGENT)
        yield server


@pytest.fixture
def narrator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Narrator]:
    """A speech socket, with a key and a voice for it."""
    with Narrator() as narrator:
        monkeypatch.setenv("ELEVENLABS_BASE_URL", narrator.url)
        monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
        monkeypatch.setenv("ELEVENLABS_VOICE_ID", VOICE)
        yield narrator
        assert not narrator.failures


@pytest.fixture
def scribe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ScribeServer]]:
    """Start a live transcription service that follows these scripts; the program is pointed at it, with a key."""
    servers: list[ScribeServer] = []

    def started(*scripts: Callable[..., object]) -> ScribeServer:
        server = ScribeServer(list(scripts)).__enter__()
        servers.append(server)
        monkeypatch.setenv("ELEVENLABS_BASE_URL", server.url)
        monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
        return server

    yield started
    for server in servers:
        server.__exit__()
        assert not server.failures


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between tries, recorded instead of waited."""
    waited: list[float] = []
    original = Client.__init__

    def patched(self: Client, *args: Any, **options: Any) -> None:
        original(self, *args, **{**options, "pause": waited.append})

    monkeypatch.setattr(Client, "__init__", patched)
    return waited


@pytest.fixture(scope="session")
def loaded() -> Iterator[LoadedProgram]:
    """The program, loaded once for many processes."""
    program = LoadedProgram()
    yield program
    program.close()


_OF_PROCESSES = ("test_process.py", "test_signals.py", "test_packages.py", "test_children.py", "test_terminal.py")


@pytest.fixture
def spawn(request: pytest.FixtureRequest) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Start the program as a process of its own; whatever still runs at the end is killed. It is forked from the loaded
    one, but where it is to be `fresh`, and in tests of processes themselves."""
    of_processes = request.path.name in _OF_PROCESSES
    started: list[subprocess.Popen[bytes]] = []

    def start(
        *argv: str, prefix: Sequence[str] = (), fresh: bool = False, **options: object
    ) -> "subprocess.Popen[bytes]":
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        if not (of_processes or prefix or fresh) and can_be_loaded(options):
            process = request.getfixturevalue("loaded").start(*argv, **{**pipes, **options})
        else:
            process = subprocess.Popen([*prefix, sys.executable, "-m", "eleven_cli", *argv], **{**pipes, **options})  # type: ignore[call-overload]
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
