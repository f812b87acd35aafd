"""Fields of a request as they are typed: NAME=VALUE, where NAME may be a[b] and a[]. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, NamedTuple

from eleven_cli.errors import UsageError

_FIELD = re.compile(r"(?P<name>[^\[\]=]+)(?P<below>(?:\[[^\[\]=]*\])*)(?:=(?P<value>.*))?", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}
MOST_LEVELS = 50
NESTED = "nest it with a[b]=c, and fill a list with a[]=x"


class Field(NamedTuple):
    """keys: of "a[b][]" a, b and "";  text: the value as it is typed, None for an empty list (a[] without =)"""

    said: str
    keys: tuple[str, ...]
    text: str | None


def field_of(word: str, option: str) -> Field:
    """The field that is meant. Raises UsageError for what is not NAME=VALUE."""
    found = _FIELD.fullmatch(word)
    keys = (found["name"], *re.findall(r"\[([^\[\]]*)\]", found["below"])) if found else ()
    is_whole = found is not None and (found["value"] is not None or keys[-1] == "")
    if found is None or not is_whole or len(keys) > MOST_LEVELS:
        raise UsageError(f"{option} takes NAME=VALUE, not {word}", hint=NESTED if "[" in word else "")
    return Field(word.partition("=")[0], keys, found["value"])


def pair_of(word: str, option: str) -> tuple[str, str]:
    """Name and value, both as they are typed. Raises UsageError."""
    name, equals, value = word.partition("=")
    if not (name and equals):
        raise UsageError(f"{option} takes NAME=VALUE, not {word}")
    return name, value


def typed(text: str) -> Any:
    """true, false, null and numbers as such; anything else is text."""
    if text in _WORDS:
        return _WORDS[text]
    try:
        number = json.loads(text) if _NUMBER.fullmatch(text) else text
    except ValueError:  # more digits than Python reads
        return text
    return text if isinstance(number, float) and not isfinite(number) else number


def put(fields: dict[str, Any], field: Field, value: Any) -> None:
    """Add a field in its place. Raises UsageError where there is something else."""
    owner, keys = fields, list(field.keys)
    while True:
        key, *keys = keys
        if not keys:
            if key in owner:
                raise UsageError(f"the field {field.said} is given twice", hint=NESTED)
            owner[key] = value
            return
        if keys[0] != "":
            owner = _inner(owner, key, {}, field)
            continue
        entries = _inner(owner, key, [], field)
        del keys[0]
        if not keys:
            entries.extend([] if field.text is None else [value])
            return
        owner = _entry_for(entries, keys[0])


def _inner(owner: dict[str, Any], key: str, empty: Any, field: Field) -> Any:
    inner = owner.setdefault(key, empty)
    if not isinstance(inner, type(empty)):
        raise UsageError(f"the field {field.said} does not fit what is given of {field.keys[0]} before", hint=NESTED)
    return inner


def _entry_for(entries: list[Any], key: str) -> dict[str, Any]:
    """The list's last object while it lacks the key, else a new one: a[][b]=1 a[][c]=2 a[][b]=3 are two."""
    last = entries[-1] if entries else None
    if isinstance(last, dict) and (key not in last or isinstance(last[key], list)):
        return last
    entries.append({})
    return entries[-1]  # type: ignore[no-any-return]


def flat(fields: Mapping[str, Any], *, is_query: bool) -> Iterator[tuple[str, str]]:
    """The fields for a form or a query, where all is text: lists by their name repeated, and in a form objects as JSON.
    Raises UsageError for an object in a query."""
    for name, value in fields.items():
        values = value if isinstance(value, list) else [value]
        has_objects = any(isinstance(each, dict | list) for each in values)
        if has_objects and is_query:
            raise UsageError(f"the field {name} cannot be nested in a query", hint=f"give it as text: -q {name}=TEXT")
        for each in [value] if has_objects else values:
            yield name, each if isinstance(each, str) else json.dumps(each, ensure_ascii=False)
