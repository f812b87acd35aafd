"""The secrets of one server, which settings of tools and models name in place of their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..state.store import Journal


class Secrets(Mapping[str, str]):
    """The values of secrets by their ids, and their names; kept in the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        kept = [(secret_id, about) for secret_id, about, _ in journal.entries()]
        self.names: dict[str, str] = {secret_id: about["name"] for secret_id, about in kept}
        self._values: dict[str, str] = {secret_id: about["value"] for secret_id, about in kept}

    def __getitem__(self, secret_id: str) -> str:
        return self._values[secret_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def put(self, secret_id: str, name: str, value: str) -> None:
        """Adds or replaces a secret."""
        self.names[secret_id], self._values[secret_id] = name, value
        self._journal.put(secret_id, {"name": name, "value": value})

    def delete(self, secret_id: str) -> None:
        """Deletes a secret that is there."""
        del self.names[secret_id], self._values[secret_id]
        self._journal.delete(secret_id)
