"""The agents that were created or changed over REST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..accounts.account import Account
from ..agents.agent import Agent
from ..agents.description import agent_body, agent_summary
from ..http.validate import truth
from ..state.entropy import new_lowercase_id, now
from ..state.store import Record, Store
from .settings import NO_MODEL, Settings, agent_of, merged
from .tools import TOOLS

AGENTS = "agents"
DELETED: Record = {"deleted": True}  # not removed: nothing is to stand in for it
NEW = Agent("", "", fallback=NO_MODEL)
PARTS = ("conversation_config", "platform_settings", "workflow")


@dataclass(frozen=True)
class StoredAgent:
    """The agent of a record, and how it is shown."""

    agent: Agent
    record: Record

    @property
    def is_archived(self) -> bool:
        return truth(self.record["platform_settings"].get("archived"))

    def summary(self) -> dict[str, Any]:
        created = int(self.record["created"])
        return {**agent_summary(self.agent), "created_at_unix_secs": created, "archived": self.is_archived}

    def body(self) -> dict[str, Any]:
        """Gives the whole agent: what was stored, and the defaults."""
        shown = merged(agent_body(self.agent), {part: self.record[part] for part in PARTS})
        times = {"created_at_unix_secs": int(self.record["created"]), "updated_at_unix_secs": self.record["updated"]}
        return {**shown, "metadata": times}


class StoredAgents:
    """Finds and keeps them; `model_of` gives the agent whose behaviour one goes back to."""

    def __init__(self, store: Store, model_of: Callable[[str], Agent | None]) -> None:
        self._store, self._model_of = store, model_of

    def of(self, account: Account) -> list[StoredAgent]:
        """Gives those of an account, the newest first."""
        records = self._store.records(AGENTS, account.owner).all().values()
        left = [record for record in records if record != DELETED]
        return [self._stored(record) for record in sorted(left, key=lambda each: -each["created"])]

    def find(self, agent_id: str) -> StoredAgent | None:
        """Gives one of any account: calls need no key."""
        record = self._store.find(AGENTS, agent_id)
        return None if record is None or record == DELETED else self._stored(record)

    def find_own(self, account: Account, agent_id: str) -> StoredAgent | None:
        record = self._store.records(AGENTS, account.owner).all().get(agent_id)
        return None if record is None or record == DELETED else self._stored(record)

    def is_taken(self, agent_id: str) -> bool:
        """Tells whether one has or had this id, of whatever account."""
        return self._store.find(AGENTS, agent_id) is not None

    def create(self, account: Account, body: Settings, model_id: str = "", agent_id: str = "") -> str:
        """Adds an agent that behaves like another one; gives its id."""
        at = now()
        record = {
            "agent_id": agent_id or f"agent_{new_lowercase_id()}",
            "name": body.get("name") or "New agent",
            "tags": body.get("tags") or [],
            **{part: body.get(part) or {} for part in PARTS},
            "model": model_id,
            "created": at,
            "updated": int(at),
        }
        self._put(account, record)
        return str(record["agent_id"])

    def change(self, account: Account, stored: StoredAgent, changes: Settings) -> StoredAgent:
        """Changes what is named of an agent."""
        given = {name: changes[name] for name in ("name", "tags", *PARTS) if changes.get(name) is not None}
        record = {**merged(stored.record, given), "updated": int(now())}
        self._put(account, record)
        return self._stored(record)

    def delete(self, account: Account, agent_id: str) -> None:
        self._store.records(AGENTS, account.owner).put(agent_id, DELETED)

    def _put(self, account: Account, record: Record) -> None:
        self._store.records(AGENTS, account.owner).put(record["agent_id"], record)

    def _stored(self, record: Record) -> StoredAgent:
        prompt = record["conversation_config"].get("agent", {}).get("prompt", {})
        found = (self._store.find(TOOLS, tool_id) for tool_id in prompt.get("tool_ids") or ())
        tools = [tool["tool_config"] for tool in found if tool is not None]
        return StoredAgent(agent_of(record, self._model_of(record["model"]) or NEW, tools), record)
