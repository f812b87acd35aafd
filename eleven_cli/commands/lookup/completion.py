"""Completion of names and ids: from what is remembered or set, never from the network, and never in the way."""

import os
from collections.abc import Callable

import typer

from eleven_cli.commands.lookup.names import folded
from eleven_cli.commands.lookup.voice_candidates import looks_like_id
from eleven_cli.commands.lookup.voices import Named, remembered
from eleven_cli.context import Context
from eleven_cli.settings.config import is_on

MODELS_KEY = "models"  # by id: their character_limit, cost_factor and abilities
STS_MODELS = ("eleven_multilingual_sts_v2", "eleven_english_sts_v2")
STT_MODELS, STT_LIVE_MODELS = ("scribe_v2", "scribe_v3"), ("scribe_v2_realtime", "scribe_v2_realtime_turbo")

ENTITY_CATEGORIES = ("all", "pii", "phi", "pci", "offensive_language", "other")


class Offered(str):
    """A word to insert. It may differ in case from what was typed, which therefore need not be its beginning.

    otherwise   what to insert where the shell cannot take the word
    """

    otherwise = ""

    def startswith(self, *_: object) -> bool:
        return True


def complete_voice(ctx: typer.Context, incomplete: str) -> list[str]:
    """The names that begin with what was typed; an id where it is one that was begun, or where a name will not do."""
    try:
        known, _ = remembered(_context(ctx))
        return [word for voice in known if (word := _word_for(voice, known, incomplete))]
    except Exception:  # an error would be printed into the line that is being typed
        return []


def complete_model(ctx: typer.Context, incomplete: str) -> list[str]:
    """The ids of models that speak: those the account was told of, or before that those that are documented."""
    from eleven_cli.api.tts.models import documented_models

    try:
        is_told = isinstance(_context(ctx).account_cache.get(MODELS_KEY), dict)
    except Exception:  # as above
        return []
    known = _known_models(ctx, "tts") if is_told else documented_models()
    return [model for model in known if model.startswith(incomplete)]


def complete_sts_model(ctx: typer.Context, incomplete: str) -> list[str]:
    """The ids of models that change a voice: those that are documented, and those the account was told of."""
    known = dict.fromkeys([*STS_MODELS, *_known_models(ctx, "sts")])
    return [model for model in known if model.startswith(incomplete)]


def complete_stt_model(ctx: typer.Context, incomplete: str) -> list[str]:
    """The ids of models that transcribe, live ones with --live."""
    models = STT_LIVE_MODELS if ctx.params.get("live") or ctx.params.get("mic") else STT_MODELS
    return [model for model in models if model.startswith(incomplete)]


def complete_entity(incomplete: str) -> list[str]:
    """The categories of entities, also after a comma."""
    before, comma, word = incomplete.rpartition(",")
    return [f"{before}{comma}{kind}" for kind in ENTITY_CATEGORIES if kind.startswith(word.lower())]


def complete_language(_ctx: typer.Context, incomplete: str) -> list[str]:
    """The codes of languages, of two letters where there are such."""
    from eleven_cli.commands.lookup.languages import CODES

    return [code for code in CODES if code.startswith(incomplete.lower())]


def complete_effect(ctx: typer.Context, kind: str, incomplete: str) -> list[str]:
    """The ids of effects of a kind ("effect", "room", "background") that the account was told of."""
    from eleven_cli.commands.lookup.effects import remembered_effects

    try:
        known = remembered_effects(_context(ctx))
    except Exception:  # as above
        return []
    return [effect.id for effect in known if effect.kind == kind and effect.id.startswith(incomplete)]


def complete_dictionary(ctx: typer.Context, incomplete: str) -> list[str]:
    """The names of dictionaries that begin with what was typed; ids where a name will not do, or one was begun."""
    from eleven_cli.commands.lookup.dictionaries import remembered_dictionaries

    return _remembered_names(ctx, remembered_dictionaries, incomplete)


def complete_agent(ctx: typer.Context, incomplete: str) -> list[str]:
    """The names of agents, as those of dictionaries."""
    from eleven_cli.commands.lookup.agents import remembered_agents

    return _remembered_names(ctx, remembered_agents, incomplete)


def _remembered_names(
    ctx: typer.Context, remembered: Callable[[Context], list[tuple[str, str]]], incomplete: str
) -> list[str]:
    try:
        known = [Named(*pair) for pair in remembered(_context(ctx))]
        return [word for each in known if (word := _word_for(each, known, incomplete))]
    except Exception:  # as above
        return []


def complete_profile(ctx: typer.Context, incomplete: str) -> list[str]:
    """The profiles of the settings file."""
    try:
        return [name for name in _context(ctx, profile=None).config.profiles if name.startswith(incomplete)]
    except Exception:  # as above
        return []


def remembered_keys(ctx: typer.Context, fact: str) -> list[str]:
    """The names of a table of facts that is remembered of the account, oldest first."""
    try:
        return list(_context(ctx).account_cache.get(fact))
    except Exception:  # as above
        return []


def _known_models(ctx: typer.Context, ability: str) -> list[str]:
    """The ids that were remembered, of models that can do it or of which nothing is known."""
    try:
        known = _context(ctx).account_cache.get(MODELS_KEY)
        return [model for model, facts in known.items() if _can(facts.get("abilities"), ability)]
    except Exception:  # as above
        return []


def _can(abilities: object, ability: str) -> bool:
    is_known = isinstance(abilities, list) and ("tts" in abilities or "sts" in abilities)
    return ability in abilities if isinstance(abilities, list) and is_known else ability == "tts"


def _context(ctx: typer.Context, **changed: None) -> Context:
    """The account of the line that is being typed. Nothing is said, and no client made."""
    from eleven_cli.terminal import Terminal

    terminal = Terminal.of_process()
    terminal.quiet = True
    context = Context(terminal, getattr(ctx.find_root().obj, "environ", os.environ))
    line = {**ctx.find_root().params, **changed}
    base_url = line.get("base_url")
    sandbox = bool(line.get("sandbox")) or (is_on(context.environ, "ELEVEN_SANDBOX") and not base_url)
    context.configure(profile=line.get("profile"), base_url=base_url, sandbox=sandbox)
    return context


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
