"""The routes that are the sandbox's own, below `/sandbox`: a test changes with them what it finds."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def control_routes(reset: Callable[[], None]) -> list[Route]:
    """Gives the routes; `reset` makes the state of the server anew."""

    async def reset_all(request: Request) -> Response:
        reset()
        return Response(status_code=204)

    return [Route("/sandbox/reset", reset_all, methods=["POST"])]
