"""Lists that come page after page: of a kind that is known, or of any, whichever way it names its next page.

Source: the service's OpenAPI document: a token in the answer, a number of the page, or how many entries to skip.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from eleven_cli.api.client import Client
from eleven_cli.errors import ElevenError

MOST_WITHOUT_NEWS = 20  # pages one after the other: a list that gives nothing new would never end
_SENT_AS = {  # the answer's name of the next page, and the query's
    "next_cursor": "cursor",
    "next_page_token": "next_page_token",
    "last_history_item_id": "start_after_history_item_id",
    "next_doc": "last_doc",
}
_FIRST_PAGES = {"/v1/shared-voices": 0, "/v1/audio-isolation/history": 1}
_SKIPPING = ("/v1/productions/orders",)
_OF_A_LIST = {"has_more", *_SENT_AS}
_ENTRIES = {  # the documented names; what else is a list beside one of these says something of the page
    "agent_conversation_tickets", "agents", "assets", "batch_calls", "branches", "chunks", "conversation_tags",
    "conversations", "crawl_jobs", "dependencies", "documents", "dubs", "entries", "environment_variables",
    "executions", "finetunes", "generations", "history", "items", "languages", "orders", "projects",
    "pronunciation_dictionaries", "results", "secrets", "sip_messages", "speech_engines", "tests", "tools",
    "topics", "users", "voices",
}  # fmt: skip

T = TypeVar("T")
Query = Sequence[tuple[str, str]]


def each_entry(
    client: Client,
    path: str,
    query: Mapping[str, str | int],
    *,
    listed: str,
    by: str,
    token: str,
    sent_as: str,
    kind: str,
) -> Iterator[dict[str, Any]]:
    """The entries of all pages, each once; a page is asked for when the ones before it have been taken.

    listed   the answer's field with the entries;  by  the field of an entry with its id: one without is left out
    token    the answer's field with the next page's token, a parameter `sent_as`
    kind     what is listed, for the error that says that it was not

    A list that names a page twice, or goes on without anything new, ends there, and the client's user is told so.
    """
    asked, seen, tokens, without_news = dict(query), set[str](), set[str](), 0
    while True:
        page = client.json("GET", path, params=asked)
        entries = page.get(listed) if isinstance(page, dict) else None
        if not isinstance(entries, list):
            raise ElevenError(f"the service sent something that is not a list of {kind}")
        before = len(seen)
        for entry in entries:
            if isinstance(entry, dict) and (name := _name(entry.get(by))) and name not in seen:
                seen.add(name)
                yield entry
        following = page.get(token)
        if not page.get("has_more") or not isinstance(following, str | int) or not following:
            return
        without_news = 0 if len(seen) > before else without_news + 1
        if str(following) in tokens or without_news == MOST_WITHOUT_NEWS or not _can_be_sent(str(following)):
            client.warn(f"the service's list of {kind} repeats itself, and may be incomplete")
            return
        tokens.add(str(following))
        asked[sent_as] = following


def each_page(client: Client, path: str, query: Query, headers: Mapping[str, str]) -> Iterator[list[Any]]:
    """The entries of each page; the next one is asked for when the one before has been taken.

    What is not a list is an entry of its own. A list that repeats a page, or goes on without entries, ends there, and
    the client's user is told so. Raises ElevenError where there is more and no way to it.
    """
    seen, without_news = set[Any](), 0
    while True:
        answer = client.json("GET", path, params=list(query), headers=headers)
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
        if following in seen or not _can_be_sent(following[1]):
            return client.warn(f"the list at {path} repeats itself, and may be incomplete")
        seen.add(following)
        query = [*(pair for pair in query if pair[0] != following[0]), following]


def portions(entries: Iterable[T], size: int) -> Iterator[list[T]]:
    """The same in lists of at most this many, each when it is taken: with the size of a page, no page is waited for
    before the one ahead of it is shown."""
    left = iter(entries)
    while portion := list(islice(left, size)):
        yield portion


def _can_be_sent(token: str) -> bool:
    """Whether it is text: JSON can name halves of characters, which no address can."""
    return not any("\ud800" <= letter <= "\udfff" for letter in token)


def _name(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _entries(answer: Any, path: str) -> list[Any]:
    if isinstance(answer, list):
        return answer
    if not isinstance(answer, dict):
        return [answer]
    lists = {name: value for name, value in answer.items() if isinstance(value, list)}
    is_list = _OF_A_LIST & answer.keys() or len(answer) == 1 or answer.keys() == {"meta", "results"}
    if not lists or not (is_list or path in _SKIPPING):
        return [answer]
    of_entries = [value for name, value in lists.items() if name in _ENTRIES] or lists.values()
    return [entry for each in of_entries for entry in each]


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
