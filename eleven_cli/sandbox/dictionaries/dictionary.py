"""Pronunciation dictionaries and their versions, as an account stores them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..http.problems import Problem
from ..state.entropy import now
from ..state.store import Records

Rule = dict[str, Any]


class Locator(NamedTuple):
    """Names a dictionary; without a version its latest one."""

    dictionary_id: str
    version_id: str | None = None


class Dictionary(NamedTuple):
    """A dictionary; `versions` holds the rules of each version by its id, the latest one last."""

    dictionary_id: str
    name: str
    description: str | None
    created_by: str
    created_at_unix: int
    archived_at_unix: int | None
    versions: dict[str, list[Rule]]

    @property
    def latest(self) -> str:
        return list(self.versions)[-1]

    @property
    def rules(self) -> list[Rule]:
        return self.versions[self.latest]

    def with_rules(self, version_id: str, rules: Sequence[Rule]) -> Dictionary:
        """Gives the dictionary with one more version."""
        return self._replace(versions={**self.versions, version_id: list(rules)})

    def body(self) -> dict[str, Any]:
        return {
            "id": self.dictionary_id,
            "latest_version_id": self.latest,
            "latest_version_rules_num": len(self.rules),
            "name": self.name,
            "permission_on_resource": "admin",
            "created_by": self.created_by,
            "creation_time_unix": self.created_at_unix,
            "archived_time_unix": self.archived_at_unix,
            "description": self.description,
        }

    def added_body(self) -> dict[str, Any]:
        """What is said of it when it was made."""
        names = ("id", "name", "created_by", "creation_time_unix", "description", "permission_on_resource")
        body = self.body()
        return {**{name: body[name] for name in names}, **self.version_body()}

    def version_body(self) -> dict[str, Any]:
        return {"id": self.dictionary_id, "version_id": self.latest, "version_rules_num": len(self.rules)}


class DictionaryStore:
    """Finds and keeps the dictionaries of one account."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def all(self) -> list[Dictionary]:
        """Gives all of them, archived ones too, the oldest first."""
        found = [Dictionary(**record) for record in self._records.all().values()]
        return sorted(found, key=lambda each: (each.created_at_unix, each.dictionary_id))

    def find(self, dictionary_id: str, param: str = "pronunciation_dictionary_id") -> Dictionary:
        """Gives one. Raises Problem (404 `pronunciation_dictionary_not_found`)."""
        record = self._records.all().get(dictionary_id)
        if record is None:
            raise _not_found(f"There is no pronunciation dictionary '{dictionary_id}'.", param)
        return Dictionary(**record)

    def rules_of(self, locator: Locator, param: str = "version_id") -> list[Rule]:
        """Gives the rules of a version. Raises Problem (404 `pronunciation_dictionary_not_found`)."""
        dictionary = self.find(locator.dictionary_id, param)
        rules = dictionary.versions.get(locator.version_id or dictionary.latest)
        if rules is None:
            message = f"The pronunciation dictionary '{locator.dictionary_id}' has no version '{locator.version_id}'."
            raise _not_found(message, param)
        return rules

    def put(self, dictionary: Dictionary) -> Dictionary:
        """Adds a dictionary, or replaces the one with its id."""
        self._records.put(dictionary.dictionary_id, dictionary._asdict())
        return dictionary

    def archive(self, dictionary: Dictionary, *, archived: bool) -> Dictionary:
        return self.put(dictionary._replace(archived_at_unix=int(now()) if archived else None))


def _not_found(message: str, param: str) -> Problem:
    return Problem(404, "pronunciation_dictionary_not_found", message, param=param)
