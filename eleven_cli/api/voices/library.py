"""The Voice Library (GET /v1/shared-voices, POST /v1/voices/add/{public_user_id}/{voice_id})."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from eleven_cli.api.client import Client
from eleven_cli.api.json_fields import number, objects_of, text_of, unix_time, whole_number
from eleven_cli.api.voices.listing import new_voice_id
from eleven_cli.api.voices.voice import describes_voice
from eleven_cli.errors import ElevenError, NotFound

PAGE_SIZE = 100
NEEDS = "paid plan"  # through the API; `free_users_allowed` is about the website
_LABELS = ("accent", "age", "gender", "use_case", "descriptive", "language")


@dataclass(frozen=True)
class LibraryVoice:
    """One voice of the library.

    public_owner_id     whose it is; adding it needs this
    labels              accent, age, gender, use_case, descriptive, language, where they are told
    languages           ISO 639-1 codes it was verified for
    preview_url         a free sample, elsewhere; None without one
    needs               what an account needs to use it through the API
    rate                credits cost so many times as much; None when not told
    notice_period       days for which it stays after its owner has withdrawn it; None when not told
    free_users_allowed  whether free accounts may add it on the website
    created_at          seconds since 1970, None when unknown
    """

    voice_id: str
    public_owner_id: str
    name: str
    category: str
    description: str
    labels: dict[str, str]
    languages: list[str]
    preview_url: str | None
    needs: str
    rate: float | None
    notice_period: int | None
    free_users_allowed: bool
    cloned_by_count: int | None
    created_at: int | None


def library_pages(
    client: Client, search: str = "", filters: Mapping[str, str] | None = None, *, page_size: int = PAGE_SIZE
) -> Iterator[list[LibraryVoice]]:
    """The voices of the library, page after page as they are asked for, each voice once.

    filters  by the API's names: language, gender, age, accent, category, sort
    """
    query = {"page_size": str(page_size), **({"search": search} if search else {}), **(filters or {})}
    seen: set[str] = set()
    page_number = 0
    while True:
        page = client.json("GET", "/v1/shared-voices", params={**query, "page": str(page_number)})
        listed = page.get("voices") if isinstance(page, dict) else None
        if not isinstance(listed, list):
            raise ElevenError("the service sent something that is not a page of the Voice Library")
        voices = {voice.voice_id: voice for voice in map(_library_voice, filter(describes_voice, listed))}
        new = [voice for voice in voices.values() if voice.voice_id not in seen]
        if new:
            yield new
        if not page.get("has_more") or not new:
            return
        seen.update(voices)
        page_number += 1


def library_voice(client: Client, voice_id: str) -> LibraryVoice:
    """The voice of the library with this id. The service has no look-up by id: where searching for it finds nothing,
    every page is asked for. Raises NotFound.
    """
    searched = islice(library_pages(client, voice_id), 1)
    for page in chain(searched, library_pages(client)):
        for voice in page:
            if voice.voice_id == voice_id:
                return voice
    raise NotFound(f"the Voice Library has no voice with the id {voice_id}", hint="see them: eleven voices library")


def add_to_account(client: Client, voice: LibraryVoice, name: str, *, known: Collection[str] = ()) -> str:
    """Add a voice of the library to the account under this name: its id there, "" where the service does not tell it.
    Raises what the service refuses with.

    known   ids of the voices that have this name already
    """
    from urllib.parse import quote

    path = f"/v1/voices/add/{quote(voice.public_owner_id, safe='')}/{quote(voice.voice_id, safe='')}"
    return new_voice_id(client, client.do("POST", path, json={"new_name": name}), name, known=known)


def _library_voice(entry: dict[str, Any]) -> LibraryVoice:
    labels = {name: entry[name] for name in _LABELS if text_of(entry.get(name))}
    tables = objects_of(entry.get("verified_languages"))
    languages = filter(None, [labels.get("language"), *(text_of(table.get("language")) for table in tables)])
    return LibraryVoice(
        voice_id=entry["voice_id"],
        public_owner_id=text_of(entry.get("public_owner_id")),
        name=text_of(entry.get("name")) or entry["voice_id"],
        category=text_of(entry.get("category")),
        description=text_of(entry.get("description")),
        labels=labels,
        languages=list(dict.fromkeys(languages)),
        preview_url=text_of(entry.get("preview_url")) or None,
        needs=NEEDS,
        rate=number(entry.get("rate")),
        notice_period=whole_number(entry.get("notice_period")),
        free_users_allowed=entry.get("free_users_allowed") is True,
        cloned_by_count=whole_number(entry.get("cloned_by_count")),
        created_at=unix_time(entry.get("date_unix")),
    )
