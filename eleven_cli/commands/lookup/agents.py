"""Agents by name: which one a word means, and what is remembered of an account's agents."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from eleven_cli.commands.lookup.names import folded, none_called, only_one, shown
from eleven_cli.commands.lookup.voice_candidates import looks_like_id
from eleven_cli.context import Context
from eleven_cli.errors import NetworkError, NotFound, PermissionMissing, UsageError

if TYPE_CHECKING:
    from eleven_cli.api.agents.directory import Agent

AGENTS_KEY = "agents"
MOST_KNOWN = 2_000
SEE_AGENTS = "see your agents: eleven agents"
_ID = re.compile(r"(agent|seng)_\w+")


def looks_like_agent_id(word: str) -> bool:
    """Whether it is an agent's id and no name: of today's form, or of the older one."""
    return bool(_ID.fullmatch(word)) or looks_like_id(word)


def resolve_agent(context: Context, word: str) -> str:
    """The id of the agent that an id or a name means. Raises NotFound with the candidates."""
    word = word.strip()
    if not word:
        raise UsageError("the agent's name is empty", hint=SEE_AGENTS)
    if looks_like_agent_id(word):
        return word
    found = _only_agent_called(word, fetch_agents(context))
    if folded(found.name) != folded(word):
        context.terminal.remark(f"agent: {found.name} ({found.agent_id})")
    return found.agent_id


def agent_to_call(context: Context, word: str) -> str:
    """The same for a conversation, for which the id of a public agent is enough: a word of which it is unknown whether
    it is a name counts as an id."""
    if looks_like_agent_id(word.strip()) or context.api_key is None:
        return word.strip()
    try:
        return resolve_agent(context, word)
    except NotFound as unknown:
        if unknown.status is None:
            raise
    except PermissionMissing:
        pass
    return word.strip()


def only_agent(context: Context) -> str | None:
    """The id of the account's agent where it has one alone; None where it has none or several, or cannot be asked."""
    if context.api_key is None:
        return None
    try:
        found = fetch_agents(context, most=2)
    except NetworkError:
        raise
    except (PermissionMissing, NotFound):
        return None
    if len(found) != 1:
        return None
    context.terminal.remark(f"agent: {found[0].name} ({found[0].agent_id}), the only one of the account")
    return found[0].agent_id


def fetch_agents(context: Context, *, most: int = MOST_KNOWN) -> "list[Agent]":
    """The agents of the account, as the service lists them now; their names are remembered."""
    from eleven_cli.api.agents.directory import each_agent

    found = list(islice(each_agent(context.client), most))
    if most == MOST_KNOWN:
        remember_agents(context, found)
    return found


def remember_agents(context: Context, agents: "Iterable[Agent]") -> None:
    context.account_cache.put(AGENTS_KEY, [[agent.agent_id, agent.name] for agent in islice(agents, MOST_KNOWN)])


def remembered_agents(context: Context) -> list[tuple[str, str]]:
    """Ids and names as they were listed the last time."""
    return context.account_cache.pairs(AGENTS_KEY)


def _only_agent_called(word: str, known: "Sequence[Agent]") -> "Agent":
    give_id, give_more = "give the id instead of the name", "give more of the name, or the id"
    found = only_one(word, known, _shown, kind="agents", give_id=give_id, give_more=give_more)
    if found is None:
        raise NotFound(none_called(word, known, _shown, kind="agent"), hint=SEE_AGENTS, code="agent_not_found")
    return found


def _shown(agents: "Sequence[Agent]") -> str:
    return shown([(agent.name, agent.agent_id) for agent in agents])
