"""What can stand at the cursor, by the command tree."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import typer

from eleven_cli.commands.lookup.completion import Offered
from eleven_cli.context import Context


class Cursor:
    """Where on the line the cursor is.

    command   the command that was named so far
    values    what the words before it said, by parameter
    pending   the option that waits for its value
    plain     `--` stood before: nothing is an option any more
    """

    def __init__(self, command: Any, of_the_root: list[Any]) -> None:
        self.command, self.globals = command, of_the_root
        self.values: dict[str, Any] = {}
        self.pending: Any = None
        self.plain, self.positions = False, 0

    def option(self, name: str) -> Any:
        """The option of that name, of the command or one of the global ones."""
        return next((option for option in self.options() if name in (*option.opts, *option.secondary_opts)), None)

    def options(self) -> list[Any]:
        own = [param for param in self.command.params if param.param_type_name == "option"]
        return own + [option for option in self.globals if option not in own]

    def argument(self) -> Any:
        """The argument that the next word would be; None where no more is taken."""
        arguments = [param for param in self.command.params if param.param_type_name == "argument"]
        last = arguments[-1] if arguments and arguments[-1].nargs == -1 else None
        return arguments[self.positions] if self.positions < len(arguments) else last


class Offer(NamedTuple):
    """The words that fit; or, instead, names of files."""

    words: Sequence[str] = ()
    prefix: str = ""
    files: bool = False


def offer(root: Any, context: Context, words: Sequence[str], word: str) -> Offer:
    """What can stand in the place of `word`, after `words` (without the program's name)."""
    cursor = Cursor(root, [param for param in root.params if param.param_type_name == "option"])
    for earlier in words:
        _pass(cursor, earlier)
    if cursor.pending is not None:
        return _values(cursor, context, cursor.pending, "", word)
    if not cursor.plain and word.startswith("-") and word != "-":
        return _options(cursor, context, word)
    named = [name for name in _commands(cursor) if name.startswith(word)]
    argument = cursor.argument()
    found = _values(cursor, context, argument, "", word) if argument is not None else Offer()
    flags = _flags(cursor, word) if word == "-" and not cursor.plain else []
    return Offer([*named, *found.words, *flags], "", found.files)


def _pass(cursor: Cursor, word: str) -> None:
    """Go past one word."""
    if cursor.pending is not None:
        cursor.values[cursor.pending.name], cursor.pending = word, None
    elif cursor.plain or not word.startswith("-") or word == "-":
        _pass_plain(cursor, word)
    elif word == "--":
        cursor.plain = True
    else:
        for option, value in _read(cursor, word):
            if option.is_flag:
                cursor.values[option.name] = True
            elif value is None:
                cursor.pending = option
            else:
                cursor.values[option.name] = value


def _pass_plain(cursor: Cursor, word: str) -> None:
    if word in _commands(cursor):
        cursor.command = cursor.command.commands[word]
        return
    if (argument := cursor.argument()) is not None:
        cursor.values[argument.name] = word
        cursor.positions += 1


def _read(cursor: Cursor, word: str) -> Iterator[tuple[Any, str | None]]:
    """The options in one word, each with its value; None where that is the next word."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        if (option := cursor.option(name)) is not None:
            yield option, value if equals else None
        return
    for at in range(1, len(word)):
        option = cursor.option(f"-{word[at]}")
        if option is not None:
            yield option, word[at + 1 :] or None
        if option is None or not option.is_flag:
            return


def _options(cursor: Cursor, context: Context, word: str) -> Offer:
    """An option's name, or its value where it stands in the same word."""
    for option, value in _read(cursor, word):
        if not option.is_flag and value is not None:
            return _values(cursor, context, option, word[: len(word) - len(value)], value)
    return Offer(_flags(cursor, word))


def _flags(cursor: Cursor, word: str) -> list[str]:
    shown = [option for option in cursor.options() if not option.hidden]
    names = [name for option in shown for name in (*option.opts, *option.secondary_opts)]
    return [name for name in (*names, "--help") if name.startswith(word)]


def _commands(cursor: Cursor) -> dict[str, Any]:
    """The commands that a word here can be; a group that was given something else takes none."""
    return {} if cursor.positions or cursor.plain else getattr(cursor.command, "commands", {})


def _values(cursor: Cursor, context: Context, param: Any, prefix: str, value: str) -> Offer:
    metavar = (param.metavar or "").lstrip("[{")
    if metavar.startswith("FILE"):
        return Offer(prefix=prefix, files=True)
    root = typer.Context(cursor.command, info_name="eleven", obj=context)
    root.params = cursor.values
    items = [item for item in param.shell_complete(root, value) if item.type == "plain"]
    return Offer([_prefixed(prefix, item.value) for item in items if item.value[:1] != "-"], prefix)


def _prefixed(prefix: str, word: str) -> str:
    whole = Offered(prefix + word)
    if isinstance(word, Offered) and word.otherwise:
        whole.otherwise = prefix + word.otherwise
    return whole
