"""One server for all of these tests, and a client that knows nothing but HTTP."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import requests

from eleven_cli.sandbox.server import running

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


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
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
