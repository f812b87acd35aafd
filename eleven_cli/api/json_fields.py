"""Reads values from the service's JSON: None if not a sensible number, "" if not a text. Pure."""

import base64
import binascii
import json
from math import isfinite
from types import UnionType
from typing import Any, Union, get_args, get_origin

LATEST_UNIX_S = 250_000_000_000  # the year 9892: what is later has no date
LARGEST = 10**15  # beyond it nothing that the service counts, and floats lose whole numbers
_TOO_MANY_DIGITS = 300  # more than a float can hold
MOST_LEVELS = 100


def parsed(text: str | bytes) -> Any:
    """The JSON value, of which JSON can be made again: numbers that JSON does not have are None.

    Bytes that are no text are U+FFFD. Raises ValueError for what is no JSON, and for what is nested deeper than
    anything that the service says.
    """
    words = text if isinstance(text, str) else text.decode(json.detect_encoding(text), "replace")
    try:
        value = _loaded(words)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if words.count("[") + words.count("{") > MOST_LEVELS and not _is_shallow(value):
        raise ValueError("nested too deeply")
    return value


def _loaded(words: str) -> Any:
    try:
        return json.loads(words, parse_constant=_none, parse_float=_finite)
    except json.JSONDecodeError:
        raise
    except ValueError:  # a whole number of more digits than Python reads
        return json.loads(words, parse_constant=_none, parse_float=_finite, parse_int=_whole)


def _none(name: str) -> None:
    """For NaN and Infinity, which JSON does not have."""


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) < _TOO_MANY_DIGITS else None


def _finite(digits: str) -> float | None:
    value = float(digits)
    return value if isfinite(value) else None


def _is_shallow(value: Any) -> bool:
    """Level by level: what is deep would be too deep for a function that calls itself."""
    level = [value]
    for _ in range(MOST_LEVELS):
        inside = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list))
        level = [one for each in inside for one in each if isinstance(one, dict | list)]
        if not level:
            return True
    return False


def number(value: Any) -> float | None:
    """A finite JSON number of a size that makes sense, else None."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= LARGEST:
        return None
    return value if isfinite(value) else None


def whole_number(value: Any) -> int | None:
    """The same, where it is whole: 3, also as 3.0."""
    found = number(value)
    return int(found) if found is not None and found == int(found) else None


def unix_time(value: Any) -> int | None:
    """Seconds since 1970 that have a date, else None."""
    found = whole_number(value)
    return found if found is not None and 0 <= found <= LATEST_UNIX_S else None


def text_of(value: Any) -> str:
    """The text; "" for anything else."""
    return value if isinstance(value, str) else ""


def object_of(value: Any) -> dict[str, Any]:
    """The object; {} for anything else."""
    return value if isinstance(value, dict) else {}


def objects_of(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; none where it is no list."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def value_of_kind(kind: Any, value: Any) -> Any:
    """The value if it is of the type that a field declares, such as `int | None` or `list[Any]`, else None."""
    kinds = set(get_args(kind)) if get_origin(kind) in (Union, UnionType) else {get_origin(kind) or kind}
    if int in kinds:
        return int(value) if _is_countable(value) and value == value // 1 else None
    if float in kinds:
        return float(value) if _is_countable(value) else None
    return value if isinstance(value, tuple(kinds)) else None


def _is_countable(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**63


def bytes_of(value: Any) -> bytes:
    """The bytes of a text in base64; none for anything else."""
    try:
        return base64.b64decode(value) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        return b""
