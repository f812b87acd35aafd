"""The README keeps step with the program, and its recipes work as pasted."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import eleven_cli
from eleven_cli.app import tree
from eleven_cli.settings.config import ENVIRONMENT
from tests.support.soundcard import SoundCard

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.DOTALL | re.MULTILINE)[1]


def every_command(command=None, path=()):
    command = command or typer.main.get_command(tree())
    for name, child in getattr(command, "commands", {}).items():
        yield from every_command(child, (*path, name)) if hasattr(child, "commands") else [((*path, name), child)]


COMMANDS = dict(every_command())


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_is_in_the_readme(path):
    table = section("Commands")
    assert f"`eleven {path[0]}" in table
    assert all(f"`{word}`" in table or f" {word}`" in table for word in path[1:])


def options_of(command):
    """The README's table of a command's options."""
    return re.search(rf"^The options of `{command}`:\n\n(.*?)\n\n", section("Commands"), re.DOTALL | re.MULTILINE)[1]


@pytest.mark.parametrize("command", ["tts", "talk", "sts", "stt"])
def test_every_option_is_in_the_readme_and_the_other_way_round(command):
    options = {name for option in COMMANDS[(command,)].params for name in (*option.opts, *option.secondary_opts)}
    shown = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", options_of(command)))
    assert {name for name in options if name.startswith("-")} == shown


def test_global_options_are_in_the_readme():
    group = typer.main.get_command(tree())
    for option in group.params:
        assert any(f"{name}" in section("Commands") for name in option.opts)


def test_every_variable_is_in_the_readme():
    for key, names in ENVIRONMENT.items():
        assert f"`{key}`" in section("Settings")
        assert all(f"`{name}`" in section("Settings") for name in names)


PAGES = [page.read_text("utf-8") for page in sorted((Path(eleven_cli.__file__).parent / "help").glob("*.md"))]
SECTIONS = map(section, ("Recipes", "Pipes", "Books", "Listening", "Talking with an agent"))
RECIPES = dict.fromkeys(re.findall(r"([^\n]*):\n\n```sh\n(.*?)```", "".join([*SECTIONS, *PAGES]), re.DOTALL))
RECIPES = {text: title for title, text in RECIPES}  # each once, wherever it stands


def test_there_are_ten_recipes():
    assert len(RECIPES) >= 10


@pytest.fixture(scope="module")
def card():
    with SoundCard() as card:
        yield card


@pytest.mark.parametrize("recipe", RECIPES, ids=RECIPES.values())
def test_the_recipes_work_as_pasted(recipe, tmp_path, card, monkeypatch):
    folder = tmp_path / "pasted"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}")
    environ = {
        **os.environ,
        "ELEVEN_SANDBOX": "1",
        "XDG_RUNTIME_DIR": card.environ["XDG_RUNTIME_DIR"],
    }
    (tmp_path / "home" / ".asoundrc").write_text("pcm.!default { type pulse }\n")
    argv = ["bash", "-euo", "pipefail", "-c", recipe]
    done = subprocess.run(argv, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr
    assert all(path.stat().st_size for path in folder.rglob("*"))
