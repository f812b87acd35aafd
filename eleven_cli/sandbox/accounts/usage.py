"""Reports usage over time: as series for the older endpoint, as a table for the newer one."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo
from typing import Any

from starlette.datastructures import QueryParams

from ..http.problems import invalid_parameter
from .account import Account
from .ledger import LedgerEntry
from .usage_request import UsageTableQuery

HOUR_S, DAY_S = 3600, 86400
BUCKETS_S = {"hour": HOUR_S, "day": DAY_S, "week": 7 * DAY_S}
MAX_BUCKETS = 10_000
PRODUCTS = {
    "tts": "text_to_speech",
    "dialogue": "text_to_dialogue",
    "design": "text_to_voice",
    "sts": "speech_to_speech",
    "isolation": "audio_isolation",
    "sfx": "sound_effects",
    "music": "music",
    "stt": "speech_to_text",
    "alignment": "forced_alignment",
}
_SERIES: dict[str, Callable[[LedgerEntry], str]] = {
    "model": lambda entry: entry.charge.model_id,
    "product_type": lambda entry: PRODUCTS[entry.charge.product],
}
_METRICS: dict[str, Callable[[LedgerEntry], int]] = {
    "credits": lambda entry: entry.charge.credits,
    "tts_characters": lambda entry: entry.charge.characters,
    "request_count": lambda entry: 1,
}
_COLUMNS: dict[str, Callable[[LedgerEntry], str]] = {
    "product_type": _SERIES["product_type"],
    "model": _SERIES["model"],
    "voice_id": lambda entry: entry.charge.voice_id,
}


def series_body(account: Account, query: QueryParams) -> dict[str, Any]:
    """Gives `time` in milliseconds, and a series for each voice, model or product.

    The series is `All` for an unknown breakdown; an unknown metric is 0.
    """
    start, end = int(query["start_unix"]) / 1000, int(query["end_unix"]) / 1000
    starts = _starts(start, end, query)
    measure = _METRICS.get(query.get("metric", "credits"))
    named = _named(account, query.get("breakdown_type", "none"))
    usage: dict[str, list[float]] = {} if named else {"All": [0.0] * len(starts)}
    for entry in account.ledger.between(start, end):
        series = usage.setdefault(named(entry) if named else "All", [0.0] * len(starts))
        series[bisect_right(starts, entry.at) - 1] += measure(entry) if measure else 0
    return {"time": [round(1000 * begins) for begins in starts], "usage": usage}


def _named(account: Account, breakdown: str) -> Callable[[LedgerEntry], str] | None:
    """Gives the name of an entry's series; a deleted voice has its id for a name."""
    if breakdown != "voice":
        return _SERIES.get(breakdown)
    names = {voice.voice_id: voice.name for voice in account.voices.all()}
    return lambda entry: names.get(entry.charge.voice_id, entry.charge.voice_id)


def table_body(account: Account, query: UsageTableQuery) -> dict[str, Any]:
    """Gives a row for each bucket and group with usage, with the time at which the bucket begins."""
    credits: Counter[tuple[Any, ...]] = Counter()
    counts: Counter[tuple[Any, ...]] = Counter()
    zone = _zone(query.time_zone)
    for entry in _filtered(account.ledger.between(query.start_s, query.end_s), query):
        group = tuple(_column(entry, name) for name in query.group_by)
        key = (_bucket(entry.at, query.interval_s, zone), *group)
        credits[key] += entry.charge.credits
        counts[key] += 1
    rows = [[_iso(key[0]), *key[1:], credits[key], counts[key]] for key in sorted(credits)]
    return {
        "columns": ["timestamp", *query.group_by, "total_usage", "usage_count"],
        "column_types": ["DateTime", *["String"] * len(query.group_by), "Float", "Int"],
        "rows": rows,
        "column_units": [None, *[None] * len(query.group_by), "credits", None],
    }


def _starts(start: float, end: float, query: QueryParams) -> list[float]:
    """Gives the starts of the buckets of a time axis in unix seconds; at least one."""
    interval = query.get("aggregation_interval", "day")
    size = query.get("aggregation_bucket_size") or BUCKETS_S.get(interval)
    if size is None:
        return _months(start, end) if interval == "month" else [start]
    step = int(size)
    if step < 1 or (end - start) / step > MAX_BUCKETS:
        raise invalid_parameter("aggregation_bucket_size", f"There may be up to {MAX_BUCKETS} buckets.")
    first = int(start // step) * step
    return [float(begins) for begins in range(first, max(int(end), first + 1), step)]


def _months(start: float, end: float) -> list[float]:
    month = datetime.fromtimestamp(start, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    starts = [month.timestamp()]
    while len(starts) < MAX_BUCKETS:
        month = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
        if month.timestamp() >= end:
            break
        starts.append(month.timestamp())
    return starts


def _filtered(entries: Iterable[LedgerEntry], query: UsageTableQuery) -> Iterable[LedgerEntry]:
    return (entry for entry in entries if all(one.fits(_column(entry, one.column)) for one in query.filters))


def _column(entry: LedgerEntry, name: str) -> str:
    known = _COLUMNS.get(name)
    return known(entry) if known else "sandbox"


def _bucket(at: float, interval_s: int, zone: tzinfo) -> float:
    """Gives the start of a bucket: whole days and hours count from local midnight, others in UTC."""
    is_local = interval_s % DAY_S == 0 or (interval_s % HOUR_S == 0 and interval_s <= DAY_S)
    offset = datetime.fromtimestamp(at, zone).utcoffset() if is_local else None
    shift = offset.total_seconds() if offset else 0.0
    return (at + shift) // interval_s * interval_s - shift


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise invalid_parameter("time_zone", f"There is no time zone '{name}'.") from None


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
