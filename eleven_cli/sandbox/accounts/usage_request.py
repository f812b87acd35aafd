"""Reads requests about usage, and checks them against the schema. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from ..http.validate import Checker

MIN_MS = 1_577_836_800_000  # 2020
MAX_MS = 4_102_444_800_000  # 2100
BREAKDOWNS = (
    "none", "voice", "voice_multiplier", "user", "groups", "api_keys", "all_api_keys", "product_type", "model",
    "resource", "request_queue", "region", "subresource_id", "reporting_workspace_id", "has_api_key", "request_source",
)  # fmt: skip
INTERVALS = ("hour", "day", "week", "month", "cumulative")
METRICS = (
    "credits", "tts_characters", "minutes_used", "request_count", "ttfb_avg", "ttfb_p95", "fiat_units_spent",
    "concurrency", "concurrency_average",
)  # fmt: skip
GROUPS = (
    "product_type", "model", "voice_id", "user_id", "fiat_currency", "fiat_charge_type", "region",
    "reporting_workspace_id", "request_source", "resource_id", "subresource_id", "request_queue_type",
    "voice_multiplier", "hashed_xi_api_key", "billing_group_id", "surface", "actor",
)  # fmt: skip
_OPERATIONS: dict[str, Callable[[str, list[str]], bool]] = {
    "in": lambda value, values: value in values,
    "not_in": lambda value, values: value not in values,
    "eq": lambda value, values: value in values[:1],
    "neq": lambda value, values: value not in values[:1],
    "le": lambda value, values: any(value <= one for one in values[:1]),
    "ge": lambda value, values: any(value >= one for one in values[:1]),
    "lt": lambda value, values: any(value < one for one in values[:1]),
    "gt": lambda value, values: any(value > one for one in values[:1]),
}


@dataclass(frozen=True)
class UsageFilter:
    """A condition on one column."""

    column: str
    operation: str
    values: list[str]

    def fits(self, value: str) -> bool:
        return _OPERATIONS[self.operation](value, self.values)


@dataclass(frozen=True)
class UsageTableQuery:
    """The contents of a usage table."""

    start_s: float
    end_s: float
    interval_s: int
    group_by: list[str]
    filters: list[UsageFilter]
    time_zone: str


def check_series(query: QueryParams) -> None:
    """Checks the older endpoint's query. Raises SchemaError."""
    check = Checker("query")
    for name in ("start_unix", "end_unix"):
        if check.required(dict(query), name) is not None:
            check.integer_text(name, query[name])
            if query[name].lstrip("-").isdecimal():
                check.number(name, query[name], 0, MAX_MS)
    if query.get("aggregation_bucket_size"):
        check.integer_text("aggregation_bucket_size", query["aggregation_bucket_size"])
    check.boolean_text("include_workspace_metrics", query.get("include_workspace_metrics"))
    choices = (("breakdown_type", BREAKDOWNS), ("aggregation_interval", INTERVALS), ("metric", METRICS))
    for name, allowed in choices:
        check.one_of(name, query.get(name, allowed[0] if name != "aggregation_interval" else "day"), allowed)
    check.finish()


def read_table(body: dict[str, Any]) -> UsageTableQuery:
    """Reads the newer endpoint's body. Raises SchemaError."""
    check = Checker("body")
    for name in ("start_time", "end_time"):
        check.needed(body, name, _check_time)
    if body.get("interval_seconds") is not None:
        check.integer("interval_seconds", body["interval_seconds"])
        check.number("interval_seconds", body["interval_seconds"], 1)
    if body.get("group_by") is not None:
        check.list_of("group_by", body["group_by"], lambda deeper, at, one: deeper.one_of(at, one, GROUPS))
    if body.get("filters") is not None:
        check.list_of("filters", body["filters"], _check_filter)
    if "time_zone" in body:
        check.string("time_zone", body["time_zone"])
    check.finish()
    return UsageTableQuery(
        int(body["start_time"]) / 1000,
        int(body["end_time"]) / 1000,
        int(body.get("interval_seconds") or 60),
        list(dict.fromkeys(body.get("group_by") or [])),
        [
            UsageFilter(one["column"], one["operation"], list(map(str, one["values"])))
            for one in body.get("filters") or []
        ],
        body.get("time_zone", "UTC"),
    )


def _check_time(check: Checker, name: str, value: Any) -> None:
    check.integer(name, value)
    check.number(name, value, MIN_MS, MAX_MS)


def _check_filter(check: Checker, index: int, one: Any) -> None:
    if not check.object(index, one):
        return
    deeper = check.within(index)
    checks: dict[str, Callable[[Checker, str, Any], None]] = {
        "column": Checker.string,
        "operation": lambda deeper, name, value: deeper.one_of(name, value, tuple(_OPERATIONS)),
        "values": lambda deeper, name, value: deeper.list_of(name, value, lambda check, at, value: None),
    }
    for name, check_value in checks.items():
        deeper.needed(one, name, check_value)
