"""Credits by day (POST /v1/workspace/analytics/query/usage-by-product-over-time, GET /v1/usage/character-stats)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from eleven_cli.api.client import Client
from eleven_cli.api.json_fields import number, object_of
from eleven_cli.errors import ElevenError, NetworkError

DAY_S = 86_400
_ANALYTICS = "/v1/workspace/analytics/query/usage-by-product-over-time"
_STATISTICS = "/v1/usage/character-stats"  # its predecessor, for servers and keys without it
_MARKS = ("column_types", "column_units")
_TIME_COLUMNS = ("timestamp", "time", "date", "interval_start")
_CREDIT_COLUMNS = ("credits", "credits_used", "total_usage")
_FIRST_MILLISECONDS = 1e11  # a larger Unix time is in milliseconds


@dataclass(frozen=True)
class DailyUsage:
    """The credits used on one day (UTC). date: ISO 8601."""

    date: str
    credits: float


def credits_by_day(client: Client, last: date, *, days: int) -> list[DailyUsage]:
    """Gives the credits of each of so many days (UTC) up to `last`, oldest first. Raises the service's refusal."""
    all_days = [last - timedelta(days=back) for back in reversed(range(days))]
    try:
        used = _from_analytics(client, all_days)
    except NetworkError:
        raise
    except ElevenError as refused:
        try:
            used = _from_statistics(client, all_days)
        except NetworkError:
            raise
        except ElevenError:
            raise refused from None
    return [DailyUsage(day.isoformat(), used.get(day, 0)) for day in all_days]


def _from_analytics(client: Client, days: Sequence[date]) -> dict[date, float]:
    start, end = _window_ms(days)
    query = {"start_time": start, "end_time": end, "interval_seconds": DAY_S, "time_zone": "UTC"}
    answer = client.json("POST", _ANALYTICS, json=query)
    table = object_of(answer)
    columns, rows = table.get("columns"), table.get("rows")
    if not isinstance(columns, list) or not isinstance(rows, list):
        raise ElevenError("the service sent something that is not a table of usage")
    kinds, units = (marks if isinstance(marks := table.get(name), list) else [] for name in _MARKS)
    when = _column(columns, kinds, "DateTime", _TIME_COLUMNS)
    credit = _column(columns, units, "credits", _CREDIT_COLUMNS)
    if when is None or credit is None or units[credit : credit + 1] not in ([], [None], ["credits"]):
        raise ElevenError("the service sent a table of usage without days and credits")
    whole = [row for row in rows if isinstance(row, list) and len(row) > max(when, credit)]
    return _sums([row[when] for row in whole], [row[credit] for row in whole])


def _from_statistics(client: Client, days: Sequence[date]) -> dict[date, float]:
    start, end = _window_ms(days)
    query: dict[str, str | int] = {
        "start_unix": start,
        "end_unix": end,
        "aggregation_interval": "day",
        "metric": "credits",
    }
    answer = client.json("GET", _STATISTICS, params=query)
    times = answer.get("time") if isinstance(answer, dict) else None
    usage = answer.get("usage") if isinstance(answer, dict) else None
    if not isinstance(times, list) or not isinstance(usage, dict):
        raise ElevenError("the service sent something that is not usage")
    series = [values for values in usage.values() if isinstance(values, list)]
    return _sums(times * len(series), [value for values in series for value in _as_long_as(times, values)])


def _column(columns: list[Any], marks: list[Any], mark: str, names: Sequence[str]) -> int | None:
    """The column that has this type or unit, else the first of a known name."""
    if mark in marks[: len(columns)]:
        return marks.index(mark)
    return next((columns.index(name) for name in names if name in columns), None)


def _sums(times: Sequence[Any], values: Sequence[Any]) -> dict[date, float]:
    sums: dict[date, float] = {}
    for moment, value in zip(times, values, strict=True):
        day = _day(moment)
        if day is not None and number(value) is not None:
            sums[day] = sums.get(day, 0) + value
    return sums


def _day(moment: Any) -> date | None:
    """The day (UTC) of a Unix time in seconds or milliseconds, or of an ISO 8601 text."""
    try:
        if isinstance(moment, int | float):
            return datetime.fromtimestamp(moment / 1000 if moment > _FIRST_MILLISECONDS else moment, UTC).date()
        when = datetime.fromisoformat(moment)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return (when if when.tzinfo is None else when.astimezone(UTC)).date()


def _window_ms(days: Sequence[date]) -> tuple[int, int]:
    start = int(datetime.combine(days[0], time(), UTC).timestamp())
    return start * 1000, (start + len(days) * DAY_S) * 1000 - 1


def _as_long_as(times: list[Any], values: list[Any]) -> list[Any]:
    return (values + [None] * len(times))[: len(times)]
