"""Ids of other accounts: programs are written with them, and the sandbox cannot know them."""

from __future__ import annotations

import re
from collections.abc import Callable

_PATTERNS = {
    "voice": re.compile(r"[A-Za-z0-9]{20}"),
    # agent_sandbox_… is the sandbox's own to know; ids without agent_ are of the first agents
    "agent": re.compile(r"agent_(?!sandbox_)[A-Za-z0-9_-]{1,64}|[A-Za-z0-9]{20}"),
}


class ForeignIds:
    """Admits well-formed ids, none when `strict`; `note` is called once with a sentence about each."""

    def __init__(self, *, strict: bool = False, note: Callable[[str], None] = lambda line: None) -> None:
        self.strict, self._note = strict, note
        self._noted: set[str] = set()

    def admits(self, kind: str, foreign_id: str) -> bool:
        """Tells whether an unknown id of a `voice` or an `agent` gets one of its own."""
        if self.strict or not is_well_formed(kind, foreign_id):
            return False
        if foreign_id not in self._noted:
            self._noted.add(foreign_id)
            self._note(f"unknown {kind} {foreign_id}: one stands in for it (--strict answers 404)")
        return True


def is_well_formed(kind: str, foreign_id: str) -> bool:
    return _PATTERNS[kind].fullmatch(foreign_id) is not None
