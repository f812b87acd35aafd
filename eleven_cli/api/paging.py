"""Lists that the service gives page after page, each with a token for the next one."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from eleven_cli.api.client import Client
from eleven_cli.errors import ElevenError

MOST_WITHOUT_NEWS = 20  # pages one after the other: a list that gives nothing new would never end
T = TypeVar("T")


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
        if str(following) in tokens or without_news == MOST_WITHOUT_NEWS or not can_be_sent(str(following)):
            client.warn(f"the service's list of {kind} repeats itself, and may be incomplete")
            return
        tokens.add(str(following))
        asked[sent_as] = following


def can_be_sent(token: str) -> bool:
    """Whether it is text: JSON can name halves of characters, which no address can."""
    return not any("\ud800" <= letter <= "\udfff" for letter in token)


def portions(entries: Iterable[T], size: int) -> Iterator[list[T]]:
    """The same in lists of at most this many, each when it is taken: with the size of a page, no page is waited for
    before the one ahead of it is shown."""
    left = iter(entries)
    while portion := list(islice(left, size)):
        yield portion


def _name(value: Any) -> str:
    return value if isinstance(value, str) else ""
