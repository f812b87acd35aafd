"""The command tree as plain values, for programs that read it."""

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from eleven_cli.parsing.help_layout import is_argument, short_help, usage_of, value_of

_TYPES = {"int": "integer", "flo": "number", "pat": "file"}  # by how their names begin, with a range or without
_TYPES_BY_VALUE = {
    "FOLDER": "folder",
    "N": "integer",
    "SECONDS": "number",
}  # where a text is read by the command itself
_VARIABLE = re.compile(r"\[env var: (\w+)\]")


def described(command: Any, path: str) -> dict[str, Any]:
    """A command with all below it. What there is none of is left out, but for arguments and options."""
    groups = {name: title for title, names in getattr(command, "groups", {}).items() for name in names}
    shown = [param for param in command.params if not getattr(param, "hidden", False)]
    usage = getattr(command, "usage", ()) or usage_of(shown)
    whole = {
        "command": path,
        "summary": short_help(command),
        "description": _description_of(command),
        "usage": " ".join([path, *usage]),
        "examples": (command.epilog or "").splitlines(),
        "commands": [described(child, f"{path} {name}") for name, child in _children(command).items()],
    }
    return {
        **_without_empty(whole),
        "arguments": [_parameter(param) for param in shown if is_argument(param)],
        "options": [_parameter(param, groups) for param in shown if not is_argument(param)],
    }


def found(command: Any, words: Sequence[str]) -> Any:
    """The command that the words name, from this one on; None where they name none."""
    for word in words:
        command = _children(command).get(word)
    return command


def _children(command: Any) -> Mapping[str, Any]:
    children: Mapping[str, Any] = getattr(command, "commands", {})
    return children


def _description_of(command: Any) -> str:
    """All of its help but the sentence that is the summary."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in (command.help or "").split("\n\n")]
    return "\n\n".join(paragraphs).strip().removeprefix(short_help(command)).lstrip(". \n")


def _parameter(param: Any, groups: Mapping[str, str] | None = None) -> dict[str, Any]:
    kind = param.type
    is_flag = getattr(param, "is_flag", False)
    choices = [*getattr(kind, "choices", ())]
    default = param.default.value if isinstance(param.default, Enum) else param.default
    whole = {
        "name": param.name,
        "names": [] if is_argument(param) else [*param.opts],
        "off": [*param.secondary_opts],
        "group": (groups or {}).get(param.name),
        "type": _type_of(param),
        "value": "" if is_flag or choices else value_of(param).strip("[].…"),
        "choices": choices,
        "minimum": getattr(kind, "min", None),
        "maximum": getattr(kind, "max", None),
        "required": param.required or None,
        "repeatable": param.multiple or param.nargs < 0 or None,
        "default": default if isinstance(default, str | int | float) else None,
        "environment": _VARIABLE.findall(param.help or ""),
        "help": _VARIABLE.sub("", param.help or "").strip(),
    }
    return _without_empty(whole)


def _type_of(param: Any) -> str:
    value = str(param.metavar or "")
    if getattr(param, "is_flag", False):
        return "boolean"
    if value.strip("[]").startswith("FILE"):
        return "file"
    return _TYPES_BY_VALUE.get(value) or _TYPES.get(param.type.name[:3], "string")


def _without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, [], "")}
