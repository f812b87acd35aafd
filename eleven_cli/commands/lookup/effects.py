"""Audio effects by their ids or names, from the catalogue of the account, which is remembered."""

from collections.abc import Iterable

from eleven_cli.api.audio.audio_effects import AudioEffect, list_effects
from eleven_cli.context import Context
from eleven_cli.errors import AuthError, ElevenError, NetworkError, NotFound, PermissionMissing
from eleven_cli.suggestions import did_you_mean

EFFECTS_KEY = "audio_effects"
SEE_EFFECTS = "see the effects: eleven effects"


def fetch_effects(context: Context) -> list[AudioEffect]:
    """The catalogue as it is now; it is remembered."""
    found = list_effects(context.client)
    context.account_cache.put(EFFECTS_KEY, [list(effect) for effect in found])
    return found


def remembered_effects(context: Context) -> list[AudioEffect]:
    """The catalogue as it was the last time."""
    listed = context.account_cache.get(EFFECTS_KEY)
    entries = listed if isinstance(listed, list) else []
    return [AudioEffect(*map(str, entry)) for entry in entries if isinstance(entry, list) and len(entry) == 4]


def effect_id(context: Context, kind: str, word: str) -> str:
    """The id that an id or a name means. Raises NotFound, with what is like it, for one that there is not.

    The catalogue is fetched only if it is not remembered, or does not have the word. A key that may not read it can use
    effects all the same: then the word is sent as it is.
    """
    if (known := _found(remembered_effects(context), kind, word)) is not None:
        return known.id
    try:
        listed = fetch_effects(context)
    except ElevenError as refused:
        if not _is_about_the_catalogue(refused):
            raise
        return word
    found = _found(listed, kind, word)
    if found is None:
        raise _unknown(listed, kind, word)
    return found.id


def _is_about_the_catalogue(refused: ElevenError) -> bool:
    """Whether only the catalogue is refused: not the network's fault, nor that of a key that is none."""
    if isinstance(refused, PermissionMissing):
        return True
    return not isinstance(refused, NetworkError | AuthError) or refused.status == 403


def _found(listed: Iterable[AudioEffect], kind: str, word: str) -> AudioEffect | None:
    """By id, else by name, else by the only beginning; case does not matter, nor what stands between words."""
    of_kind = [effect for effect in listed if effect.kind == kind]
    sought = _folded(word)
    for fits in (
        [effect for effect in of_kind if effect.id == word],
        [effect for effect in of_kind if sought in (_folded(effect.id), _folded(effect.name))],
        [effect for effect in of_kind if _folded(effect.id).startswith(sought)] if sought else [],
    ):
        if len(fits) == 1:
            return fits[0]
    return None


def _folded(word: str) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in word.casefold()).split())


def _unknown(listed: list[AudioEffect], kind: str, word: str) -> NotFound:
    of_kind = [effect for effect in listed if effect.kind == kind]
    ids = [effect.id for effect in of_kind]
    names = [effect.name for effect in of_kind if _folded(effect.name) != _folded(effect.id)]
    question = did_you_mean(word, [*ids, *names])
    there_are = f"; there are {', '.join(ids)}" if ids and not question else ""
    return NotFound(f'no {kind} "{word}"{question or there_are}', hint=SEE_EFFECTS, code="effect_not_found")
