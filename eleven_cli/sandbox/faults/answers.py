"""The answers of faults that are errors, in every shape in which the service has sent them."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import HTMLResponse, Response

from ..http.problems import JsonResponse, Problem
from .catalogue import ERRORS, OLD
from .fault import Fault

_SENT_AS_UNAUTHORIZED = ("invalid_api_key", "missing_api_key")
_MISSING = {"type": "missing", "loc": ["body", "sandbox_fault"], "msg": "Field required", "input": None}
_PAGE = "<html><head><title>502 Server Error</title></head><body><h1>Error: Server Error</h1></body></html>"


def _suggesting(status: str, name: str, suggestion: object) -> Callable[[], Response]:
    detail = {"status": status, "message": "The sandbox was told to refuse this.", "data": {name: suggestion}}
    return lambda: JsonResponse({"detail": detail}, 422)


_BODIES: dict[str, Callable[[], Response]] = {
    "unprocessable_entity": lambda: JsonResponse({"detail": [_MISSING]}, 422),
    "plain_not_found": lambda: JsonResponse({"detail": "Not Found"}, 404),
    "flat_error": lambda: JsonResponse({"error": "sandbox_fault", "message": "The sandbox was told to fail."}, 400),
    "bad_prompt": _suggesting("bad_prompt", "prompt_suggestion", "A calm song with a piano."),
    "bad_composition_plan": _suggesting("bad_composition_plan", "composition_plan_suggestion", {"sections": []}),
    "html_error": lambda: HTMLResponse(_PAGE, 502),
    "empty_error": lambda: Response(status_code=500),
}


def answer_of(fault: Fault, trace_id: str) -> Response:
    """Makes the answer of an error; a value is what Retry-After says."""
    if fault.name in _BODIES:
        return _BODIES[fault.name]()
    error = ERRORS[fault.name.removeprefix(OLD)]
    headers = {} if fault.value is None else {"retry-after": str(fault.value)}
    message = f"The sandbox was told to answer {error.code}."
    if fault.name.startswith(OLD):
        return JsonResponse({"detail": {"status": error.legacy, "message": message}}, error.old_status, headers)
    code = "unauthorized" if error.code in _SENT_AS_UNAUTHORIZED else error.code
    problem = Problem(error.status, code, message, status=error.legacy, kind=error.kind, headers=headers)
    return problem.response(trace_id)
