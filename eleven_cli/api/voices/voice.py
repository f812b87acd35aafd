"""A voice, as the service describes it."""

from dataclasses import dataclass
from typing import Any

from eleven_cli.api.json_fields import object_of, objects_of, text_of, unix_time
from eleven_cli.errors import ElevenError


@dataclass(frozen=True)
class Voice:
    """One voice.

    category     premade, cloned, generated, professional …; "" when the service does not say, as for other texts
    labels       what it was labelled with: accent, age, gender, use_case, descriptive, language …
    languages    ISO 639-1 codes it was verified for
    models       ids of the models it sounds best with
    preview_url  a free sample, elsewhere; None without one
    is_own       designed or cloned by the account, not taken from the library
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
    is_own: bool
    usable: bool
    needs: str | None
    settings: dict[str, Any] | None
    created_at: int | None


def voice_from(entry: Any) -> Voice:
    """The voice that an answer describes. Raises ElevenError."""
    if not describes_voice(entry):
        raise ElevenError("the service sent something that is not a voice")
    return made_voice(entry)


def made_voice(entry: dict[str, Any]) -> Voice:
    """The same of a voice that was just made, whose id may be ""."""
    needs = _needs(entry)
    verified = objects_of(entry.get("verified_languages"))
    return Voice(
        voice_id=entry["voice_id"],
        name=text_of(entry.get("name")) or entry["voice_id"],
        category=text_of(entry.get("category")),
        description=text_of(entry.get("description")),
        labels={name: label for name, label in object_of(entry.get("labels")).items() if text_of(label)},
        languages=list(dict.fromkeys(filter(None, (text_of(table.get("language")) for table in verified)))),
        models=[model for model in _list(entry.get("high_quality_base_model_ids")) if text_of(model)],
        preview_url=text_of(entry.get("preview_url")) or None,
        is_own=_is_own(entry),
        usable=needs is None,
        needs=needs,
        settings=object_of(entry.get("settings")) or None,
        created_at=unix_time(entry.get("created_at_unix")),
    )


def may_use(voice: Voice, plan: str) -> bool:
    """Whether an account with this plan may use the voice over the API; "" where the plan is not known."""
    if voice.usable or not (voice.needs or "").endswith(" plan"):
        return voice.usable
    wanted = (voice.needs or "").removesuffix(" plan").split(" or ")
    return plan in wanted or (wanted == ["paid"] and plan not in ("", "free", "unknown"))


def _needs(entry: dict[str, Any]) -> str | None:
    """Library voices cost a paid plan over the API, some voices a certain tier, and clones take time to train.

    `free_users_allowed` is about the website.
    """
    tiers = [tier for tier in _list(entry.get("available_for_tiers")) if text_of(tier)]
    sharing = object_of(entry.get("sharing"))
    verification = object_of(entry.get("voice_verification"))
    if tiers:
        return f"{' or '.join(tiers)} plan"
    if sharing and not entry.get("is_owner"):
        return "paid plan"
    if verification.get("requires_verification") and not verification.get("is_verified"):
        return "verification"
    return "training" if _training(entry) else None


def _is_own(entry: dict[str, Any]) -> bool:
    """A voice of the library has the category with which its owner made it."""
    made = entry.get("category") in ("generated", "cloned") and not object_of(entry.get("sharing"))
    return entry.get("is_owner") is True or (made and entry.get("is_owner") is not False)


def _training(entry: dict[str, Any]) -> bool:
    states = object_of(object_of(entry.get("fine_tuning")).get("state")).values()
    return bool(states) and entry.get("is_owner") is True and "fine_tuned" not in states


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def describes_voice(entry: Any) -> bool:
    return isinstance(entry, dict) and bool(text_of(entry.get("voice_id")))
