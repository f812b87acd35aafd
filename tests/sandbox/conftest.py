"""One server for all of these tests, and clients that know nothing but HTTP and WebSockets."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests

from eleven_cli.sandbox.server import running
from tests.contract.watching import Watch, watching

from .call import Call
from .call_webhooks import UNTOLD
from .own_program import OwnProgram, own_program

HARPER = "q30UQ9qvtBNcrAki3LpZ"
LIBRARY = "DUeo0A5IHQxXMAwuJ8ZS"
_KEYS = count()


class Api:
    """Requests with one API key; a fresh key means a fresh account."""

    def __init__(self, base: str, key: str | None) -> None:
        self.base, self.key = base, key
        self._session = requests.Session()
        self._session.trust_env = False

    def __call__(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {**({"xi-api-key": self.key} if self.key else {}), **more.pop("headers", {})}
        return self._session.request(method, self.base + path, headers=headers, timeout=30, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self("GET", path, **more)

    def speak(
        self, text: Any = "Hello there.", voice: str = HARPER, kind: str = "", format: str = "", **body: Any
    ) -> requests.Response:
        query = {"output_format": format} if format else {}
        path = f"/v1/text-to-speech/{voice}{kind}"
        return self("POST", path, json={"text": text, **body}, params=query, stream=kind.startswith("/stream"))

    def said(self, text: str = "Hello there.", **more: Any) -> bytes:
        answer = self.speak(text, **more)
        assert answer.status_code == 200, answer.text
        return answer.content

    def close(self) -> None:
        self._session.close()


@pytest.fixture(scope="session", autouse=True)
def memory_between_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where the server remembers what it says when no test is running any more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True)
def memory(memory_between_tests: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for what the sandbox remembers."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "eleven" / "sandbox"


@pytest.fixture(scope="session", autouse=True)
def watch() -> Iterator[Watch]:
    with watching() as watch:
        yield watch


@pytest.fixture(autouse=True)
def as_the_service_answers(watch: Watch) -> Iterator[None]:
    """Whatever a sandbox in this process answers while a test runs has the service's fields and types."""
    yield
    faults = watch.faults()
    assert not faults, "\n".join(faults[:5])


@pytest.fixture(scope="session")
def server(memory_between_tests: None) -> Iterator[str]:
    with running() as base:
        yield base


@pytest.fixture
def api(server: str) -> Iterator[Api]:
    api = Api(server, f"test-key-{next(_KEYS)}")
    yield api
    api.close()


@pytest.fixture
def api_with(server: str) -> Iterator[Any]:
    """A client whose key contains the given word; None for no key at all."""
    made: list[Api] = []

    def make(word: str | None, base: str = server, *, exactly: bool = False) -> Api:
        key = word if exactly or word is None else f"{word}-{next(_KEYS)}"
        made.append(Api(base, key))
        return made[-1]

    yield make
    for api in made:
        api.close()


@pytest.fixture
def call(server: str) -> Iterator[Callable[..., Call]]:
    """Opens conversations with the built-in agents."""
    with ExitStack() as open_calls:
        yield lambda agent="chat", **options: open_calls.enter_context(Call(server, agent, **options))


@pytest.fixture
def described(tmp_path: Path) -> Iterator[Callable[..., Call]]:
    """Opens a conversation with the first agent of a TOML text, on a server of its own."""
    with ExitStack() as running_servers:

        def make(toml: str, agent: str = "agent_mine") -> Call:
            path = tmp_path / "agents.toml"
            path.write_text(toml, "utf-8")
            base = running_servers.enter_context(running(agents=path))
            return running_servers.enter_context(Call(base, query=f"agent_id={agent}"))

        yield make


@pytest.fixture
def program(tmp_path: Path) -> Iterator[OwnProgram]:
    """A program beside a sandbox whose agent has no webhook of its own."""
    with own_program(tmp_path, UNTOLD) as program:
        yield program


@pytest.fixture
def mine(program: OwnProgram) -> Iterator[Api]:
    api = Api(program.base, "mine")
    yield api
    api.close()
