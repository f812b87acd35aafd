"""Answers requests that no route serves: 501 where the service has the endpoint, else 404."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from .problems import Problem
from .service import find_endpoint

NO_WEBRTC = "The sandbox has no WebRTC: ask for a signed URL, and connect by WebSocket."
REASONS = {"/v1/convai/conversation/token": NO_WEBRTC}
TAKEN = (  # a route with a placeholder would answer these, as if they were ids
    "/v1/convai/conversations/resolve",
    *(f"/v1/convai/knowledge-base/{name}" for name in ("crawl", "rag-index", "search")),
    "/v1/voices/accents",
)


async def unserved(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuses a request or the handshake of a WebSocket."""
    if scope["type"] == "http":
        raise HTTPException(404)
    path = scope["path"]
    problem = not_imitated("WS", path) or Problem(404, "not_found", f"There is no WebSocket {path}.")
    await problem.response(scope["trace_id"])(scope, receive, send)


async def refuse(request: Request) -> Response:
    """Refuses a request that another route would take."""
    raise HTTPException(404)


def refused_routes() -> list[Route]:
    """Gives the routes that have to stand before all others."""
    return [Route(path, refuse, methods=["GET"]) for path in TAKEN]


def not_imitated(method: str, path: str) -> Problem | None:
    """Gives 501 for an endpoint of the service, None for what it does not have either."""
    endpoint = find_endpoint(method, path)
    if endpoint is None:
        return None
    what = f"{'the WebSocket' if method == 'WS' else method} {path}"
    return Problem(501, "not_imitated", REASONS.get(endpoint.path, f"The sandbox does not imitate {what}."))
