"""The endpoints of secrets, which settings of tools and models name in place of their values."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.accounts import Accounts
from ..http.problems import JsonResponse, Problem
from ..http.query import check_page_size, page_after, page_size
from ..http.validate import Checker, json_object
from ..state.entropy import new_id
from .outbox import Outbox

READ, WRITE = "convai_read", "convai_write"
PATH = "/v1/convai/secrets"
MAX_PAGE = 100
USED_BY: dict[str, list[Any]] = {"tools": [], "agents": [], "others": [], "phone_numbers": []}


class SecretRoutes:
    """The endpoints. No answer holds the value of a secret."""

    def __init__(self, accounts: Accounts, outbox: Outbox) -> None:
        self._accounts, self._secrets = accounts, outbox.secrets

    def routes(self) -> list[Route]:
        one = f"{PATH}/{{secret_id}}"
        return [
            Route(PATH, self.page, methods=["GET"]),
            Route(PATH, self.create, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(one, self.change, methods=["PATCH"]),
            Route(one, self.delete, methods=["DELETE"]),
        ]

    async def page(self, request: Request) -> Response:
        query = request.query_params
        check = Checker("query")
        check_page_size(check, query, MAX_PAGE)
        check_page_size(check, query, MAX_PAGE, "dependency_limit")
        check.finish()
        self._accounts.identify(request.headers, READ)
        found = [key for key, name in self._secrets.names.items() if name.startswith(query.get("search", ""))]
        size = page_size(query, MAX_PAGE, MAX_PAGE) if "page_size" in query else len(found)
        shown, cursor = page_after(found, str, query, "cursor", size)
        return JsonResponse({"secrets": [self._body(key) for key in shown], "next_cursor": cursor})

    async def create(self, request: Request) -> Response:
        return await self._put(request, "new", new_id())

    async def show(self, request: Request) -> Response:
        self._accounts.identify(request.headers, READ)
        return JsonResponse(self._body(self._known(request)))

    async def change(self, request: Request) -> Response:
        return await self._put(request, "update", None)

    async def delete(self, request: Request) -> Response:
        self._accounts.identify(request.headers, WRITE)
        secret_id = self._known(request)
        self._secrets.delete(secret_id)
        return Response(status_code=204)

    async def _put(self, request: Request, kind: str, secret_id: str | None) -> Response:
        body = json_object(await request.body())
        check = Checker("body")
        check.needed(body, "type", lambda deeper, name, value: deeper.one_of(name, value, (kind,)))
        check.needed(body, "name", Checker.string)
        check.needed(body, "value", Checker.string)
        check.finish()
        self._accounts.identify(request.headers, WRITE)
        secret_id = secret_id or self._known(request)
        self._secrets.put(secret_id, body["name"], body["value"])
        return JsonResponse({"type": "stored", "secret_id": secret_id, "name": body["name"]})

    def _known(self, request: Request) -> str:
        secret_id = str(request.path_params["secret_id"])
        if secret_id not in self._secrets:
            message = f"There is no secret with the id '{secret_id}'."
            raise Problem(404, "secret_not_found", message, status="document_not_found")
        return secret_id

    def _body(self, secret_id: str) -> dict[str, Any]:
        return {"type": "stored", "secret_id": secret_id, "name": self._secrets.names[secret_id], "used_by": USED_BY}
