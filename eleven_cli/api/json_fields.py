"""Reads values from the service's JSON: what is not a sensible number is None, what is no text is "". Pure."""

import json
from math import isfinite
from typing import Any

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


def objects_of(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; none where it is no list."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
