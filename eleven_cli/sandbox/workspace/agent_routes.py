"""The endpoints that write agents: create, change, delete, duplicate. Each checks the schema, then the key."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.account import Account
from ..accounts.accounts import Accounts
from ..agents.description import agent_body
from ..agents.directory import AgentDirectory, agent_not_found
from ..http.problems import JsonResponse, Problem
from ..http.validate import Checker, json_object
from .agents import StoredAgent
from .branches import PARTS
from .settings import Settings, at, check_agent
from .tools import find_tool

READ, WRITE = "convai_read", "convai_write"
PROVIDERS = ("twilio", "sip_trunk", "exotel")
PATH = "/v1/convai/agents"


class AgentChangeRoutes:
    """The endpoints."""

    def __init__(self, accounts: Accounts, directory: AgentDirectory) -> None:
        self._accounts, self._directory = accounts, directory

    def routes(self) -> list[Route]:
        one = f"{PATH}/{{agent_id}}"
        return [
            Route(f"{PATH}/create", self.create, methods=["POST"]),
            Route(one, self.change, methods=["PATCH"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(f"{one}/duplicate", self.duplicate, methods=["POST"]),
            Route("/v1/convai/phone-numbers", self.phone_numbers, methods=["GET"]),
        ]

    async def create(self, request: Request) -> Response:
        body = json_object(await request.body())
        check_agent(body, new=True)
        account = self._accounts.identify(request.headers, WRITE)
        _check_references(account, body)
        return JsonResponse({"agent_id": self._directory.stored.create(account, body)})

    async def change(self, request: Request) -> Response:
        body = await read_optional_object(request)
        check_agent(body, new=False)
        account = self._accounts.identify(request.headers, WRITE)
        branch_id = request.query_params.get("branch_id", "")
        stored = own_agent(self._directory, account, request.path_params["agent_id"], branch_id)
        _check_references(account, body)
        return JsonResponse(self._directory.stored.change(account, stored, body).body())

    async def delete(self, request: Request) -> Response:
        account = self._accounts.identify(request.headers, WRITE)
        stored = own_agent(self._directory, account, request.path_params["agent_id"])
        self._directory.stored.delete(account, stored.agent.agent_id)
        return JsonResponse({})

    async def duplicate(self, request: Request) -> Response:
        body = await read_optional_object(request)
        check = Checker("body")
        check.optional(body, "name", Checker.string)
        check.finish()
        account = self._accounts.identify(request.headers, WRITE)
        agent_id = request.path_params["agent_id"]
        named = {"name": body["name"]} if body.get("name") else {}
        if (stored := self._directory.stored.find_own(account, agent_id)) is not None:
            copy: Settings = {"name": f"{stored.agent.name} (copy)", **_parts(stored), **named}
            return JsonResponse({"agent_id": self._directory.stored.create(account, copy, stored.record["model"])})
        agent = self._directory.find(agent_id, account)
        shown = agent_body(agent)
        copy = {"name": f"{agent.name} (copy)", "tags": shown["tags"], **named}
        return JsonResponse({"agent_id": self._directory.stored.create(account, copy, agent_id)})

    async def phone_numbers(self, request: Request) -> Response:
        """No account has any: calls come over the socket."""
        if (provider := request.query_params.get("provider")) is not None:
            check = Checker("query")
            check.one_of("provider", provider, PROVIDERS)
            check.finish()
        self._accounts.identify(request.headers, READ)
        return JsonResponse([])


def own_agent(directory: AgentDirectory, account: Account, agent_id: str, branch_id: str = "") -> StoredAgent:
    """Gives a stored agent of the account; of an id of another account one is made. Raises Problem."""
    stored = directory.stored.find_own(account, agent_id, branch_id)
    if stored is not None:
        return stored
    if directory.is_fixed(agent_id):
        message = f"The agent '{agent_id}' belongs to the sandbox: duplicate it, and change the copy."
        raise Problem(403, "agent_access_denied", message)
    agent = directory.find(agent_id, account)
    directory.stored.create(account, {"name": agent.name}, agent_id, agent_id)
    made = directory.stored.find_own(account, agent_id, branch_id)
    if made is None:
        raise agent_not_found(agent_id)
    return made


def _parts(stored: StoredAgent) -> dict[str, Any]:
    return {name: stored.record[name] for name in ("tags", *PARTS)}


async def read_optional_object(request: Request) -> dict[str, Any]:
    """Reads the body of a request, `{}` for none. Raises SchemaError for anything but an object."""
    raw = await request.body()
    return json_object(raw) if raw.strip() else {}


def _check_references(account: Account, body: Settings) -> None:
    """Raises Problem (404) for a voice or a tool that there is not."""
    if (voice_id := at(body, "conversation_config", "tts", "voice_id")) is not None:
        account.voices.find(voice_id)
    for tool_id in at(body, "conversation_config", "agent", "prompt", "tool_ids") or ():
        find_tool(account, tool_id)
