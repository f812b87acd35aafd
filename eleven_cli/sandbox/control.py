"""The routes that are the sandbox's own, below `/sandbox`: a test changes with them what it finds."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .faults.fault import WrongFault
from .faults.table import FaultTable
from .http.problems import JsonResponse, invalid_parameter


def control_routes(reset: Callable[[], None], faults: FaultTable) -> list[Route]:
    """Gives the routes; `reset` gives the server a new state."""

    async def reset_all(request: Request) -> Response:
        reset()
        return Response(status_code=204)

    async def show_faults(request: Request) -> Response:
        return JsonResponse(faults.listed())

    async def set_faults(request: Request) -> Response:
        try:
            faults.replace(await request.json())
        except (WrongFault, RecursionError) as wrong:
            raise invalid_parameter("faults", str(wrong)) from None
        except ValueError:
            raise invalid_parameter("faults", "The body must be a list of faults in JSON.") from None
        return JsonResponse(faults.listed())

    return [
        Route("/sandbox/reset", reset_all, methods=["POST"]),
        Route("/sandbox/faults", show_faults, methods=["GET"]),
        Route("/sandbox/faults", set_faults, methods=["PUT"]),
    ]
