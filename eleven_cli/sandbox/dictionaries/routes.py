"""The endpoints of pronunciation dictionaries. Each checks the schema, then the key, then answers."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.account import Account
from ..accounts.accounts import Accounts
from ..http.problems import JsonResponse, Problem
from ..http.query import check_page_size, is_true, page_after, page_size
from ..http.uploads import read_form
from ..http.validate import Checker, json_object, truth
from ..state.entropy import new_id, now
from .dictionary import Dictionary, Locator, Rule
from .rules import as_pls, check_rules, complete_rules, merged, rules_of_pls

READ, WRITE = "pronunciation_dictionaries_read", "pronunciation_dictionaries_write"
PATH = "/v1/pronunciation-dictionaries"
ACCESS = ("admin", "editor", "commenter", "viewer")
SORTS = {"creation_time_unix": "created_at_unix", "name": "name"}
MAX_BYTES = 10_000_000
MAX_PAGE = 100


class DictionaryRoutes:
    """The endpoints."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def routes(self) -> list[Route]:
        one = f"{PATH}/{{dictionary_id}}"
        return [
            Route(PATH, self.page, methods=["GET"]),
            Route(f"{PATH}/add-from-file", self.add_from_file, methods=["POST"]),
            Route(f"{PATH}/add-from-rules", self.add_from_rules, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(one, self.change, methods=["PATCH"]),
            Route(f"{one}/set-rules", self.set_rules, methods=["POST"]),
            Route(f"{one}/add-rules", self.add_rules, methods=["POST"]),
            Route(f"{one}/remove-rules", self.remove_rules, methods=["POST"]),
            Route(f"{one}/{{version_id}}/download", self.download, methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        query = request.query_params
        _check_query(query)
        account = self._accounts.identify(request.headers, READ)
        listed = _sorted(account.dictionaries.all(), query)
        size = page_size(query, 30, MAX_PAGE)
        shown, cursor = page_after(listed, lambda each: each.dictionary_id, query, "cursor", size)
        bodies = [each.body() for each in shown]
        more = cursor is not None
        return JsonResponse({"pronunciation_dictionaries": bodies, "next_cursor": cursor, "has_more": more})

    async def add_from_file(self, request: Request) -> Response:
        """Makes a dictionary of a PLS file; without one it is empty."""
        form = await read_form(request, MAX_BYTES)
        name = form.text("name")
        if name is None:
            form.check.required({}, "name")
        file = form.file("file", required=False)
        if (access := form.text("workspace_access")) is not None:
            form.check.one_of("workspace_access", access, ACCESS)
        form.check.finish()
        account = self._accounts.identify(request.headers, WRITE)
        rules = rules_of_pls(await file.read()) if file else []
        return _made(account, name or "", form.text("description"), rules)

    async def add_from_rules(self, request: Request) -> Response:
        body = json_object(await request.body())
        check = Checker("body")
        check.needed(body, "name", Checker.string)
        check.needed(body, "rules", check_rules)
        check.optional(body, "description", Checker.string)
        check.optional(body, "workspace_access", lambda deeper, name, value: deeper.one_of(name, value, ACCESS))
        check.finish()
        account = self._accounts.identify(request.headers, WRITE)
        return _made(account, body["name"], body.get("description"), complete_rules(body["rules"]))

    async def show(self, request: Request) -> Response:
        dictionary = _found(self._accounts.identify(request.headers, READ), request)
        return JsonResponse({**dictionary.body(), "rules": dictionary.rules})

    async def change(self, request: Request) -> Response:
        """Renames or archives a dictionary; its version stays."""
        raw = await request.body()
        body = json_object(raw) if raw.strip() else {}
        check = Checker("body")
        check.optional(body, "archived", Checker.boolean)
        check.optional(body, "name", Checker.string)
        check.finish()
        account = self._accounts.identify(request.headers, WRITE)
        dictionary = _found(account, request)
        if body.get("name") is not None:
            dictionary = account.dictionaries.put(dictionary._replace(name=_name(body["name"])))
        if body.get("archived") is not None:
            dictionary = account.dictionaries.archive(dictionary, archived=truth(body["archived"]))
        return JsonResponse(dictionary.body())

    async def set_rules(self, request: Request) -> Response:
        return await self._with_rules(request, replaces=True)

    async def add_rules(self, request: Request) -> Response:
        return await self._with_rules(request, replaces=False)

    async def remove_rules(self, request: Request) -> Response:
        body = json_object(await request.body())
        check = Checker("body")
        check.needed(body, "rule_strings", Checker.strings)
        check.finish()
        account = self._accounts.identify(request.headers, WRITE)
        dictionary = _found(account, request)
        left = [rule for rule in dictionary.rules if rule["string_to_replace"] not in body["rule_strings"]]
        return JsonResponse(account.dictionaries.put(dictionary.with_rules(new_id(), left)).version_body())

    async def download(self, request: Request) -> Response:
        account = self._accounts.identify(request.headers, READ)
        dictionary = _found(account, request)
        rules = account.dictionaries.rules_of(Locator(dictionary.dictionary_id, request.path_params["version_id"]))
        headers = {"content-disposition": f'attachment; filename="{dictionary.dictionary_id}.pls"'}
        return Response(as_pls(rules), headers=headers, media_type="text/plain")

    async def _with_rules(self, request: Request, *, replaces: bool) -> Response:
        body = json_object(await request.body())
        check = Checker("body")
        check.needed(body, "rules", check_rules)
        check.finish()
        account = self._accounts.identify(request.headers, WRITE)
        dictionary = _found(account, request)
        rules = complete_rules(body["rules"])
        rules = rules if replaces else merged(dictionary.rules, rules)
        return JsonResponse(account.dictionaries.put(dictionary.with_rules(new_id(), rules)).version_body())


def _check_query(query: QueryParams) -> None:
    check = Checker("query")
    check_page_size(check, query, MAX_PAGE)
    if (sort := query.get("sort")) is not None:
        check.one_of("sort", sort, tuple(SORTS))
    check.boolean_text("include_archived", query.get("include_archived"))
    check.finish()


def _sorted(dictionaries: list[Dictionary], query: QueryParams) -> list[Dictionary]:
    if not is_true(query, "include_archived", default=True):
        dictionaries = [each for each in dictionaries if each.archived_at_unix is None]
    field = SORTS[query.get("sort") or "creation_time_unix"]
    rising = (query.get("sort_direction") or "").lower() in ("ascending", "asc")
    return sorted(dictionaries, key=lambda each: getattr(each, field), reverse=not rising)


def _found(account: Account, request: Request) -> Dictionary:
    return account.dictionaries.find(request.path_params["dictionary_id"])


def _made(account: Account, name: str, description: str | None, rules: Sequence[Rule]) -> Response:
    dictionary = Dictionary(new_id(), _name(name), description, account.user_id, int(now()), None, {})
    return JsonResponse(account.dictionaries.put(dictionary.with_rules(new_id(), rules)).added_body())


def _name(name: str) -> str:
    if not name.strip():
        raise Problem(400, "invalid_parameters", "The name of a dictionary cannot be empty.", param="name")
    return name.strip()
