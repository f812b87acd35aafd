"""Numbers in the service's headers and JSON: what is none, or none that makes sense, is None. Pure."""

import json
import re
from math import isfinite
from typing import Any

LATEST_UNIX_S = 250_000_000_000  # the year 9892: what is later has no date
LARGEST = 10**15  # beyond it nothing that the service counts, and floats lose whole numbers
_WHOLE = re.compile(r"[0-9]{1,12}")
_TOO_MANY_DIGITS = 300  # more than a float can hold


def parsed(text: str | bytes) -> Any:
    """The JSON value; a whole number of more digits than Python reads is None. Raises ValueError, RecursionError."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # UnicodeDecodeError, or a number of thousands of digits
        return json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < _TOO_MANY_DIGITS else None)


def header_number(value: str | None) -> int | None:
    """A count from a header; None for anything else than ASCII digits, and for what nothing can be counted to."""
    word = (value or "").strip()
    return int(word) if _WHOLE.fullmatch(word) else None


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
