"""Reads query parameters that every list and every socket knows: booleans, choices and cursors."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence

from starlette.datastructures import QueryParams

from .problems import Problem, invalid_parameter
from .validate import TRUE


def is_true(query: QueryParams, name: str, *, default: bool = False) -> bool:
    """Reads a boolean that the schema check has accepted."""
    value = query.get(name)
    return default if value is None else value.lower() in TRUE


def choice(query: QueryParams, name: str, allowed: Iterable[str]) -> str | None:
    """Reads one of the allowed values; None without one. Raises Problem (400) for any other."""
    value = query.get(name) or None
    if value is not None and value not in allowed:
        raise invalid_parameter(name, f"{name} must be one of {', '.join(allowed)}.")
    return value


def cursor_after(item: str) -> str:
    """Makes the cursor of the page that follows an item."""
    return base64.urlsafe_b64encode(item.encode()).decode()


def start_after(items: Sequence[str], query: QueryParams, name: str) -> int:
    """Gives the index of the page at the cursor, 0 without one. Raises Problem (400) for a cursor of another list."""
    cursor = query.get(name)
    if not cursor:
        return 0
    try:
        return items.index(base64.urlsafe_b64decode(cursor.encode()).decode()) + 1
    except ValueError:  # also of Base64 and of UTF-8
        raise Problem(400, "invalid_cursor", f"{name} does not belong to this list.", param=name) from None
