"""Completion scripts: committed, printed, and working in the shells that are here."""

import shutil
from pathlib import Path

import pytest

from tests.support.shells import complete_in_bash

COMPLETIONS = Path(__file__).parents[2] / "completions"
FILES = {"bash": "eleven.bash", "zsh": "_eleven", "fish": "eleven.fish", "powershell": "eleven.ps1"}


@pytest.mark.parametrize("shell", FILES)
def test_the_committed_script_is_the_printed_one(eleven, shell):
    assert eleven("completion", shell).text == (COMPLETIONS / FILES[shell]).read_text("utf-8")


def test_an_unknown_shell(eleven):
    result = eleven("completion", "tcsh")
    assert result.code == 2
    assert 'SHELL must be bash, zsh, fish or powershell, not "tcsh"' in result.error


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
