"""Finds, lists and pages the agents of one server."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from starlette.datastructures import QueryParams

from ..accounts.account import Account
from ..http.foreign_ids import ForeignIds
from ..http.problems import Problem
from ..http.query import check_page_size, choice, has_words, is_true, page_after, page_size
from ..http.validate import Checker
from ..state.store import Store
from ..workspace.agents import StoredAgents
from ..workspace.branches import branch_not_found
from .agent import Agent
from .builtin import AGENTS, CHAT
from .description import agent_body, agent_summary

MAX_PAGE = 100
SORTS = ("name", "created_at", "call_count_7d")


class AgentDirectory:
    """The agents that were stored, those of a file, then the built-in ones, which they replace by having the same id.

    For an agent of another account, which is not listed, the one for small talk stands in.
    """

    def __init__(self, described: Iterable[Agent], ids: ForeignIds, store: Store) -> None:
        self._ids = ids
        self.stored = StoredAgents(store, self._model)
        described = tuple(described)
        taken = {agent.agent_id for agent in described}
        self._agents = (*described, *(agent for agent in AGENTS if agent.agent_id not in taken))

    def add(self, agent: Agent) -> None:
        """Adds an agent, before the others; it replaces the one with its id."""
        self._agents = (agent, *(other for other in self._agents if other.agent_id != agent.agent_id))

    def get(self, agent_id: str, branch_id: str = "") -> Agent | None:
        """Gives the agent with the id, as on this branch of it, if there is one."""
        stored = self.stored.find(agent_id, branch_id)
        if stored is not None or self.stored.is_taken(agent_id):
            return stored.agent if stored else None
        return None if branch_id else self._model(agent_id)

    def find(self, agent_id: str, account: Account, branch_id: str = "") -> Agent:
        """Gives an agent that the account may see.

        Raises Problem (404) without one (`agent_not_found`), or without its branch (`branch_not_found`).
        """
        stored = self.stored.find_own(account, agent_id, branch_id)
        if stored is None and self.stored.is_taken(agent_id):
            raise agent_not_found(agent_id)
        agent = stored.agent if stored else self._model(agent_id)
        if agent is None:
            raise agent_not_found(agent_id)
        if stored is None and branch_id:
            raise branch_not_found(branch_id)
        return agent

    def body(self, agent_id: str, account: Account, branch_id: str = "") -> dict[str, Any]:
        """Gives all of an agent that the account may see. Raises what `find` raises."""
        stored = self.stored.find_own(account, agent_id, branch_id)
        return stored.body() if stored else agent_body(self.find(agent_id, account, branch_id))

    def summary(self, agent_id: str, account: Account) -> dict[str, Any]:
        """Gives an agent's entry in the list. Raises what `find` raises."""
        stored = self.stored.find_own(account, agent_id)
        return stored.summary() if stored else agent_summary(self.find(agent_id, account))

    def public_body(self, agent_id: str) -> dict[str, Any]:
        """Gives all of an agent of any account. Raises Problem (404 `agent_not_found`) without one."""
        stored, agent = self.stored.find(agent_id), self.get(agent_id)
        if agent is None:
            raise agent_not_found(agent_id)
        return stored.body() if stored else agent_body(agent)

    def is_fixed(self, agent_id: str) -> bool:
        """Tells whether it is one of the sandbox's own or of a file."""
        return any(agent.agent_id == agent_id for agent in self._agents)

    def page(self, query: QueryParams, account: Account) -> dict[str, Any]:
        """Gives a page of the agents that match the query, which has to be checked before."""
        found = [stored.summary() for stored in self.stored.of(account)]
        found = [summary for summary in [*found, *map(agent_summary, self._agents)] if _fits(summary, query)]
        if choice(query, "sort_by", SORTS) == "name":
            down = choice(query, "sort_direction", ("asc", "desc")) != "asc"
            found.sort(key=lambda summary: summary["name"].casefold(), reverse=down)
        size = page_size(query, 30, MAX_PAGE)
        agents, cursor = page_after(found, lambda summary: str(summary["agent_id"]), query, "cursor", size)
        return {"agents": agents, "next_cursor": cursor, "has_more": cursor is not None}

    def _model(self, agent_id: str) -> Agent | None:
        """Gives an agent that is not stored."""
        known = next((agent for agent in self._agents if agent.agent_id == agent_id), None)
        if known is None and agent_id and self._ids.admits("agent", agent_id):
            return replace(CHAT, agent_id=agent_id, name=f"Agent {agent_id}")
        return known


def check_query(query: QueryParams) -> None:
    """Checks the query. Raises SchemaError."""
    check = Checker("query")
    check_page_size(check, query, MAX_PAGE)
    check.boolean_text("archived", query.get("archived"))
    check.boolean_text("show_only_owned_agents", query.get("show_only_owned_agents"))
    check.finish()


def agent_not_found(agent_id: str) -> Problem:
    message = f"There is no agent with the id '{agent_id}'."
    return Problem(404, "agent_not_found", message, status="document_not_found")


def _fits(summary: dict[str, Any], query: QueryParams) -> bool:
    tags = query.getlist("tags")
    named = has_words(summary["name"], query.get("search", ""))
    in_time = summary["archived"] is is_true(query, "archived")
    return named and in_time and (not tags or bool(set(tags) & set(summary["tags"])))
