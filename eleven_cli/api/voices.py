"""The voices of an account (GET /v2/voices)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from eleven_cli.api.client import Client
from eleven_cli.errors import ElevenError, NotFound

PAGE_SIZE = 100


@dataclass(frozen=True)
class Voice:
    """One voice. `usable`: nothing in it says that a plan or an unfinished training stands in the way."""

    voice_id: str
    name: str
    usable: bool


def first_usable_voice(client: Client) -> Voice:
    """The first voice that any plan can use; if there is none, the first one. Raises NotFound without any."""
    first = None
    for voice in each_voice(client):
        if voice.usable:
            return voice
        first = first or voice
    if first is None:
        raise NotFound("this account has no voices", hint="add one on the website, then try again")
    return first


def each_voice(client: Client) -> Iterator[Voice]:
    """All voices, page after page, in the service's order."""
    query: dict[str, str | int] = {"page_size": PAGE_SIZE, "include_total_count": "false"}
    while True:
        page = client.json("GET", "/v2/voices", params=query)
        listed = page.get("voices") if isinstance(page, dict) else None
        if not isinstance(listed, list):
            raise ElevenError("the service sent something that is not a list of voices")
        yield from (_voice(entry) for entry in listed if isinstance(entry, dict) and _text(entry.get("voice_id")))
        token = page.get("next_page_token")
        if not page.get("has_more") or not token or token == query.get("next_page_token"):
            return
        query["next_page_token"] = token


def _voice(entry: dict[str, Any]) -> Voice:
    return Voice(entry["voice_id"], _text(entry.get("name")) or entry["voice_id"], _usable(entry))


def _usable(entry: dict[str, Any]) -> bool:
    """Library voices cost a paid plan over the API, some voices a certain tier, and clones take time to train."""
    sharing = _table(entry.get("sharing"))
    borrowed = bool(sharing) and not entry.get("is_owner") and not sharing.get("free_users_allowed")
    verification = _table(entry.get("voice_verification"))
    unverified = verification.get("requires_verification") and not verification.get("is_verified")
    return not (borrowed or entry.get("available_for_tiers") or unverified or _training(entry))


def _training(entry: dict[str, Any]) -> bool:
    states = _table(_table(entry.get("fine_tuning")).get("state")).values()
    return bool(states) and entry.get("is_owner") is True and "fine_tuned" not in states


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
