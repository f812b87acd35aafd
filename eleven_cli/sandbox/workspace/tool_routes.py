"""The endpoints of tools. Each checks the schema, then the key, then answers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.account import Account
from ..accounts.accounts import Accounts
from ..http.problems import JsonResponse
from ..http.query import choice, has_words, page_after, page_size
from ..http.validate import json_object
from ..state.entropy import new_lowercase_id, now
from ..state.store import Record, Records
from .agents import StoredAgents
from .dependents import MAX_PAGE, Dependents, check_page
from .tools import TOOLS, check_tool, complete_config, find_tool, tool_body

READ, WRITE = "convai_read", "convai_write"
PATH = "/v1/convai/tools"
SORTS = ("name", "created_at")


class ToolRoutes:
    """The endpoints."""

    def __init__(self, accounts: Accounts, agents: StoredAgents) -> None:
        self._accounts, self._dependents = accounts, Dependents(agents, "tool_ids")

    def routes(self) -> list[Route]:
        one = f"{PATH}/{{tool_id}}"
        return [
            Route(PATH, self.page, methods=["GET"]),
            Route(PATH, self.create, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(one, self.change, methods=["PATCH"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(f"{one}/dependent-agents", self.dependent_agents, methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        check_page(request)
        query = request.query_params
        records = _records(self._accounts.identify(request.headers, READ)).all()
        types = query.getlist("types")
        found = [
            (tool_id, record)
            for tool_id, record in records.items()
            if has_words(record["tool_config"]["name"], query.get("search", ""))
            and (not types or record["tool_config"]["type"] in types)
        ]
        by_name = choice(query, "sort_by", SORTS) == "name"
        down = choice(query, "sort_direction", ("asc", "desc")) == "desc"
        found.sort(key=lambda each: each[1]["tool_config"]["name"] if by_name else each[1]["created"], reverse=down)
        size = page_size(query, 30, MAX_PAGE)
        shown, cursor = page_after(found, lambda each: each[0], query, "cursor", size)
        tools = [tool_body(tool_id, record) for tool_id, record in shown]
        return JsonResponse({"tools": tools, "next_cursor": cursor, "has_more": cursor is not None})

    async def create(self, request: Request) -> Response:
        body = json_object(await request.body())
        check_tool(body)
        account = self._accounts.identify(request.headers, WRITE)
        return _kept(account, f"tool_{new_lowercase_id()}", body, now())

    async def show(self, request: Request) -> Response:
        account, tool_id = self._accounts.identify(request.headers, READ), request.path_params["tool_id"]
        return JsonResponse(tool_body(tool_id, find_tool(account, tool_id)))

    async def change(self, request: Request) -> Response:
        body = json_object(await request.body())
        check_tool(body)
        account, tool_id = self._accounts.identify(request.headers, WRITE), request.path_params["tool_id"]
        return _kept(account, tool_id, body, find_tool(account, tool_id)["created"])

    async def delete(self, request: Request) -> Response:
        check_page(request)
        account, tool_id = self._accounts.identify(request.headers, WRITE), request.path_params["tool_id"]
        find_tool(account, tool_id)
        self._dependents.release(account, tool_id, request)
        _records(account).delete(tool_id)
        return JsonResponse({})

    async def dependent_agents(self, request: Request) -> Response:
        check_page(request)
        account, tool_id = self._accounts.identify(request.headers, READ), request.path_params["tool_id"]
        find_tool(account, tool_id)
        return JsonResponse(self._dependents.page(account, tool_id, request))


def _records(account: Account) -> Records:
    return account.store.records(TOOLS, account.owner)


def _kept(account: Account, tool_id: str, body: Record, created: float) -> Response:
    config, mocks = complete_config(body["tool_config"]), body.get("response_mocks")
    record = {"tool_config": config, "response_mocks": mocks, "created": created}
    _records(account).put(tool_id, record)
    return JsonResponse(tool_body(tool_id, record))
