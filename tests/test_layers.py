"""Imports go down only, and light ones come first."""

import ast
import graphlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import eleven_cli
from eleven_cli.commands import COMMAND_NAMES
from tests.support.sources import dotted

PACKAGE = Path(eleven_cli.__file__).parent
KNOWS = {
    "errors": set(),
    "signals": set(),
    "condition": {"signals"},
    "processes": set(),
    "suggestions": set(),
    "pump": set(),
    "packages": {"errors"},
    "files": {"processes", "errors"},
    "parsing": {"suggestions", "errors"},
    "settings": {"suggestions", "files", "errors", "processes", ""},
    "cache": {"files", "condition", "errors"},
    "terminal": {"processes", "errors"},
    "text": {"errors"},
    "audio": {"packages", "suggestions", "files", "processes", "pump", "condition", "errors"},
    "api": {"audio", "packages", "processes", "errors", ""},
    "local_sandbox": {"sandbox", "settings", "packages", "errors"},
    "context": {"local_sandbox", "api", "settings", "cache", "terminal", "errors"},
    "commands": {
        *(
            "context",
            "api",
            "audio",
            "text",
            "terminal",
            "settings",
            "cache",
            "parsing",
            "local_sandbox",
            "sandbox",
            "",
        ),
        *("files", "processes", "pump", "signals", "condition", "suggestions", "packages", "errors"),
    },
    "completion": {"commands", "context", "parsing"},
    "app": {"commands", "completion", "settings", "parsing", ""},
    "__main__": {
        "app",
        "commands",
        "completion",
        "parsing",
        "context",
        "terminal",
        "signals",
        "processes",
        "errors",
        "",
    },
    "sandbox": set(),
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
    assert ours <= {own, *KNOWS[own]}
    if "sandbox" in ours and own != "sandbox":
        assert path == Path("local_sandbox.py") or path.is_relative_to("commands/sandbox")


def test_of_sound_the_service_knows_only_how_long_it_is():
    known = {
        (str(path), name)
        for path in MODULES
        if path.parts[0] == "api"
        for name in imported(PACKAGE / path)
        if layer(name) == "audio" and name.startswith("eleven_cli.")
    }
    measured_by = {"eleven_cli.audio.codecs.duration", "eleven_cli.audio.formats"}
    assert known == {("api/tts/timestamps.py", name) for name in measured_by}


def dependencies(path: Path) -> set[str]:
    """The modules of ours that it imports anywhere, at its top or later."""
    package = ["eleven_cli", *path.parts[:-1]]
    found = set[str]()
    for node in ast.walk(ast.parse((PACKAGE / path).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            found |= {name if (name := f"{source}.{alias.name}") in NAMES else source for alias in node.names}
    return found & NAMES


def name_of(path: Path) -> str:
    return ".".join(["eleven_cli", *path.with_suffix("").parts]).removesuffix(".__init__")


NAMES = set(map(name_of, MODULES))


def test_no_imports_go_round():
    """Neither at the top of a module nor later: who reads one need not have read what it serves."""
    graph = {name_of(path): dependencies(path) for path in MODULES}
    graphlib.TopologicalSorter(graph).prepare()


SHARED_BY_COMMANDS = {"options", "input", "output", "lookup"}


@pytest.mark.parametrize("path", [path for path in MODULES if path.parts[0] == "commands"], ids=str)
def test_no_command_imports_another(path):
    own = path.parts[1].removesuffix(".py")
    ours = {name.split(".")[2] for name in imported(PACKAGE / path) if name.startswith("eleven_cli.commands.")}
    assert ours <= {own, *SHARED_BY_COMMANDS}


def test_no_test_imports_another():
    """What they share lies in tests/support, or is a fixture of a conftest."""
    tests = Path(__file__).parent
    names = {path: imported(path) for path in tests.rglob("*.py")}
    assert {(path.name, name) for path, several in names.items() for name in several if ".test_" in name} == set()


def test_no_two_classes_have_one_name():
    """The sandbox counts for itself: it shares nothing with the rest."""
    trees = [ast.parse((PACKAGE / path).read_text("utf-8")) for path in MODULES if path.parts[0] != "sandbox"]
    names = Counter(node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    assert {name for name, count in names.items() if count > 1} == set()


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_only_the_terminal_touches_the_standard_streams(path):
    nodes = list(ast.walk(ast.parse((PACKAGE / path).read_text("utf-8"))))
    touched = {dotted(node) for node in nodes}
    calls = {dotted(node.func) for node in nodes if isinstance(node, ast.Call)}
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
    "argv",
    [["--help"], ["--version"], ["tts", "--help"], ["tts", "--nonsense"], ["completion", "bash"], ["help", "--json"]],
)
def test_what_talks_to_nobody_loads_nothing_heavy(argv):
    """What might ask the service looks for the settings first: while it is read, the connection is opened."""
    settings = set() if argv[0] == "tts" and "--help" not in argv else {"platformdirs"}
    assert not loaded(RUN.format(argv=argv)) & (HEAVY | settings | {"starlette", "uvicorn", "av"})


def test_the_version_alone_loads_no_parser():
    assert not loaded(RUN.format(argv=["--version"])) & {"typer", "inspect", "platformdirs"}


@pytest.mark.parametrize("words", ["t", "--quiet tts --vo", "help t", "api /v1/v", "tts -v V", "tts --language d"])
def test_completion_loads_neither_the_parser_nor_a_command(monkeypatch, words):
    monkeypatch.setenv("_ELEVEN_COMPLETE", "list_zsh")
    argv = words.split()
    assert not loaded(RUN.format(argv=argv)) & {*HEAVY, "typer", "inspect", "subprocess"}
    script = f"{RUN.format(argv=argv)}\n{ROOMS}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    modules = done.stdout.split()
    assert "eleven_cli.completion.offers" in modules
    rooms = {name.split(".")[2] for name in modules if name.startswith("eleven_cli.commands.")}
    assert not rooms & set(COMMAND_NAMES)
    assert not any(name.startswith(("eleven_cli.app", "eleven_cli.api.", "eleven_cli.sandbox.")) for name in modules)


def test_an_option_of_another_command_is_named_without_loading_it():
    script = f"{RUN.format(argv=['--diarize'])}\n{ROOMS}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not [name for name in done.stdout.split() if name.startswith("eleven_cli.commands.")]


def test_tts_loads_what_it_needs_and_no_more(service):
    from tests.support.service import MP3_FRAME, audio_reply

    service.on_speech(audio_reply([MP3_FRAME]))
    modules = loaded(RUN.format(argv=["tts", "hi", "-o", "/dev/null"]))
    assert len(service.requests) == 1
    assert not modules & (HEAVY - {"ssl"})


ROOMS = """
from pathlib import Path
ours = [module for name, module in sys.modules.items() if name.partition(".")[0] == "eleven_cli"]
print(*sorted(module.__name__ for module in ours if Path(module.__file__).name != "__init__.py"))
"""
MOST_MODULES = 30  # of ours, packages not counted: who reads one request from its options to its report reads these


def test_a_short_text_into_a_pipe_loads_few_of_our_modules(service):
    from tests.support.service import MP3_FRAME, audio_reply

    service.on_speech(audio_reply([MP3_FRAME], character_cost="1"))
    argv = ["tts", "x", "-v", "abcdefghij0123456789"]
    script = f"{RUN.format(argv=argv)}\n{ROOMS}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert len(service.requests) == 1
    modules = done.stdout.split()
    assert "eleven_cli.commands.tts.run" in modules
    assert "eleven_cli.api.library" not in modules
    assert len(modules) <= MOST_MODULES, "\n".join(modules)
