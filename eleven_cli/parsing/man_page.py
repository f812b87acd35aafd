"""Man pages, made of the same help: one for the program, and one for each command."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import typer

from eleven_cli.parsing.help_layout import Row, commands_by_section, parameters_by_group, short_help

_ESCAPES = str.maketrans({  # by themselves these are other characters to groff
    "\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti",
})  # fmt: skip
_WORDS = re.compile(r"[^ ,]+|[ ,]+")


def man_pages(root: Any, version: str, of_the_program: Mapping[str, Iterable[Row]]) -> dict[str, str]:
    """The source of each page, by the name of its file: "eleven-voices-design.1".

    of_the_program   more lists for the program's own page, by their titles
    """
    context = typer.Context(root, info_name="eleven", **root.context_settings)
    first = _page(root, context, ["eleven"], version, of_the_program)
    return {"eleven.1": first, **dict(_pages_below(root, context, ["eleven"], version))}


def _pages_below(command: Any, context: Any, path: Sequence[str], version: str) -> Iterator[tuple[str, str]]:
    for name, child in getattr(command, "commands", {}).items():
        inner, below = typer.Context(child, info_name=name, parent=context), [*path, name]
        yield f"{'-'.join(below)}.1", _page(child, inner, below, version, {})
        yield from _pages_below(child, inner, below, version)


def _page(command: Any, context: Any, path: Sequence[str], version: str, more: Mapping[str, Iterable[Row]]) -> str:
    name = "-".join(path)
    children = getattr(command, "commands", {})
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [
        f'.TH {_text(name.upper())} 1 "" "eleven {version}"',
        *(".nh", ".ad l"),  # neither broken words nor stretched lines
        *(".SH NAME", _text(f"{name} - {short_help(command)}")),
        *(".SH SYNOPSIS", f"\\fB{_text(' '.join(path))}\\fR {_text(usage)}"),
        *(".SH DESCRIPTION", *_paragraphs(command.help or "")),
        *_lists("COMMANDS", commands_by_section(children, getattr(command, "sections", {}))),
        *_lists("OPTIONS", parameters_by_group(command.get_params(context), command.groups)),
        *_examples(command.epilog or ""),
        *(line for title, rows in more.items() for line in _lists(title, {"": list(rows)})),
        *(".SH SEE ALSO", ",\n".join(f"\\fB{_text(other)}\\fR(1)" for other in _related(path, children))),
    ]
    return "".join(f"{line}\n" for line in lines)


def _related(path: Sequence[str], children: Iterable[str]) -> list[str]:
    """The page above, and those right below."""
    return [*filter(None, ["-".join(path[:-1])]), *("-".join([*path, child]) for child in children)]


def _lists(title: str, lists: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """A section with a list for each group; a group that is called like the section needs no title of its own."""
    if lists:
        yield f".SH {title}"
    for group, rows in lists.items():
        if group and group.upper() != title:
            yield f".SS {_text(group)}"
        for names, meaning in rows:
            yield from (".TP", "".join(map(_marked, _WORDS.findall(names))), _text(meaning))


def _marked(word: str) -> str:
    """Names as they are typed are bold, what stands for a value is slanted."""
    if not word.strip(" ,/"):
        return word
    is_typed = word.startswith("-") or not any(letter.isupper() for letter in word)
    return f"\\f{'B' if is_typed else 'I'}{_text(word)}\\fR"


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield from (".PP", _text(" ".join(paragraph.split())))


def _examples(epilog: str) -> Iterator[str]:
    if epilog:
        yield from (".SH EXAMPLES", ".nf", *(_text(line) for line in epilog.splitlines()), ".fi")


def _text(text: str) -> str:
    """Text of a page; a line of it that begins with a full stop would be a request to groff."""
    escaped = text.translate(_ESCAPES)
    return f"\\&{escaped}" if escaped.startswith(".") else escaped
