"""What the service's own introduction shows, as it stands there apart from the address: it meets the sandbox."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.outside.conftest import NODE_MODULES, Sandbox, environment, seconds

CURL = """\
curl "$ELEVENLABS_BASE_URL/v1/models" \
  -H 'Content-Type: application/json' \
  -H "xi-api-key: $ELEVENLABS_API_KEY"
"""
PYTHON = """\
import os
import sys

from elevenlabs.client import ElevenLabs

elevenlabs = ElevenLabs(base_url=os.environ["ELEVENLABS_BASE_URL"])

audio_stream = elevenlabs.text_to_speech.stream(
    text="This is a test",
    voice_id="JBFqnCBsd6RMkjVDRZzb",
    model_id="eleven_multilingual_v2",
)

for chunk in audio_stream:
    if isinstance(chunk, bytes):
        sys.stdout.buffer.write(chunk)
"""
NODE = """\
const { ElevenLabsClient } = require("@elevenlabs/elevenlabs-js");

const elevenlabs = new ElevenLabsClient({ baseUrl: process.env.ELEVENLABS_BASE_URL });

async function main() {
  const audioStream = await elevenlabs.textToSpeech.stream("JBFqnCBsd6RMkjVDRZzb", {
    text: "This is a test",
    modelId: "eleven_multilingual_v2",
  });
  for await (const chunk of audioStream) {
    process.stdout.write(chunk);
  }
}

main();
"""


def run(words: list[str], sandbox: Sandbox, home: Path, **more: str) -> bytes:
    env = environment(sandbox, sandbox.key(), home) | more
    done = subprocess.run(words, env=env, capture_output=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl(sandbox: Sandbox, tmp_path: Path) -> None:
    models = json.loads(run(["sh", "-c", CURL], sandbox, tmp_path))
    assert "eleven_multilingual_v2" in [model["model_id"] for model in models]


def test_python(sandbox: Sandbox, tmp_path: Path) -> None:
    pytest.importorskip("elevenlabs", reason="the official Python SDK is not installed")
    assert 0.5 < seconds(run([sys.executable, "-c", PYTHON], sandbox, tmp_path)) < 3


@pytest.mark.skipif(
    not shutil.which("node") or not (NODE_MODULES / "@elevenlabs" / "elevenlabs-js").is_dir(),
    reason="the official Node SDK is not installed: npm is missing, or could not install it",
)
def test_node(sandbox: Sandbox, tmp_path: Path) -> None:
    audio = run(["node", "-e", NODE], sandbox, tmp_path, NODE_PATH=str(NODE_MODULES))
    assert 0.5 < seconds(audio) < 3
