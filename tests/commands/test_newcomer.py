"""An account that is new: free, and without stock voices. The refusal names the one command that leads to sound."""

import json
import os
import shlex
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.service import error_reply, json_reply

NEW = {"ELEVEN_SANDBOX": "1", "ELEVEN_SANDBOX_PLAN": "free", "ELEVEN_SANDBOX_STOCK_VOICES": "0"}
DESIGN = 'eleven voices design "a calm, friendly narrator with a warm voice" --keep Narrator'


Program = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def eleven_process(spawn: Callable[..., "subprocess.Popen[bytes]"]) -> Program:
    def run(*argv: str, **environ: str) -> "subprocess.CompletedProcess[bytes]":
        process = spawn(*argv, env={**os.environ, **environ})
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(argv, process.returncode, out, err)

    return run


def hint_of(done: "subprocess.CompletedProcess[bytes]") -> str:
    return next(line for line in done.stderr.decode().splitlines() if line.startswith("hint: ")).removeprefix("hint: ")


def test_from_the_refusal_to_sound_with_the_one_command_that_it_names(eleven_process: Program) -> None:
    refused = eleven_process("tts", "Hello, world", **NEW)
    assert (refused.returncode, refused.stdout) == (4, b"")
    assert "this account has no voices" in refused.stderr.decode()
    command = shlex.split(hint_of(refused))
    assert command[0] == "eleven"
    made = eleven_process(*command[1:], **NEW)
    assert (made.returncode, made.stderr) == (0, b"")
    name, voice_id, category, *_ = made.stdout.decode().split("\t")
    assert (name, category) == ("Narrator", "generated")
    spoken = eleven_process("tts", "Hello, world", **NEW)
    assert (spoken.returncode, spoken.stderr) == (0, b"")
    assert len(spoken.stdout) > 5_000
    listed = json.loads(eleven_process("voices", "--json", **NEW).stdout)
    assert [(voice["name"], voice["voice_id"]) for voice in listed] == [("Narrator", voice_id)]


def test_the_hint_of_an_account_with_a_library_voice_on_the_free_plan(eleven_process: Program) -> None:
    refused = eleven_process("tts", "Hello", "--voice", "Vivienne", **{**NEW, "ELEVEN_SANDBOX_STOCK_VOICES": "1"})
    assert refused.returncode == 5
    assert hint_of(refused) == DESIGN


def test_whoever_has_the_sandbox_by_an_option_is_led_on_in_it(eleven_process: Program) -> None:
    """And asks the service for nothing: there is no key."""
    free = {name: value for name, value in NEW.items() if name != "ELEVEN_SANDBOX"}
    command = shlex.split(hint_of(eleven_process("--sandbox", "tts", "Hello, world", **free)))
    assert command[:2] == ["eleven", "--sandbox"]
    assert eleven_process(*command[1:], **free).returncode == 0
    assert len(eleven_process("tts", "Hello, world", "--sandbox", **free).stdout) > 5_000


def test_a_list_without_voices_names_the_command(eleven: Any, service: Any) -> None:
    service.on("/v2/voices", json_reply({"voices": [], "has_more": False}))
    assert eleven("voices").err == f"this account has no voices; make one: {DESIGN}\n"


@pytest.mark.parametrize("status", ["payment_required", "paid_plan_required"])
def test_a_paid_plan_that_is_required(eleven: Any, service: Any, status: str) -> None:
    service.on_speech(error_reply(402, "paid_plan_required", "Library voices need a paid plan.", legacy=status))
    result = eleven("tts", "hi")
    assert (result.code, result.hint) == (5, f"hint: {DESIGN}")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v1/text-to-voice/design", ("voices", "design", "an old sailor, gravelly and kind")),
        ("/v1/text-to-voice", ("voices", "keep", "some", "Ann", "--description", "a calm, friendly narrator")),
        ("/v1/sound-generation", ("sfx", "rain")),
        ("/v1/audio-effects/catalog", ("effects",)),
    ],
)
def test_a_designed_voice_is_no_way_out_of_what_needs_none(eleven: Any, service: Any, path: str, words: Any) -> None:
    service.on("/v2/voices", json_reply({"voices": [], "has_more": False}))
    service.on(path, error_reply(402, "paid_plan_required", "Free users cannot.", kind="payment_required"))
    result = eleven(*words)
    assert (result.code, result.hint) == (5, "hint: upgrade the plan")


@pytest.mark.parametrize(
    ("name", "value"), [("ELEVEN_SANDBOX_PLAN", "gratis"), ("ELEVEN_SANDBOX_STOCK_VOICES", "perhaps")]
)
def test_a_variable_that_says_nothing(eleven: Any, monkeypatch: Any, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    result = eleven("--sandbox", "voices")
    assert (result.code, name in result.error, value in result.error) == (2, True, True)
