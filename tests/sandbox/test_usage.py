"""What was used when: real figures of what this server was asked for."""

from datetime import UTC, datetime
from time import time
from typing import Any

import pytest

from .conftest import HARPER, Api
from .schemas import faults, refused
from .socket_client import started

CALVIN = "CaK1KilJWJy9D6GjB7nZ"
TABLE = "/v1/workspace/analytics/query/usage-by-product-over-time"
DAY_MS = 86_400_000


def table(api: Api, **body: Any) -> Any:
    now = round(1000 * time())
    return api("POST", TABLE, json={"start_time": now - DAY_MS, "end_time": now + DAY_MS, **body})


def series(api: Api, **query: Any) -> Any:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start = round(1000 * today.timestamp())
    return api.get(
        "/v1/usage/character-stats",
        params={"start_unix": start - 29 * DAY_MS, "end_unix": start + 2 * DAY_MS, **query},
    )


@pytest.fixture
def busy(api: Api) -> Api:
    """Ten credits by Harper, three by Calvin, and five in a dialogue."""
    api.said("Ten chars.")
    started(api, voice=CALVIN).text("Five. ").text("").rest()
    answer = api("POST", "/v1/text-to-dialogue", json={"inputs": [{"text": "Four.", "voice_id": HARPER}]})
    assert answer.status_code == 200
    return api


def test_a_table_of_days(busy: Api) -> None:
    body = table(busy, interval_seconds=86_400).json()
    assert body["columns"] == ["timestamp", "total_usage", "usage_count"]
    assert body["column_types"] == ["DateTime", "Float", "Int"]
    assert body["column_units"] == [None, "credits", None]
    assert sum(row[1] for row in body["rows"]) == 18
    assert sum(row[2] for row in body["rows"]) == 3
    moment = datetime.fromisoformat(body["rows"][0][0])
    assert (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    assert moment.tzinfo is not None


def test_groups_and_filters(busy: Api) -> None:
    groups = ["product_type", "model", "voice_id"]
    body = table(busy, interval_seconds=864_000_000, group_by=groups).json()
    assert body["columns"] == ["timestamp", *groups, "total_usage", "usage_count"]
    assert sorted(row[1:] for row in body["rows"]) == [
        ["text_to_dialogue", "eleven_v3", HARPER, 5, 1],
        ["text_to_speech", "eleven_flash_v2_5", CALVIN, 3, 1],
        ["text_to_speech", "eleven_multilingual_v2", HARPER, 10, 1],
    ]
    only = [{"column": "voice_id", "operation": "eq", "values": [CALVIN]}]
    assert [row[1] for row in table(busy, filters=only).json()["rows"]] == [3]
    others = [{"column": "voice_id", "operation": "not_in", "values": [CALVIN]}]
    assert sum(row[1] for row in table(busy, filters=others).json()["rows"]) == 15


def test_days_begin_at_midnight_where_the_asker_is(busy: Api) -> None:
    rows = table(busy, interval_seconds=86_400, time_zone="Asia/Kolkata").json()["rows"]
    assert {row[0][11:] for row in rows} == {"18:30:00Z"}
    rows = table(busy, interval_seconds=1800, time_zone="Asia/Kolkata").json()["rows"]
    assert {row[0][14:16] for row in rows} <= {"00", "30"}


def test_nothing_used_is_an_empty_table(api: Api) -> None:
    assert table(api).json()["rows"] == []
    past = {"start_time": 1_600_000_000_000, "end_time": 1_600_000_100_000}
    api.said("Hi.")
    assert table(api, **past).json()["rows"] == []


def test_the_table_checks_its_query(api: Api, api_with: Any) -> None:
    assert faults(api("POST", TABLE, json={})) == [
        (["body", "start_time"], "missing"),
        (["body", "end_time"], "missing"),
    ]
    assert faults(table(api, start_time=5)) == [(["body", "start_time"], "greater_than_equal")]
    assert faults(table(api, interval_seconds=0)) == [(["body", "interval_seconds"], "greater_than_equal")]
    assert faults(table(api, group_by=["colour"])) == [(["body", "group_by", 0], "literal_error")]
    wrong = [{"column": "model", "operation": "like"}]
    assert [place for place, _ in faults(table(api, filters=wrong))] == [
        ["body", "filters", 0, "operation"],
        ["body", "filters", 0, "values"],
    ]
    for name in ("column", "operation", "values"):
        empty = [{"column": "model", "operation": "eq", "values": []} | {name: None}]
        assert [place for place, _ in faults(table(api, filters=empty))] == [["body", "filters", 0, name]]
    for zone in ("Mars/Olympus", "../../etc/passwd", ""):
        api.said("Hi.")
        refused(table(api, time_zone=zone), 400, "invalid_parameters", param="time_zone")
    message = refused(table(api_with("restricted")), 403, "insufficient_permissions", status="missing_permissions")
    assert "workspace_analytics_read" in message


def test_a_series_of_days(busy: Api) -> None:
    body = series(busy).json()
    assert set(body) == {"time", "usage"}
    assert len(body["time"]) == 31
    assert {later - earlier for earlier, later in zip(body["time"], body["time"][1:], strict=False)} == {DAY_MS}
    assert list(body["usage"]) == ["All"]
    assert len(body["usage"]["All"]) == 31
    assert sum(body["usage"]["All"]) == 18
    assert sum(body["usage"]["All"][:28]) == 0


@pytest.mark.parametrize(
    ("query", "sums"),
    [
        ({"breakdown_type": "voice"}, {"Harper": 15, "Calvin": 3}),
        ({"breakdown_type": "model"}, {"eleven_multilingual_v2": 10, "eleven_flash_v2_5": 3, "eleven_v3": 5}),
        ({"breakdown_type": "product_type"}, {"text_to_speech": 13, "text_to_dialogue": 5}),
        ({"metric": "request_count"}, {"All": 3}),
        ({"metric": "tts_characters"}, {"All": 21}),
        ({"metric": "ttfb_avg"}, {"All": 0}),
        ({"aggregation_interval": "cumulative"}, {"All": 18}),
        ({"aggregation_interval": "month"}, {"All": 18}),
        ({"aggregation_interval": "hour"}, {"All": 18}),
        ({"aggregation_bucket_size": "600"}, {"All": 18}),
    ],
)
def test_series_by_something(busy: Api, query: dict[str, str], sums: dict[str, int]) -> None:
    body = series(busy, **query).json()
    assert {name: sum(values) for name, values in body["usage"].items()} == sums
    assert all(len(values) == len(body["time"]) for values in body["usage"].values())
    assert body["time"] == sorted(body["time"])


def test_the_series_checks_its_query(api: Api) -> None:
    assert faults(api.get("/v1/usage/character-stats")) == [
        (["query", "start_unix"], "missing"),
        (["query", "end_unix"], "missing"),
    ]
    assert faults(series(api, end_unix="soon")) == [(["query", "end_unix"], "int_parsing")]
    assert faults(series(api, end_unix="9" * 30))
    assert faults(series(api, aggregation_interval="decade")) == [(["query", "aggregation_interval"], "literal_error")]
    refused(series(api, aggregation_bucket_size="1"), 400, "invalid_parameters", param="aggregation_bucket_size")
    refused(series(api, aggregation_bucket_size="0"), 400, "invalid_parameters", param="aggregation_bucket_size")


def test_every_account_has_figures_of_its_own(busy: Api, api_with: Any) -> None:
    assert table(api_with("other")).json()["rows"] == []
    assert busy.get("/v1/user/subscription").json()["character_count"] == 18
