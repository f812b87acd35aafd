"""The command tree without its commands: names alone, from `tree.json`, which ships with the program.

`python -m tests.completion_tree` writes it; what it leaves out of a parameter is as it stands here.
"""

from collections.abc import Sequence
from functools import cache, cached_property
from json import loads
from pathlib import Path
from types import SimpleNamespace
from typing import Any

FILE = Path(__file__).with_name("tree.json")


class KnownParameter(SimpleNamespace):
    """An option or an argument.

    choices     the words that it takes
    completer   a function of lookup/completion.py, and what it is called with
    files       whether it takes the name of a file
    """

    param_type_name = "option"
    opts: Sequence[str] = ()
    secondary_opts: Sequence[str] = ()
    is_flag = count = files = False
    nargs = 1
    choices: Sequence[str] = ()
    completer: Sequence[str] = ()


class KnownCommand:
    """A command by its path: "voices show", "" for the root."""

    def __init__(self, path: str) -> None:
        self._path = path

    @cached_property
    def params(self) -> list[KnownParameter]:
        return [KnownParameter(**facts) for facts in _tree()[self._path]]

    @cached_property
    def commands(self) -> dict[str, "KnownCommand"]:
        below = [path for path in _tree() if path and path.rpartition(" ")[0] == self._path]
        return {path.rpartition(" ")[2]: KnownCommand(path) for path in below}


@cache
def _tree() -> dict[str, list[dict[str, Any]]]:
    """The parameters of each command, by its path."""
    tree: dict[str, list[dict[str, Any]]] = loads(FILE.read_text("utf-8"))
    return tree
