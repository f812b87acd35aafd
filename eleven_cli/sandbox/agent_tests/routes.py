"""The endpoints of agents' tests. Each checks the schema, then the key, then answers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.accounts import Accounts
from ..http.problems import JsonResponse
from ..http.query import has_words, page_after, page_size
from ..http.validate import Checker, json_object
from ..state.entropy import new_lowercase_id, now
from .stored import (
    MAX_PAGE,
    READ,
    WRITE,
    check_page,
    check_test,
    complete_test,
    find_test,
    newest_first,
    records_of,
    test_body,
    test_summary,
)

PATH = "/v1/convai/agent-testing"


class AgentTestRoutes:
    """The endpoints."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def routes(self) -> list[Route]:
        one = f"{PATH}/{{test_id}}"
        return [
            Route(PATH, self.page, methods=["GET"]),
            Route(f"{PATH}/create", self.create, methods=["POST"]),
            Route(f"{PATH}/summaries", self.summaries, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(one, self.change, methods=["PUT"]),
            Route(one, self.delete, methods=["DELETE"]),
        ]

    async def page(self, request: Request) -> Response:
        query = request.query_params
        check_page(request)
        records = records_of(self._accounts.identify(request.headers, READ)).all()
        types, search = query.getlist("types"), query.get("search", "")
        found = [test_summary(*each) for each in newest_first(records).items()]
        found = [one for one in found if has_words(one["name"], search) and (not types or one["type"] in types)]
        found = found if query.get("parent_folder_id") in (None, "", "root") else []
        shown, cursor = page_after(found, lambda one: str(one["id"]), query, "cursor", page_size(query, 30, MAX_PAGE))
        return JsonResponse({"tests": list(shown), "next_cursor": cursor, "has_more": cursor is not None})

    async def create(self, request: Request) -> Response:
        body = json_object(await request.body())
        check_test(body)
        account, test_id = self._accounts.identify(request.headers, WRITE), f"test_{new_lowercase_id()}"
        at = now()
        records_of(account).put(test_id, {"test": complete_test(body), "created": at, "updated": at})
        return JsonResponse({"id": test_id})

    async def summaries(self, request: Request) -> Response:
        """Describes those of the tests that there are."""
        body = json_object(await request.body())
        check = Checker("body")
        check.needed(body, "test_ids", Checker.strings)
        check.finish()
        records = records_of(self._accounts.identify(request.headers, READ)).all()
        known = {test_id: test_summary(test_id, records[test_id]) for test_id in body["test_ids"] if test_id in records}
        return JsonResponse({"tests": known})

    async def show(self, request: Request) -> Response:
        account, test_id = self._accounts.identify(request.headers, READ), request.path_params["test_id"]
        return JsonResponse(test_body(test_id, find_test(account, test_id)))

    async def change(self, request: Request) -> Response:
        """Replaces a test."""
        body = json_object(await request.body())
        check_test(body)
        account, test_id = self._accounts.identify(request.headers, WRITE), request.path_params["test_id"]
        record = {**find_test(account, test_id), "test": complete_test(body), "updated": now()}
        records_of(account).put(test_id, record)
        return JsonResponse(test_body(test_id, record))

    async def delete(self, request: Request) -> Response:
        account, test_id = self._accounts.identify(request.headers, WRITE), request.path_params["test_id"]
        find_test(account, test_id)
        records_of(account).delete(test_id)
        return JsonResponse({})
