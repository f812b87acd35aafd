"""Frameworks that speak and listen with ElevenLabs, against a sandbox with TLS: one process runs the calls of each in
`frameworks.py`, each test reads a row."""

import base64
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.outside.conftest import FRAMEWORKS, SENTENCE, Sandbox, environment, seconds

pytestmark = [
    pytest.mark.skipif(
        not (FRAMEWORKS / "wanted").exists(), reason="the frameworks are not installed: pip could not install them"
    ),
    pytest.mark.timeout(170),  # the first one of a framework waits for all of it
]
ROWS = [
    ("livekit", "stream"),
    ("livekit", "synthesize"),
    ("livekit", "recognize"),
    ("livekit", "recognize live"),
    ("pipecat", "stream"),
    ("pipecat", "over HTTP"),
    ("pipecat", "recognize live"),
    ("langchain", "run"),
]


@pytest.fixture(scope="module")
def results(secure: tuple[Sandbox, Path], tmp_path_factory: pytest.TempPathFactory) -> Any:
    sandbox, authority = secure

    @cache
    def of(framework: str) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp(framework)
        env = environment(sandbox, sandbox.key(framework), folder)
        env |= {"PYTHONPATH": str(FRAMEWORKS), "SSL_CERT_FILE": str(authority), "TMPDIR": str(folder)}
        words = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("frameworks.py")), framework]
        done = subprocess.run(words, env=env, capture_output=True, timeout=150, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return dict(json.loads(done.stdout))

    return of


@pytest.mark.parametrize(("framework", "call"), ROWS)
def test_calls(results: Any, framework: str, call: str) -> None:
    found = results(framework)[call]
    assert "error" not in found, found["error"]
    if call.startswith("recognize"):
        assert found["value"] == SENTENCE
    else:
        assert 2 < duration(framework, base64.b64decode(found["value"])) < 6


def duration(framework: str, audio: bytes) -> float:
    """Frameworks for calls hand on samples, of 16 kHz here."""
    return seconds(audio) if framework == "langchain" else len(audio) / 32000


@pytest.mark.parametrize("framework", sorted({framework for framework, _ in ROWS}))
def test_every_call_is_looked_at(results: Any, framework: str) -> None:
    assert {(framework, call) for call in results(framework)} == {row for row in ROWS if row[0] == framework}
