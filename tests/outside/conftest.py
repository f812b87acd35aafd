"""One sandbox, as a process of its own, for clients that others have written. None of them may leave this machine."""

import io
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import av
import pytest

from tests.support.guard import GUARD_S

ROOT = Path(__file__).parents[2]
FRAMEWORKS = ROOT / ".venv-tests" / "frameworks"
NODE_MODULES = ROOT / ".venv-tests" / "node" / "node_modules"
HARPER = "q30UQ9qvtBNcrAki3LpZ"
SENTENCE = "The quick brown fox jumps over the lazy dog."
NOWHERE = "http://127.0.0.1:9"  # a proxy that is not there: what asks for another host finds nobody
_KEYS = count()


class Sandbox(NamedTuple):
    url: str

    def key(self, word: str = "") -> str:
        """A key that was never used: an account without a past."""
        return f"sk_outside_{word}{next(_KEYS)}_{os.getpid()}"


def seconds(audio: bytes) -> float:
    """How long it plays, as FFmpeg hears it."""
    with av.open(io.BytesIO(audio)) as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))


def environment(sandbox: Sandbox, key: str, home: Path) -> dict[str, str]:
    """What a client finds as a process of its own: the sandbox, a key, an empty home, and no way to another host."""
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), NOWHERE)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_STATE_HOME": str(home),
        "ELEVENLABS_BASE_URL": sandbox.url,
        "ELEVENLABS_API_KEY": key,
        "NO_PROXY": "127.0.0.1,localhost",
        **proxies,
        **{name.lower(): proxy for name, proxy in proxies.items()},
    }


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with standing(tmp_path_factory.mktemp("state")) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Path]]:
    """One that speaks TLS, and the certificate to trust."""
    folder = tmp_path_factory.mktemp("tls")
    authority = folder / "ca.pem"
    with standing(folder, "--tls", "--tls-cert-out", str(authority)) as sandbox:
        yield sandbox, authority


@contextmanager
def standing(state: Path, *options: str) -> Iterator[Sandbox]:
    """A sandbox as a process of its own, with the settings and the memory of a folder."""
    names = ("ELEVEN_", "ELEVENLABS_", "XI_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(names)}
    env |= {"XDG_STATE_HOME": str(state), "XDG_CONFIG_HOME": str(state), "XDG_CACHE_HOME": str(state)}
    words = [sys.executable, "-m", "eleven_cli", "sandbox", "--port", "0", *options]
    log = state / "log"
    with log.open("wb") as written, subprocess.Popen(words, env=env, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        first = process.stderr.readline().decode()
        found = re.search(r"https?://\S+", first)
        assert found, first
        drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=written)
        try:
            yield Sandbox(found[0])
        finally:
            process.kill()
            drain.wait(GUARD_S)


@pytest.fixture(autouse=True, scope="module")
def nothing_leaves() -> Iterator[None]:
    """A connection from this process to another machine fails the test."""
    original = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a client asked for {address}")
        original(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield
