"""Reads query parameters that every list and every socket knows: booleans, choices, searches, pages and ids."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from starlette.datastructures import QueryParams

from .problems import Problem, invalid_parameter
from .validate import TRUE, Checker

T = TypeVar("T")


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


def has_words(text: str, search: str) -> bool:
    """Tells whether a text has every word of a search, in any case."""
    folded = text.casefold()
    return all(word in folded for word in search.casefold().split())


def check_page_size(check: Checker, query: QueryParams, most: int, name: str = "page_size", least: int = 1) -> None:
    """Checks how long a page may be, of a list whose schema bounds it; elsewhere `page_size` refuses."""
    size, before = query.get(name), len(check.faults)
    check.integer_text(name, size)
    if size is not None and len(check.faults) == before:
        check.number(name, size, least, most)


def page_size(query: QueryParams, usual: int, most: int) -> int:
    """Reads how long a page is. Raises Problem (400 `invalid_page_size`) out of bounds."""
    size = int(query.get("page_size", usual))
    if not 1 <= size <= most:
        raise Problem(400, "invalid_page_size", f"page_size must be 1 to {most}, not {size}.", param="page_size")
    return size


def page_after(
    items: Sequence[T], id_of: Callable[[T], str], query: QueryParams, name: str, size: int
) -> tuple[Sequence[T], str | None]:
    """Gives the page at the cursor, and the cursor of the next one. Raises Problem (400) for one of another list."""
    first = _start_after(list(map(id_of, items)), query, name)
    shown = items[first : first + size]
    more = first + len(shown) < len(items)
    return shown, base64.urlsafe_b64encode(id_of(shown[-1]).encode()).decode() if more else None


def _start_after(items: Sequence[str], query: QueryParams, name: str) -> int:
    """Gives the index of the page at the cursor, 0 without one. Raises Problem (400) for a cursor of another list."""
    cursor = query.get(name)
    if not cursor:
        return 0
    try:
        return items.index(base64.urlsafe_b64decode(cursor.encode()).decode()) + 1
    except ValueError:  # also of Base64 and of UTF-8
        raise Problem(400, "invalid_cursor", f"{name} does not belong to this list.", param=name) from None


def named_ids(query: QueryParams, name: str) -> list[str]:
    """Reads the ids of a query. Raises SchemaError without any."""
    check = Checker("query")
    check.required(dict(query), name)
    check.finish()
    return query.getlist(name)


def each_found(ids: Sequence[str], find: Callable[[str], Any]) -> dict[str, Any]:
    """Gives what `find` gives for each id; where it raises Problem, what is wrong."""
    return {each: _found(each, find) for each in ids}


def _found(one: str, find: Callable[[str], Any]) -> dict[str, Any]:
    try:
        return {"status": "success", "data": find(one)}
    except Problem as problem:
        about = {"error_code": problem.http_status, "error_status": problem.status, "error_message": str(problem)}
        return {"status": "failure", **about}
