"""The line that is being typed, as its shell will read it."""

import re

BREAKS_OF_BASH = " \t\n\"'@><=;|&(:"  # what COMP_WORDBREAKS holds by default
_ASSIGNMENT = re.compile(r"\w+=")
_NEW_COMMAND = frozenset(";|&()\n")
_ESCAPABLE_IN_DOUBLE = frozenset('\\"$`\n')


class Typed:
    """A command line up to the cursor, without its quotes.

    words       those before the word at the cursor; the program's name is the first
    word        the one at the cursor
    quote       the quote that is open at the cursor, if any
    kept        how many characters of `word` bash leaves alone: it replaces what follows the last break or quote
    redirected  the word is the file of a redirection
    """

    def __init__(self, words: list[str] | None = None, word: str = "") -> None:
        self.words, self.word = words or [], word
        self.quote, self.kept, self.redirected, self._begun = "", 0, False, False

    def add(self, letters: str, *, breaks: str = "") -> None:
        self.word, self._begun = self.word + letters, True
        if letters and letters in breaks:
            self.kept = len(self.word) - (letters == "@")  # readline takes it for the beginning of a host's name

    def end_word(self) -> None:
        if self._begun and not self.redirected:
            self.words.append(self.word)
        if self._begun:
            self.redirected = False
        self.word, self.kept, self._begun = "", 0, False

    def redirect(self) -> None:
        if self.word.isdecimal():
            self._begun = False
        self.end_word()
        self.redirected = True


def typed(line: str, shell: str, breaks: str = BREAKS_OF_BASH) -> Typed:
    """The words of a line, by the quotes of bash, fish or PowerShell."""
    found, escape = Typed(), "`" if shell == "powershell" else "\\"
    letters = iter(range(len(line)))
    for at in letters:
        letter, following = line[at], line[at + 1 : at + 2]
        if letter == escape and _escapes(found.quote, following, shell):
            found.add(following)
            next(letters, None)
        elif found.quote:
            _in_quotes(found, letter)
        elif letter in "'\"":
            found.quote = letter
            found.add("")
            found.kept = len(found.word)
        elif letter in _NEW_COMMAND:
            found = Typed()
        elif letter.isspace():
            found.end_word()
        elif letter in "<>":
            found.redirect()
        else:
            found.add(letter, breaks=breaks)
    while found.words and _ASSIGNMENT.match(found.words[0]):
        del found.words[0]
    return found


def _escapes(quote: str, following: str, shell: str) -> bool:
    """Whether an escape sign takes the meaning from what follows it."""
    if quote == "'":
        return shell == "fish" and following in ("'", "\\")
    return not quote or shell == "powershell" or following in _ESCAPABLE_IN_DOUBLE


def _in_quotes(found: Typed, letter: str) -> None:
    if letter != found.quote:
        found.add(letter)
        return
    found.quote, found.kept = "", len(found.word)
