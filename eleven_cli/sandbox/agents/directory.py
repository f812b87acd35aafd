"""The agents of one server: finding, listing and paging them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import Any

from starlette.datastructures import QueryParams

from ..http.problems import Problem, invalid_parameter
from ..http.validate import TRUE, Checker
from .agent import Agent
from .builtin import AGENTS
from .description import summary

MAX_PAGE = 100
SORTS = ("name", "created_at", "call_count_7d")


class AgentDirectory:
    """The built-in agents, and in front of them those a user described; one of the same id takes the place."""

    def __init__(self, described: Iterable[Agent] = ()) -> None:
        described = tuple(described)
        taken = {agent.agent_id for agent in described}
        self._agents = (*described, *(agent for agent in AGENTS if agent.agent_id not in taken))

    def get(self, agent_id: str) -> Agent | None:
        return next((agent for agent in self._agents if agent.agent_id == agent_id), None)

    def find(self, agent_id: str) -> Agent:
        """The agent of that id; an unknown one is HTTP 404 `agent_not_found`."""
        agent = self.get(agent_id)
        if agent is None:
            message = f"There is no agent with the id '{agent_id}'."
            raise Problem(404, "agent_not_found", message, status="document_not_found")
        return agent

    def page(self, query: QueryParams) -> dict[str, Any]:
        """One page of the agents whose names have the searched words; needs a checked query."""
        found = [agent for agent in self._agents if _fits(agent, query)]
        if _choice(query, "sort_by", SORTS) == "name":
            down = _choice(query, "sort_direction", ("asc", "desc")) != "asc"
            found.sort(key=lambda agent: agent.name.casefold(), reverse=down)
        first = _start(found, query.get("cursor"))
        shown = found[first : first + int(query.get("page_size", "30"))]
        more = first + len(shown) < len(found)
        cursor = base64.urlsafe_b64encode(shown[-1].agent_id.encode()).decode() if more else None
        return {"agents": [summary(agent) for agent in shown], "next_cursor": cursor, "has_more": more}


def check_query(query: QueryParams) -> None:
    """422 for a number or a truth value that is none, or a page size out of range."""
    check = Checker("query")
    check.integer_text("page_size", query.get("page_size"))
    check.boolean_text("archived", query.get("archived"))
    check.boolean_text("show_only_owned_agents", query.get("show_only_owned_agents"))
    check.finish()
    if "page_size" in query:
        check.number("page_size", query["page_size"], 1, MAX_PAGE)
    check.finish()


def _fits(agent: Agent, query: QueryParams) -> bool:
    words = query.get("search", "").casefold().split()
    tags = query.getlist("tags")
    archived = query.get("archived", "false").lower() in TRUE
    named = all(word in agent.name.casefold() for word in words)
    return named and not archived and (not tags or bool(set(tags) & set(agent.tags)))


def _choice(query: QueryParams, name: str, allowed: tuple[str, ...]) -> str | None:
    value = query.get(name) or None
    if value is not None and value not in allowed:
        raise invalid_parameter(name, f"{name} must be one of {', '.join(allowed)}.")
    return value


def _start(agents: list[Agent], cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        last = base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, ValueError):
        last = ""
    for index, agent in enumerate(agents):
        if agent.agent_id == last:
            return index + 1
    raise Problem(400, "invalid_cursor", "cursor does not belong to this list.", param="cursor")
