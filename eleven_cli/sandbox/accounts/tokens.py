"""Single-use tokens, each of which lets its bearer open one socket on behalf of an account."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from ..http.problems import Problem
from ..state.entropy import new_hex
from .account import Account

VALID_S = 15 * 60.0
SPEECH, REALTIME, BATCH = "tts_websocket", "realtime_scribe", "batch_scribe"
TYPES = (REALTIME, BATCH, SPEECH)


@dataclass(frozen=True)
class _Token:
    account: Account
    token_type: str
    expires: float


class Tokens:
    """The tokens of one server that are neither used nor expired."""

    def __init__(self) -> None:
        self._tokens: dict[str, _Token] = {}

    def issue(self, account: Account, token_type: str) -> str:
        """Issues a token for the account."""
        now = monotonic()
        self._tokens = {token: about for token, about in self._tokens.items() if about.expires > now}
        token = f"sutkn_{new_hex()}"
        self._tokens[token] = _Token(account, token_type, now + VALID_S)
        return token

    def redeem(self, token: str, token_type: str) -> Account:
        """Uses up a token; gives its account. Raises Problem (401) for one that is not valid."""
        found = self._tokens.get(token)
        if found is None or found.token_type != token_type or found.expires <= monotonic():
            message = "The single-use token is unknown, used up, too old, or of another type."
            raise Problem(401, "unauthorized", message, status="invalid_single_use_token")
        del self._tokens[token]
        return found.account
