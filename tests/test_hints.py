"""The commands that hints name can be run: each is possible on the command line as it stands there."""

import re
import shlex
from functools import cache

import pytest
import typer

from eleven_cli.__main__ import in_the_sandbox
from eleven_cli.app import tree
from eleven_cli.parsing.command_line import read
from tests.support.command_lines import lacks_arguments
from tests.support.list_messages import PACKAGE, messages

NAMES_A_COMMAND = re.compile(r"eleven(?!_cli)")  # looked for first, as every worker lists them all
MODULES = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if ("sandbox" not in path.parts or path.parent.name == "commands")
    and NAMES_A_COMMAND.search(path.read_text("utf-8"))
)
OPTIONS = {"option": "-o", "given[0]": "--diarize"}
FILLED_IN = (["x"], ["--sandbox", "x"])
OUTSIDE_QUOTES = r'(?=(?:[^"]*"[^"]*")*[^"]*$)'
BETWEEN = re.compile(
    rf"(?:; |, or |: | \| | && | or | shows | takes | needs? | and | > | lists | \(|, ){OUTSIDE_QUOTES}"
)


def commands_of(text: str) -> list[list[str]]:
    """The words of each `eleven …` in a message, with a word for whatever is filled in."""
    filled = re.sub(r"\{([^{}]*)\}", lambda found: OPTIONS.get(found[1], "x"), re.sub(r"(?<=\w)\{[^{}]*\}", "", text))
    parts = [part.strip() for part in BETWEEN.split(filled) if part.strip().startswith("eleven ")]
    return [shlex.split(part)[1:] for part in parts]


@pytest.fixture(scope="module")
def root():
    return typer.main.get_command(tree())


@cache
def hinted() -> dict[str, list[str]]:
    found = (words for path in MODULES for _, _, text in messages(path) for words in commands_of(text))
    return {shlex.join(words): words for words in found if words not in FILLED_IN}


def test_the_commands_are_found():
    assert commands_of("eleven auth login, or try: eleven --sandbox tts Hello") == [
        ["auth", "login"],
        ["--sandbox", "tts", "Hello"],
    ]
    assert commands_of('speak: eleven tts "Hello, world" -v x, or wait') == [["tts", "Hello, world", "-v", "x"]]
    assert len(hinted()) > 30
    assert {"auth login", "voices", "models", "config unset x"} <= set(hinted())


@pytest.mark.parametrize(
    ("hint", "here"),
    {
        "eleven voices": "eleven --sandbox voices",
        "see the models: eleven models": "see the models: eleven --sandbox models",
        "a file; to take it as text: eleven tts -- a.md": "a file; to take it as text: eleven --sandbox tts -- a.md",
        "llm 'a story' | eleven tts --live": "llm 'a story' | eleven --sandbox tts --live",
        "a pipe: eleven tts Hi | eleven stt --live": "a pipe: eleven --sandbox tts Hi | eleven --sandbox stt --live",
        "--mic default, or one of: eleven devices": "--mic default, or one of: eleven devices",
        "eleven config set timeout 60": "eleven config set timeout 60",
        "eleven cache clear --sandbox": "eleven cache clear --sandbox",
        "start it: eleven sandbox --port 8311": "start it: eleven sandbox --port 8311",
        "eleven talk --text and eleven tts -o FILE need none": (
            "eleven --sandbox talk --text and eleven --sandbox tts -o FILE need none"
        ),
        "give eleven stt --live -m scribe_v2_realtime": "give eleven --sandbox stt --live -m scribe_v2_realtime",
        "eleven --debug doctor": "eleven --sandbox --debug doctor",
        "eleven --profile work auth login": "eleven --profile work auth login",
        "eleven tts 'say: eleven tts Hi'": "eleven --sandbox tts 'say: eleven tts Hi'",
        "eleven's own: tts --format wav": "eleven's own: tts --format wav",
        "another eleven comes first on the PATH: /usr/bin/eleven": (
            "another eleven comes first on the PATH: /usr/bin/eleven"
        ),
        "": "",
    }.items(),
)
def test_what_asks_the_service_stays_in_the_sandbox(hint, here):
    assert in_the_sandbox(hint) == here


@pytest.mark.parametrize(("said", "label"), [("note", ""), ("remark", ""), ("warn", "warning: ")])
@pytest.mark.parametrize(
    ("words", "shown"),
    [(["--sandbox", "models"], "see: eleven --sandbox voices"), (["models"], "see: eleven voices")],
)
def test_whatever_is_said_stays_in_the_sandbox(eleven, monkeypatch, said, label, words, shown):
    def say(_words, context):
        getattr(context.terminal, said)("see: eleven voices")
        return 0

    monkeypatch.setattr("eleven_cli.__main__._invoke", say)
    assert eleven(*words, tty="err").err in (f"{label}{shown}\n", f"\x1b[33m{label.strip()}\x1b[0m {shown}\n")


@pytest.mark.parametrize("words", hinted().values(), ids=shlex.join)
def test_a_command_in_a_hint_is_possible(root, words):
    line = read(root, words)
    assert line.is_possible, line.unknown.text if line.unknown else words
    assert "…" not in words
    assert line.names or "--debug" in words
    assert not lacks_arguments(line)
    assert line.path != "eleven config set" or not words[-1].isupper(), "it would store a placeholder"


WITHOUT_FILES = ("voices", "models", "usage", "devices", "help", "config list", "config get", "cache")
RUN = [words for line, words in hinted().items() if line.startswith(WITHOUT_FILES) and not {"x", "NAME"} & {*words}]


OF_THE_ACCOUNT = (["cache", "clear", "--jobs"],)  # never said with --sandbox, which has no unfinished long texts


@pytest.mark.parametrize("words", RUN, ids=shlex.join)
def test_a_command_in_a_hint_runs(eleven, words):
    assert eleven(*([] if words in OF_THE_ACCOUNT else ["--sandbox"]), *words).code != 2
