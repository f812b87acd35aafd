"""Files of lexicons: a `word=spoken` on each line, or the W3C's Pronunciation Lexicon Specification (PLS). Pure."""

import re
from typing import NamedTuple
from xml.parsers import expat

from eleven_cli.errors import UsageError
from eleven_cli.text.decoding import decoded

_PLS = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE|(?:[\w.-]+:)?lexicon)\b|\xfe\xff\0<|\xff\xfe<\0")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)+)"\s*=(.*)', re.DOTALL)
_WORDS = ("grapheme", "alias", "phoneme")
EXAMPLE = "WCAG=W C A G"


class LexiconFile(NamedTuple):
    """entries: words, and what is said instead; phonemes: how many rules are none but for a model's own sounds."""

    entries: dict[str, str]
    phonemes: int = 0


def lexicon_file(path: str, content: bytes) -> LexiconFile:
    """The lexicon that `content` holds, which was read from `path`; the last of two for one word counts.

    Raises UsageError, with the line, for what cannot be read.
    """
    return _pls(path, content) if is_pls(content) else LexiconFile(_lines(path, decoded(content, path)))


def is_pls(content: bytes) -> bool:
    """Whether it is XML, which is read as PLS."""
    return _PLS.match(content) is not None


def entry(line: str) -> tuple[str, str]:
    """Parses `word=spoken`. Raises ValueError with the reason.

    The first ` = ` between blanks divides them, else the first `=`; either may stand in double quotes.
    """
    if quoted := _QUOTED.fullmatch(line.strip()):
        word, spoken = quoted[1], quoted[2]
    else:
        divider = " = " if " = " in line else "="
        word, found, spoken = line.partition(divider)
        if not found:
            raise ValueError("there is no = in it")
    word, spoken = word.strip(), _unquoted(spoken.strip())
    if not word:
        raise ValueError("there is no word before the =")
    if not spoken:
        raise ValueError("there is nothing to say after the =")
    return word, spoken


def _unquoted(side: str) -> str:
    return side[1:-1].strip() if len(side) > 1 and side[0] == side[-1] == '"' else side


def _lines(path: str, text: str) -> dict[str, str]:
    entries: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            word, spoken = entry(line)
        except ValueError as wrong:
            raise UsageError(f"{path}, line {number}: {wrong}: {_short(line)}", hint=f"write {EXAMPLE}") from None
        entries[word] = spoken
    if not entries:
        raise UsageError(f"{path} has no words", hint=f"write one on each line: {EXAMPLE}")
    return entries


def _short(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= 60 else f"{line[:59]}…"


class _LexiconReader:
    """Reads the lexemes of a PLS document, as its parser finds them."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}
        self.phonemes = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._refuse_entity
        self._depth, self._name = 0, ""
        self._found: dict[str, list[str]] = {}

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber

    def read(self, content: bytes) -> None:
        """Reads a PLS document. Raises ExpatError if it is not XML, ValueError if it is not a lexicon."""
        self._parser.Parse(content, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if not self._depth and name != "lexicon":
            raise ValueError(f"its root is <{name}>, not <lexicon>")
        self._depth += 1
        if name == "lexeme":
            self._found = {each: [] for each in _WORDS}
        elif name in _WORDS:
            self._name = name
            self._found.setdefault(name, []).append("")

    def _text(self, text: str) -> None:
        if self._name:
            self._found[self._name][-1] += text

    def _end(self, name: str) -> None:
        self._depth, self._name = self._depth - 1, ""
        if name.rpartition(":")[2] != "lexeme":
            return
        graphemes, aliases, phonemes = ([" ".join(text.split()) for text in self._found[each]] for each in _WORDS)
        if not graphemes or not all(graphemes):
            raise ValueError("a <lexeme> without a word: it needs a <grapheme>")
        if not any(aliases) and not any(phonemes):
            raise ValueError(f"nothing is said for {graphemes[0]}: it needs an <alias>")
        self.phonemes += not any(aliases)
        if spoken := next(filter(None, aliases), ""):
            self.entries |= dict.fromkeys(graphemes, spoken)

    def _refuse_entity(self, *declaration: object) -> None:
        raise ValueError("it declares entities, which are not read")


def _pls(path: str, content: bytes) -> LexiconFile:
    reader = _LexiconReader()
    try:
        reader.read(content)
    except expat.ExpatError as broken:
        raise UsageError(
            f"{path}, line {broken.lineno}: not well-formed XML: {expat.ErrorString(broken.code)}"
        ) from None
    except (ValueError, LookupError) as wrong:
        raise UsageError(f"{path}, line {reader.line}: {wrong}") from None
    if not reader.entries and not reader.phonemes:
        raise UsageError(f"{path} has no words: a lexicon holds <lexeme> elements")
    return LexiconFile(reader.entries, reader.phonemes)
