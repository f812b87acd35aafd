"""The tree that ships for completion, made from the real one: `python -m tests.completion_tree` writes it."""

import json
from collections.abc import Iterator
from typing import Any

import typer

from eleven_cli.app import tree
from eleven_cli.commands.lookup import completion
from eleven_cli.completion.tree import FILE, KnownParameter


def written() -> str:
    """The file: a line for each parameter."""
    commands = (
        f"{json.dumps(path)}: [\n"
        + ",\n".join(json.dumps(_facts(param), ensure_ascii=False) for param in params)
        + "\n]"
        for path, params in every_command(typer.main.get_command(tree()))
    )
    return "{\n" + ",\n".join(commands) + "\n}\n"


def every_command(command: Any, path: str = "") -> Iterator[tuple[str, list[Any]]]:
    """The path of each command, and its parameters."""
    yield path, [param for param in command.params if not getattr(param, "hidden", False)]
    for name, child in getattr(command, "commands", {}).items():
        yield from every_command(child, f"{path} {name}".lstrip())


def _facts(param: Any) -> dict[str, Any]:
    """What is to be known of a parameter, but what is so with most."""
    is_file = (param.metavar or "").lstrip("[{").startswith("FILE")
    words = [] if is_file else _words(param)
    is_completed = bool(words) and hasattr(completion, words[0])
    facts = {
        "name": param.name,
        "param_type_name": param.param_type_name,
        "opts": [*param.opts] if param.param_type_name == "option" else [],
        "secondary_opts": [*param.secondary_opts],
        "is_flag": bool(getattr(param, "is_flag", False)),
        "count": bool(getattr(param, "count", False)),
        "nargs": param.nargs,
        "files": is_file,
        "choices": [] if is_completed else words,
        "completer": words if is_completed else [],
    }
    usual = vars(KnownParameter)
    return {name: fact for name, fact in facts.items() if name not in usual or fact not in (usual[name], [])}


def _words(param: Any) -> list[str]:
    """What is offered for its value: words, or as `completed_by` gives them, a function and what it is called with."""
    items = param.shell_complete(typer.Context(typer.core.TyperCommand("eleven")), "")
    return [item.value for item in items if item.type == "plain"]


if __name__ == "__main__":
    FILE.write_text(written(), "utf-8")
