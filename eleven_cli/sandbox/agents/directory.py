"""Finds, lists and pages the agents of one server."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from starlette.datastructures import QueryParams

from ..http.foreign_ids import ForeignIds
from ..http.problems import Problem
from ..http.query import choice, has_words, is_true, page_after
from ..http.validate import Checker
from .agent import Agent
from .builtin import AGENTS, CHAT
from .description import agent_summary

MAX_PAGE = 100
SORTS = ("name", "created_at", "call_count_7d")


class AgentDirectory:
    """The agents of a file, then the built-in ones, which they replace when they have the same id.

    For an agent of another account, which is not listed, the one for small talk stands in.
    """

    def __init__(self, described: Iterable[Agent], ids: ForeignIds) -> None:
        self._ids = ids
        described = tuple(described)
        taken = {agent.agent_id for agent in described}
        self._agents = (*described, *(agent for agent in AGENTS if agent.agent_id not in taken))

    def add(self, agent: Agent) -> None:
        """Adds an agent, before the others; it replaces the one with its id."""
        self._agents = (agent, *(other for other in self._agents if other.agent_id != agent.agent_id))

    def get(self, agent_id: str) -> Agent | None:
        """Gives the agent with the id, if there is one."""
        known = next((agent for agent in self._agents if agent.agent_id == agent_id), None)
        if known is None and self._ids.admits("agent", agent_id):
            return replace(CHAT, agent_id=agent_id, name=f"Agent {agent_id}")
        return known

    def find(self, agent_id: str) -> Agent:
        """Gives the agent with the id. Raises Problem (404 `agent_not_found`) without one."""
        agent = self.get(agent_id)
        if agent is None:
            message = f"There is no agent with the id '{agent_id}'."
            raise Problem(404, "agent_not_found", message, status="document_not_found")
        return agent

    def page(self, query: QueryParams) -> dict[str, Any]:
        """Gives a page of the agents that match the query, which has to be checked before."""
        found = [agent for agent in self._agents if _fits(agent, query)]
        if choice(query, "sort_by", SORTS) == "name":
            down = choice(query, "sort_direction", ("asc", "desc")) != "asc"
            found.sort(key=lambda agent: agent.name.casefold(), reverse=down)
        size = int(query.get("page_size", "30"))
        shown, cursor = page_after(found, lambda agent: agent.agent_id, query, "cursor", size)
        agents = [agent_summary(agent) for agent in shown]
        return {"agents": agents, "next_cursor": cursor, "has_more": cursor is not None}


def check_query(query: QueryParams) -> None:
    """Checks the query. Raises SchemaError."""
    check = Checker("query")
    check.integer_text("page_size", query.get("page_size"))
    check.boolean_text("archived", query.get("archived"))
    check.boolean_text("show_only_owned_agents", query.get("show_only_owned_agents"))
    check.finish()
    if "page_size" in query:
        check.number("page_size", query["page_size"], 1, MAX_PAGE)
    check.finish()


def _fits(agent: Agent, query: QueryParams) -> bool:
    tags = query.getlist("tags")
    archived = is_true(query, "archived")
    named = has_words(agent.name, query.get("search", ""))
    return named and not archived and (not tags or bool(set(tags) & set(agent.tags)))
