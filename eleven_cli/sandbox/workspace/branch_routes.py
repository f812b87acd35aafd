"""The endpoints of an agent's branches. Each checks the schema, then the key."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.accounts import Accounts
from ..agents.directory import AgentDirectory
from ..http.problems import JsonResponse
from ..http.query import check_page_size, is_true
from ..http.validate import Checker, check_text, json_object, truth
from .agent_routes import PATH, READ, WRITE, own_agent, read_optional_object
from .branches import PARTS, PROTECTIONS, Branches, branch_not_found, version_of
from .settings import check_agent

MAX_NAME, MAX_DESCRIPTION, MAX_LISTED = 140, 4_096, 100


class BranchRoutes:
    """The endpoints."""

    def __init__(self, accounts: Accounts, directory: AgentDirectory) -> None:
        self._accounts, self._directory = accounts, directory

    def routes(self) -> list[Route]:
        every = f"{PATH}/{{agent_id}}/branches"
        one = f"{every}/{{branch_id}}"
        return [
            Route(every, self.create, methods=["POST"]),
            Route(every, self.page, methods=["GET"]),
            Route(one, self.show, methods=["GET"]),
            Route(one, self.change, methods=["PATCH"]),
            Route(f"{every}/{{source_branch_id}}/merge", self.merge, methods=["POST"]),
        ]

    async def create(self, request: Request) -> Response:
        body = json_object(await request.body())
        _check_new(body)
        record = self._writable(request).create(body)
        return JsonResponse({"created_branch_id": record["branch"]["id"], "created_version_id": version_of(record)})

    async def page(self, request: Request) -> Response:
        query = request.query_params
        check = Checker("query")
        check_page_size(check, query, MAX_LISTED, "limit", least=2)
        for name in ("include_archived", "include_commit_status"):
            check.boolean_text(name, query.get(name))
        check.finish()
        branches, every = self._readable(request), is_true(query, "include_archived")
        shown = [one for one in branches.all() if every or not one["branch"]["archived"]] if branches else []
        found = [branches.summary(one) for one in shown[: int(query.get("limit", MAX_LISTED))]] if branches else []
        meta = {"total": len(shown), "page": None, "page_size": None}
        return JsonResponse({"meta": meta, "results": found})

    async def show(self, request: Request) -> Response:
        branches, branch_id = self._readable(request), request.path_params["branch_id"]
        if branches is None:
            raise branch_not_found(branch_id)
        return JsonResponse(branches.body(branches.find(branch_id)))

    async def change(self, request: Request) -> Response:
        body = json_object(await request.body())
        check = Checker("body")
        check.optional(body, "name", lambda own, name, value: check_text(own, name, value, MAX_NAME, 1))
        check.optional(body, "is_archived", Checker.boolean)
        check.optional(body, "protection_status", lambda own, name, value: own.one_of(name, value, PROTECTIONS))
        check.finish()
        branches = self._writable(request)
        record = branches.find(request.path_params["branch_id"])
        archived = {"is_archived": truth(body["is_archived"])} if body.get("is_archived") is not None else {}
        return JsonResponse(branches.body(branches.change(record, {**body, **archived})))

    async def merge(self, request: Request) -> Response:
        query, body = request.query_params, await read_optional_object(request)
        check = Checker("body")
        for name in ("archive_source_branch", "force"):
            if name in body:
                check.boolean(name, body[name])
        Checker("query", faults=check.faults).required(dict(query), "target_branch_id")
        check.finish()
        account = self._accounts.identify(request.headers, WRITE)
        stored = own_agent(self._directory, account, request.path_params["agent_id"])
        branches = Branches(account, stored.record)
        source = branches.find(request.path_params["source_branch_id"])
        target = branches.find(query["target_branch_id"])
        force, archive = truth(body.get("force", False)), truth(body.get("archive_source_branch", True))
        parts = branches.merge(source, target, force=force, archive=archive)
        into = stored if target["branch"]["parent"] is None else self._directory.stored.of_record(target)
        self._directory.stored.replace(account, into, parts)
        return JsonResponse({})

    def _readable(self, request: Request) -> Branches | None:
        """Gives the branches of an agent; None for one that is not stored, and has none."""
        account, agent_id = self._accounts.identify(request.headers, READ), request.path_params["agent_id"]
        stored = self._directory.stored.find_own(account, agent_id)
        if stored is None:
            self._directory.find(agent_id, account)
        return Branches(account, stored.record) if stored else None

    def _writable(self, request: Request) -> Branches:
        account = self._accounts.identify(request.headers, WRITE)
        return Branches(account, own_agent(self._directory, account, request.path_params["agent_id"]).record)


def _check_new(body: dict[str, Any]) -> None:
    check = Checker("body")
    check.needed(body, "parent_version_id", Checker.string)
    check.needed(body, "name", lambda own, name, value: check_text(own, name, value, MAX_NAME))
    check.needed(body, "description", lambda own, name, value: check_text(own, name, value, MAX_DESCRIPTION))
    if "include_draft" in body:
        check.boolean("include_draft", body["include_draft"])
    check.finish()
    check_agent({name: body[name] for name in PARTS if name in body}, new=False)
