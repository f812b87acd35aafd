"""Completion scripts: committed, printed, and working in the shells that are here."""

import io
import shutil
from pathlib import Path

import pytest
import typer

from eleven_cli.__main__ import main
from eleven_cli.app import tree
from eleven_cli.completion.tree import FILE
from eleven_cli.terminal import Terminal
from tests.completion_tree import every_command, written
from tests.support.shells import complete_in_bash

COMPLETIONS = Path(__file__).parents[2] / "completions"
FILES = {"bash": "eleven.bash", "zsh": "_eleven", "fish": "eleven.fish", "powershell": "eleven.ps1"}


@pytest.mark.parametrize("shell", FILES)
def test_the_committed_script_is_the_printed_one(eleven, shell):
    assert eleven("completion", shell).text == (COMPLETIONS / FILES[shell]).read_text("utf-8")


@pytest.mark.parametrize("shell", ["ksh", "csh", "tcsh", "dash", "sh", "nu"])
def test_a_shell_without_a_script_is_told_which_there_are(eleven, shell):
    result = eleven("completion", shell)
    assert (result.code, result.hint) == (2, "hint: eleven completion --help")
    assert result.error == f'error: SHELL must be bash, zsh, fish or powershell, not "{shell}"'


def test_a_slip_for_a_shell(eleven):
    result = eleven("completion", "zhs")
    assert (result.code, result.hint) == (2, "hint: eleven completion zsh")


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("eleven m", ["models"]),
        ("eleven config ", ["list", "get", "set", "unset", "path"]),
        ("eleven config get v", ["voice"]),
        ("eleven tts --format pcm_1", ["pcm_16000"]),
        ("eleven tts --norm", ["--normalize"]),
        ("eleven tts --normalize o", ["on", "off"]),
    ],
)
def test_bash(line, expected):
    assert complete_in_bash(line) == expected


def test_the_tree_that_ships_is_the_real_one():
    assert FILE.read_text("utf-8") == written(), "python -m tests.completion_tree"


def completed(*words: str) -> tuple[int, list[str]]:
    """What is offered in the place of the last word, and the exit code."""
    stream, out = io.TextIOWrapper(io.BytesIO()), io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    environ = {"_ELEVEN_COMPLETE": "list_zsh", "ELEVENLABS_API_KEY": "sk_0123456789"}
    code = main(words, Terminal(stream, out, stream, environ), environ)
    return code, out.buffer.getvalue().decode().splitlines()


ROOT = typer.main.get_command(tree())
COMMANDS = dict(every_command(ROOT))
OPTIONS = {path: [param for param in params if param.param_type_name == "option"] for path, params in COMMANDS.items()}
CHOICES = [
    pytest.param(path, param, id=f"{path} {param.opts[0]}")
    for path, params in COMMANDS.items()
    for param in params
    if hasattr(param.type, "choices")
]


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_option_is_offered_where_it_can_stand(path):
    names = [name for param in OPTIONS[path] + OPTIONS[""] for name in (*param.opts, *param.secondary_opts)]
    known = {*names, "--help"}
    words = path.split()
    for begun in known:
        expected = {name for name in known if name.startswith(begun)}
        assert set(completed(*words, begun)[1]) == expected, begun
    below = {other.split()[-1] for other in COMMANDS if other and other.rpartition(" ")[0] == path}
    offered = set(completed(*words, "")[1])
    assert below <= offered
    assert not below or offered == below or any(param.param_type_name == "argument" for param in COMMANDS[path])


@pytest.mark.parametrize(("path", "param"), CHOICES)
def test_every_choice_is_offered(path, param):
    is_option = param.param_type_name == "option"
    before = [*path.split(), *([param.opts[0]] if is_option else [])]
    choices = [item.value for item in param.shell_complete(typer.Context(ROOT), "")]
    assert completed(*before, "") == (0, choices)
    for choice in choices:
        expected = [other for other in choices if other.startswith(choice[:1])]
        assert completed(*before, choice[:1])[1] == expected
        if is_option:
            assert completed(*before[:-1], f"{param.opts[0]}={choice}")[1] == [
                f"{param.opts[0]}={other}" for other in choices if other.startswith(choice)
            ]


@pytest.mark.parametrize("path", COMMANDS)
def test_names_of_files_are_offered_for_files_alone(path):
    for param in OPTIONS[path]:
        if not param.is_flag:
            is_file = str(param.metavar).startswith("FILE")
            for name in param.opts:
                assert (completed(*path.split(), name, "x")[0] == 100) is is_file, name
    first = next((param for param in COMMANDS[path] if param.param_type_name == "argument"), None)
    is_file = first is not None and str(first.metavar).lstrip("[{").startswith("FILE")
    assert (completed(*path.split(), "x")[0] == 100) is is_file


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("tts --language D", ["da", "de"]),  # case does not matter
        ("tts --format MP3_44100_1", ["mp3_44100_128", "mp3_44100_192"]),
        ("tts hello tal", []),  # a text was begun: no command
        ("voices wrong ad", []),
        ("tts -- --vo", []),
        ("tts -qm eleven_flash_v2_", ["eleven_flash_v2_5"]),
        ("tts -qmeleven_flash_v2_", ["-qmeleven_flash_v2_5"]),
        ("tts -m=eleven_flash", []),  # -m=x means -m "=x"
        ("stt -m scribe_v3", ["scribe_v3"]),
        ("stt --live -m scribe_v", ["scribe_v2_realtime", "scribe_v2_realtime_turbo"]),
        ("stt --redact pii,ph", ["pii,phi"]),
        ("config set region e", ["eu"]),
        ("config set retries e", []),
        ("history get ", ["last"]),
        ("voices library --age y", ["young"]),
        ("api -X D", ["DELETE"]),
        ("api de", ["delete"]),
        ("conversations feedback conv_1 l", ["like"]),
    ],
)
def test_what_can_stand_at_the_cursor(line, expected):
    assert completed(*line.split(" "))[1] == expected
