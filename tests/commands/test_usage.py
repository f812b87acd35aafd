"""`eleven usage`"""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eleven_cli.api.account.usage import DailyUsage
from eleven_cli.commands.usage import chart
from tests.support.service import error_reply, json_reply

SUBSCRIPTION, ANALYTICS, STATISTICS = (
    "/v1/user/subscription",
    "/v1/workspace/analytics/query/usage-by-product-over-time",
    "/v1/usage/character-stats",
)
PLAN = {
    "tier": "creator",
    "status": "active",
    "character_count": 48_213,
    "character_limit": 121_000,
    "max_credit_limit_extension": "unlimited",
    "next_character_count_reset_unix": 4_070_908_800,
    "current_overage": {"amount": "1.20", "currency": "usd"},
}
LACKS = error_reply(401, "missing_permissions", "The API key is missing the permission workspace_analytics_read.")


def today():
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def table(*rows, columns=("timestamp", "credits_used"), types=("DateTime", "Float"), units=(None, "credits")):
    names = {"columns": list(columns), "column_types": list(types), "column_units": list(units)}
    return json_reply({**names, "rows": [list(row) for row in rows]})


@pytest.fixture(autouse=True)
def account(service):
    service.on(SUBSCRIPTION, json_reply(PLAN))
    service.on(ANALYTICS, table([today().isoformat(), 12.0], [(today() - timedelta(days=2)).isoformat(), 3]))


def test_a_pipe_gets_names_and_plain_values(eleven, service):
    assert eleven("usage").text.splitlines() == [
        "plan\tcreator",
        "status\tactive",
        "used\t48213",
        "left\t72787",
        "limit\t121000",
        "extension\tunlimited",
        "overage\t1.20 usd",
        "resets_at\t2099-01-01T00:00:00Z",
    ]
    assert [request.path for request in service.requests] == [SUBSCRIPTION]


def test_a_terminal_gets_words_and_a_chart(eleven):
    text = eleven("usage", tty="out").text
    assert "creator (active)" in text
    assert "48,213 credits" in text
    assert "121,000 credits; beyond it, at extra cost: unlimited" in text
    assert "1.20 usd" in text
    assert " 2099, in " in text or " 2098, in " in text
    assert "last 30 days: 15 credits, at most 12 a day" in text
    assert "█" in text


def test_json_is_one_object(eleven, service):
    value = json.loads(eleven("usage", "--json").out)
    days = value.pop("days")
    assert value == {
        "plan": "creator",
        "status": "active",
        "used": 48_213,
        "left": 72_787,
        "limit": 121_000,
        "extension": "unlimited",
        "overage": {"amount": "1.20", "currency": "usd"},
        "resets_at": "2099-01-01T00:00:00Z",
    }
    assert len(days) == 30
    assert days[-1] == {"date": today().date().isoformat(), "credits": 12.0}
    assert [day["credits"] for day in days[-4:]] == [0, 3, 0, 12]
    asked = service.requests[1].json
    assert (asked["interval_seconds"], asked["time_zone"]) == (86_400, "UTC")
    assert asked["start_time"] == int((today() - timedelta(days=29)).timestamp()) * 1000
    assert asked["end_time"] == int((today() + timedelta(days=1)).timestamp()) * 1000 - 1


SHAPES = {  # made when they are wanted: the day may change while the tests run
    "by name, in seconds": lambda: table(
        [int(today().timestamp()), 7], columns=("time", "total_usage"), types=("Int", "Int"), units=(None, None)
    ),
    "by type and unit": lambda: table(
        ["tts", str(today()), 7, 1.5],
        columns="abcd",
        types=("String", "DateTime"),
        units=(None, None, "credits", "usd"),
    ),
    "in milliseconds, in two rows": lambda: table(
        [today().timestamp() * 1000, 4], [today().timestamp() * 1000 + 5, 3], types=("Int",), units=()
    ),
    "with junk": lambda: table(
        [None, 9], ["junk", 9], [1e300, 9], [today().isoformat(), None], [], [today().isoformat(), 7]
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_tables_of_several_shapes(eleven, service, shape):
    service.on(ANALYTICS, SHAPES[shape]())
    assert json.loads(eleven("usage", "--json").out)["days"][-1]["credits"] == 7
    assert len(service.requests) == 2


@pytest.mark.parametrize(
    "reply",
    [
        LACKS,
        error_reply(404, "not_found", "Not Found"),
        json_reply([]),
        json_reply({"columns": 5, "rows": []}),
        table([1, 2], columns=("when", "what"), types=(), units=()),
        table([today().isoformat(), 2], columns=("timestamp", "total_usage"), units=(None, "min")),
    ],
)
def test_the_older_figures_where_the_newer_ones_are_not_to_be_had(eleven, service, reply):
    service.on(ANALYTICS, reply)
    times = [int((today() - timedelta(days=1)).timestamp() * 1000), int(today().timestamp() * 1000)]
    service.on(STATISTICS, json_reply({"time": times, "usage": {"All": [1, 4], "More": [2]}}))
    days = json.loads(eleven("usage", "--json").out)["days"]
    assert [day["credits"] for day in days[-2:]] == [3, 4]
    query = service.requests[-1].query
    assert (query["metric"], query["aggregation_interval"]) == ("credits", "day")
    assert int(query["end_unix"]) - int(query["start_unix"]) == 30 * 86_400_000 - 1


def test_a_key_that_may_not_see_the_days_is_told_so(eleven, service):
    service.on(ANALYTICS, LACKS)
    service.on(STATISTICS, error_reply(404, "not_found", "Not Found"))
    result = eleven("usage", "--json")
    assert (result.code, json.loads(result.out)["days"]) == (0, None)
    said = "no daily figures: the API key lacks the permission workspace_analytics_read\n"
    assert result.err.endswith(said)  # before it, perhaps, that a connection was closed behind the POST
    shown = eleven("usage", tty="out")
    assert (shown.code, shown.err.endswith(said), "last 30 days" in shown.text) == (0, True, False)


def test_a_connection_lost_on_the_way_is_no_whole_answer(eleven, service):
    service.on(ANALYTICS, lambda exchange: exchange.drop())
    assert eleven("usage", "--json").code == 6


@pytest.mark.parametrize(
    "message", ["The API key is missing the permission user_read to do it.", "The key is not allowed to do that."]
)
def test_a_key_that_may_not_see_the_plan(eleven, service, message):
    service.on(SUBSCRIPTION, error_reply(401, "missing_permissions", message))
    result = eleven("usage")
    assert (result.code, result.out) == (3, b"")
    assert "user_read" in result.error


@pytest.mark.parametrize("answer", [[], None, {}, {"character_count": "x", "character_limit": 5}])
def test_odd_answers_are_foreseen(eleven, service, answer):
    service.on(SUBSCRIPTION, json_reply(answer))
    result = eleven("usage")
    assert (result.code, result.error) == (1, "error: the service sent something that is not a subscription")


def test_more_used_than_there_is_and_other_plans(eleven, service):
    service.on(
        SUBSCRIPTION, json_reply({"tier": "free", "status": "free", "character_count": 11, "character_limit": 10})
    )
    assert "left\t-1\nlimit\t10\nextension\t\noverage\t\nresets_at\t\n" in eleven("usage").text
    bare = {"character_count": 1, "character_limit": 10, "max_credit_limit_extension": 5000}
    service.on(SUBSCRIPTION, json_reply({**bare, "next_character_count_reset_unix": 10**30}))
    shown = eleven("usage", tty="out").text
    assert "beyond it, at extra cost: 5,000" in shown
    assert "never" in shown


days = st.lists(st.integers(0, 10**9), min_size=1, max_size=40).map(
    lambda used: [DailyUsage(f"2026-01-{1 + at % 28:02}", credits) for at, credits in enumerate(used)]
)


@settings(deadline=None)
@given(days, st.integers(12, 120))
def test_the_chart_fits_and_shows_what_is_not_nothing(days, width):
    caption, *rows = chart(days, width)[1:]
    if not rows:
        assert not any(day.credits for day in days)
        return
    *bars, axis = rows
    shown = days[-width:]
    assert all(len(line) <= width for line in bars)
    step = 2 if 2 * len(shown) - 1 <= width else 1
    lowest = bars[-1].ljust(width)
    assert [lowest[at * step] != " " for at in range(len(shown))] == [day.credits > 0 for day in shown]
    assert f"{sum(day.credits for day in days):,}" in caption
    assert axis


def test_the_highest_day_is_a_full_bar():
    lines = chart([DailyUsage("2026-01-01", 8), DailyUsage("2026-01-02", 4), DailyUsage("2026-01-03", 0)], 80)
    assert lines[2:] == ["█", "█", "█ █", "█ █", "01 Jan03 Jan"]
