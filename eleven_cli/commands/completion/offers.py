"""What can stand at the cursor, by the command tree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import typer

from eleven_cli.commands.lookup.completion import Offered
from eleven_cli.context import Context


@dataclass
class Place:
    """Where on the line the cursor is.

    command   the command that was named so far
    values    what the words before it said, by parameter
    pending   the option that waits for its value
    plain     `--` stood before: nothing is an option any more
    """

    command: Any
    globals: list[Any]
    values: dict[str, Any] = field(default_factory=dict)
    pending: Any = None
    plain: bool = False
    positions: int = 0

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


@dataclass
class Offer:
    """The words that fit; or, instead, names of files."""

    words: list[str] = field(default_factory=list)
    prefix: str = ""
    files: bool = False


def offer(root: Any, context: Context, words: Sequence[str], word: str) -> Offer:
    """What can stand in the place of `word`, after `words` (without the program's name)."""
    place = Place(root, [param for param in root.params if param.param_type_name == "option"])
    for earlier in words:
        _pass(place, earlier)
    if place.pending is not None:
        return _values(place, context, place.pending, "", word)
    if not place.plain and word.startswith("-") and word != "-":
        return _options(place, context, word)
    named = [name for name in _commands(place) if name.startswith(word)]
    argument = place.argument()
    found = _values(place, context, argument, "", word) if argument is not None else Offer()
    flags = _flags(place, word) if word == "-" and not place.plain else []
    return Offer([*named, *found.words, *flags], "", found.files)


def _pass(place: Place, word: str) -> None:
    """Go past one word."""
    if place.pending is not None:
        place.values[place.pending.name], place.pending = word, None
    elif place.plain or not word.startswith("-") or word == "-":
        _pass_plain(place, word)
    elif word == "--":
        place.plain = True
    else:
        for option, value in _read(place, word):
            if option.is_flag:
                place.values[option.name] = True
            elif value is None:
                place.pending = option
            else:
                place.values[option.name] = value


def _pass_plain(place: Place, word: str) -> None:
    if word in _commands(place):
        place.command = place.command.commands[word]
        return
    if (argument := place.argument()) is not None:
        place.values[argument.name] = word
        place.positions += 1


def _read(place: Place, word: str) -> Iterator[tuple[Any, str | None]]:
    """The options in one word, each with its value; None where that is the next word."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        if (option := place.option(name)) is not None:
            yield option, value if equals else None
        return
    for at in range(1, len(word)):
        option = place.option(f"-{word[at]}")
        if option is not None:
            yield option, word[at + 1 :] or None
        if option is None or not option.is_flag:
            return


def _options(place: Place, context: Context, word: str) -> Offer:
    """An option's name, or its value where it stands in the same word."""
    for option, value in _read(place, word):
        if not option.is_flag and value is not None:
            return _values(place, context, option, word[: len(word) - len(value)], value)
    return Offer(_flags(place, word))


def _flags(place: Place, word: str) -> list[str]:
    shown = [option for option in place.options() if not option.hidden]
    names = [name for option in shown for name in (*option.opts, *option.secondary_opts)]
    return [name for name in (*names, "--help") if name.startswith(word)]


def _commands(place: Place) -> dict[str, Any]:
    """The commands that a word here can be; a group that was given something else takes none."""
    return {} if place.positions or place.plain else getattr(place.command, "commands", {})


def _values(place: Place, context: Context, param: Any, prefix: str, value: str) -> Offer:
    metavar = (param.metavar or "").lstrip("[{")
    if metavar.startswith("FILE"):
        return Offer(prefix=prefix, files=True)
    root = typer.Context(place.command, info_name="eleven", obj=context)
    root.params = place.values
    items = [item for item in param.shell_complete(root, value) if item.type == "plain"]
    return Offer([_prefixed(prefix, item.value) for item in items if item.value[:1] != "-"], prefix)


def _prefixed(prefix: str, word: str) -> str:
    whole = Offered(prefix + word)
    if isinstance(word, Offered) and word.otherwise:
        whole.otherwise = prefix + word.otherwise
    return whole
