"""The official command line against the sandbox, with nothing but another base URL."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.outside.conftest import HARPER, NODE_MODULES, SENTENCE, Sandbox, environment, seconds

# What npm installs beside a script that does nothing but start it.
PROGRAM = next(NODE_MODULES.glob("@elevenlabs/cli-*/elevenlabs*"), None)
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="the official command line is not installed: npm is missing, or could not install it"
)
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def run(sandbox: Sandbox, tmp_path: Path) -> Run:
    env = environment(sandbox, sandbox.key(), tmp_path)

    def started(*words: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            [str(PROGRAM), *words], env=env, cwd=tmp_path, capture_output=True, timeout=30, check=False
        )

    return started


def answer(run: Run, *words: str) -> Any:
    done = run(*words)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("command", "query", "holds"),
    [
        ("models list", "[].model_id", lambda ids: "eleven_multilingual_v2" in ids),
        ("voices search", "voices[].name", lambda names: names[0] == "Harper"),
        (f"voices get --voice-id {HARPER}", "name", lambda name: name == "Harper"),
        ("user get", "subscription.tier", lambda tier: tier == "pro"),
        ("agents conversations list", "conversations", lambda conversations: isinstance(conversations, list)),
        ("agents list", "agents[].agent_id", lambda ids: "agent_sandbox_chat" in ids),
        ("agents get --agent-id agent_sandbox_chat", "name", lambda name: name == "Sandbox: small talk"),
        (
            f"text-to-speech convert_with_timestamps --voice-id {HARPER} --text Hi",
            "alignment.characters",
            lambda characters: characters == ["H", "i"],
        ),
    ],
)
def test_questions(run: Run, command: str, query: str, holds: Callable[[Any], Any]) -> None:
    assert holds(answer(run, *command.split(), "--query", query))


def test_speech_is_made_and_heard(run: Run, tmp_path: Path) -> None:
    answer(run, "text-to-speech", "convert", "--voice-id", HARPER, "--text", SENTENCE, "-o", "made.mp3")
    assert 2 < seconds((tmp_path / "made.mp3").read_bytes()) < 6
    heard = answer(run, "speech-to-text", "convert", "--model-id", "scribe_v2", "--file", "made.mp3", "--query", "text")
    assert heard == SENTENCE
    words = ("forced-alignment", "create", "--file", "made.mp3", "--text", SENTENCE, "--query", "words[].text")
    assert answer(run, *words) == SENTENCE.split()


def test_speech_that_is_streamed(run: Run) -> None:
    """Which it writes nowhere but to its output, and unchanged only when it is asked to."""
    done = run("text-to-speech", "stream", "--voice-id", HARPER, "--text", SENTENCE, "--format", "raw")
    assert 2 < seconds(done.stdout) < 6, done


def test_tests_of_agents(run: Run) -> None:
    example = {"response": "Hello! It is good to hear you.", "type": "success"}
    said = {"role": "user", "message": "Hello", "time_in_call_secs": 0}
    new = json.dumps({"name": "Greets", "chat_history": [said], "success_examples": [example]})
    test_id = answer(run, "agents", "tests", "create", "--json", new)["id"]
    wanted = json.dumps({"tests": [{"test_id": test_id}]})
    words = ("--agent-id", "agent_sandbox_chat", "--json", wanted, "--query", "test_runs[].status")
    assert answer(run, "agents", "run_tests", *words) == ["passed"]
    counts = ("--query", "results[].[title, passed_count]")
    assert answer(run, "agents", "tests", "invocations", "list", *counts) == [["Greets", 1]]


def test_history(run: Run, tmp_path: Path) -> None:
    answer(run, "text-to-speech", "convert", "--voice-id", HARPER, "--text", "Hi.", "-o", "made.mp3")
    item = answer(run, "history", "list", "--query", "history[0]")
    assert item["text"] == "Hi."
    answer(run, "history", "get_audio", "--history-item-id", item["history_item_id"], "-o", "again.mp3")
    assert (tmp_path / "again.mp3").read_bytes() == (tmp_path / "made.mp3").read_bytes()


def test_say(run: Run, tmp_path: Path) -> None:
    done = run("say", "This is a test", "--voice", HARPER, "-o", "said.mp3")
    assert done.returncode == 0, done
    assert seconds((tmp_path / "said.mp3").read_bytes()) > 0.5


def test_an_unknown_voice(run: Run) -> None:
    done = run("voices", "get", "--voice-id", "nobody")
    assert done.returncode != 0
    error = json.loads(done.stdout or done.stderr)["error"]
    assert (error["code"], error["details"]["detail"]["status"]) == (404, "voice_not_found")
