"""The ASGI application: routes, middleware, and how exceptions become answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from .accounts.account import AccountOptions, Accounts
from .agents.agent import Agent
from .http.middleware import ServedRequest, local_only, log_requests, trace_requests
from .http.problems import JsonResponse, Problem, SchemaError
from .routes import all_routes


def application(
    accounts: AccountOptions | None = None,
    agents: Iterable[Agent] = (),
    abort: Callable[[Any], None] = lambda client: None,
    log: Callable[[ServedRequest], None] = lambda served: None,
    note: Callable[[str], None] = lambda line: None,
) -> ASGIApp:
    """Builds the application with accounts and agents of its own.

    abort  cuts the connection of a client's address
    log    is called with every request that has ended
    note   is called once with a sentence about each id of another account
    """
    routes = all_routes(Accounts(accounts, note), agents, abort)
    app = Starlette(routes=routes, exception_handlers=_HANDLERS)
    app.router.redirect_slashes = False
    return log_requests(trace_requests(local_only(app)), log)


def _trace_id(scope: MutableMapping[str, Any]) -> str:
    return str(scope["trace_id"])


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JsonResponse({"detail": error.detail}, error.status_code, error.headers)


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, SchemaError)
    return error.response()


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response(_trace_id(request.scope))


async def _internal(request: Request, error: Exception) -> Response:
    return Problem(500, "internal_error", "The sandbox itself failed.").response(_trace_id(request.scope))


_HANDLERS: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    HTTPException: _plain,
    SchemaError: _malformed,
    Problem: _problem,
    Exception: _internal,
}
