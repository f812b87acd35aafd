"""Impossible command lines in words: what was wrong, and the line that would be right.

The parser's own errors speak of its inside ("Got unexpected extra argument(s)"), so only their kind, their option and
their place are taken.
"""

from collections.abc import Callable
from typing import Any

from eleven_cli.errors import UsageError
from eleven_cli.parsing.command_line import Line, Role, Word, is_text, read
from eleven_cli.parsing.other_names import OTHER_COMMANDS, OTHER_SHELLS, meant_option, needs_no_option
from eleven_cli.parsing.pasting import as_text, might_show_a_key, shown, taken_for_options, with_words
from eleven_cli.suggestions import MOST_NAMED, either, near, question

DASH_HINT = "put a text that begins with - after --"
_UNITS = {"S": " of seconds", "SECONDS": " of seconds", "MS": " of milliseconds"}  # by what help calls the value
NEWEST = "last"  # in the place of an id
DEEPEST = 2  # commands below one another
KEY_OPTIONS = ("--api-key", "--api_key", "--apikey", "--key", "--token", "--xi-api-key")


def refuse_impossible(line: Line, whole_tree: Any) -> None:
    """Raises UsageError for a command and for an option that there are not, and for an option without its value.

    whole_tree   that of all commands: the line was read against the one that it names
    """
    if line.unknown and (early := _option_before_its_command(line, line.unknown)):
        raise early
    wrong = next((word.role for word in line.words if word.role in (Role.UNKNOWN, Role.ARGUMENT)), None)
    if wrong is Role.ARGUMENT and (line.names_no_command or _may_be_a_command(line)):
        raise _no_such_command(line)
    if line.unknown:
        raise _no_such_option(line, line.unknown, whole_tree)
    if line.waiting:
        name = f"-{line.waiting.text[-1]}" if line.waiting.is_short else line.waiting.text
        raise UsageError(f"{name} needs a value: {_usage(name, line.waiting.param)}", hint=f"{line.path} --help")


def in_words(wrong: Any, line: Line) -> UsageError:
    """What the parser has raised, as one of ours."""
    explain = _EXPLAIN.get(type(wrong).__name__, _extra)
    return explain(wrong, line)


def dash_hint(line: Line) -> str:
    """The line with its texts behind --, where a word such as "-face" was read as an option with its value.

    Nothing where there is a text besides: then it was an option.
    """
    meant = taken_for_options(line)
    of_a_file = [word for word in meant if "--file" in getattr(word.param, "opts", ())]
    if not line.takes_text or not meant or (line.arguments and not of_a_file):
        return ""
    return _with_line(DASH_HINT, as_text(line, of_a_file or meant))


def _no_such_option(line: Line, word: Word, root: Any) -> UsageError:
    name = word.text.partition("=")[0]
    if name.lower() in KEY_OPTIONS:
        return _key_is_seen()
    if word.text == "--text" and line.takes_text and line.arguments:
        return UsageError("the text needs no option", hint=with_words(line, {word: []}))
    if needs_no_option(name, line):
        return UsageError("the file needs no option", hint=with_words(line, {word: []}) or f"{line.path} --help")
    if meant := meant_option(name, line):
        right = with_words(line, {word: [meant[0] + word.text[len(name) :], *meant[1:]]})
        return UsageError(f"unknown option {name}" + question([" ".join(meant)]), hint=right or f"{line.path} --help")
    found = _options_like(name, line)
    owners = [] if any(known.startswith(name) for known in found) else _commands_with(name, root)
    if owners:
        there = owners[0] if line.path == "eleven" else line.path
        return UsageError(f"unknown option {name}; it is an option of {_some(owners)}", hint=f"{there} --help")
    if found:
        hint = with_words(line, {word: [found[0] + word.text[len(name) :]]})
    else:
        hint = _with_line(DASH_HINT, as_text(line, [word])) if line.takes_text else ""
    said = f"unknown option {_quoted(name)}"
    return UsageError(said + question(found), hint=hint or f"{line.path} --help")


def _option_before_its_command(line: Line, word: Word) -> UsageError | None:
    """Says that an option stands before the command that has it; None where it does not."""
    words = [other.text for other in line.words]
    early = line.words.index(word)
    for value in (0, 1):
        behind = early + 1 + value
        for last in reversed(range(behind, min(behind + DEEPEST, len(words)))):
            moved = [*words[:early], *words[behind : last + 1], *words[early:behind], *words[last + 1 :]]
            right = read(line.commands[0], moved)
            if right.words[last - 1 - value].role is Role.COMMAND and right.is_possible:
                name = word.text.partition("=")[0]
                return UsageError(f"{name} belongs after {right.path}", hint=shown(moved))
    return None


def _options_like(name: str, line: Line) -> list[str]:
    if not name.startswith("--"):
        return [known for known in (f"-{name}", name.swapcase()) if known in line.options]
    return near(name, [known for known in line.options if known.startswith("--")])


def _commands_with(name: str, command: Any, path: str = "eleven") -> list[str]:
    """The commands that have an option of that name, as one types them."""
    names = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
    below = getattr(command, "commands", {}).items()
    own = [path] if name in names and name.startswith("--") else []
    return own + [found for word, each in below for found in _commands_with(name, each, f"{path} {word}")]


def _some(commands: list[str]) -> str:
    return either(commands if len(commands) <= MOST_NAMED else [*commands[: MOST_NAMED - 1], "others"], "and")


def _may_be_a_command(line: Line) -> bool:
    """Whether the first word of a search is a slip for a command that has the options behind it."""
    word = line.arguments[0]
    meant = near(word.text, getattr(line.command, "commands", ()))[:1]
    words = [text for other in line.words for text in (meant if other is word else [other.text])]
    return bool(meant) and read(line.commands[0], words).is_possible


def _no_such_command(line: Line) -> UsageError:
    word = line.arguments[0]
    if might_show_a_key(word.text):
        return _key_is_seen()
    if not line.names and (len(word.text.split()) > 1 or word.text.startswith("-")):
        spoken = shown(["tts", *(other.text for other in line.words)])
        return UsageError(f"{_quoted(word.text)} is not a command", hint=_with_line("to speak it", spoken))
    names_newest = word.text == NEWEST and "show" in line.command.commands
    other_name = f"show {NEWEST}" if names_newest else "" if line.names else OTHER_COMMANDS.get(word.text.lower(), "")
    found = (
        [other_name]
        if other_name
        else near(word.text, [*line.command.commands, *getattr(line.command, "other_words", ())])
    )
    hint = with_words(line, {word: found[0].split()}) if found else ""
    if not found and "show" in line.command.commands and not word.text.isalpha():
        hint = with_words(line, {word: ["show", word.text]})
    return UsageError(f"unknown command {_quoted(word.text)}" + question(found), hint=hint or f"{line.path} --help")


def _bad_value(wrong: Any, line: Line) -> UsageError:
    param = wrong.param
    if param is None:
        return _extra(wrong, line)
    word = line.given(param)
    value = word.value if word else ""
    found = [] if value in OTHER_SHELLS else near(value, getattr(param.type, "choices", ()))
    said = f"{_name(param)} must be {_allowed(param)}, not {_quoted(value)}"
    hint = with_words(line, {word: [_exchanged(word, found[0])]}) if word and found else ""
    return UsageError(said + question(found), hint=hint or f"{line.path} --help")


def _missing(wrong: Any, line: Line) -> UsageError:
    given = [word.text for word in line.arguments]
    wanted = [param for param in line.command.params if param.param_type_name == "argument" and param.required]
    choices = _choices(wrong.param)
    said = f"{line.path} needs {_a(_name(wrong.param))}" + (f": {either(choices)}" if choices else "")
    example = [(_choices(param) or [_name(param)])[0] for param in wanted[len(given) :]]
    placeholders = shown([*line.names, *given, *example]) or f"{line.path} --help"
    return UsageError(said, hint=placeholders if given or choices else _example_of(line) or placeholders)


def _example_of(line: Line) -> str:
    """The example of the command on its help page, or on that of its group; "" where there is none."""
    shown_lines = [text for command in reversed(line.commands) for text in (command.epilog or "").splitlines()]
    return next((text for text in shown_lines if text.startswith(f"{line.path} ")), "")


def _no_value_wanted(wrong: Any, line: Line) -> UsageError:
    name = wrong.option_name
    words = {word: [name] for word in line.words if word.text.startswith(f"{name}=")}
    return UsageError(f"{name} takes no value", hint=with_words(line, words) or f"{line.path} --help")


def _extra(wrong: Any, line: Line) -> UsageError:
    names = [_name(param) for param in line.command.params if param.param_type_name == "argument"]
    extra = line.arguments[len(names) :]
    if not extra:  # of a kind that the parser has not raised so far
        return UsageError(wrong.format_message().rstrip("."), hint=f"{line.path} --help")
    if line.names[:1] == ["auth"] or any(might_show_a_key(word.text) for word in extra):
        return _key_is_seen()
    takes = f"only {' '.join(names)}" if names else "no arguments"
    said = f"{line.path} takes {takes}, not {' '.join(_quoted(word.text) for word in extra)}"
    return UsageError(said, hint=with_words(line, dict.fromkeys(extra, ())) or f"{line.path} --help")


def _key_is_seen() -> UsageError:
    return UsageError("everyone on this machine can see a key on the command line", hint="eleven auth login")


_EXPLAIN: dict[str, Callable[[Any, Line], UsageError]] = {
    "BadParameter": _bad_value,
    "MissingParameter": _missing,
    "BadOptionUsage": _no_value_wanted,
}


def _allowed(param: Any) -> str:
    """What an option takes, in words: "a number from 0 to 1"."""
    kind = param.type
    if choices := getattr(kind, "choices", ()):
        return either(list(choices))
    number = ("a whole number" if kind.name.startswith("int") else "a number") + _UNITS.get(param.metavar, "")
    low, high = getattr(kind, "min", None), getattr(kind, "max", None)
    if low is not None and high is not None:
        return f"{number} from {low} to {high}"
    return number if low is None else f"{number}, {low} or more"


def _name(param: Any) -> str:
    """As the help page has it: --stability, VALUE."""
    if param.param_type_name == "option":
        return str(next((name for name in param.opts if name.startswith("--")), param.opts[0]))
    return str(param.metavar or param.name.upper()).strip("[].")


def _usage(name: str, param: Any) -> str:
    return f"{name} {'|'.join(_choices(param)) or param.metavar or _allowed(param)}"


def _choices(param: Any) -> list[str]:
    return list(getattr(param.type, "choices", ()))


def _exchanged(word: Word, value: str) -> str:
    """The word with another value in it."""
    return value if word.attached is None else word.text[: -len(word.attached)] + value


def _quoted(word: str) -> str:
    return word if _is_plain_option(word) else f'"{word}"'


def _is_plain_option(word: str) -> bool:
    return word.startswith("-") and not is_text(word) and " " not in word


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIOaeio' else 'a'} {noun}"


def _with_line(words: str, line: str) -> str:
    return f"{words}: {line or 'eleven tts -- TEXT'}"
