"""Single-use tokens: a key's permission for one socket, to be given away."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from time import monotonic

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..http.problems import Json, Problem
from ..http.validate import Checker
from .account import SPEAK, TRANSCRIBE, Account, Accounts

VALID_S = 15 * 60.0
SPEECH, REALTIME, BATCH = "tts_websocket", "realtime_scribe", "batch_scribe"
TYPES = (REALTIME, BATCH, SPEECH)


@dataclass(frozen=True)
class _Pass:
    account: Account
    kind: str
    until: float


class Tokens:
    """The tokens that were handed out and not used yet, and the endpoint that hands them out."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._passes: dict[str, _Pass] = {}

    def routes(self) -> list[Route]:
        return [Route("/v1/single-use-token/{token_type}", self.issue, methods=["POST"])]

    async def issue(self, request: Request) -> Response:
        kind = request.path_params["token_type"]
        check = Checker("path")
        check.one_of("token_type", kind, TYPES)
        check.finish()
        account = self._accounts.identify(request.headers, SPEAK if kind == SPEECH else TRANSCRIBE)
        now = monotonic()
        self._passes = {name: one for name, one in self._passes.items() if one.until > now}
        token = f"sutkn_{secrets.token_hex(16)}"
        self._passes[token] = _Pass(account, kind, now + VALID_S)
        return Json({"token": token})

    def spend(self, token: str, kind: str) -> Account:
        """The account that stands behind a token, which is used up by that; 401 for any other token."""
        found = self._passes.get(token)
        if found is None or found.kind != kind or found.until <= monotonic():
            message = "The single-use token is unknown, used up, too old, or of another type."
            raise Problem(401, "unauthorized", message, status="invalid_single_use_token")
        del self._passes[token]
        return found.account
