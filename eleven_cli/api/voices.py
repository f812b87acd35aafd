"""The voices of an account (GET /v2/voices, GET /v1/voices/{voice_id})."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from eleven_cli.api.client import Client
from eleven_cli.api.json_fields import unix_time
from eleven_cli.errors import AuthError, ElevenError, NotFound

PAGE_SIZE = 100


@dataclass(frozen=True)
class Voice:
    """One voice.

    category     premade, cloned, generated, professional …; "" when the service does not say, as for other texts
    labels       what it was labelled with: accent, age, gender, use_case, descriptive, language …
    languages    ISO 639-1 codes it was verified for
    models       ids of the models it sounds best with
    preview_url  a free sample, elsewhere; None without one
    usable       nothing in it says that a plan or an unfinished training stands in the way
    needs        what does: "paid plan", "creator plan", "verification", "training"; None when usable
    settings     its own stability, similarity_boost, style, speed, use_speaker_boost; None when not told
    created_at   seconds since 1970, None when unknown
    """

    voice_id: str
    name: str
    category: str
    description: str
    labels: dict[str, str]
    languages: list[str]
    models: list[str]
    preview_url: str | None
    usable: bool
    needs: str | None
    settings: dict[str, Any] | None
    created_at: int | None


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


def voice_with(client: Client, voice_id: str) -> Voice:
    """The voice with this id. Raises NotFound."""
    entry = client.json("GET", _path(voice_id))
    if not isinstance(entry, dict) or not _text(entry.get("voice_id")):
        raise ElevenError("the service sent something that is not a voice")
    return _voice(entry)


def with_settings(client: Client, voice: Voice) -> Voice:
    """The voice with its settings, asked for where the service left them out; without them where it refuses."""
    if voice.settings is not None:
        return voice
    try:
        answer = client.json("GET", f"{_path(voice.voice_id)}/settings")
    except (AuthError, NotFound):
        return voice
    return replace(voice, settings=answer if isinstance(answer, dict) else None)


def _path(voice_id: str) -> str:
    from urllib.parse import quote

    if voice_id.strip(".") == "":
        raise NotFound(f"there is no voice with the id {voice_id}")  # dots would name another path
    return f"/v1/voices/{quote(voice_id, safe='')}"


def _voice(entry: dict[str, Any]) -> Voice:
    needs = _needs(entry)
    verified = _tables(entry.get("verified_languages"))
    return Voice(
        voice_id=entry["voice_id"],
        name=_text(entry.get("name")) or entry["voice_id"],
        category=_text(entry.get("category")),
        description=_text(entry.get("description")),
        labels={name: label for name, label in _table(entry.get("labels")).items() if _text(label)},
        languages=list(dict.fromkeys(filter(None, (_text(table.get("language")) for table in verified)))),
        models=[model for model in _list(entry.get("high_quality_base_model_ids")) if _text(model)],
        preview_url=_text(entry.get("preview_url")) or None,
        usable=needs is None,
        needs=needs,
        settings=_table(entry.get("settings")) or None,
        created_at=unix_time(entry.get("created_at_unix")),
    )


def _needs(entry: dict[str, Any]) -> str | None:
    """Library voices cost a paid plan over the API, some voices a certain tier, and clones take time to train."""
    tiers = [tier for tier in _list(entry.get("available_for_tiers")) if _text(tier)]
    sharing = _table(entry.get("sharing"))
    verification = _table(entry.get("voice_verification"))
    if tiers:
        return f"{' or '.join(tiers)} plan"
    if sharing and not entry.get("is_owner") and not sharing.get("free_users_allowed"):
        return "paid plan"
    if verification.get("requires_verification") and not verification.get("is_verified"):
        return "verification"
    return "training" if _training(entry) else None


def _training(entry: dict[str, Any]) -> bool:
    states = _table(_table(entry.get("fine_tuning")).get("state")).values()
    return bool(states) and entry.get("is_owner") is True and "fine_tuned" not in states


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _tables(value: Any) -> list[dict[str, Any]]:
    return [table for table in _list(value) if isinstance(table, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
