"""Signed URLs, which grant access to an agent for a time."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from ..state.entropy import new_lowercase_id

VALID_S = 15 * 60.0  # limits the start of a conversation, not its duration


@dataclass(frozen=True)
class SignedUrl:
    """What a signature grants; with a `conversation_id` it is valid once."""

    agent_id: str
    expires: float
    conversation_id: str | None


class Signatures:
    """The signatures of one server that have not expired."""

    def __init__(self) -> None:
        self._issued: dict[str, SignedUrl] = {}

    def issue(self, agent_id: str, *, once: bool) -> tuple[str, str | None]:
        """Issues a signature; gives it and, if it is valid only `once`, the id of its conversation."""
        now = monotonic()
        self._issued = {name: one for name, one in self._issued.items() if one.expires > now}
        signature = f"cvtkn_{new_lowercase_id()}"
        conversation_id = new_conversation_id() if once else None
        self._issued[signature] = SignedUrl(agent_id, now + VALID_S, conversation_id)
        return signature, conversation_id

    def grants(self, signature: str, agent_id: str) -> bool:
        """Tells whether the signature is valid for the agent, and leaves it as it is."""
        found = self._issued.get(signature)
        return found is not None and found.agent_id == agent_id and found.expires > monotonic()

    def redeem(self, signature: str) -> SignedUrl | None:
        """Gives what the signature grants; None for one that is not valid."""
        found = self._issued.get(signature)
        if found is None or found.expires <= monotonic():
            return None
        if found.conversation_id is not None:
            del self._issued[signature]
        return found


def new_conversation_id() -> str:
    return f"conv_{new_lowercase_id()}"
