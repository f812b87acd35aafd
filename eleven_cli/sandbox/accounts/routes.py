"""The endpoints of the account itself: user, subscription, usage and single-use tokens."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..http.problems import JsonResponse
from ..http.validate import Checker, json_object
from .account import SPEAK, TRANSCRIBE
from .accounts import Accounts
from .tokens import SPEECH, TYPES, Tokens
from .usage import series_body, table_body
from .usage_request import check_series, read_table
from .user import extended_subscription_body, user_body

TABLE = "/v1/workspace/analytics/query/usage-by-product-over-time"


class AccountRoutes:
    """The endpoints. Each checks the schema, then the key, then answers."""

    def __init__(self, accounts: Accounts, tokens: Tokens) -> None:
        self._accounts, self._tokens = accounts, tokens

    def routes(self) -> list[Route]:
        return [
            Route("/v1/user", self.user, methods=["GET"]),
            Route("/v1/user/subscription", self.subscription, methods=["GET"]),
            Route("/v1/usage/character-stats", self.usage_series, methods=["GET"]),
            Route(TABLE, self.usage_table, methods=["POST"]),
            Route("/v1/single-use-token/{token_type}", self.token, methods=["POST"]),
        ]

    async def user(self, request: Request) -> Response:
        account = self._accounts.identify(request.headers, "user_read")
        return JsonResponse(user_body(account, request.headers.get("xi-api-key", "")))

    async def subscription(self, request: Request) -> Response:
        return JsonResponse(extended_subscription_body(self._accounts.identify(request.headers, "user_read")))

    async def usage_series(self, request: Request) -> Response:
        check_series(request.query_params)
        account = self._accounts.identify(request.headers, "user_read")
        return JsonResponse(series_body(account, request.query_params))

    async def usage_table(self, request: Request) -> Response:
        query = read_table(json_object(await request.body()))
        account = self._accounts.identify(request.headers, "workspace_analytics_read")
        return JsonResponse(table_body(account, query))

    async def token(self, request: Request) -> Response:
        token_type = request.path_params["token_type"]
        check = Checker("path")
        check.one_of("token_type", token_type, TYPES)
        check.finish()
        account = self._accounts.identify(request.headers, SPEAK if token_type == SPEECH else TRANSCRIBE)
        return JsonResponse({"token": self._tokens.issue(account, token_type)})
