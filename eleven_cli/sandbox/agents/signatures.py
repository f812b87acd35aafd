"""Signed URLs, which grant access to an agent for a time."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from time import time

from ..state.entropy import new_lowercase_id
from ..state.store import Journal

VALID_S = 15 * 60.0  # limits the start of a conversation, not its duration


@dataclass(frozen=True)
class SignedUrl:
    """What a signature grants; with a `conversation_id` it is valid once."""

    agent_id: str
    expires: float  # not of a seeded clock
    conversation_id: str | None
    branch_id: str = ""


class Signatures:
    """The signatures of one server that have not expired, by what cannot be turned back into them."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._issued = {digest: SignedUrl(**about) for digest, about, _ in journal.entries()}
        self._drop_expired()

    def issue(self, agent_id: str, *, once: bool, branch_id: str = "") -> tuple[str, str | None]:
        """Issues a signature; gives it and, if it is valid only `once`, the id of its conversation."""
        self._drop_expired()
        signature = f"cvtkn_{new_lowercase_id()}"
        conversation_id = new_conversation_id() if once else None
        granted = SignedUrl(agent_id, time() + VALID_S, conversation_id, branch_id)
        self._issued[_digest(signature)] = granted
        self._journal.put(_digest(signature), asdict(granted))
        return signature, conversation_id

    def grants(self, signature: str, agent_id: str) -> bool:
        """Tells whether the signature is valid for the agent, and leaves it as it is."""
        found = self._issued.get(_digest(signature))
        return found is not None and found.agent_id == agent_id and found.expires > time()

    def redeem(self, signature: str) -> SignedUrl | None:
        """Gives what the signature grants; None for one that is not valid."""
        found = self._issued.get(_digest(signature))
        if found is None or found.expires <= time():
            return None
        if found.conversation_id is not None:
            self._drop(_digest(signature))
        return found

    def _drop_expired(self) -> None:
        for digest in [each for each, granted in self._issued.items() if granted.expires <= time()]:
            self._drop(digest)

    def _drop(self, digest: str) -> None:
        del self._issued[digest]
        self._journal.delete(digest)


def new_conversation_id() -> str:
    return f"conv_{new_lowercase_id()}"


def _digest(signature: str) -> str:
    return hashlib.sha256(signature.encode("utf-8", "replace")).hexdigest()
