"""Which agents use a tool or a document, and what happens to them when it is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request

from ..accounts.account import Account
from ..http.problems import Problem
from ..http.query import check_page_size, is_true, page_after, page_size
from ..http.validate import Checker
from .agents import StoredAgent, StoredAgents
from .settings import at

PROMPT = ("conversation_config", "agent", "prompt")
MAX_PAGE = 100


class Dependents:
    """The stored agents of which `field`, a list in their prompt's settings, names something by its id."""

    def __init__(self, agents: StoredAgents, field: str) -> None:
        self._agents, self._field = agents, field

    def of(self, account: Account, used_id: str) -> list[StoredAgent]:
        return [agent for agent in self._agents.of(account) if used_id in map(_id_of, self._used(agent))]

    def page(self, account: Account, used_id: str, request: Request) -> dict[str, Any]:
        """Gives a page of them; the query has to be checked before."""
        query = request.query_params
        size = page_size(query, 30, MAX_PAGE)
        shown, cursor = page_after(self.of(account, used_id), lambda each: each.agent.agent_id, query, "cursor", size)
        agents = [_body(each, used_id) for each in shown]
        return {"agents": agents, "branches": [], "next_cursor": cursor, "has_more": cursor is not None}

    def release(self, account: Account, used_id: str, request: Request) -> None:
        """Takes it from the agents that use it. Raises Problem (409) for one that is used, unless `force` is asked."""
        using = self.of(account, used_id)
        if using and not is_true(request.query_params, "force"):
            names = ", ".join(each.agent.name for each in using)
            raise Problem(409, "resource_in_use", f"'{used_id}' is used by {names}: delete it with force=true.")
        for each in using:
            left = [one for one in self._used(each) if _id_of(one) != used_id]
            changes = {"conversation_config": {"agent": {"prompt": {self._field: left}}}}
            self._agents.change(account, each, changes)

    def _used(self, agent: StoredAgent) -> Sequence[Any]:
        used: Sequence[Any] = at(agent.record, *PROMPT, self._field) or ()
        return used


def check_page(request: Request) -> None:
    """Checks what every list's query has. Raises SchemaError."""
    query, check = request.query_params, Checker("query")
    check_page_size(check, query, MAX_PAGE)
    check.boolean_text("force", query.get("force"))
    check.finish()


def _id_of(used: Any) -> Any:
    return used.get("id") if isinstance(used, dict) else used


def _body(stored: StoredAgent, used_id: str) -> dict[str, Any]:
    return {
        "type": "available",
        "id": stored.agent.agent_id,
        "name": stored.agent.name,
        "created_at_unix_secs": int(stored.record["created"]),
        "access_level": "admin",
        "referenced_resource_ids": [used_id],
    }
