"""What stands on a `--help` page: options in groups, commands by what they are for, ranges and defaults in words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eleven_cli.parsing.help_columns import write_list

ARGUMENTS, OPTIONS, OTHERS = "Arguments", "Options", "Other options"
Row = tuple[str, str]
LEAST_FOR_COMMANDS, LEAST_FOR_OPTIONS = 36, 70  # columns, for what a name means beside it instead of beneath


def usage_of(params: Iterable[Any]) -> list[str]:
    """The words of a command's first line."""
    return ["[options]", *(_usage_of(param) for param in params if is_argument(param))]


def write_commands(known: Mapping[str, Any], sections: Mapping[str, Sequence[str]], formatter: Any) -> None:
    """The commands of a group by their sections; without any, in one list."""
    for title, rows in commands_by_section(known, sections).items():
        with formatter.section(title):
            write_list(rows, formatter, is_stacked=formatter.width < LEAST_FOR_COMMANDS)


def write_parameters(params: Iterable[Any], formatter: Any, groups: Mapping[str, Sequence[str]]) -> None:
    """The arguments, then the options by their groups; those without a group stand last."""
    for title, rows in parameters_by_group(params, groups).items():
        with formatter.section(title):
            write_list(rows, formatter, is_stacked=formatter.width < LEAST_FOR_OPTIONS)


def commands_by_section(known: Mapping[str, Any], sections: Mapping[str, Sequence[str]]) -> dict[str, list[Row]]:
    """Names and what they do, under the sections' titles; without any section, under one."""
    wanted = (sections or {"Commands": list(known)}).items()
    found = {
        title: [(name, short_help(known[name])) for name in names if known.get(name) is not None]
        for title, names in wanted
    }
    return {title: rows for title, rows in found.items() if rows}


def short_help(command: Any) -> str:
    """The first sentence of a command's help, whole."""
    text = " ".join((command.short_help or command.help or "").split("\n\n")[0].split())
    return text.split(". ")[0].removesuffix(".")


def parameters_by_group(params: Iterable[Any], groups: Mapping[str, Sequence[str]]) -> dict[str, list[Row]]:
    """Parameters and what they mean, under their groups' titles."""
    titles = {name: title for title, names in groups.items() for name in names}
    rest = OTHERS if groups else OPTIONS
    rows: dict[str, list[Row]] = {title: [] for title in (ARGUMENTS, *groups, rest)}
    for param in params:
        title = ARGUMENTS if is_argument(param) else titles.get(param.name, rest)
        rows[title].append((_names_of(param), _help_of(param)))
    return {title: found for title, found in rows.items() if found}


def value_of(param: Any) -> str:
    """What stands for the value of a parameter: "FILE", "auto|on|off"."""
    if param.metavar:
        return str(param.metavar)
    if choices := getattr(param.type, "choices", ()):
        return param.name.upper() if is_argument(param) else "|".join(choices)
    if is_argument(param):
        return str(param.name.upper())
    return "N" if param.type.name.startswith("int") else "X" if param.type.name.startswith("float") else "NAME"


def is_argument(param: Any) -> bool:
    return bool(param.param_type_name == "argument")


def _usage_of(param: Any) -> str:
    shown = value_of(param)
    name = shown.strip("[].…") + ("…" if param.nargs < 0 else "")
    return name if param.required or (param.metavar and "[" not in shown) else f"[{name}]"


def _names_of(param: Any) -> str:
    if is_argument(param):
        return _usage_of(param)
    if param.is_flag and param.secondary_opts:
        return f"{', '.join(param.opts)} / {', '.join(param.secondary_opts)}"
    names = ", ".join(sorted(param.opts, key=lambda name: name.startswith("--")))
    return names if param.is_flag or param.count else f"{names} {value_of(param)}"


def _help_of(param: Any) -> str:
    said = [param.help or ""]
    if is_argument(param) and (choices := getattr(param.type, "choices", ())):
        said.append(f"One of {', '.join(choices)}.")
    if limits := _range_of(param.type):
        said.append(f"({limits})")
    if (
        not is_argument(param)
        and param.show_default
        and isinstance(param.default, str | int | float)
        and not isinstance(param.default, bool)
        and "Default" not in said[0]
    ):
        said.append(f"Default: {param.default}.")
    if isinstance(param.envvar, str) and not is_argument(param):
        said.append(f"[{param.envvar}]")
    return " ".join(filter(None, said))


def _range_of(kind: Any) -> str:
    low, high = getattr(kind, "min", None), getattr(kind, "max", None)
    if low is None and high is None:
        return ""
    if high is None:
        return f"{low:g} or more"
    return f"up to {high:g}" if low is None else f"{low} to {high}"
