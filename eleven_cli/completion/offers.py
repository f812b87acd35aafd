"""What can stand at the cursor, by the command tree."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from eleven_cli.commands.lookup.completion import Given, Offered
from eleven_cli.completion.tree import KnownCommand, KnownParameter
from eleven_cli.context import Context
from eleven_cli.parsing.command_line import Line, Role, read


class Offer(NamedTuple):
    """The words that fit; or, instead, names of files."""

    words: Sequence[str] = ()
    files: bool = False


def offer(context: Context, words: Sequence[str], word: str) -> Offer:
    """What can stand in the place of `word`, after `words` (without the program's name)."""
    root = KnownCommand("")
    line = read(root, words)
    if line.waiting is not None:
        return _values(line, context, line.waiting.param, word)
    if not line.is_over and word.startswith("-") and word != "-":
        typed = read(root, [*words, word]).words[-1]
        if typed.role is Role.OPTION and typed.attached is not None and not typed.param.is_flag:
            return _values(line, context, typed.param, typed.attached, word.removesuffix(typed.attached))
        return Offer(_options(line, word))
    argument = _argument(line)
    found = Offer() if argument is None else _values(line, context, argument, word)
    options = _options(line, word) if word == "-" and not line.is_over else []
    return Offer([*_commands(line, word), *found.words, *options], found.files)


def _commands(line: Line, word: str) -> list[str]:
    """A group that was given something else takes none."""
    names = [] if line.arguments or line.is_over else line.command.commands
    return [name for name in names if name.startswith(word)]


def _argument(line: Line) -> Any:
    """The argument that the next word would be; None where no more is taken."""
    arguments = [param for param in line.command.params if param.param_type_name == "argument"]
    at = min(len(line.arguments), len(arguments) - 1)
    return arguments[at] if arguments and (at == len(line.arguments) or arguments[at].nargs < 0) else None


def _options(line: Line, word: str) -> list[str]:
    own = [name for command in (line.command, line.commands[0]) for name in _names(command)]
    return [name for name in dict.fromkeys([*own, "--help"]) if name.startswith(word)]


def _names(command: KnownCommand) -> list[str]:
    return [name for param in command.params for name in (*param.opts, *param.secondary_opts)]


def _values(line: Line, context: Context, param: KnownParameter, value: str, prefix: str = "") -> Offer:
    """What the parameter takes, behind the prefix that stands in the same word."""
    if param.files:
        return Offer(files=True)
    begun = value.casefold()
    words = [choice for choice in param.choices if choice.casefold().startswith(begun)]
    if param.completer:
        words = _completed(Given(_params(line), context), param.completer, value)
    return Offer([_prefixed(prefix, word) for word in words if not word.startswith("-")])


def _completed(given: Given, completer: Sequence[str], value: str) -> list[str]:
    from eleven_cli.commands.lookup import completion

    name, *words = completer
    try:
        found: list[str] = getattr(completion, name)(given, *words, value)
    except Exception:  # an error would be printed into the line that is being typed
        return []
    return found


def _params(line: Line) -> dict[str, Any]:
    """The values before the cursor, by the names of their parameters; of a flag, the word itself."""
    options = {word.param.name: word.value for word in line.words if word.param is not None and not word.wants_value}
    arguments = [param for param in line.command.params if param.param_type_name == "argument"]
    return options | {param.name: word.text for param, word in zip(arguments, line.arguments, strict=False)}


def _prefixed(prefix: str, word: str) -> str:
    whole = Offered(prefix + word)
    if isinstance(word, Offered) and word.otherwise:
        whole.otherwise = prefix + word.otherwise
    return whole
