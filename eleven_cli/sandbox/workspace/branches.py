"""The branches of agents: copies of an agent's settings that are changed apart from it, and merged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..accounts.account import Account
from ..agents.description import ACCESS
from ..http.problems import Problem, invalid_parameter
from ..state.entropy import new_lowercase_id, now
from ..state.store import Record, Records
from .settings import merged

BRANCHES = "agent_branches"
MAIN = "Main"
PARTS = ("conversation_config", "platform_settings", "workflow")
PROTECTIONS = ("writer_perms_required", "admin_perms_required")
_NOTHING = object()  # where one side has no such setting


def main_branch_id(agent_id: str) -> str:
    """Gives the id of the branch that an agent has from the beginning."""
    return f"agtbranch_{agent_id.removeprefix('agent_')}"


def version_of(record: Record) -> str:
    """Gives the id of the newest version of an agent, or of one of its branches."""
    return str(record.get("version") or f"agtvrsn_{record['agent_id'].removeprefix('agent_')}")


def new_version_id() -> str:
    return f"agtvrsn_{new_lowercase_id()}"


class Branches:
    """The branches of one agent, whose own `record` is the main one."""

    def __init__(self, account: Account, record: Record) -> None:
        self._records: Records = account.store.records(BRANCHES, account.owner)
        self._agent = record

    @property
    def main_id(self) -> str:
        return main_branch_id(self._agent["agent_id"])

    def all(self) -> list[Record]:
        """Gives every branch, the main one first, then the oldest."""
        agent_id = self._agent["agent_id"]
        main = {
            **self._agent,
            "branch": {"id": self.main_id, "name": MAIN, "description": "", "archived": False, "parent": None},
        }
        return [main, *(one for one in self._records.all().values() if one["agent_id"] == agent_id)]

    def find(self, branch_id: str) -> Record:
        """Gives a branch. Raises Problem (404) without it."""
        found = next((one for one in self.all() if one["branch"]["id"] == branch_id), None)
        if found is None:
            raise branch_not_found(branch_id)
        return found

    def create(self, body: dict[str, Any]) -> Record:
        """Makes a branch of the newest version of another one. Raises Problem for another version, or a name again."""
        version_id = body["parent_version_id"]
        parent = next((one for one in self.all() if version_of(one) == version_id), None)
        if parent is None:
            message = f"No branch of the agent is at the version '{version_id}'."
            raise Problem(404, "version_not_found", message, param="parent_version_id")
        self._check_name(body["name"])
        parts = {name: parent[name] for name in PARTS}
        changes = {name: body[name] for name in PARTS if body.get(name) is not None}
        branch = {
            "id": f"agtbranch_{new_lowercase_id()}",
            "name": body["name"],
            "description": body["description"],
            "parent": parent["branch"]["id"],
            "base": parts,
            "archived": False,
        }
        at = now()
        about = {"branch": branch, "version": new_version_id(), "created": at, "updated": int(at)}
        return self._put({**parent, **merged(parts, changes), **about})

    def change(self, record: Record, body: dict[str, Any]) -> Record:
        """Renames, archives or protects a branch. Raises Problem (400) for the main one, and for a name again."""
        name, archived = body.get("name"), body.get("is_archived")
        if record["branch"]["id"] == self.main_id:
            raise invalid_parameter("branch_id", "The main branch cannot be changed.")
        if name is not None and name != record["branch"]["name"]:
            self._check_name(name)
        given = {"name": name, "archived": archived, "protection": body.get("protection_status")}
        told = {field: value for field, value in given.items() if value is not None}
        return self._put({**record, "branch": {**record["branch"], **told}})

    def merge(self, source: Record, target: Record, *, force: bool, archive: bool) -> dict[str, Any]:
        """Gives the target's settings with what was changed on the source; of both changes the later one holds.

        The source is told. Raises Problem (400) for the main branch as a source, and a branch into itself.
        """
        if source["branch"]["id"] in (self.main_id, target["branch"]["id"]):
            raise invalid_parameter("target_branch_id", "A branch is merged into another one, and the main one is not.")
        base = source["branch"]["base"]
        later = force or source["updated"] >= target["updated"]
        parts = {name: _three_way(base[name], source[name], target[name], later=later) for name in PARTS}
        kept = {name: source[name] for name in PARTS}
        told = {"base": kept, "archived": archive, "merged_into": target["branch"]["id"]}
        self._put({**source, "branch": {**source["branch"], **told}})
        return parts

    def delete(self) -> None:
        """Deletes all of them with their agent."""
        for record in self.all()[1:]:
            self._records.delete(record["branch"]["id"])

    def summary(self, record: Record) -> dict[str, Any]:
        """Shows a branch in the list."""
        branch = record["branch"]
        return {
            **_about(record),
            "parent_branch_id": branch["parent"],
            "draft_exists": False,
            "calls_7d": 0,
            "merged_into_branch_id": branch.get("merged_into"),
        }

    def body(self, record: Record) -> dict[str, Any]:
        """Shows a branch alone."""
        parent = record["branch"]["parent"]
        basic = None if parent is None else {"id": parent, "name": self.find(parent)["branch"]["name"]}
        version = {
            "id": version_of(record),
            "agent_id": record["agent_id"],
            "branch_id": record["branch"]["id"],
            "version_description": "",
            "seq_no_in_branch": 1,
            "time_committed_secs": record["updated"],
            "parents": {"in_branch_parent_id": None, "out_of_branch_parent_id": None},
        }
        return {**_about(record), "parent_branch": basic, "most_recent_versions": [version]}

    def _check_name(self, name: str) -> None:
        if any(one["branch"]["name"] == name for one in self.all()):
            raise Problem(409, "resource_already_exists", f"The agent has a branch '{name}' already.", param="name")

    def _put(self, record: Record) -> Record:
        self._records.put(record["branch"]["id"], record)
        return record


def branch_not_found(branch_id: str) -> Problem:
    """404 for an id that no branch of the agent has."""
    message = f"There is no branch with the id '{branch_id}'."
    return Problem(404, "branch_not_found", message, status="document_not_found")


def _about(record: Record) -> dict[str, Any]:
    branch = record["branch"]
    return {
        "id": branch["id"],
        "name": branch["name"],
        "agent_id": record["agent_id"],
        "description": branch["description"],
        "created_at": int(record["created"]),
        "last_committed_at": record["updated"],
        "is_archived": branch["archived"],
        "protection_status": branch.get("protection") or PROTECTIONS[0],
        "access_info": ACCESS,
        "current_live_percentage": 100.0 if branch["parent"] is None else 0.0,
    }


def _three_way(base: Any, source: Any, target: Any, *, later: bool) -> Any:
    """Merges two changes of the same settings; `later` tells whether the source wins where both changed one."""
    if isinstance(source, Mapping) and isinstance(target, Mapping):
        before = base if isinstance(base, Mapping) else {}
        names = dict.fromkeys((*target, *source))
        each = {
            name: _three_way(*(side.get(name, _NOTHING) for side in (before, source, target)), later=later)
            for name in names
        }
        return {name: value for name, value in each.items() if value is not _NOTHING}
    if source == base:
        return target
    return source if target == base or later else target
