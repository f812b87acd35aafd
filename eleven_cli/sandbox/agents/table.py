"""Reads tables of a TOML file strictly; every fault names its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class InvalidKey(Exception):
    """A key with a fault; `table` is the key of the table that it is, or should be, in."""

    def __init__(self, key: str, problem: str, table: str = "") -> None:
        super().__init__(f"{key} {problem}")
        self.key, self.table = key, table


class TomlTable:
    """One table of the file; `where` is its key."""

    def __init__(self, where: str, content: Any, known: frozenset[str]) -> None:
        if not isinstance(content, dict):
            raise InvalidKey(where, "must be a table")
        self.where, self._content = where, content
        self.only(known, "is not known")

    def only(self, known: frozenset[str], otherwise: str) -> None:
        """Raises InvalidKey for a key that is not known."""
        for name in self._content:
            if name not in known:
                raise self.wrong(name, otherwise)

    def key(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def wrong(self, name: str, problem: str) -> InvalidKey:
        return InvalidKey(self.key(name), problem, self.where)

    def has(self, name: str) -> bool:
        return name in self._content

    def of(self, name: str, kind: type[Any], kind_name: str, default: Any) -> Any:
        value = self._content.get(name, default)
        if not isinstance(value, kind):
            raise self.wrong(name, f"must be {kind_name}")
        return value

    def text(self, name: str, default: str = "") -> str:
        return str(self.of(name, str, "a string", default))

    def flag(self, name: str, *, default: bool = False) -> bool:
        return bool(self.of(name, bool, "true or false", default))

    def choice(self, name: str, default: str, allowed: Mapping[str, Any] | tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise self.wrong(name, f"must be one of {', '.join(allowed)}, not {value!r}")
        return value

    def seconds(self, name: str, default: float) -> float:
        value = self._content.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise self.wrong(name, "must be a positive number")
        return float(value)

    def texts(self, name: str) -> list[str]:
        values = self.of(name, list, "a list of strings", [])
        if not all(isinstance(value, str) for value in values):
            raise self.wrong(name, "must be a list of strings")
        return list(values)

    def table(self, name: str, known: frozenset[str]) -> TomlTable:
        return TomlTable(self.key(name), self.of(name, dict, f"written as [{self.key(name)}]", {}), known)

    def tables(self, name: str, known: frozenset[str]) -> list[TomlTable]:
        values = self.of(name, list, f"written as [[{self.key(name)}]]", [])
        return [TomlTable(f"{self.key(name)}[{at}]", value, known) for at, value in enumerate(values, 1)]
