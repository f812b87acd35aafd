"""Who may open a socket for speech: a key in the header, a token in the query, or either in the first message."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import Headers, QueryParams

from ..accounts.account import SPEAK, Account, Accounts
from ..accounts.tokens import SPEECH, Tokens

KEY = "xi-api-key"
KEYS = (KEY, "xi_api_key")


class Door:
    """Knows the accounts and the tokens."""

    def __init__(self, accounts: Accounts, tokens: Tokens) -> None:
        self._accounts, self._tokens = accounts, tokens

    def knock(self, headers: Headers) -> Account | None:
        """The account of the key in the handshake; None without one. Raises Problem for a wrong key."""
        return self._accounts.identify(headers, SPEAK) if KEY in headers else None

    def enter(self, query: QueryParams, first: dict[str, Any]) -> Account:
        """The account that the query or the first message names; without a name the anonymous one, if it is let in.

        Raises Problem for a wrong key or token, and for a bearer token.
        """
        token = query.get("single_use_token") or first.get("single_use_token")
        if token:
            return self._tokens.spend(str(token), SPEECH)
        key = next((str(first[name]) for name in KEYS if first.get(name)), "")
        bearer = query.get("authorization") or first.get("authorization")
        headers = {KEY: key} if key or not bearer else {"authorization": str(bearer)}
        return self._accounts.identify(headers, SPEAK)
