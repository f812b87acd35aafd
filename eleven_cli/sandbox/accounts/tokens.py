"""Single-use tokens, each of which lets its bearer open one socket on behalf of an account."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from time import time

from ..http.problems import Problem
from ..state.entropy import new_hex
from ..state.store import Journal, Record
from .account import Account
from .accounts import Accounts, Holder

VALID_S = 15 * 60.0
SPEECH, REALTIME, BATCH = "tts_websocket", "realtime_scribe", "batch_scribe"
TYPES = (REALTIME, BATCH, SPEECH)


@dataclass(frozen=True)
class _Token:
    holder: Holder
    token_type: str
    expires: float  # not of a seeded clock


class Tokens:
    """The tokens of one server that are neither used nor expired, by what cannot be turned back into them."""

    def __init__(self, accounts: Accounts, journal: Journal) -> None:
        self._accounts, self._journal = accounts, journal
        self._tokens = {each: _token(about) for each, about, _ in journal.entries()}
        self._drop_expired()

    def issue(self, account: Account, token_type: str) -> str:
        """Issues a token for the account."""
        self._drop_expired()
        token = f"sutkn_{new_hex()}"
        about = _Token(Holder.of(account), token_type, time() + VALID_S)
        self._tokens[_digest(token)] = about
        self._journal.put(_digest(token), asdict(about))
        return token

    def redeem(self, token: str, token_type: str) -> Account:
        """Uses up a token; gives its account. Raises Problem (401) for one that is not valid."""
        found = self._tokens.get(_digest(token))
        if found is None or found.token_type != token_type or found.expires <= time():
            message = "The single-use token is unknown, used up, too old, or of another type."
            raise Problem(401, "unauthorized", message, status="invalid_single_use_token")
        self._drop(_digest(token))
        return self._accounts.of(found.holder)

    def _drop_expired(self) -> None:
        for digest in [each for each, about in self._tokens.items() if about.expires <= time()]:
            self._drop(digest)

    def _drop(self, digest: str) -> None:
        del self._tokens[digest]
        self._journal.delete(digest)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _token(about: Record) -> _Token:
    return _Token(Holder(**about["holder"]), about["token_type"], about["expires"])
