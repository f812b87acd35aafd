"""The agents that were created or changed over REST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..accounts.account import Account
from ..agents.agent import Agent
from ..agents.description import agent_body, agent_summary
from ..http.validate import truth
from ..state.entropy import new_lowercase_id, now
from ..state.store import Record, Store
from .branches import BRANCHES, PARTS, Branches, main_branch_id, new_version_id, version_of
from .settings import NO_MODEL, Settings, agent_of, merged
from .tools import TOOLS

AGENTS = "agents"
DELETED: Record = {"deleted": True}  # not removed: nothing is to stand in for it
NEW = Agent("", "", fallback=NO_MODEL)


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
        return {**shown, "metadata": times, "main_branch_id": main_branch_id(self.agent.agent_id)}


class StoredAgents:
    """Finds and keeps them; `model_of` gives the agent whose behaviour one goes back to."""

    def __init__(self, store: Store, model_of: Callable[[str], Agent | None]) -> None:
        self._store, self._model_of = store, model_of

    def of(self, account: Account) -> list[StoredAgent]:
        """Gives those of an account, the newest first."""
        records = self._store.records(AGENTS, account.owner).all().values()
        left = [record for record in records if record != DELETED]
        return [self.of_record(record) for record in sorted(left, key=lambda each: -each["created"])]

    def find(self, agent_id: str, branch_id: str = "") -> StoredAgent | None:
        """Gives one of any account: calls need no key. Without a `branch_id` it is as on its main branch."""
        record = self._store.find(AGENTS, agent_id)
        if record is None or record == DELETED:
            return None
        if branch_id not in ("", main_branch_id(agent_id)):
            record = self._store.find(BRANCHES, branch_id)
        return self.of_record(record) if record and record["agent_id"] == agent_id else None

    def find_own(self, account: Account, agent_id: str, branch_id: str = "") -> StoredAgent | None:
        """Gives one of the account, on its main branch or another. Raises Problem (404) for a branch it has not."""
        record = self._store.records(AGENTS, account.owner).all().get(agent_id)
        if record is None or record == DELETED:
            return None
        return self.of_record(Branches(account, record).find(branch_id) if branch_id else record)

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
            "version": new_version_id(),
            "created": at,
            "updated": int(at),
        }
        self._put(account, record)
        return str(record["agent_id"])

    def change(self, account: Account, stored: StoredAgent, changes: Settings) -> StoredAgent:
        """Changes what is named of an agent."""
        given = {name: changes[name] for name in ("name", "tags", *PARTS) if changes.get(name) is not None}
        return self.replace(account, stored, merged(stored.record, given))

    def replace(self, account: Account, stored: StoredAgent, parts: Settings) -> StoredAgent:
        """Replaces what is named of an agent, which makes another version of it."""
        record = {**stored.record, **parts, "updated": int(now()), "version": new_version_id()}
        self._put(account, record)
        return self.of_record(record)

    def delete(self, account: Account, agent_id: str) -> None:
        records = self._store.records(AGENTS, account.owner)
        Branches(account, records.all()[agent_id]).delete()
        records.put(agent_id, DELETED)

    def _put(self, account: Account, record: Record) -> None:
        of_branch = record.get("branch", {}).get("parent") is not None
        kind, record_id = (BRANCHES, record["branch"]["id"]) if of_branch else (AGENTS, record["agent_id"])
        self._store.records(kind, account.owner).put(record_id, record)

    def of_record(self, record: Record) -> StoredAgent:
        """Gives the agent of its record, or of that of one of its branches."""
        prompt = record["conversation_config"].get("agent", {}).get("prompt", {})
        found = (self._store.find(TOOLS, tool_id) for tool_id in prompt.get("tool_ids") or ())
        tools = [tool["tool_config"] for tool in found if tool is not None]
        branch_id = record.get("branch", {}).get("id") or main_branch_id(record["agent_id"])
        agent = agent_of(record, self._model_of(record["model"]) or NEW, tools)
        return StoredAgent(replace(agent, branch_id=branch_id, version_id=version_of(record)), record)
