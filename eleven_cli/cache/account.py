"""Small facts about an account that are remembered between runs, worth nothing when lost."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from eleven_cli.files.folders import cache_folder, ensure_dir

PREMADE_VOICES = "premade"  # the fact with the ids of those that an account has


class AccountCache:
    """A JSON file in the user's cache folder: one table of facts per account.

    An account is a server and a key; only a digest of the two is stored. Reading and writing never fail: what cannot
    be read is unknown, what cannot be written is forgotten.
    """

    def __init__(self, server: str, api_key: str) -> None:
        import hashlib

        self._account = hashlib.sha256(f"{server}\n{api_key}".encode()).hexdigest()[:16]

    @property
    def path(self) -> Path:
        return cache_folder() / "accounts.json"

    def get(self, fact: str) -> Any:
        """What was remembered, or None."""
        facts = self._all().get(self._account)
        return facts.get(fact) if isinstance(facts, dict) else None

    def table(self, fact: str) -> dict[str, Any]:
        """What was remembered as a table; an empty one without it, and for anything else."""
        value = self.get(fact)
        return value if isinstance(value, dict) else {}

    def pairs(self, fact: str) -> list[tuple[str, str]]:
        """What was remembered as pairs of texts, such as ids and names; none for anything else."""
        value = self.get(fact)
        known = [pair for pair in value if isinstance(pair, list) and len(pair) == 2] if isinstance(value, list) else []
        return [(str(first), str(second)) for first, second in known]

    def put(self, fact: str, value: Any) -> None:
        """Remember it; None forgets it."""
        import json

        from eleven_cli.files.locks import alone_in
        from eleven_cli.files.part import write_private

        with suppress(OSError), alone_in(ensure_dir(self.path.parent)):
            everything = dict(self._all())
            facts = everything.get(self._account)
            everything[self._account] = {**(facts if isinstance(facts, dict) else {}), fact: value}
            write_private(self.path, json.dumps(everything).encode(), in_place=True)

    def _all(self) -> Mapping[str, Any]:
        import json

        try:
            value = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}
