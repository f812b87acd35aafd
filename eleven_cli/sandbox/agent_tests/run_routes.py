"""The endpoints of runs of agents' tests. Each checks the schema, then the key, then answers."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.account import Account
from ..accounts.accounts import Accounts
from ..agents.description import ACCESS
from ..agents.directory import AgentDirectory
from ..http.problems import JsonResponse, Problem, existing
from ..http.query import has_words, page_after, page_size
from ..http.validate import Checker, json_object
from ..outgoing.outbox import Outbox
from ..state.entropy import new_lowercase_id, now
from ..state.store import Record, Records
from ..workspace.tools import TOOLS
from .stored import MAX_PAGE, READ, WRITE, check_page, find_test, newest_first

PATH = "/v1/convai/test-invocations"
MAX_REPEATS, MAX_KEPT = 50, 200
TYPES = {"llm": "llm", "tool": "tool_call", "simulation": "simulation"}
NO_RUN = {"branch_id": None, "version_id": None, "ran_against_draft": False}


class AgentTestRunRoutes:
    """The endpoints."""

    def __init__(self, accounts: Accounts, directory: AgentDirectory, outbox: Outbox) -> None:
        self._accounts, self._directory, self._outbox = accounts, directory, outbox

    def routes(self) -> list[Route]:
        one = f"{PATH}/{{test_invocation_id}}"
        return [
            Route("/v1/convai/agents/{agent_id}/run-tests", self.run, methods=["POST"]),
            Route(PATH, self.page, methods=["GET"]),
            Route(one, self.show, methods=["GET"]),
            Route(f"{one}/resubmit", self.resubmit, methods=["POST"]),
        ]

    async def run(self, request: Request) -> Response:
        """Runs tests against an agent; the answer has the results already."""
        body = json_object(await request.body())
        check = Checker("body")
        check.needed(body, "tests", lambda deeper, name, tests: deeper.list_of(name, tests, _wanted_test))
        check.optional(body, "repeat_count", lambda deeper, name, value: deeper.whole(name, value, 1, MAX_REPEATS))
        _check_agent(check, body)
        account, agent_id = self._accounts.identify(request.headers, WRITE), request.path_params["agent_id"]
        self._directory.find(agent_id, account)
        wanted = [(one["test_id"], find_test(account, one["test_id"])) for one in body["tests"]]
        invocation_id, repeats = f"suite_{new_lowercase_id()}", int(body.get("repeat_count") or 1)
        runs = [
            await self._run(account, agent_id, invocation_id, test_id, record["test"])
            for test_id, record in wanted
            for _ in range(repeats)
        ]
        at = now()
        invocation = {
            "id": invocation_id,
            "agent_id": agent_id,
            **NO_RUN,
            "created_at": int(at),
            "folder_id": None,
            "repeat_count": repeats,
            "bucketing_status": "failed" if repeats > 1 else None,  # nothing here could group them
            "result_groups": [],
            "test_runs": runs,
        }
        _keep(_invocations(account), {"invocation": invocation, "created": at})
        return JsonResponse(invocation)

    async def page(self, request: Request) -> Response:
        query = request.query_params
        check_page(request)
        records = _invocations(self._accounts.identify(request.headers, READ)).all()
        found = [_run_summary(record["invocation"]) for record in newest_first(records).values()]
        agent_id, search = query.get("agent_id"), query.get("search", "")
        found = [
            one for one in found if has_words(one["title"], search) and one["agent_id"] == (agent_id or one["agent_id"])
        ]
        shown, cursor = page_after(found, lambda one: str(one["id"]), query, "cursor", page_size(query, 30, MAX_PAGE))
        meta = {"total": None, "page": None, "page_size": None}
        more = {"next_cursor": cursor, "has_more": cursor is not None}
        return JsonResponse({"meta": meta, "results": list(shown), **more})

    async def show(self, request: Request) -> Response:
        account = self._accounts.identify(request.headers, READ)
        return JsonResponse(_find_run(account, request.path_params["test_invocation_id"])["invocation"])

    async def resubmit(self, request: Request) -> Response:
        """Runs some of an invocation's tests again."""
        body = json_object(await request.body())
        check = Checker("body")
        check.needed(body, "test_run_ids", Checker.strings)
        check.needed(body, "agent_id", Checker.string)
        _check_agent(check, body)
        account = self._accounts.identify(request.headers, WRITE)
        record = _find_run(account, request.path_params["test_invocation_id"])
        invocation = record["invocation"]
        agent_id = body["agent_id"]
        self._directory.find(agent_id, account)
        runs = [
            await self._run(account, agent_id, invocation["id"], run["test_id"], _tested(run), run["test_run_id"])
            if run["test_run_id"] in body["test_run_ids"]
            else run
            for run in invocation["test_runs"]
        ]
        _keep(_invocations(account), {**record, "invocation": {**invocation, "test_runs": runs}})
        return JsonResponse({})

    async def _run(
        self, account: Account, agent_id: str, invocation_id: str, test_id: str, test: dict[str, Any], run_id: str = ""
    ) -> dict[str, Any]:
        from .runs import answer_of, judged  # imports the turns of a conversation

        answer = await answer_of(self._directory.find(agent_id, account), test, self._outbox)
        judgement = judged(test, answer, _tool_name(account, test))
        turns = test["chat_history"]
        about = {"workspace_id": "sandbox", "test_name": test["name"], "ran_by_user_email": ACCESS["creator_email"]}
        return {
            "test_run_id": run_id or f"run_{new_lowercase_id()}",
            "test_info": {name: value for name, value in test.items() if name != "name"},
            "test_invocation_id": invocation_id,
            "agent_id": agent_id,
            **NO_RUN,
            "workflow_node_id": None,
            "status": judgement.status,
            "agent_responses": answer.turns(turns[-1]["time_in_call_secs"] + 1 if turns else 0),
            "test_id": test_id,
            "test_name": test["name"],
            "condition_result": judgement.body(),
            "last_updated_at_unix": int(now()),
            "metadata": {**about, "test_type": TYPES[test["type"]]},
            "root_folder_id": None,
            "root_folder_name": None,
            "environment": test["environment"],
        }


def _wanted_test(check: Checker, at: int, wanted: Any) -> None:
    if check.object(at, wanted):
        check.within(at).needed(wanted, "test_id", Checker.string)


def _check_agent(check: Checker, body: dict[str, Any]) -> None:
    """Raises SchemaError, and Problem (501) for an agent that is not as it is stored."""
    check.optional(body, "agent_config_override", Checker.object)
    check.optional(body, "branch_id", Checker.string)
    check.finish()
    for name in ("agent_config_override", "branch_id"):
        if body.get(name):
            message = f"The sandbox tests agents as they are stored: it does not imitate {name}."
            raise Problem(501, "not_imitated", message, param=name)


def _tool_name(account: Account, test: dict[str, Any]) -> str | None:
    """Gives the name of the tool that a test refers to; tools of the system have no other id."""
    tool = (test.get("tool_call_parameters") or {}).get("referenced_tool")
    if not tool:
        return None
    record = account.store.find(TOOLS, tool["id"])
    return str(record["tool_config"]["name"] if record else tool["id"])


def _invocations(account: Account) -> Records:
    return account.store.records("test_invocations", account.owner)


def _keep(records: Records, record: Record) -> None:
    records.put(record["invocation"]["id"], record)
    for oldest in list(newest_first(records.all()))[MAX_KEPT:]:
        records.delete(oldest)


def _find_run(account: Account, invocation_id: str) -> Record:
    return existing(_invocations(account).all(), invocation_id, "test invocation")


def _tested(run: dict[str, Any]) -> dict[str, Any]:
    return {"name": run["test_name"], **run["test_info"]}


def _run_summary(invocation: Record) -> dict[str, Any]:
    runs = invocation["test_runs"]
    names = list(dict.fromkeys(run["test_name"] for run in runs))
    return {
        "id": invocation["id"],
        "agent_id": invocation["agent_id"],
        **NO_RUN,
        "runs_diverged_from_version": False,
        "created_at_unix_secs": invocation["created_at"],
        "test_run_count": len(runs),
        "passed_count": sum(run["status"] == "passed" for run in runs),
        "failed_count": sum(run["status"] == "failed" for run in runs),
        "pending_count": 0,
        "title": names[0] if len(names) == 1 else f"{len(names)} tests",
        "access_info": ACCESS,
        "repeat_count": invocation["repeat_count"],
    }
