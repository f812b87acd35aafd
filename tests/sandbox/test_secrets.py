"""Secrets, which the settings of tools and models name: made over REST, and never shown."""

import json

from eleven_cli.sandbox.http.requests_log import ServedRequest
from eleven_cli.sandbox.server import running

from .conftest import Api
from .schemas import refused

PATH = "/v1/convai/secrets"


def made(api: Api, name: str = "oven", value: str = "hot") -> str:
    stored = api("POST", PATH, json={"type": "new", "name": name, "value": value}).json()
    assert (stored["type"], stored["name"]) == ("stored", name)
    return str(stored["secret_id"])


def test_they_are_listed_changed_and_deleted_and_never_shown(api: Api) -> None:
    first, second = made(api, "a-first", "hidden-1"), made(api, "a-second", "hidden-2")
    page = api.get(PATH, params={"search": "a-", "page_size": 1}).json()
    assert [one["secret_id"] for one in page["secrets"]] == [first]
    rest = api.get(PATH, params={"search": "a-", "page_size": 1, "cursor": page["next_cursor"]}).json()
    assert ([one["secret_id"] for one in rest["secrets"]], rest["next_cursor"]) == ([second], None)
    changed = api("PATCH", f"{PATH}/{first}", json={"type": "update", "name": "a-renamed", "value": "hidden-3"})
    assert changed.json() == {"type": "stored", "secret_id": first, "name": "a-renamed"}
    shown = api.get(f"{PATH}/{first}")
    assert set(shown.json()) == {"type", "secret_id", "name", "used_by"}
    assert "hidden" not in shown.text + api.get(PATH).text
    assert api("DELETE", f"{PATH}/{first}").status_code == 204
    refused(api.get(f"{PATH}/{first}"), 404, "secret_not_found", status="document_not_found")
    assert api("POST", PATH, json={"type": "old", "name": "x", "value": "y"}).status_code == 422
    assert api("POST", PATH, json={"type": "new", "name": "x"}).status_code == 422
    assert api.get(PATH, params={"page_size": 0}).status_code == 422


def test_the_log_does_not_hold_them() -> None:
    log = []
    with running(log=log.append) as base:
        api = Api(base, "any")
        made(api, value="very-hidden")
        api.close()
    (entry,) = [one for one in log if isinstance(one, ServedRequest)]
    assert entry.record()["body"]["name"] == "oven"
    assert "very-hidden" not in json.dumps(entry.record())
