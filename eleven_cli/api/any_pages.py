"""Any list that the service gives page after page, whichever way it names the next one.

Source: the service's OpenAPI document: a token in the answer, a number of the page, or how many entries to skip.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from eleven_cli.api.client import Client
from eleven_cli.api.paging import MOST_WITHOUT_NEWS, can_be_sent
from eleven_cli.errors import ElevenError

_SENT_AS = {  # the answer's name of the next page, and the query's
    "next_cursor": "cursor",
    "next_page_token": "next_page_token",
    "last_history_item_id": "start_after_history_item_id",
    "next_doc": "last_doc",
}
_FIRST_PAGES = {"/v1/shared-voices": 0, "/v1/audio-isolation/history": 1}
_SKIPPING = ("/v1/productions/orders",)
_OF_A_LIST = {"has_more", *_SENT_AS}

Query = Sequence[tuple[str, str]]


def each_page(client: Client, path: str, query: Query) -> Iterator[list[Any]]:
    """The entries of each page; the next one is asked for when the one before has been taken.

    What is not a list is an entry of its own. A list that repeats a page, or goes on without entries, ends there, and
    the client's user is told so. Raises ElevenError where there is more and no way to it.
    """
    seen, without_news = set[Any](), 0
    while True:
        answer = client.json("GET", path, params=list(query))
        entries = _entries(answer, path)
        mark = hash(json.dumps(entries)) if entries else None
        without_news = 0 if entries else without_news + 1
        if mark in seen or without_news > MOST_WITHOUT_NEWS:
            return client.warn(f"the list at {path} repeats itself, and may be incomplete")
        seen |= {mark} if entries else set()
        yield entries
        following = _following(answer, path, query, len(entries))
        if following is None:
            return
        if following in seen or not can_be_sent(following[1]):
            return client.warn(f"the list at {path} repeats itself, and may be incomplete")
        seen.add(following)
        query = [*(pair for pair in query if pair[0] != following[0]), following]


def _entries(answer: Any, path: str) -> list[Any]:
    if isinstance(answer, list):
        return answer
    if not isinstance(answer, dict):
        return [answer]
    lists = [value for value in answer.values() if isinstance(value, list)]
    is_list = _OF_A_LIST & answer.keys() or len(answer) == 1 or answer.keys() == {"meta", "results"}
    return [entry for each in lists for entry in each] if lists and (is_list or path in _SKIPPING) else [answer]


def _following(answer: Any, path: str, query: Query, count: int) -> tuple[str, str] | None:
    """What to ask for next, as a pair of the query; None at the end."""
    if not isinstance(answer, dict) or not answer.get("has_more", True):
        return None
    for name, sent_as in _SENT_AS.items():
        token = answer.get(name)
        if isinstance(token, str | int) and not isinstance(token, bool) and str(token):
            return sent_as, str(token)
    if path in _SKIPPING:
        return ("offset", str(_number(query, "offset", 0) + count)) if count else None
    if not answer.get("has_more"):
        return None
    if path in _FIRST_PAGES or "page" in dict(query):
        return "page", str(_number(query, "page", _FIRST_PAGES.get(path, 0)) + 1)
    raise ElevenError(f"the list at {path} has more, but does not say how to ask for it", code="no_next_page")


def _number(query: Query, name: str, otherwise: int) -> int:
    given = dict(query).get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else otherwise
