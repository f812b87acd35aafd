"""The table of what is imitated is that of the routes, and fits narrow terminals."""

import re

import pytest
from starlette.routing import Match

from eleven_cli.sandbox.http.unserved import TAKEN, refuse
from eleven_cli.terminal.pages import rendered
from tests.endpoints_page import PAGE, ROUGHLY, _is_below, area_of, missing, page, routes, served

from .conftest import Api


def test_the_committed_page_is_that_of_the_routes() -> None:
    assert page() == PAGE.read_text("utf-8"), "write it anew: python -m tests.endpoints_page"


def test_every_note_is_about_an_endpoint() -> None:
    paths = [one.path for one in served()]
    assert [start for start in ROUGHLY if not any(_is_below(path, start) for path in paths)] == []


def test_no_route_takes_what_is_missing() -> None:
    """Such as /v1/voices/accents, which looks like the id of a voice."""
    every = routes()
    for endpoint in missing():
        scope = {"type": "websocket" if endpoint.method == "WS" else "http", "method": endpoint.method}
        matches = [route.matches({**scope, "path": endpoint.path, "headers": []})[0] for route in every]
        first = next((route for route, match in zip(every, matches, strict=True) if match is Match.FULL), None)
        assert getattr(first, "endpoint", refuse) is refuse, (endpoint.method, endpoint.path)


def test_what_is_missing_answers_501(api: Api) -> None:
    gone = [one for one in missing() if one.method != "WS"]
    taken = [one for one in gone if one.method == "GET" and one.path in TAKEN]
    assert len(taken) == len(TAKEN)
    for method, path, *_ in [*taken, *gone[::40]]:
        assert (path, api(method, re.sub(r"\{.*?\}", "x", path)).status_code) == (path, 501)


def test_areas() -> None:
    assert area_of("/v1/convai/agents/{agent_id}") == "Agents"
    assert area_of("/v1/convai/conversations/{conversation_id}") == "Calls"
    assert area_of("/v1/workspace/analytics/requests") == "Account"


@pytest.mark.parametrize("width", [80, 40])
def test_the_table_fits(width: int) -> None:
    lines = re.sub(r"\x1b\[[\d;]*m", "", rendered(page(), width, plain=True)).splitlines()
    first = next(at for at, line in enumerate(lines) if "imitated" in line and "missing" in line)
    rows = [line.split() for line in lines[first + 2 :]]
    speech = next(row for row in rows if row[:1] == ["Speech"])
    assert speech[-3:] == ["-", "6", "-"]
    assert max(map(len, lines)) <= width
