"""Filters, sorts and pages the Voice Library for `GET /v1/shared-voices`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.datastructures import QueryParams

from ..http.problems import invalid_parameter, voice_not_found
from ..http.query import choice, has_words, is_true, page_size
from ..http.validate import Checker
from .library_data import LIBRARY, LibraryVoice
from .models import LANGUAGES
from .voice import BASE_MODELS, PREVIEWS

MAX_PAGE = 100
CATEGORIES = ("professional", "famous", "high_quality")
SORTS: dict[str, Callable[[LibraryVoice], int]] = {
    "created_date": lambda one: one.date_unix,
    "usage_character_count_1y": lambda one: one.characters_1y,
    "trending": lambda one: one.characters_1y // 52 * (2 if one.featured else 1),
    "cloned_by_count": lambda one: one.cloned_by,
}
_FLAGS = ("featured", "include_custom_rates", "include_live_moderated", "reader_app_enabled")


def check_library_query(query: QueryParams) -> None:
    """Checks the query. Raises SchemaError."""
    check = Checker("query")
    for name in ("page_size", "page", "min_notice_period_days"):
        check.integer_text(name, query.get(name))
    for name in _FLAGS:
        check.boolean_text(name, query.get(name))
    check.finish()


def library_page(query: QueryParams, base_url: str) -> dict[str, Any]:
    """Gives a page of the library; the query has to be checked before. Raises Problem (400) for an invalid page,
    category or sort. No voice is for the reader app only, so that `reader_app_enabled` changes nothing."""
    size, page = page_size(query, 30, MAX_PAGE), int(query.get("page", "0"))
    if page < 0:
        raise invalid_parameter("page", f"page must be 0 or more, not {page}.")
    category, sort = choice(query, "category", CATEGORIES), choice(query, "sort", SORTS) or "created_date"
    found = [one for one in LIBRARY.values() if category in (None, one.category) and _fits(one, query)]
    found.sort(key=SORTS[sort], reverse=True)
    shown = found[page * size : (page + 1) * size]
    return {
        "voices": [_body(one, base_url) for one in shown],
        "has_more": (page + 1) * size < len(found),
        "total_count": len(found),
        "last_sort_id": shown[-1].voice.voice_id if shown else None,
    }


def shared_voice(owner_id: str, voice_id: str) -> LibraryVoice:
    """Gives a voice of the library by its owner and id. Raises Problem (404 `voice_not_found`) without one."""
    one = LIBRARY.get(voice_id)
    if one is None or one.owner_id != owner_id:
        raise voice_not_found(voice_id)
    return one


def _fits(one: LibraryVoice, query: QueryParams) -> bool:
    return (
        _has_labels(one, query)
        and _contains(one, query.get("search", ""))
        and query.get("owner_id") in (None, "", one.owner_id)
        and (one.featured or not is_true(query, "featured"))
        and (one.rate == 1 or is_true(query, "include_custom_rates", default=True))
        and (not one.live_moderated or is_true(query, "include_live_moderated", default=True))
        and (one.notice_days or 0) >= int(query.get("min_notice_period_days", "0"))
    )


def _has_labels(one: LibraryVoice, query: QueryParams) -> bool:
    labels = {**one.voice.labels, "locale": _locale(one)}
    single = ("gender", "age", "accent", "language", "locale")
    several = {"use_cases": labels["use_case"], "descriptives": labels["descriptive"]}
    return all((query.get(name) or labels[name]).casefold() == labels[name].casefold() for name in single) and all(
        value in (query.getlist(name) or [value]) for name, value in several.items()
    )


def _contains(one: LibraryVoice, search: str) -> bool:
    voice = one.voice
    language = LANGUAGES[voice.language][0]
    text = " ".join((voice.voice_id, voice.name, voice.description, language, *voice.labels.values()))
    return has_words(text, search)


def _locale(one: LibraryVoice) -> str:
    parts = one.voice.locale.split("-")
    return f"{one.voice.language}-{(parts[1] if len(parts) > 1 else parts[0]).upper()}"


def _body(one: LibraryVoice, base_url: str) -> dict[str, Any]:
    labels, preview = one.voice.labels, f"{base_url}{PREVIEWS}/{one.voice.voice_id}.mp3"
    about = {"language": labels["language"], "accent": labels["accent"], "locale": _locale(one)}
    return {
        "public_owner_id": one.owner_id,
        "voice_id": one.voice.voice_id,
        "date_unix": one.date_unix,
        "name": one.voice.name,
        **labels,
        "locale": _locale(one),
        "category": one.category,
        "description": one.voice.description,
        "preview_url": preview,
        "usage_character_count_1y": one.characters_1y,
        "usage_character_count_7d": one.characters_1y // 52,
        "play_api_usage_character_count_1y": one.characters_1y // 2,
        "cloned_by_count": one.cloned_by,
        "rate": one.rate,
        "fiat_rate": None,
        "free_users_allowed": one.free_users_allowed,
        "live_moderation_enabled": one.live_moderated,
        "featured": one.featured,
        "verified_languages": [{**about, "model_id": model, "preview_url": preview} for model in BASE_MODELS],
        "notice_period": one.notice_days,
        "instagram_username": None,
        "twitter_username": None,
        "youtube_username": None,
        "tiktok_username": None,
        "image_url": None,
        "is_added_by_user": None,
    }
