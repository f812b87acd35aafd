"""Signed URLs: who was let in, to which agent, and until when."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from time import monotonic

VALID_S = 15 * 60.0  # to start a conversation; one that has started goes on
_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class SignedUrl:
    """What a signature stands for. With a `conversation_id` it lets in once."""

    agent_id: str
    until: float
    conversation_id: str | None


class Signatures:
    """The passes that were handed out and still count."""

    def __init__(self) -> None:
        self._issued: dict[str, SignedUrl] = {}

    def issue(self, agent_id: str, *, once: bool) -> tuple[str, str | None]:
        """A new signature, and the id its conversation will have if it counts only once."""
        now = monotonic()
        self._issued = {name: one for name, one in self._issued.items() if one.until > now}
        signature = f"cvtkn_{new_lower_id()}"
        conversation_id = new_conversation_id() if once else None
        self._issued[signature] = SignedUrl(agent_id, now + VALID_S, conversation_id)
        return signature, conversation_id

    def redeem(self, signature: str) -> SignedUrl | None:
        """What the signature stands for; None when it is unknown, used up or too old."""
        found = self._issued.get(signature)
        if found is None or found.until <= monotonic():
            return None
        if found.conversation_id is not None:
            del self._issued[signature]
        return found


def new_conversation_id() -> str:
    return f"conv_{new_lower_id()}"


def new_lower_id() -> str:
    """A random id: 26 lower-case letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(26))
