"""Completion of names and ids: from what is remembered or set, never from the network, and never in the way."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from eleven_cli.commands.lookup.names import folded
from eleven_cli.commands.lookup.voice_candidates import looks_like_id
from eleven_cli.commands.lookup.voices import Named, remembered
from eleven_cli.context import Context
from eleven_cli.settings import REGIONS
from eleven_cli.settings.config import is_on

DESIGNS_KEY = "designs"  # by the id of a preview: its description, and when it was made
MODELS_KEY = "models"  # by id: their character_limit, cost_factor and abilities
STS_MODELS = ("eleven_multilingual_sts_v2", "eleven_english_sts_v2")
STT_MODELS, STT_LIVE_MODELS = ("scribe_v2", "scribe_v3"), ("scribe_v2_realtime", "scribe_v2_realtime_turbo")

ENTITY_CATEGORIES = ("all", "pii", "phi", "pci", "offensive_language", "other")


class Given(NamedTuple):
    """What stands on the line before the word that is completed.

    params   the values of options and arguments, by their names
    """

    params: Mapping[str, Any]
    context: Context


class Offered(str):
    """A word to insert.

    otherwise   what to insert where the shell cannot take the word
    """

    otherwise = ""


def complete_voice(given: Given, incomplete: str) -> list[str]:
    """The names that begin with what was typed; an id where it is one that was begun, or where a name will not do."""
    known, _ = remembered(_account(given))
    return [word for voice in known if (word := _word_for(voice, known, incomplete))]


def complete_model(given: Given, incomplete: str) -> list[str]:
    """The ids of models that speak: those the account was told of, or before that those that are documented."""
    from eleven_cli.api.tts.models import documented_models

    is_told = isinstance(_account(given).account_cache.get(MODELS_KEY), dict)
    known = _known_models(given, "tts") if is_told else documented_models()
    return _beginning(known, incomplete)


def complete_sts_model(given: Given, incomplete: str) -> list[str]:
    """The ids of models that change a voice: those that are documented, and those the account was told of."""
    return _beginning(dict.fromkeys([*STS_MODELS, *_known_models(given, "sts")]), incomplete)


def complete_stt_model(given: Given, incomplete: str) -> list[str]:
    """The ids of models that transcribe, live ones with --live."""
    is_live = given.params.get("live") or given.params.get("mic")
    return _beginning(STT_LIVE_MODELS if is_live else STT_MODELS, incomplete)


def complete_entity(_: Given, incomplete: str) -> list[str]:
    """The categories of entities, also after a comma."""
    before, comma, word = incomplete.rpartition(",")
    return [f"{before}{comma}{kind}" for kind in ENTITY_CATEGORIES if kind.startswith(word.lower())]


def complete_language(_: Given, incomplete: str) -> list[str]:
    """The codes of languages, of two letters where there are such."""
    from eleven_cli.commands.lookup.languages import CODES

    return _beginning(CODES, incomplete.lower())


def complete_effect(given: Given, kind: str, incomplete: str) -> list[str]:
    """The ids of effects of a kind ("effect", "room", "background") that the account was told of."""
    from eleven_cli.commands.lookup.effects import remembered_effects

    known = remembered_effects(_account(given))
    return _beginning([effect.id for effect in known if effect.kind == kind], incomplete)


def complete_dictionary(given: Given, incomplete: str) -> list[str]:
    """The names of dictionaries that begin with what was typed; ids where a name will not do, or one was begun."""
    from eleven_cli.commands.lookup.dictionaries import remembered_dictionaries

    return _remembered_names(given, remembered_dictionaries, incomplete)


def complete_agent(given: Given, incomplete: str) -> list[str]:
    """The names of agents, as those of dictionaries."""
    from eleven_cli.commands.lookup.agents import remembered_agents

    return _remembered_names(given, remembered_agents, incomplete)


def _remembered_names(
    given: Given, remembered: Callable[[Context], list[tuple[str, str]]], incomplete: str
) -> list[str]:
    known = [Named(*pair) for pair in remembered(_account(given))]
    return [word for each in known if (word := _word_for(each, known, incomplete))]


def complete_profile(given: Given, incomplete: str) -> list[str]:
    """The profiles of the settings file."""
    return _beginning(_account(given, profile=None).config.profiles, incomplete)


def complete_preview(given: Given, incomplete: str) -> list[str]:
    """The ids of previews of designed voices, the newest first."""
    return _beginning(reversed(_account(given).account_cache.table(DESIGNS_KEY)), incomplete)


def complete_setting(given: Given, incomplete: str) -> list[str]:
    """What the setting that stands before can be."""
    match given.params.get("key"):
        case "region":
            return _beginning(REGIONS, incomplete)
        case "voice":
            return complete_voice(given, incomplete)
        case "model":
            return complete_model(given, incomplete)
    return []


def complete_method(_: Given, incomplete: str) -> list[str]:
    """The methods of requests."""
    from eleven_cli.commands.lookup.endpoints import methods_for

    return methods_for(incomplete)


def complete_path(given: Given, incomplete: str) -> list[str]:
    """The paths of endpoints that take the method that is given."""
    from eleven_cli.commands.lookup.endpoints import paths_for

    return paths_for(incomplete, given.params.get("method") or given.params.get("first") or "")


def complete_method_or_path(given: Given, incomplete: str) -> list[str]:
    """The same, or the method where none is given."""
    methods = [] if given.params.get("method") else complete_method(given, incomplete)
    return [*methods, *complete_path(given, incomplete)]


def _known_models(given: Given, ability: str) -> list[str]:
    """The ids that were remembered, of models that can do it or of which nothing is known."""
    known = _account(given).account_cache.table(MODELS_KEY)
    return [model for model, facts in known.items() if _can(facts.get("abilities"), ability)]


def _can(abilities: object, ability: str) -> bool:
    is_known = isinstance(abilities, list) and ("tts" in abilities or "sts" in abilities)
    return ability in abilities if isinstance(abilities, list) and is_known else ability == "tts"


def _account(given: Given, **changed: None) -> Context:
    """The account of the line that is being typed."""
    context = Context(given.context.terminal, given.context.environ)
    line = {**given.params, **changed}
    base_url = line.get("base_url")
    sandbox = bool(line.get("sandbox")) or (is_on(context.environ, "ELEVEN_SANDBOX") and not base_url)
    context.configure(profile=line.get("profile"), base_url=base_url, sandbox=sandbox)
    return context


def _beginning(words: Iterable[str], incomplete: str) -> list[str]:
    return [word for word in words if word.startswith(incomplete)]


def _word_for(voice: Named, known: list[Named], incomplete: str) -> str:
    """What to offer of a voice; "" for nothing."""
    by_name = folded(voice.name).startswith(folded(incomplete))
    if by_name and _names_it(voice.name) and [folded(one.name) for one in known].count(folded(voice.name)) == 1:
        word = Offered(voice.name)
        word.otherwise = voice.voice_id
        return word
    return Offered(voice.voice_id) if by_name or voice.voice_id.startswith(incomplete) else ""


def _names_it(name: str) -> bool:
    """Whether a name can stand as a word for its voice."""
    is_word = name.isprintable() and not name.startswith("-") and name == name.strip() and name != ""
    return is_word and not looks_like_id(name)
