"""`eleven help --json`: the command tree for programs. `eleven help skill`: the page for coding agents."""

import json
import re
from typing import Any

import pytest
import typer
import yaml

from eleven_cli import errors
from eleven_cli.app import tree
from eleven_cli.commands.help import TOPICS
from eleven_cli.parsing.command_line import read
from eleven_cli.settings import ENVIRONMENT
from tests.support.command_lines import lacks_arguments

ROOT = typer.main.get_command(tree())
KINDS = {"boolean", "integer", "number", "string", "file", "folder"}


@pytest.fixture
def described(eleven):
    def described(*words: str) -> dict[str, Any]:
        result = eleven("help", *words, "--json")
        assert (result.code, result.err) == (0, "")
        return dict(json.loads(result.text))

    return described


def everything(command: dict[str, Any]):
    yield command
    for child in command.get("commands", []):
        yield from everything(child)


def params_of(command: Any):
    """Each command's path and parameters, as the parser has them."""
    todo = [("eleven", command)]
    while todo:
        path, one = todo.pop()
        yield path, one.params
        todo += [(f"{path} {name}", child) for name, child in getattr(one, "commands", {}).items()]


def test_every_command_and_parameter_is_there_and_no_other(described):
    told = {one["command"]: one for one in everything(described())}
    known = dict(params_of(ROOT))
    assert set(told) == set(known)
    for path, params in known.items():
        given = [*told[path]["arguments"], *told[path]["options"]]
        assert sorted(param["name"] for param in given) == sorted(param.name for param in params)
        names = {name for param in given for name in (*param.get("names", []), *param.get("off", []))}
        options = [param for param in params if param.param_type_name == "option"]
        assert names == {name for option in options for name in (*option.opts, *option.secondary_opts)}


def test_a_parameter_says_what_it_takes(described):
    for command in everything(described()):
        for param in [*command["arguments"], *command["options"]]:
            assert param["type"] in KINDS, (command["command"], param)
            assert param["help"]
            assert "[env var" not in param["help"]
            assert ("value" in param) == (param["type"] != "boolean" and "choices" not in param)
            assert not re.search(r"[\[\].]{2}|^\[", param.get("value", ""))


@pytest.mark.parametrize(
    ("words", "name", "expected"),
    [
        ("tts", "text", {"type": "string", "repeatable": True, "value": "TEXT"}),
        ("tts", "output", {"type": "file", "names": ["--output", "-o"], "group": "Output"}),
        ("tts", "stability", {"type": "number", "minimum": 0, "maximum": 1, "value": "X"}),
        ("tts", "normalize", {"type": "string", "choices": ["auto", "on", "off"]}),
        ("tts", "cache", {"type": "boolean", "default": False, "off": ["--no-cache"]}),
        ("stt", "files", {"type": "file", "repeatable": True}),
        ("stt", "speakers", {"type": "integer", "minimum": 1, "maximum": 32}),
        ("talk", "echo", {"default": "auto", "choices": ["auto", "aec", "gate", "off"]}),
        ("sandbox", "agents", {"type": "file"}),
        ("config set", "key", {"required": True}),
    ],
)
def test_types_defaults_and_choices(described, words, name, expected):
    command = described(*words.split())
    assert command["command"] == f"eleven {words}"
    (param,) = [one for one in [*command["arguments"], *command["options"]] if one["name"] == name]
    assert {key: param.get(key) for key in expected} == expected


def test_the_global_options_say_their_variables_and_types(described):
    options = {option["name"]: option for option in described()["options"]}
    assert options["sandbox"]["environment"] == ["ELEVEN_SANDBOX"]
    assert (options["retries"]["type"], options["timeout"]["type"]) == ("integer", "number")


def test_every_example_of_the_tree_is_possible(described):
    for command in everything(described()):
        for example in command.get("examples", []):
            assert "eleven" in example, command["command"]


def test_what_else_a_program_wants_to_know(described):
    whole = described()
    assert whole["topics"] == TOPICS
    assert whole["environment"] == {setting: list(names) for setting, names in ENVIRONMENT.items()}
    codes = {known["code"]: known["meaning"] for known in whole["exit_codes"]}
    classes = [kind for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "exit_code")]
    assert {kind.exit_code for kind in classes} | {0, 129, 130, 143} == set(codes)
    assert all(codes.values())


def test_a_command_that_is_called_like_a_topic_is_the_command(described):
    assert described("voices")["command"] == "eleven voices"
    assert described("voices", "design")["usage"].startswith("eleven voices design [options]")
    assert described("pipes")["text"].startswith("# Pipes")


@pytest.mark.parametrize("words", [["cookies"], ["tts", "cookies"], ["pipes", "books"]], ids=" ".join)
def test_what_there_is_not(eleven, words):
    result = eleven("help", *words, "--json")
    assert result.code == 2
    assert json.loads(result.err)["error"]["message"].startswith(f'no help page "{" ".join(words)}"')
    assert result.text == ""


def skill(eleven) -> str:
    return str(eleven("help", "skill").text)


def test_the_page_for_agents_begins_as_they_read_it(eleven):
    front, _, page = skill(eleven).removeprefix("---\n").partition("\n---\n")
    known = yaml.safe_load(front)
    assert set(known) == {"name", "description"}
    assert re.fullmatch(r"[a-z0-9-]{1,64}", known["name"])
    assert 0 < len(known["description"]) <= 1024
    assert page.startswith("\n# ")
    assert len(page) < 5000, "an agent pays for each word"


def test_a_terminal_shows_the_page_without_what_is_for_programs(eleven):
    shown = re.sub(r"\x1b\[[0-9;]*m", "", eleven("help", "skill", tty="out").text)
    assert shown.startswith("eleven, for coding agents\n")
    assert "description:" not in shown


def test_what_the_page_for_agents_names_can_be_run(eleven):
    page = skill(eleven).replace("\\|", "|")
    commands = [part for code in re.findall(r"`([^`]+)`", page) for part in code.split(" | ") if "eleven " in part[:7]]
    assert len(commands) > 15
    for command in commands:
        words = re.findall(r"\"[^\"]*\"|\S+", command)[1:]
        line = read(ROOT, [word for word in words if word != "COMMAND"])
        assert line.is_possible, command
        assert line.names, command
        assert not lacks_arguments(line), command
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    assert codes == set(range(8))
