"""Lists in pages: each reads how long a page is, and where it begins, as all others do."""

from typing import Any

import pytest

from .conftest import Api
from .schemas import faults, refused

CONVAI = "/v1/convai"
BOUNDED = {  # the lists whose schema says how long a page may be, and how long that is
    "/v1/history": 1000,
    "/v1/pronunciation-dictionaries": 100,
    f"{CONVAI}/agents": 100,
    f"{CONVAI}/conversations": 100,
    f"{CONVAI}/tools": 100,
    f"{CONVAI}/knowledge-base": 100,
    f"{CONVAI}/secrets": 100,
}
UNBOUNDED = ("/v2/voices", "/v1/shared-voices")
CURSORS = {path: "cursor" for path in BOUNDED if path != "/v1/history"} | {"/v2/voices": "next_page_token"}


@pytest.mark.parametrize("path", BOUNDED)
def test_a_page_size_that_the_schema_bounds(api: Api, path: str) -> None:
    most = BOUNDED[path]
    wrong = {"0": "greater_than_equal", "-1": "greater_than_equal", str(most + 1): "less_than_equal"}
    for size, kind in {**wrong, "many": "int_parsing", "1.5": "int_parsing", "": "int_parsing"}.items():
        assert faults(api.get(path, params={"page_size": size})) == [(["query", "page_size"], kind)], size
    for size in ("1", str(most)):
        assert api.get(path, params={"page_size": size}).status_code == 200


@pytest.mark.parametrize("path", UNBOUNDED)
def test_a_page_size_that_only_the_service_bounds(api: Api, path: str) -> None:
    for size in ("0", "-1", "101"):
        refused(api.get(path, params={"page_size": size}), 400, "invalid_page_size", param="page_size")
    for size in ("many", ""):
        assert faults(api.get(path, params={"page_size": size})) == [(["query", "page_size"], "int_parsing")]


@pytest.mark.parametrize("path", CURSORS)
@pytest.mark.parametrize("cursor", ["nothing", "bm90aGluZw==", "!", "é", "/w=="])
def test_a_cursor_of_no_list(api: Api, path: str, cursor: str) -> None:
    name = CURSORS[path]
    refused(api.get(path, params={name: cursor}), 400, "invalid_cursor", param=name)


def test_a_cursor_of_another_list(api: Api) -> None:
    first = api.get(f"{CONVAI}/agents", params={"page_size": 1}).json()["next_cursor"]
    assert api.get(f"{CONVAI}/agents", params={"cursor": first}).status_code == 200
    for path in CURSORS:
        if path != f"{CONVAI}/agents":
            refused(api.get(path, params={CURSORS[path]: first}), 400, "invalid_cursor", param=CURSORS[path])


def test_an_empty_cursor_is_none(api: Api) -> None:
    for path, name in CURSORS.items():
        whole: dict[str, Any] = api.get(path).json()
        assert api.get(path, params={name: ""}).json() == whole


def test_the_agents_that_depend_on_a_document(api: Api) -> None:
    made = api("POST", f"{CONVAI}/knowledge-base/text", json={"text": "Open from 9 to 5.", "name": "Hours"}).json()
    path = f"{CONVAI}/knowledge-base/{made['id']}/dependent-agents"
    assert faults(api.get(path, params={"page_size": "101"})) == [(["query", "page_size"], "less_than_equal")]
    assert faults(api.get(path, params={"page_size": ""})) == [(["query", "page_size"], "int_parsing")]
    refused(api.get(path, params={"cursor": "nothing"}), 400, "invalid_cursor", param="cursor")
