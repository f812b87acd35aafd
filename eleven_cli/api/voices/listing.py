"""The voices of an account (GET /v2/voices, GET /v1/voices/{voice_id})."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from eleven_cli.api.client import Client, path_to
from eleven_cli.api.paging import each_entry
from eleven_cli.api.voices.voice import Voice, describes_voice, voice_from
from eleven_cli.errors import DESIGN_COMMAND, AuthError, ElevenError, NotFound

PAGE_SIZE = 100
MOST_COMPARED = 1_000


def first_usable_voice(client: Client) -> Voice:
    """The first voice of one's own, else the first premade one, else the first that any plan can use, else one of the
    library, which only a paid plan may use over the API. Raises NotFound without any."""
    found: list[Voice] = []
    for voice in islice(each_voice(client), MOST_COMPARED):
        if _rank(voice) == 0:
            return voice
        found.append(voice)
    if not found:
        raise NotFound("this account has no voices", hint=DESIGN_COMMAND, code="no_voices")
    return min(found, key=_rank)


def _rank(voice: Voice) -> int:
    if not voice.usable:
        return 3 if voice.needs == "paid plan" else 4
    return 0 if voice.is_own else 1 if voice.category == "premade" else 2


def each_voice(
    client: Client,
    search: str = "",
    *,
    language: str | None = None,
    gender: str | None = None,
    category: str | None = None,
) -> Iterator[Voice]:
    """All voices, page after page, in the service's order; with `search` those it finds by name, labels and so on.

    language  a code such as "en".  gender: "female", "male", "neutral".  category: "premade", "cloned", "generated",
              "professional"
    """
    wanted = {"search": search or None, "language": language, "gender": gender, "category": category}
    query: dict[str, str | int] = {"page_size": PAGE_SIZE, "include_total_count": "false"}
    query |= {name: value for name, value in wanted.items() if value is not None}
    token = "next_page_token"
    fields = {"listed": "voices", "by": "voice_id", "token": token, "sent_as": token}
    yield from map(voice_from, each_entry(client, "/v2/voices", query, **fields, kind="voices"))


def voice_with(client: Client, voice_id: str) -> Voice:
    """The voice with this id. Raises NotFound."""
    return voice_from(client.json("GET", voice_path(voice_id)))


def with_settings(client: Client, voice: Voice) -> Voice:
    """The voice with its settings, asked for where the service left them out; without them where it refuses."""
    if voice.settings is not None:
        return voice
    try:
        answer = client.json("GET", f"{voice_path(voice.voice_id)}/settings")
    except (AuthError, NotFound):
        return voice
    return replace(voice, settings=answer if isinstance(answer, dict) else None)


def new_voice_id(client: Client, answer: Any, name: str, *, known: Collection[str] = ()) -> str:
    """The id of a voice that was just made: what the answer tells, else the only voice of that name; "" where neither
    does. Never raises: the voice is made.

    known   ids of the voices that had this name before
    """
    if describes_voice(answer):
        return str(answer["voice_id"])
    try:
        listed = islice(each_voice(client, name), MOST_COMPARED)
        found = [voice for voice in listed if voice.name == name and voice.voice_id not in known]
    except ElevenError:
        return ""
    return found[0].voice_id if len(found) == 1 else ""


def voice_path(voice_id: str) -> str:
    return path_to("/v1/voices", voice_id, "voice")
