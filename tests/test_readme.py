"""The README keeps step with the program, and its recipes work as pasted."""

import os
import random
import re
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import typer

import eleven_cli
from eleven_cli.app import tree
from eleven_cli.settings import ENVIRONMENT
from tests.outside.conftest import standing
from tests.support.soundcard import SoundCard

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8")
HELP = Path(eleven_cli.__file__).parent / "help"
PAGES = {page.stem: page.read_text("utf-8") for page in sorted(HELP.glob("*.md"))}
EVERYTHING = "\n".join([README, *PAGES.values()])


def every_command(command=None, path=()):
    command = command or typer.main.get_command(tree())
    for name, child in getattr(command, "commands", {}).items():
        yield from every_command(child, (*path, name)) if hasattr(child, "commands") else [((*path, name), child)]


COMMANDS = dict(every_command())


def test_the_readme_is_short():
    assert len(README.encode()) <= 9 * 1024


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_is_shown_somewhere(path):
    assert f"eleven {' '.join(path)}" in EVERYTHING


def options_shown(command, pages):
    """Those of the tables in the pages, or in their section about the command."""
    texts = [PAGES[page].split(f"## The options of `{command}`")[-1].split("\n## ")[0] for page in pages]
    rows = [line.split(" | ")[0] for text in texts for line in text.splitlines() if line.startswith("| `-")]
    return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", "\n".join(rows)))


@pytest.mark.parametrize(
    ("command", "pages"),
    [
        ("tts", ["pipes", "books", "subtitles", "effects", "tags"]),
        ("sfx", ["effects"]),
        ("talk", ["talk"]),
        ("sts", ["listening"]),
        ("stt", ["listening"]),
    ],
)
def test_every_option_is_in_a_help_page_and_the_other_way_round(command, pages):
    options = {name for option in COMMANDS[(command,)].params for name in (*option.opts, *option.secondary_opts)}
    assert {name for name in options if name.startswith("-")} == options_shown(command, pages)


def test_global_options_are_in_a_help_page():
    group = typer.main.get_command(tree())
    for option in group.params:
        assert any(name in PAGES["scripting"] for name in option.opts)


def test_every_variable_is_in_a_help_page():
    for key, names in ENVIRONMENT.items():
        assert f"`{key}`" in PAGES["settings"]
        assert all(f"`{name}`" in PAGES["settings"] for name in names)


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_every_path_that_is_named_exists(text):
    named = re.findall(r"`((?:eleven_cli|tests|completions|\.github)/[\w./-]*|CHANGELOG\.md)`", text)
    linked = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    assert named + linked
    assert [path for path in named + linked if not (ROOT / path).exists()] == []


def test_every_name_that_contributors_read_is_in_the_code():
    named = set(re.findall(r"`(?:\w+\.)?([A-Z_]*[A-Za-z]*(?:_\w+|[A-Z]\w+)|[A-Z]+)`", CONTRIBUTING)) - {"CHANGELOG"}
    sources = [path.read_text("utf-8") for folder in ("eleven_cli", "tests") for path in (ROOT / folder).rglob("*.py")]
    known = set(re.findall(r"\w+", "".join(sources)))
    assert len(named) > 20
    assert named <= known


def test_the_picture_shows_what_is_printed():
    """But for numbers and ids, which differ from run to run."""
    from tests.demo import picture, session

    def without_numbers(svg):
        return re.sub(r"conv_\w+|transcript&#160;\w+|[\d.]+", "#", svg)

    assert without_numbers(picture(session())) == without_numbers((ROOT / ".github" / "demo.svg").read_text("utf-8"))


FOUND = re.findall(r"([^\n]*):\n\n```sh\n(.*?)```", EVERYTHING, re.DOTALL)
INSTALLS = ("pip install", "auth login", "tests/run")  # other tests have these
RECIPES = {text: title for title, text in FOUND if not any(word in text for word in INSTALLS)}


def test_there_are_forty_recipes():
    assert len(RECIPES) >= 40


@pytest.fixture(scope="module")
def card():
    with SoundCard() as card:
        yield card


NEEDS_SOUND = re.compile(r"--play|eleven (devices|doctor)|eleven talk(?!.* --(text|input))")
SOUNDING = {text: title for text, title in RECIPES.items() if NEEDS_SOUND.search(text)}
SILENT = {text: title for text, title in RECIPES.items() if text not in SOUNDING}
NEEDS_THE_SANDBOX = re.compile("sandbox|eleven talk")  # one of its own; agents that an account has under other ids
WITHOUT_A_KEY = {text: title for text, title in SILENT.items() if text in README or NEEDS_THE_SANDBOX.search(text)}
WITH_A_KEY = {text: title for text, title in SILENT.items() if text not in WITHOUT_A_KEY}


@pytest.fixture(scope="module")
def standing_sandbox(tmp_path_factory):
    """As the service does, it stands already: with ELEVEN_SANDBOX each process starts its own."""
    with standing(tmp_path_factory.mktemp("state")) as sandbox:
        yield sandbox


def on_free_ports(recipe):
    """The recipe with other ports than its own, which may be in use; those below 32,000 are nobody's for a moment."""
    instead = {}

    def free(found):
        while found[0] not in instead:
            with suppress(OSError), socket.socket() as tried:
                port = random.randrange(20_000, 32_000)
                tried.bind(("127.0.0.1", port))
                instead[found[0]] = str(port)
        return instead[found[0]]

    return re.sub(r"\b83\d\d\b", free, recipe)


@pytest.fixture(scope="module")
def program(loaded, tmp_path_factory):
    """A folder with `eleven`."""
    path = tmp_path_factory.mktemp("bin") / "eleven"
    path.write_text(f'#!/bin/sh\nexec {loaded.command()} "$@"\n')
    path.chmod(0o755)
    return path.parent


def check_recipe(recipe, tmp_path, program, **environ):
    folder = tmp_path / "pasted"
    folder.mkdir()
    path = f"{program}:{os.path.dirname(sys.executable)}:{os.environ['PATH']}"
    known = {**os.environ, "PATH": path, **environ}
    argv = ["bash", "-euo", "pipefail", "-c", on_free_ports(recipe)]
    done = subprocess.run(argv, cwd=folder, env=known, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr
    assert all(path.stat().st_size for path in folder.rglob("*"))


def test_a_recipe_works_where_its_port_is_in_use():
    one, another, same = on_free_ports("8311 8312 8311").split()
    assert one == same != another
    assert "8311" not in (one, another)


@pytest.mark.parametrize("recipe", WITHOUT_A_KEY, ids=WITHOUT_A_KEY.values())
def test_the_recipes_work_as_pasted(recipe, tmp_path, program):
    check_recipe(recipe, tmp_path, program, ELEVEN_SANDBOX="1")


@pytest.mark.parametrize("recipe", WITH_A_KEY, ids=WITH_A_KEY.values())
def test_the_recipes_of_help_pages_work_as_pasted_with_a_key(standing_sandbox, recipe, tmp_path, program):
    account = {"ELEVENLABS_BASE_URL": standing_sandbox.url, "ELEVENLABS_API_KEY": standing_sandbox.key()}
    check_recipe(recipe, tmp_path, program, **account)


@pytest.mark.parametrize("recipe", SOUNDING, ids=SOUNDING.values())
def test_the_recipes_that_sound_work_as_pasted(recipe, tmp_path, program, home, card):
    (home / ".asoundrc").write_text("pcm.!default { type pulse }\n")
    with card.recording():  # which finds out whether the card works, and restarts it
        check_recipe(recipe, tmp_path, program, ELEVEN_SANDBOX="1", XDG_RUNTIME_DIR=card.environ["XDG_RUNTIME_DIR"])
