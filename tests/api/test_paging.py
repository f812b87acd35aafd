"""Lists of several pages: every entry once, and an end, whatever the service says of the next page."""

import itertools

import pytest

from eleven_cli.api.client import Client
from eleven_cli.api.paging import MOST_WITHOUT_NEWS, each_entry
from eleven_cli.errors import ElevenError
from tests.conftest import KEY
from tests.support.service import Service, json_reply

PATH = "/v1/things"
REPEATS = ["the service's list of things repeats itself, and may be incomplete"]


def page(*ids, cursor=None, **more):
    things = [{"id": one} for one in ids]
    return {"things": things, "has_more": cursor is not None, "next_cursor": cursor, **more}


def walked(pages, most=1000):
    """The ids that come, what the user is told, and the pages that were asked for. pages: by their cursor."""
    told = []
    with Service() as service:
        service.on(PATH, lambda exchange: json_reply(pages(exchange.request.query.get("cursor")))(exchange))
        client = Client(service.url, KEY, on_warning=told.append)
        found = each_entry(
            client, PATH, {"page_size": 2}, listed="things", by="id", token="next_cursor", sent_as="cursor",
            kind="things",
        )  # fmt: skip
        ids = [each["id"] for each in itertools.islice(found, most)]
        return ids, told, [request.query.get("cursor") for request in service.requests]


@pytest.mark.parametrize(
    ("pages", "ids", "asked", "told"),
    [
        pytest.param({None: page("1", "2")}, "12", [None], [], id="one page"),
        pytest.param({None: page("1", cursor="a"), "a": page("2")}, "12", [None, "a"], [], id="two pages"),
        pytest.param({None: page("1", cursor=7), "7": page("2")}, "12", [None, "7"], [], id="a number as the cursor"),
        pytest.param({None: page("1", cursor="a", has_more=False)}, "1", [None], [], id="no more, but a cursor"),
        pytest.param({None: page("1", has_more=True)}, "1", [None], [], id="more, but no cursor"),
        pytest.param({None: page("1", cursor="\ud800")}, "1", [None], REPEATS, id="half a character as the cursor"),
        pytest.param({None: page("1", cursor={})}, "1", [None], [], id="no word as the cursor"),
        pytest.param({None: page(cursor="a"), "a": page("2")}, "2", [None, "a"], [], id="an empty page amid"),
        pytest.param({None: page("1", "1", cursor="a"), "a": page("1", "2")}, "12", [None, "a"], [], id="shifted"),
        pytest.param(
            {None: page("1", cursor="a"), "a": page("2", cursor="a")}, "12", [None, "a"], REPEATS, id="names itself"
        ),
        pytest.param(
            {None: page("1", cursor="a"), "a": page("2", cursor="b"), "b": page("3", cursor="a")},
            "123", [None, "a", "b"], REPEATS, id="goes round",
        ),
    ],
)  # fmt: skip
def test_every_page_once(pages, ids, asked, told):
    assert walked(pages.get) == (list(ids), told, asked)


@pytest.mark.parametrize("ids", [[], ["1", "2"]])
def test_a_list_that_gives_nothing_new_ends(ids):
    counter = itertools.count()
    found, told, asked = walked(lambda cursor: page(*ids, cursor=f"c{next(counter)}"))
    assert (found, told) == (ids, REPEATS)
    assert MOST_WITHOUT_NEWS <= len(asked) <= MOST_WITHOUT_NEWS + 1


@pytest.mark.parametrize("entry", [None, 5, "x", [], {}, {"id": None}, {"id": 5}, {"id": ""}])
def test_entries_without_an_id_are_left_out(entry):
    assert walked(lambda cursor: {"things": [entry, {"id": "1"}], "has_more": False})[0] == ["1"]


@pytest.mark.parametrize("answer", [None, 5, "x", [], {}, {"things": None}, {"things": {}}, {"things": "x"}])
def test_no_list_is_an_error(answer):
    with pytest.raises(ElevenError, match="not a list of things"):
        walked(lambda cursor: answer)
