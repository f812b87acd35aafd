"""Finds the lines of the keys of a TOML file, which its reader does not tell."""

from __future__ import annotations

import re
import tomllib
from collections import Counter

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|(?!""").)*"{3,5}|' r"'''(?:(?!''').)*'{3,5}|" r'"(?:\\.|[^"\\])*"|' r"'[^']*'", re.DOTALL
)
_SCALAR = re.compile(r"[^,\]}#\n]+")
_KEY = re.compile(rf"(?:[A-Za-z0-9_.\-\s]|{_STRING.pattern})+?(?=[=\]])", re.DOTALL)


def key_lines(text: str) -> dict[str, int]:
    """Gives the first line of each key of a text that a TOML reader has accepted, as in `agents[1].replies[2].fail`."""
    return _Scanner(text).lines


def line_at(text: str, index: int) -> int:
    return text.count("\n", 0, index) + 1


class _Scanner:
    """Walks over a text once."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text.replace("\r\n", "\n"), 0
        self._tables: Counter[str] = Counter()  # how many tables each [[array]] has so far
        self.lines: dict[str, int] = {}
        table = ""
        while self._next():
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _next(self) -> str:
        """Goes on to what is no blank, and gives its character; none at the end."""
        self._at = _match(_BLANK, self._text, self._at).end()
        return self._text[self._at : self._at + 1]

    def _header(self) -> str:
        start, is_array = self._at, self._text.startswith("[[", self._at)
        self._at += 2 if is_array else 1
        *above, last = self._key()
        self._at += 2 if is_array else 1
        path = ""
        for name in above:
            path = self._newest(_joined(path, name))
        path = _joined(path, last)
        self._found(path, start)
        if is_array:
            self._tables[path] += 1
            path = self._newest(path)
            self._found(path, start)
        return path

    def _newest(self, path: str) -> str:
        return f"{path}[{self._tables[path]}]" if self._tables[path] else path

    def _pair(self, path: str) -> None:
        start = self._at
        for name in self._key():
            path = _joined(path, name)
            self._found(path, start)
        self._at += 1  # =
        self._value(path)

    def _value(self, path: str) -> None:
        first = self._next()
        if first == "[":
            self._items(path)
        elif first == "{":
            self._members(path)
        else:
            self._at = _match(_STRING if first in "\"'" else _SCALAR, self._text, self._at).end()

    def _items(self, path: str) -> None:
        self._at, number = self._at + 1, 0
        while self._next() != "]":
            number += 1
            self._found(f"{path}[{number}]", self._at)
            self._value(f"{path}[{number}]")
            self._at += self._next() == ","
        self._at += 1

    def _members(self, path: str) -> None:
        self._at += 1
        while self._next() != "}":
            self._pair(path)
            self._at += self._next() == ","
        self._at += 1

    def _key(self) -> list[str]:
        found = _match(_KEY, self._text, self._at)
        self._at = found.end()
        names, content = [], tomllib.loads(f"{found[0].strip()} = 0")
        while isinstance(content, dict):
            ((name, content),) = content.items()
            names.append(name)
        return names

    def _found(self, path: str, index: int) -> None:
        self.lines.setdefault(path, line_at(self._text, index))


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _match(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str]:
    found = pattern.match(text, at)
    assert found is not None, "the text was accepted by a TOML reader"
    return found
