"""Lists that the service gives page after page, each with a token for the next one."""

from collections.abc import Iterator, Mapping
from typing import Any

from eleven_cli.api.client import Client
from eleven_cli.errors import ElevenError


def each_entry(
    client: Client, path: str, query: Mapping[str, str | int], *, listed: str, token: str, sent_as: str, kind: str
) -> Iterator[Any]:
    """The entries of all pages; a page is asked for when the ones before it have been taken.

    listed   the answer's field with the entries;  token  its field with the next page's token, a parameter `sent_as`
    kind     what is listed, for the error that says that it was not

    A page that names itself as the next one is the last: such a list would never end.
    """
    asked = dict(query)
    while True:
        page = client.json("GET", path, params=asked)
        entries = page.get(listed) if isinstance(page, dict) else None
        if not isinstance(entries, list):
            raise ElevenError(f"the service sent something that is not a list of {kind}")
        yield from entries
        following = page.get(token)
        if not page.get("has_more") or not following or following == asked.get(sent_as):
            return
        asked[sent_as] = following
