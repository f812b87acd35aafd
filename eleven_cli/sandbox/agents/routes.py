"""The endpoints of agents: the list, one agent, its widget, and the signed URL for a conversation."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.accounts import Accounts
from ..http.problems import JsonResponse, Problem
from ..http.query import each_found, is_true, named_ids
from ..http.validate import Checker
from .directory import AgentDirectory, check_query
from .signatures import Signatures
from .widget import widget_body

READ = "convai_read"
SOCKET = "/v1/convai/conversation"


class AgentRoutes:
    """The endpoints. Each checks the schema, then the key, then answers."""

    def __init__(self, accounts: Accounts, directory: AgentDirectory, signatures: Signatures) -> None:
        self._accounts, self._directory, self._signatures = accounts, directory, signatures

    def routes(self) -> list[Route]:
        return [
            Route("/v1/convai/agents", self.page, methods=["GET"]),
            Route("/v1/convai/agents/summaries", self.summaries, methods=["GET"]),
            Route("/v1/convai/agents/{agent_id}", self.agent, methods=["GET"]),
            Route("/v1/convai/agents/{agent_id}/link", self.link, methods=["GET"]),
            Route("/v1/convai/agents/{agent_id}/widget", self.widget, methods=["GET"]),
            Route(f"{SOCKET}/get-signed-url", self.signed_url, methods=["GET"]),
            Route(f"{SOCKET}/get_signed_url", self.signed_url, methods=["GET"]),  # its older name
        ]

    async def page(self, request: Request) -> Response:
        check_query(request.query_params)
        account = self._accounts.identify(request.headers, READ)
        return JsonResponse(self._directory.page(request.query_params, account))

    async def agent(self, request: Request) -> Response:
        account = self._accounts.identify(request.headers, READ)
        branch_id = request.query_params.get("branch_id", "")
        return JsonResponse(self._directory.body(request.path_params["agent_id"], account, branch_id))

    async def summaries(self, request: Request) -> Response:
        ids = named_ids(request.query_params, "agent_ids")
        account = self._accounts.identify(request.headers, READ)
        return JsonResponse(each_found(ids, lambda agent_id: self._directory.summary(agent_id, account)))

    async def link(self, request: Request) -> Response:
        """Says what a page of the agent would be opened with: no token has been made for it."""
        account = self._accounts.identify(request.headers, READ)
        agent = self._directory.find(request.path_params["agent_id"], account)
        return JsonResponse({"agent_id": agent.agent_id, "token": None})

    async def widget(self, request: Request) -> Response:
        """Needs no key, as it is asked for by a page: for a private agent a signature, or a key all the same."""
        agent_id, signature = request.path_params["agent_id"], request.query_params.get("conversation_signature", "")
        if "xi-api-key" in request.headers:
            self._accounts.identify(request.headers, READ)
        body = self._directory.public_body(agent_id)
        private = body["platform_settings"]["auth"]["enable_auth"]
        if private and "xi-api-key" not in request.headers and not self._signatures.grants(signature, agent_id):
            raise Problem(403, "forbidden", f"The agent '{agent_id}' is private: it needs a signed URL.")
        return JsonResponse(widget_body(body))

    async def signed_url(self, request: Request) -> Response:
        query = request.query_params
        check = Checker("query")
        check.required(dict(query), "agent_id")
        check.boolean_text("include_conversation_id", query.get("include_conversation_id"))
        check.finish()
        account = self._accounts.identify(request.headers, READ)
        branch_id = query.get("branch_id", "")
        agent = self._directory.find(query["agent_id"], account, branch_id)
        once = is_true(query, "include_conversation_id")
        signature, conversation_id = self._signatures.issue(agent.agent_id, once=once, branch_id=branch_id)
        address = urlencode({"agent_id": agent.agent_id, "conversation_signature": signature})
        scheme = "wss" if request.url.scheme == "https" else "ws"
        answer = {"signed_url": f"{scheme}://{request.url.netloc}{SOCKET}?{address}"}
        return JsonResponse({**answer, "conversation_id": conversation_id} if once else answer)
