"""Voices by name: which one a word means, and what is remembered of an account's voices."""

import time
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from eleven_cli.cache.account import PREMADE_VOICES
from eleven_cli.commands.lookup.names import MOST_SHOWN, beginning, exact, folded, only_one, shown
from eleven_cli.context import Context
from eleven_cli.errors import NotFound, PermissionMissing
from eleven_cli.settings.values import WHAT_TO_TICK
from eleven_cli.suggestions import near

if TYPE_CHECKING:
    from eleven_cli.api.voices.voice import Voice

KEY = "voices"
MOST_KNOWN = 2_000
FRESH_S = 86_400.0


class Named(NamedTuple):
    """A voice that a word meant.

    remembered   from an earlier run: the service was not asked
    """

    voice_id: str
    name: str
    remembered: bool = False


def find_voice(context: Context, word: str) -> Named:
    """The voice of that name, from an earlier run or from the service.

    A name that is remembered is looked up no more. The beginning of one is, after a day: by then a voice of just
    that name may have come. Raises NotFound with the candidates.
    """
    known, age_s = _whole_list(context)
    found = exact(word, known) or (beginning(word, known) if age_s < FRESH_S else [])
    if len(found) == 1:
        return _announced(context, word, found[0]._replace(remembered=True))
    return fetch_voice(context, word)


def fetch_voice(context: Context, word: str) -> Named:
    """The voice of that name, by what the service says now."""
    try:
        listed = _listed(context, word)
    except PermissionMissing as missing:
        missing.hint = f"a voice id needs no look-up: --voice ID; or {WHAT_TO_TICK}"
        raise
    return _announced(context, word, meant(word, listed))


def meant(word: str, known: Sequence[Named]) -> Named:
    """The voice that a word means: the one of that name, without regard to case, else the one that begins so.

    Raises NotFound, with the candidates, for none and for several. Pure.
    """
    give_id, give_more = "give the id: --voice ID", "give more of the name, or the id: --voice ID"
    found = only_one(word, known, _shown, kind="voices", give_id=give_id, give_more=give_more)
    if found is None:
        raise NotFound(_not_called(word, known), hint="see your voices: eleven voices")
    return found


def remember(context: Context, voices: "Iterable[Voice | Named]", *, all_of_them: bool) -> None:
    """Keep the names and ids; those of a search are added to what is known."""
    voices = list(voices)
    listed = {voice.voice_id: voice.name for voice in voices}
    at = time.time()
    if not all_of_them:
        earlier, at = remembered(context)
        listed = {voice.voice_id: voice.name for voice in earlier} | listed
    context.account_cache.put(KEY, {"at": at, "known": list(islice(listed.items(), MOST_KNOWN))})
    if premade := [voice.voice_id for voice in voices if getattr(voice, "category", "") == "premade"]:
        context.account_cache.put(PREMADE_VOICES, premade[:MOST_KNOWN])


def forget(context: Context, voice_id: str) -> None:
    """Forgets a voice that has been deleted."""
    known, at = remembered(context)
    left = [(voice.voice_id, voice.name) for voice in known if voice.voice_id != voice_id]
    context.account_cache.put(KEY, {"at": at, "known": left})


def remembered(context: Context) -> tuple[list[Named], float]:
    """The voices known from earlier runs, and when all were asked for (seconds since 1970; 0: never)."""
    fact = context.account_cache.table(KEY)
    known, at = fact.get("known"), fact.get("at")
    pairs = [pair for pair in known if _is_pair(pair)] if isinstance(known, list) else []
    return [Named(*pair) for pair in pairs], at if isinstance(at, int | float) else 0.0


def _whole_list(context: Context) -> tuple[list[Named], float]:
    """All voices, and how many seconds ago they were asked for; none where only a part is known."""
    known, at = remembered(context)
    age_s = time.time() - at
    return (known if at else []), (age_s if age_s >= 0 else FRESH_S)


def _listed(context: Context, word: str) -> list[Named]:
    """The voices as the service lists them now. Of a great many, the first ones and those it finds by the word."""
    from eleven_cli.api.voices.listing import each_voice

    found = list(islice(each_voice(context.client), MOST_KNOWN))
    if len(found) == MOST_KNOWN:
        found = [*islice(each_voice(context.client, word), MOST_KNOWN), *found]
    listed = {voice.voice_id: Named(voice.voice_id, voice.name) for voice in found}
    remember(context, found, all_of_them=True)
    return list(listed.values())


def _announced(context: Context, word: str, found: Named) -> Named:
    if folded(found.name) != folded(word):
        context.terminal.remark(f"voice: {found.name} ({found.voice_id})")
    return found


def _not_called(word: str, known: Sequence[Named]) -> str:
    """That there is none of that name, and which names hold the word or look like it; all, where they are few."""
    names = near(folded(word), [folded(voice.name) for voice in known])
    said = f'no voice is called "{word}"'
    if alike := [voice for voice in known if folded(voice.name) in names]:
        return f"{said}. Did you mean {_shown(alike)}?"
    return f"{said}; there are {_shown(known)}" if 0 < len(known) <= MOST_SHOWN else said


def _shown(voices: Sequence[Named]) -> str:
    return shown([(voice.name, voice.voice_id) for voice in voices])


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(word, str) for word in pair)
