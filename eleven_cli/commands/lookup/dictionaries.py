"""Pronunciation dictionaries by name or id: which one a word means, and what is remembered of them."""

from collections.abc import Iterable, Sequence
from itertools import islice

from eleven_cli.api.dictionaries import Dictionary, dictionary_with_rules, each_dictionary
from eleven_cli.commands.lookup.names import folded, none_called, only_one, shown
from eleven_cli.commands.lookup.voice_candidates import looks_like_id
from eleven_cli.context import Context
from eleven_cli.errors import NotFound, PermissionMissing, UsageError
from eleven_cli.settings.values import WHAT_TO_TICK

DICTIONARIES_KEY = "dictionaries"
SEE_DICTIONARIES = "see your dictionaries: eleven dictionaries"
MOST_DICTIONARIES = 3  # in one request
MOST_KNOWN = 2_000


def fetch_dictionaries(context: Context) -> list[Dictionary]:
    """All of the account, as the service lists them now; their names are remembered."""
    found = list(islice(each_dictionary(context.client), MOST_KNOWN))
    _remember(context, [(each.dictionary_id, each.name) for each in found])
    return found


def remember_change(context: Context, dictionary: Dictionary, *, is_gone: bool = False) -> None:
    """Remembers a dictionary that was added, or forgets one that is gone."""
    others = [pair for pair in remembered_dictionaries(context) if pair[0] != dictionary.dictionary_id]
    _remember(context, others if is_gone else [(dictionary.dictionary_id, dictionary.name), *others])


def remembered_dictionaries(context: Context) -> list[tuple[str, str]]:
    """Ids and names as they were listed the last time."""
    return context.account_cache.pairs(DICTIONARIES_KEY)


def dictionary_called(context: Context, word: str) -> Dictionary:
    """The dictionary that an id or a name means, as it is now. Raises NotFound with the candidates."""
    if looks_like_id(word.strip()):
        return dictionary_with_rules(context.client, word.strip())[0]
    if not word.strip():
        raise _empty()
    try:
        found = meant(word.strip(), fetch_dictionaries(context))
    except PermissionMissing as missing:
        missing.hint = f"a dictionary's id needs no look-up; or {WHAT_TO_TICK}"
        raise
    if not is_whole_name(found, word):
        context.terminal.remark(f"dictionary: {found.name} ({found.dictionary_id})")
    return found


def dictionary_locators(context: Context, words: Sequence[str], *, pinned: bool) -> tuple[dict[str, str], ...]:
    """What the service is told of dictionaries. Raises NotFound for a name that none has.

    pinned   each with its version, also one that is given by its id: what is kept must not mix versions
    """
    found = [_locator(context, word.strip(), pinned=pinned) for word in words]
    return tuple({each["pronunciation_dictionary_id"]: each for each in found}.values())


def check_dictionaries(words: Sequence[str]) -> None:
    """Raises UsageError for what can be no dictionaries of one request."""
    if len(words) > MOST_DICTIONARIES:
        raise UsageError(f"at most {MOST_DICTIONARIES} dictionaries can be given, not {len(words)}")
    if not all(word.strip() for word in words):
        raise _empty()


def meant(word: str, listed: Sequence[Dictionary]) -> Dictionary:
    """The dictionary of that id or name, without regard to case, else the only one that begins so.

    Raises NotFound, with the candidates, for none and for several. Pure.
    """
    if of_id := [each for each in listed if each.dictionary_id == word]:
        return of_id[0]
    give_id, give_more = "give the id instead of the name", "give more of the name, or the id"
    found = only_one(word, listed, _shown, kind="dictionaries", give_id=give_id, give_more=give_more)
    if found is None:
        hint = SEE_DICTIONARIES if listed else "make one: eleven dictionaries add FILE.pls"
        raise NotFound(none_called(word, listed, _shown, kind="dictionary"), hint=hint, code="dictionary_not_found")
    return found


def is_whole_name(dictionary: Dictionary, word: str) -> bool:
    """Whether the word is all of its name, or its id."""
    return word.strip() == dictionary.dictionary_id or folded(word) == folded(dictionary.name)


def _remember(context: Context, pairs: Iterable[tuple[str, str]]) -> None:
    context.account_cache.put(DICTIONARIES_KEY, [list(pair) for pair in pairs])


def _locator(context: Context, word: str, *, pinned: bool) -> dict[str, str]:
    if looks_like_id(word) and not pinned:
        return {"pronunciation_dictionary_id": word}
    try:
        found = dictionary_called(context, word)
    except PermissionMissing:
        if looks_like_id(word):  # a key that may not read it can use it all the same
            return {"pronunciation_dictionary_id": word}
        raise
    version = {"version_id": found.version_id} if found.version_id else {}
    return {"pronunciation_dictionary_id": found.dictionary_id, **version}


def _shown(dictionaries: Sequence[Dictionary]) -> str:
    return shown([(each.name, each.dictionary_id) for each in dictionaries])


def _empty() -> UsageError:
    return UsageError("the dictionary's name is empty", hint=SEE_DICTIONARIES)
