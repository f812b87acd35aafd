"""Authenticates the client of a socket: by API key, by single-use token, or by either in the first message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.websockets import WebSocket

from ..accounts.account import Account
from ..accounts.accounts import Accounts
from ..accounts.tokens import Tokens
from ..http.problems import Problem
from ..http.validate import Checker

KEY = "xi-api-key"
KEY_FIELDS = (KEY, "xi_api_key")
CREDENTIALS = (*KEY_FIELDS, "authorization", "single_use_token")


@dataclass(frozen=True)
class Handshake:
    """Authenticates the clients of one endpoint. Every method raises Problem for credentials that are not accepted.

    permission  what an API key must allow
    token_type  the type of the single-use tokens that are accepted
    """

    accounts: Accounts
    tokens: Tokens
    permission: str
    token_type: str = ""

    def by_key(self, headers: Mapping[str, str]) -> Account | None:
        """Identifies the account of the API key in the headers; None without a key."""
        return self.accounts.identify(headers, self.permission) if KEY in headers else None

    def by_token_or_key(self, token: str | None, headers: Mapping[str, str]) -> Account:
        """Identifies the account of a token, else of the headers; the anonymous one without credentials."""
        if token is not None:
            return self.tokens.redeem(token, self.token_type)
        return self.accounts.identify(headers, self.permission)

    def by_first_message(self, account: Account | None, query: Mapping[str, str], first: dict[str, Any]) -> Account:
        """Gives the `account` of the headers, if there is one, else that which query or first message name.

        Without any credentials it is the anonymous one. Bearer tokens are refused. Raises SchemaError for credentials
        in the message that are no strings.
        """
        check = Checker("message", strict=True)
        for name in CREDENTIALS:
            check.optional(first, name, Checker.string)
        check.finish()
        if account is not None:
            return account
        token = query.get("single_use_token") or first.get("single_use_token")
        key = next((str(first[name]) for name in KEY_FIELDS if first.get(name)), "")
        bearer = query.get("authorization") or first.get("authorization")
        headers = {KEY: key} if key or not bearer else {"authorization": str(bearer)}
        return self.by_token_or_key(str(token) if token else None, headers)


async def deny(socket: WebSocket, problem: Problem, *, explained: bool) -> None:
    """Answers the handshake with an HTTP error: the whole problem, or a bare 401 or 403."""
    bare = Response(status_code=401 if problem.http_status == 401 else 403)
    await socket.send_denial_response(problem.response(str(socket.scope["trace_id"])) if explained else bare)
