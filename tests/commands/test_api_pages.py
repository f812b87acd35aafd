"""`eleven api --paginate`: all pages of any list of the service, as lines of JSON, one page at a time."""

import json
import threading
import tracemalloc

import pytest

from eleven_cli.api.paging import each_page
from tests.support.guard import GUARD_S
from tests.support.service import error_reply, json_reply

A, B, C = {"id": "a"}, {"id": "b"}, {"id": "c"}
LINES = '{"id":"a"}\n{"id":"b"}\n{"id":"c"}\n'

STYLES = {  # each page, and what it is asked for with
    "/v1/convai/agents": [
        ({"agents": [A, B], "next_cursor": "t1", "has_more": True}, {}),
        ({"agents": [C], "next_cursor": None, "has_more": False}, {"cursor": "t1"}),
    ],
    "/v1/convai/knowledge-base/abc/chunks": [  # without has_more
        ({"chunks": [A], "next_cursor": "t1"}, {}),
        ({"chunks": [B], "next_cursor": "t2"}, {"cursor": "t1"}),
        ({"chunks": [C], "next_cursor": None}, {"cursor": "t2"}),
    ],
    "/v2/voices": [
        ({"voices": [A, B], "has_more": True, "total_count": 3, "next_page_token": "t1"}, {}),
        ({"voices": [C], "has_more": False, "total_count": 3, "next_page_token": "t2"}, {"next_page_token": "t1"}),
    ],
    "/v1/history": [
        ({"history": [A], "last_history_item_id": "a", "has_more": True}, {}),
        ({"history": [B], "last_history_item_id": "b", "has_more": True}, {"start_after_history_item_id": "a"}),
        ({"history": [C], "last_history_item_id": "c", "has_more": False}, {"start_after_history_item_id": "b"}),
    ],
    "/v1/shared-voices": [  # counted from 0
        ({"voices": [A], "has_more": True, "last_sort_id": "s"}, {}),
        ({"voices": [B], "has_more": True, "last_sort_id": "s"}, {"page": "1"}),
        ({"voices": [C], "has_more": False, "last_sort_id": None}, {"page": "2"}),
    ],
    "/v1/audio-isolation/history": [  # counted from 1
        ({"items": [A], "has_more": True}, {}),
        ({"items": [B, C], "has_more": False}, {"page": "2"}),
    ],
    "/v1/convai/batch-calling/workspace": [
        ({"batch_calls": [A, B], "next_doc": "d", "has_more": True}, {}),
        ({"batch_calls": [C], "next_doc": None, "has_more": False}, {"last_doc": "d"}),
    ],
    "/v1/productions/orders": [
        ({"orders": [A, B]}, {}),
        ({"orders": [C]}, {"offset": "2"}),
        ({"orders": []}, {"offset": "3"}),
    ],
    "/v1/convai/tools/abc/dependent-agents": [  # two lists in one
        ({"agents": [A], "branches": [B], "next_cursor": "t1", "has_more": True}, {}),
        ({"agents": [C], "branches": [], "next_cursor": None, "has_more": False}, {"cursor": "t1"}),
    ],
    "/v1/models": [([A, B, C], {})],
    "/v1/studio/projects": [({"projects": [A, B, C]}, {})],
}


@pytest.mark.parametrize("path", STYLES)
def test_all_pages_are_asked_for(eleven, service, path):
    service.on(path, *(json_reply(page) for page, _ in STYLES[path]))
    result = eleven("api", path, "--paginate", "-q", "page_size=2", "-q", "sort=x")
    assert (result.code, result.text, result.err) == (0, LINES, "")
    assert [request.query for request in service.requests] == [
        {"page_size": "2", "sort": "x", **asked} for _, asked in STYLES[path]
    ]


@pytest.mark.parametrize("path", STYLES)
def test_a_list_beside_the_entries_has_none_of_them(eleven, service, path):
    """Before or after them; of lists that are all unknown, none is left out."""
    beside = {"notes": [{"id": "x"}], "hints": ["y"]}
    pages = [page for page, _ in STYLES[path]]
    if path == "/v1/models":
        pages = [{"a": pages[0], "b": [], "has_more": False}]
    elif path == "/v1/studio/projects":
        pages = [{**pages[0], **beside, "has_more": False}]
    else:
        pages = [{**beside, **page} if index % 2 else {**page, **beside} for index, page in enumerate(pages)]
    service.on(path, *map(json_reply, pages))
    result = eleven("api", path, "--paginate")
    assert (result.code, result.text, result.err) == (0, LINES, "")


def test_it_goes_on_from_where_it_is_told_to_begin(eleven, service):
    service.on("/v1/new", json_reply({"a": [A], "has_more": True}), json_reply({"a": [B], "has_more": False}))
    assert eleven("api", "new?page=7", "--paginate").text == '{"id":"a"}\n{"id":"b"}\n'
    assert [request.query for request in service.requests] == [{"page": "7"}, {"page": "8"}]
    service.requests.clear()
    pages = [{"agents": [A], "next_cursor": "y", "has_more": True}, {"agents": [B], "has_more": False}]
    service.on("/v1/convai/agents", *map(json_reply, pages))
    assert eleven("api", "convai/agents?cursor=x", "--paginate").code == 0
    assert [request.query for request in service.requests] == [{"cursor": "x"}, {"cursor": "y"}]


def test_fields_are_parameters_of_each_page(eleven, service):
    service.on("/v2/voices", *(json_reply(page) for page, _ in STYLES["/v2/voices"]))
    assert eleven("api", "/v2/voices", "--paginate", "-f", "page_size=2").text == LINES
    assert [request.query["page_size"] for request in service.requests] == ["2", "2"]


@pytest.mark.parametrize("answer", [{"voice_id": "a", "samples": [A]}, {"a": 1}, {}, "text", None, 5])
def test_what_is_no_list_is_one_line(eleven, service, answer):
    service.on("/v1/x", json_reply(answer))
    assert eleven("api", "x", "--paginate").text == json.dumps(answer, separators=(",", ":")) + "\n"


@pytest.mark.parametrize(
    ("pages", "count"),
    [
        ([{"a": [A], "next_cursor": "t", "has_more": True}], 2),
        ([{"a": [A], "next_cursor": "t1", "has_more": True}, {"a": [A], "next_cursor": "t2", "has_more": True}], 2),
        ([{"a": [A], "next_cursor": "\ud800", "has_more": True}], 1),
    ],
)
def test_a_list_that_repeats_itself_ends(eleven, service, pages, count):
    service.on("/v1/x", *map(json_reply, pages))
    result = eleven("api", "x", "--paginate")
    assert (result.code, result.text) == (0, '{"id":"a"}\n')
    assert result.err == "warning: the list at /v1/x repeats itself, and may be incomplete\n"
    assert len(service.requests) == count


def test_empty_pages_are_not_asked_for_without_end(eleven, service):
    def empty(exchange):
        json_reply({"a": [], "next_cursor": str(len(service.requests)), "has_more": True})(exchange)

    service.on("/v1/x", empty)
    assert "may be incomplete" in eleven("api", "x", "--paginate").err
    assert len(service.requests) == 21


def test_what_came_stays_where_the_way_on_is_missing_or_fails(eleven, service):
    service.on("/v1/x", json_reply({"a": [A], "has_more": True}))
    lost = eleven("api", "x", "--paginate")
    assert (lost.code, lost.text) == (1, '{"id":"a"}\n')
    assert "has more, but does not say how to ask for it" in lost.error
    service.on("/v1/x", json_reply({"a": [A], "next_cursor": "t"}), error_reply(401, "invalid_api_key", "No."))
    refused = eleven("api", "x", "--paginate")
    assert (refused.code, refused.text) == (3, '{"id":"a"}\n')


def test_a_page_is_asked_for_again_where_the_service_is_busy(eleven, service, pauses):
    pages = STYLES["/v1/convai/agents"]
    busy = error_reply(429, "rate_limit_exceeded", "Busy.")
    service.on("/v1/convai/agents", json_reply(pages[0][0]), busy, json_reply(pages[1][0]))
    assert eleven("api", "convai/agents", "--paginate").text == LINES


def test_jq_sees_entry_after_entry(eleven, service, tmp_path):
    service.on("/v2/voices", *(json_reply(page) for page, _ in STYLES["/v2/voices"]))
    words = ["api", "/v2/voices", "--paginate", "--jq", 'select(.id != "b").id', "-o", str(tmp_path / "ids"), "--json"]
    told = json.loads(eleven(*words).text)
    assert (tmp_path / "ids").read_text() == "a\nc\n"
    assert told == {"entries": 3, "bytes": 4, "file": str(tmp_path / "ids")}


def test_each_page_has_the_headers(eleven, service):
    service.on("/v2/voices", *(json_reply(page) for page, _ in STYLES["/v2/voices"]))
    assert eleven("api", "/v2/voices", "--paginate", "-H", "X-One: 1").code == 0
    assert {request.headers.get("x-one") for request in service.requests} == {"1"}


def test_a_terminal_is_shown_harmless_lines(eleven, service):
    service.on("/v1/x", json_reply([{"a": "\x1b[2J\x9b\u202e"}]))
    assert eleven("api", "x", "--paginate", tty="out").text == '{"a":"\\u001b[2J\\u009b\\u202e"}\n'


@pytest.mark.parametrize("words", [[], ["--jq", "."]])
def test_the_first_line_is_there_before_the_last_page(service, spawn, words):
    may_answer = threading.Event()

    def last(exchange):
        may_answer.wait(GUARD_S)
        json_reply({"agents": [C], "has_more": False})(exchange)

    service.on("/v1/convai/agents", json_reply(STYLES["/v1/convai/agents"][0][0]), last)
    process = spawn("api", "/v1/convai/agents", "--paginate", *words)
    assert process.stdout.readline() == b'{"id":"a"}\n'
    may_answer.set()
    assert process.stdout.read() == b'{"id":"b"}\n{"id":"c"}\n'
    assert process.wait(GUARD_S) == 0


def test_no_page_is_asked_for_when_the_reader_has_left(service, spawn):
    def page(exchange):
        asked = len(service.requests)
        json_reply({"agents": [{"id": asked}], "next_cursor": str(asked), "has_more": True})(exchange)

    service.on("/v1/convai/agents", page)
    process = spawn("api", "/v1/convai/agents", "--paginate")
    assert process.stdout.readline() == b'{"id":1}\n'
    process.stdout.close()
    assert process.wait(GUARD_S) == 141
    assert process.stderr.read() == b""


class EndlessList:
    """Stands in for a client: 100 entries a page, for as many pages as are wanted."""

    def __init__(self, pages):
        self.pages = pages

    def json(self, method, path, *, params, headers):
        page = int(dict(params).get("cursor", 0))
        entries = [{"id": f"{page}-{number}", "text": "x" * 500} for number in range(100)]
        return {"a": entries, "next_cursor": str(page + 1), "has_more": page + 1 < self.pages}


def test_ten_thousand_entries_take_no_more_memory_than_a_few():
    def peak_of(pages):
        tracemalloc.reset_peak()
        count = sum(len(page) for page in each_page(EndlessList(pages), "/v1/x", (), {}))
        return count, tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        _, few = peak_of(3)
        count, many = peak_of(100)
    finally:
        tracemalloc.stop()
    assert count == 10_000
    assert many < few + 100_000  # a page is 60,000
