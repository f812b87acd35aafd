"""The official Node SDK against the sandbox: one process runs the table of `node_sdk.cjs`, each test reads a row."""

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.outside.conftest import HARPER, NODE_MODULES, SENTENCE, Sandbox, environment, seconds

HERE = Path(__file__).parent
pytestmark = pytest.mark.skipif(
    not shutil.which("node") or not (NODE_MODULES / "@elevenlabs" / "elevenlabs-js").is_dir(),
    reason="the official Node SDK is not installed: npm is missing, or could not install it",
)


def is_sentence(audio: str) -> bool:
    return 2 < seconds(base64.b64decode(audio)) < 6


def is_short(audio: str) -> bool:
    return 0.5 < seconds(base64.b64decode(audio)) < 4


def refused(code: int, status: str) -> Callable[[Any], bool]:
    return lambda failure: (failure["code"], failure["detail"]["status"]) == (code, status)


ROWS: dict[str, Callable[[Any], Any]] = {
    "models": lambda ids: "eleven_multilingual_v2" in ids,
    "voices.search": lambda voice: voice == HARPER,
    "voices.getAll": lambda ids: HARPER in ids,
    "voices.get": lambda name: name == "Harper",
    "voices.settings": lambda settings: (settings["stability"], settings["speed"]) == (0.4, 1.1),
    "voices.ivc.create": lambda voice: len(voice) == 20,
    "voices.update": lambda name: name == "You",
    "voices.delete": lambda status: status == "ok",
    "voices.share": lambda name: name == "Mine",
    "textToVoice": lambda name: name == "Old",
    "textToSpeech.convert": is_sentence,
    "textToSpeech.stream": is_sentence,
    "textToSpeech.convertWithTimestamps": lambda text: text == SENTENCE,
    "textToSpeech.streamWithTimestamps": lambda text: text == SENTENCE,
    "textToDialogue.convert": is_short,
    "textToDialogue.stream": is_short,
    "textToDialogue.convertWithTimestamps": lambda voices: voices[0] == HARPER != voices[1],
    "speechToSpeech.convert": is_sentence,
    "speechToSpeech.stream": is_sentence,
    "audioIsolation.convert": is_sentence,
    "audioIsolation.stream": is_sentence,
    "speechToText.convert": lambda text: text == SENTENCE,
    "speechToText.realtime": lambda text: text == SENTENCE,
    "forcedAlignment": lambda text: text == SENTENCE.replace(" ", ""),
    "textToSoundEffects": is_short,
    "history.list": lambda text: text == SENTENCE,
    "history.getAudio": is_sentence,
    "history.delete": lambda status: status == "ok",
    "pronunciationDictionaries": lambda found: found == ["United Nations", True],
    "usage": lambda names: names == ["All"],
    "user": lambda tier: tier == "pro",
    "subscription": lambda used: used > 0,
    "tokens.singleUse": lambda token: token.startswith("sutkn_"),
    "agents.list": lambda ids: "agent_sandbox_chat" in ids,
    "agents.get": lambda name: name == "Sandbox: small talk",
    "conversations": lambda found: found == [True, "done", "noon"],
    "signedUrl": lambda url: url.startswith("ws://127.0.0.1:"),
    "error: key": refused(401, "invalid_api_key"),
    "error: credits": refused(402, "quota_exceeded"),
    "error: permission": refused(403, "missing_permissions"),
    "error: voice": refused(404, "voice_not_found"),
}


@pytest.fixture(scope="module")
def results(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    env = environment(sandbox, sandbox.key(), tmp_path_factory.mktemp("home")) | {"NODE_PATH": str(NODE_MODULES)}
    words = ["node", "-r", str(HERE / "loopback_only.cjs"), str(HERE / "node_sdk.cjs")]
    done = subprocess.run(words, env=env, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return dict(json.loads(done.stdout))


@pytest.mark.timeout(150)  # the first one waits for all
@pytest.mark.parametrize(("name", "holds"), ROWS.items(), ids=list(ROWS))
def test_calls(results: dict[str, Any], name: str, holds: Callable[[Any], Any]) -> None:
    assert "error" not in results[name], results[name]["error"]
    assert holds(results[name]["value"])


def test_every_call_is_looked_at(results: dict[str, Any]) -> None:
    assert set(results) == set(ROWS)
