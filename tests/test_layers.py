"""Imports go down only, and light ones come first."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import eleven_cli

PACKAGE = Path(eleven_cli.__file__).parent
KNOWS = {
    "errors": set(),
    "exhausted": {"errors"},
    "signals": set(),
    "streams": set(),
    "children": set(),
    "command_line": set(),
    "suggestions": set(),
    "help_layout": set(),
    "usage_errors": {"command_line", "suggestions", "errors"},
    "files": {"files", "streams", "errors"},
    "api_key": {"errors", "children"},
    "unknown_settings": set(),
    "config": {"suggestions", "files", "errors", "children", "api_key", "unknown_settings"},
    "cache": {"cache", "files", "errors"},
    "terminal": {"terminal", "streams", "files", "children", "errors"},
    "text": {"text", "errors"},
    "packages": {"errors"},
    "audio": {"packages", "suggestions", "audio", "files", "children", "errors"},
    "api": {"packages", "api", "exhausted", "errors", ""},
    "context": {"packages", "api_key", "api", "config", "cache", "terminal", "files", "errors", "sandbox"},
    "commands": {
        *("", "commands", "context", "api", "audio", "text", "terminal", "config", "cache", "errors", "sandbox"),
        *("api_key", "command_line"),
        *("signals", "children", "files", "suggestions", "help_layout", "packages"),
    },
    "app": {"commands", "config", "command_line", "usage_errors", "help_layout", ""},
    "__main__": {
        *("app", "command_line", "usage_errors", "context", "terminal", "signals", "streams", "exhausted", "errors"),
    },
    "sandbox": {"sandbox"},
}


def layer(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imported(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return names | {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}


MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_knows_only_what_lies_below(path):
    own = path.parts[0].removesuffix(".py")
    ours = {layer(name) for name in imported(PACKAGE / path) if name.split(".")[0] == "eleven_cli"}
    assert ours <= KNOWS[own]
    if "sandbox" in ours and own != "sandbox":
        assert path in (Path("context.py"), Path("commands/sandbox.py"))


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_only_the_terminal_touches_the_standard_streams(path):
    tree = ast.parse((PACKAGE / path).read_text("utf-8"))
    touched = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    if path.parts[0] != "terminal":
        assert not touched & {"sys.stdin", "sys.stdout", "sys.stderr"}
        assert not calls & {"print", "input"}
    if path != Path("__main__.py"):
        assert not calls & {"sys.exit", "exit", "os._exit"}


def loaded(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after this code."""
    script = f"{code}\nimport sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


RUN = """
import io, os, sys
from eleven_cli.__main__ import main
from eleven_cli.terminal import Terminal
stream = lambda: io.TextIOWrapper(io.BytesIO())
real, sys.stdout = sys.stdout, stream()
main({argv!r}, Terminal(stream(), stream(), stream(), os.environ), os.environ)
sys.stdout = real
"""
HEAVY = {"requests", "urllib3", "websocket", "rich", "pyaudio", "miniaudio", "tomlkit", "markdown_it", "ssl"}


@pytest.mark.parametrize(
    "argv", [["--help"], ["--version"], ["tts", "--help"], ["tts", "--nonsense"], ["completion", "bash"]]
)
def test_what_talks_to_nobody_loads_nothing_heavy(argv):
    assert not loaded(RUN.format(argv=argv)) & (HEAVY | {"starlette", "uvicorn", "av", "platformdirs"})


def test_tts_loads_what_it_needs_and_no_more(service):
    from tests.support.service import MP3_FRAME, audio_reply

    service.on_speech(audio_reply([MP3_FRAME]))
    modules = loaded(RUN.format(argv=["tts", "hi", "-o", "/dev/null"]))
    assert len(service.requests) == 1
    assert {"requests", "urllib3"} <= modules
    assert not modules & (HEAVY - {"requests", "urllib3", "ssl"})
