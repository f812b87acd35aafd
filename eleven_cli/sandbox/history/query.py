"""Reads what a page of the history is asked for."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import QueryParams

from ..http.problems import invalid_parameter
from ..http.query import check_page_size, choice, has_words
from ..http.validate import Checker
from .store import CHANGED, SPEECH, HistoryItem

MAX_PAGE = 1_000
_NUMBERS = ("date_before_unix", "date_after_unix")


def check_query(query: QueryParams) -> None:
    """Checks the query. Raises SchemaError for what does not fit the schema, Problem (400) for what does."""
    check = Checker("query")
    for name in _NUMBERS:
        check.integer_text(name, query.get(name))
    check_page_size(check, query, MAX_PAGE)
    check.finish()
    choice(query, "source", (SPEECH, CHANGED, "Flows"))
    choice(query, "sort_direction", ("asc", "desc"))
    if query.get("model_id") and not query.get("source"):
        raise invalid_parameter("source", "A search by model_id needs a source, too.")


def filter_of(query: QueryParams) -> Callable[[HistoryItem], bool]:
    """Gives a filter by a query that was checked."""
    before, after = _number(query, "date_before_unix"), _number(query, "date_after_unix")

    def fits(item: HistoryItem) -> bool:
        asked = item.asked
        equal = (("voice_id", asked.voice.voice_id), ("model_id", asked.model_id), ("source", asked.source))
        searched = f"{asked.text or ''} {asked.voice.name}"
        return (
            all(query.get(name) in (None, "", value) for name, value in equal)
            and (before is None or int(item.at) < before)
            and (after is None or int(item.at) >= after)
            and has_words(searched, query.get("search", ""))
        )

    return fits


def _number(query: QueryParams, name: str) -> int | None:
    return int(query[name]) if query.get(name) else None
