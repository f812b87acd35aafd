"""What the program starts does not get its API key."""

import ast
import json
import os
from pathlib import Path

import pytest

import eleven_cli
from eleven_cli.processes import KEY_VARIABLES, environment_for_children
from eleven_cli.settings import ENVIRONMENT
from tests.conftest import KEY
from tests.support.guard import GUARD_S
from tests.support.service import audio_reply
from tests.support.sources import dotted

PACKAGE = Path(eleven_cli.__file__).parent


@pytest.fixture
def with_keys(monkeypatch):
    for name in KEY_VARIABLES:
        monkeypatch.setenv(name, KEY)


def test_the_variables_are_those_of_the_settings():
    assert ENVIRONMENT["api_key"] == KEY_VARIABLES


def test_all_else_is_passed_on(with_keys):
    assert environment_for_children() == {n: v for n, v in os.environ.items() if n not in KEY_VARIABLES}


@pytest.mark.parametrize("player", ["ffplay", "mpv", "paplay", "aplay", "afplay"])
def test_players_do_not_get_the_key(spawn, service, tmp_path, monkeypatch, with_keys, player):
    service.on_speech(audio_reply([b"\1\2" * 1000]))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / player).write_text(f"#!/bin/sh\nenv > {tmp_path}/env\n[ $# = 1 ] || cat > /dev/null\n")
    (tmp_path / "bin" / player).chmod(0o755)
    (tmp_path / "bin" / "env").symlink_to("/usr/bin/env")
    (tmp_path / "bin" / "cat").symlink_to("/bin/cat")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))  # there is no sound device
    _, err = spawn("tts", "hi", "--play", "-o", str(tmp_path / "x.wav")).communicate(timeout=GUARD_S)
    assert (tmp_path / "env").exists(), err
    environment = (tmp_path / "env").read_text()
    assert "HOME=" in environment
    assert KEY not in environment


def test_tools_do_not_get_the_key(spawn, agent_server, tmp_path, with_keys):
    def script(line):
        line.start()
        line.send("client_tool_call", tool_name="look", tool_call_id="1", parameters={})
        while (message := line.receive())["type"] != "client_tool_result":
            pass
        (tmp_path / "env").write_text(json.dumps(message))
        line.close(1000)
        return line.until_closed()

    agent_server.script = script
    spawn("talk", "--text", "--tool", "look=env", stdin=-1).communicate(timeout=GUARD_S)
    environment = (tmp_path / "env").read_text()
    assert "HOME=" in environment
    assert KEY not in environment


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_started_with_the_whole_environment(path):
    starters = {"subprocess.Popen", "subprocess.run", "subprocess.call", "subprocess.check_output", "os.system"}
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    for call in calls:
        if dotted(call.func) in starters:
            given = {word.arg: ast.unparse(word.value) for word in call.keywords}
            assert given.get("env", "").startswith("environment_for_children(")
