"""Filters, sorts and pages the voices for `GET /v2/voices`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from starlette.datastructures import QueryParams

from ..http.problems import invalid_parameter
from ..http.query import choice, has_words, is_true, page_after, page_size
from ..http.validate import Checker
from .models import LANGUAGES
from .voice import Voice

MAX_PAGE = 100
MAX_IDS = 100
TYPES: dict[str, Callable[[Voice], bool]] = {
    "default": lambda voice: voice.category == "premade",
    "personal": lambda voice: voice.is_owner,
    "community": lambda voice: voice.is_shared,
    "workspace": lambda voice: False,
    "non-default": lambda voice: voice.category != "premade",
    "non-community": lambda voice: voice.is_owner,
    "saved": lambda voice: voice.category != "premade",
}
CATEGORIES = ("premade", "cloned", "generated", "professional")


def check_query(query: QueryParams) -> None:
    """Checks the query. Raises SchemaError."""
    check = Checker("query")
    check.integer_text("page_size", query.get("page_size"))
    check.integer_text("min_notice_period_days", query.get("min_notice_period_days"))
    for name in ("include_total_count", "include_custom_rates", "include_live_moderated", "high_quality"):
        check.boolean_text(name, query.get(name))
    check.finish()


def page(voices: Iterable[Voice], query: QueryParams, base_url: str) -> dict[str, Any]:
    """Gives a page of those voices that match the query, which has to be checked before; previews are below `base_url`.

    `fine_tuning_state` and the filters for sharing rates and moderation are ignored. Raises Problem (400) for an
    invalid page size, token, sort or type.
    """
    size = page_size(query, 10, MAX_PAGE)
    found = _sorted([voice for voice in voices if _fits(voice, query)], query)
    shown, token = page_after(found, lambda voice: f"after:{voice.voice_id}", query, "next_page_token", size)
    return {
        "voices": [voice.body(base_url) for voice in shown],
        "has_more": token is not None,
        "total_count": len(found) if is_true(query, "include_total_count", default=True) else 0,
        "next_page_token": token,
    }


def _fits(voice: Voice, query: QueryParams) -> bool:
    return (
        _is_kind(voice, query)
        and _has_labels(voice, query)
        and _among(voice.voice_id, query, "voice_ids", MAX_IDS)
        and _contains(voice, query.get("search", ""))
        and not query.get("collection_id")
    )


def _is_kind(voice: Voice, query: QueryParams) -> bool:
    voice_type = choice(query, "voice_type", TYPES)
    category = choice(query, "category", CATEGORIES)
    if is_true(query, "high_quality"):
        return False
    return (voice_type is None or TYPES[voice_type](voice)) and category in (None, voice.category)


def _has_labels(voice: Voice, query: QueryParams) -> bool:
    single = all(query.get(name) in (None, "", voice.labels.get(name)) for name in ("gender", "age", "accent"))
    return (
        single
        and _among(voice.language, query, "language")
        and _among(voice.labels.get("use_case"), query, "use_cases")
    )


def _among(value: str | None, query: QueryParams, name: str, most: int | None = None) -> bool:
    wanted = query.getlist(name)
    if most is not None and len(wanted) > most:
        raise invalid_parameter(name, f"At most {most} {name} can be asked for.")
    return not wanted or value in wanted


def _contains(voice: Voice, search: str) -> bool:
    language = LANGUAGES.get(voice.language, (voice.language,))[0]
    text = " ".join((voice.name, voice.description, voice.category, language, *voice.labels.values()))
    return has_words(text, search)


def _sorted(voices: list[Voice], query: QueryParams) -> list[Voice]:
    sort = choice(query, "sort", ("created_at_unix", "name"))
    down = choice(query, "sort_direction", ("asc", "desc")) == "desc"
    if sort == "name":
        return sorted(voices, key=lambda voice: voice.name.casefold(), reverse=down)
    if sort == "created_at_unix":
        dated = [voice for voice in voices if voice.created_at_unix is not None]
        dated.sort(key=lambda voice: voice.created_at_unix or 0, reverse=down)
        return dated + [voice for voice in voices if voice.created_at_unix is None]
    return voices
