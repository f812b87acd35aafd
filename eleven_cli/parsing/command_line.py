"""The words of a command line and their roles, read against the command tree before the parser has its say.

The parser knows an option only where its command stands, and takes each word with a dash for one. What a word is
(a global option behind the command, a text such as "-5") is decided here, once.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, auto
from typing import Any

END_OF_OPTIONS = "--"
GLOBAL_OPTIONS_WITH_VALUES = ("--profile", "--base-url", "--retries", "--timeout")


def command_in(words: Iterable[str]) -> str | None:
    """The first word that is neither a global option nor its value."""
    rest = iter(words)
    for word in rest:
        if word in GLOBAL_OPTIONS_WITH_VALUES:
            next(rest, None)
        elif word in ("-h", "--help"):
            return None
        elif not word.startswith("-"):
            return word
    return None


class Role(Enum):
    COMMAND = auto()
    OPTION = auto()  # with what is attached to it
    VALUE = auto()  # of the option before
    ARGUMENT = auto()
    END = auto()  # --
    UNKNOWN = auto()  # it looks like an option, but there is none of that name


class Word:
    """One word and its role.

    param      the option that it is, or whose value it is (of several short ones in a word, the last)
    attached   the value that is part of the word: --name=VALUE, -nVALUE; None without one
    """

    # no dataclass: making one costs a millisecond of every start
    def __init__(self, text: str, role: Role, param: Any = None, attached: str | None = None) -> None:
        self.text, self.role, self.param, self.attached = text, role, param, attached

    @property
    def value(self) -> str:
        """What is given to an option, by the next word or attached to it; the word itself where it is an argument."""
        return self.text if self.attached is None else self.attached

    @property
    def wants_value(self) -> bool:
        return self.role is Role.OPTION and self.attached is None and _takes_value(self.param)

    @property
    def is_short(self) -> bool:
        return self.text[:1] == "-" != self.text[1:2]


class Line:
    """A command line as far as it was read.

    commands   the root, and each command below it that was named
    names      what these are called; the root has no name
    waiting    the option that still lacks its value
    is_over    whether -- was read, after which there are no options
    """

    def __init__(self, root: Any) -> None:
        self.commands: list[Any] = [root]
        self.names: list[str] = []
        self.words: list[Word] = []
        self.waiting: Word | None = None
        self.is_over = False

    @property
    def command(self) -> Any:
        return self.commands[-1]

    @property
    def path(self) -> str:
        """As one types it: "eleven config set"."""
        return " ".join(["eleven", *self.names])

    @property
    def arguments(self) -> list[Word]:
        """The arguments of the innermost command."""
        return [word for word in self.words if word.role is Role.ARGUMENT]

    @property
    def names_no_command(self) -> bool:
        """Whether a command had to be named, and another word stands there."""
        takes_words = any(param.nargs < 0 for param in self.command.params)
        known = getattr(self.command, "other_words", ())
        others = [word for word in self.arguments if word.text not in known]
        return bool(others) and hasattr(self.command, "commands") and not takes_words

    @property
    def unknown(self) -> Word | None:
        """The first word that looks like an option and is none."""
        return next((word for word in self.words if word.role is Role.UNKNOWN), None)

    @property
    def is_possible(self) -> bool:
        """Whether every word can be what it was read as."""
        return not (self.names_no_command or self.unknown or self.waiting)

    @property
    def options(self) -> dict[str, Any]:
        """The options that may stand here, by each of their names."""
        return {
            name: param
            for command in (self.commands[0], self.command)
            for param in command.params
            if param.param_type_name == "option"
            for name in (*param.opts, *param.secondary_opts)
        }

    @property
    def takes_text(self) -> bool:
        """Whether the command speaks, or knows, what its arguments say."""
        return any(param.nargs < 0 and param.name == "text" for param in self.command.params)

    def given(self, param: Any) -> Word | None:
        """The word that is, or holds, the value of an option or argument; None where there is none."""
        if param.param_type_name == "argument":
            at = [other for other in self.command.params if other.param_type_name == "argument"].index(param)
            return self.arguments[at] if at < len(self.arguments) else None
        words = [word for word in self.words if word.param is param and not word.wants_value]
        return words[-1] if words else None


def read(root: Any, words: Iterable[str]) -> Line:
    """The roles of the words. `root` is the command tree, as the parser has it."""
    line = Line(root)
    for text in words:
        word = _word(line, text)
        line.words.append(word)
        line.waiting = word if word.wants_value else None
        line.is_over = line.is_over or word.role is Role.END
        if word.role is Role.COMMAND:
            line.commands.append(line.command.commands[text])
            line.names.append(text)
    return line


def arranged(line: Line) -> list[str]:
    """The words as the parser takes them: global options first, and a text that begins with a dash behind --."""
    if not line.names:
        return _dashes_last(line.words)
    first: list[str] = []
    rest: list[Word] = []
    words = iter(line.words)
    for word in words:
        taken, kept = _divided(line, word)
        first += taken
        rest += [kept] if kept else []
        if taken and not kept and word.wants_value:
            first.append(next(words).text)
    return first + _dashes_last(rest)


def first_word(args: list[str]) -> tuple[str, list[str]]:
    """The first word that is no option, and all the others; "" where there is none, or -- stands before it."""
    at = next((at for at, word in enumerate(args) if word == END_OF_OPTIONS or not word.startswith("-")), len(args))
    if args[at : at + 1] in ([], [END_OF_OPTIONS]):
        return "", args
    return args[at], [*args[:at], *args[at + 1 :]]


def is_text(word: str) -> bool:
    """Whether it can be nothing but text although it begins with a dash: "-5", "- item", "-"."""
    dashes = 2 if word.startswith("--") else 1
    letter = word[dashes : dashes + 1]
    return word != END_OF_OPTIONS and not (word.startswith("-") and letter.isascii() and letter.isalpha())


def _word(line: Line, text: str) -> Word:
    if line.waiting is not None:
        return Word(text, Role.VALUE, line.waiting.param)
    if line.is_over or is_text(text):
        return _command_or_argument(line, text)
    return Word(text, Role.END) if text == END_OF_OPTIONS else _option(line, text)


def _command_or_argument(line: Line, text: str) -> Word:
    below = getattr(line.command, "commands", {})
    is_command = text in below and not line.is_over and not line.arguments
    return Word(text, Role.COMMAND if is_command else Role.ARGUMENT)


def _option(line: Line, text: str) -> Word:
    name, equals, value = text.partition("=")
    known = {"-h": _Help, "--help": _Help, **line.options}
    if name in known and (name == text or name.startswith("--")):  # -v=x means -v "=x"
        return Word(text, Role.OPTION, known[name], value if equals else None)
    if text.startswith("--") or f"-{name}" in known:  # -voice does not mean -v oice
        return Word(text, Role.UNKNOWN)
    return _short_options(known, text)


def _short_options(known: Mapping[str, Any], text: str) -> Word:
    """Several flags in a word, or an option with its value: -qv, -oFILE."""
    param = None
    for at, letter in enumerate(text[1:], 2):
        param = known.get(f"-{letter}")
        if param is None:
            return Word(text, Role.UNKNOWN)
        if _takes_value(param):
            return Word(text, Role.OPTION, param, text[at:] or None)
    return Word(text, Role.OPTION, param)


class _Help:
    """Every command has it, and none lists it."""

    name, is_flag, count = "help", True, False


def _takes_value(param: Any) -> bool:
    return not (param.is_flag or param.count)


def _divided(line: Line, word: Word) -> tuple[list[str], Word | None]:
    """What of a word the root takes, and what is left of it for the command."""
    if word.role is not Role.OPTION or word is line.waiting:
        return [], word
    if not word.is_short or len(word.text) == 2:
        return ([word.text], None) if word.param in line.commands[0].params else ([], word)
    return _divided_flags(line, word)


def _divided_flags(line: Line, word: Word) -> tuple[list[str], Word | None]:
    """-qv is -q for the root and -v for the command."""
    value = word.attached or ""
    flags = word.text[1 : len(word.text) - len(value)]
    of_the_root = [flag for flag in flags if line.options.get(f"-{flag}") in line.commands[0].params]
    left = "".join(flag for flag in flags if flag not in of_the_root) + value
    kept = Word(f"-{left}", Role.OPTION, word.param, word.attached) if left else None
    return [f"-{flag}" for flag in of_the_root], kept


def _dashes_last(words: list[Word]) -> list[str]:
    texts = [word.text for word in words if word.role is Role.ARGUMENT]
    if not any(text.startswith("-") and len(text) > 1 for text in texts):
        return [word.text for word in words]
    others: Iterator[str] = (word.text for word in words if word.role not in (Role.ARGUMENT, Role.END))
    return [*others, END_OF_OPTIONS, *texts]
