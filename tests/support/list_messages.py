"""Lists every sentence that users may read, with its place: errors, hints, notes, warnings, remarks.

    python -m tests.support.list_messages [FOLDER OR FILE …]

It is a way to read all of them in one go. A `{…}` stands for what is filled in. Help texts have their own tests.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import eleven_cli
from eleven_cli import errors

PACKAGE = Path(eleven_cli.__file__).parent
ERRORS = {name for name, value in vars(errors).items() if isinstance(value, type)} | {"SystemExit"}
SAID_BY = {"note", "warn", "remark", "log", "trace", "figures", "block", "add_note", "tell", "_tell", "on_notice"}
NAMED = {"hint", "message"}


def messages(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line, kind and words of each message in a module."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(func=function, args=arguments, keywords=options):
                name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                if arguments and (name in ERRORS or name in SAID_BY):
                    yield from _said(arguments[0], name)
                for option in options:
                    if option.arg in NAMED:
                        yield from _said(option.value, option.arg)
            case ast.Assign(targets=[target], value=value) if _is_message(target):
                yield from _said(value, ast.unparse(target))
            case ast.Return(value=ast.Constant() | ast.JoinedStr() | ast.Tuple() | ast.IfExp() as value):
                yield from (said for said in _said(value, "return") if " " in said[2])


def _is_message(target: ast.expr) -> bool:
    return any(word in ast.unparse(target).lower() for word in ("hint", "message", "notice", "words", "said"))


def _said(value: ast.expr, kind: str) -> Iterator[tuple[int, str, str]]:
    for node in _texts(value):
        if text := _words(node):
            yield node.lineno, kind, text


def _texts(value: ast.expr) -> Iterator[ast.expr]:
    """The texts that an expression may become."""
    match value:
        case ast.Constant(value=str()) | ast.JoinedStr():
            yield value
        case ast.IfExp(body=one, orelse=other):
            yield from (*_texts(one), *_texts(other))
        case ast.BinOp(left=one, right=other):
            yield from (*_texts(one), *_texts(other))
        case ast.BoolOp(values=several) | ast.Tuple(elts=several):
            for one in several:
                yield from _texts(one)


def _words(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr)
    return "".join(_part(part) for part in node.values)


def _part(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else f"{{{_filled_in(part)}}}"


def _filled_in(part: ast.expr) -> str:
    return ast.unparse(part.value) if isinstance(part, ast.FormattedValue) else ""


def main(places: list[str]) -> None:
    for place in map(Path, places or [str(PACKAGE)]):
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            for line, kind, text in sorted(set(messages(path))):
                print(f"{path.resolve().relative_to(PACKAGE.parent)}:{line}\t{kind}\t{text}")


if __name__ == "__main__":
    main(sys.argv[1:])
