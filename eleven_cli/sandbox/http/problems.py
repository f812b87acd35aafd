"""The errors that the sandbox answers with, and their responses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from starlette.responses import JSONResponse

T = TypeVar("T")
KINDS = {
    400: "validation_error",
    401: "authentication_error",
    402: "payment_required",
    403: "authorization_error",
    404: "not_found",
    408: "invalid_request",
    409: "conflict",
    413: "invalid_request",
    429: "rate_limit_error",
    500: "internal_error",
    501: "not_implemented",
}


class JsonResponse(JSONResponse):
    """JSON in pure ASCII, which preserves every text, lone surrogates included."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, separators=(",", ":")).encode("ascii")


class Problem(Exception):
    """An error in the current style: `{"detail": {type, code, message, status, request_id, param?}}`.

    `status` is the code for older clients, by default the same; `kind` is the type, by default that of the HTTP status.
    """

    def __init__(
        self,
        http_status: int,
        code: str,
        message: str,
        *,
        status: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
        kind: str | None = None,
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.headers = dict(headers or {})
        self.status, self.param = status or code, param
        self._detail = {"type": kind or KINDS[http_status], "code": code, "message": message, "status": self.status}

    def response(self, trace_id: str) -> JsonResponse:
        """Makes the response; its `request_id` is the trace id of the headers."""
        detail = {**self._detail, "request_id": trace_id}
        if self.param is not None:
            detail["param"] = self.param
        return JsonResponse({"detail": detail}, self.http_status, self.headers)


class SchemaError(Exception):
    """A request that does not fit the schema: HTTP 422 with one entry per fault; on a socket, all in one sentence."""

    http_status, status = 422, "invalid_parameters"

    def __init__(self, faults: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults))
        self.faults = faults
        self.param = str(faults[0]["loc"][-1])

    def response(self) -> JsonResponse:
        return JsonResponse({"detail": self.faults}, self.http_status)


def existing(records: Mapping[str, T], record_id: str, what: str) -> T:
    """Gives the record of this id. Raises Problem (404): a "test invocation" is `test_invocation_not_found`."""
    if (record := records.get(record_id)) is None:
        message = f"There is no {what} with the id '{record_id}'."
        raise Problem(404, f"{what.replace(' ', '_')}_not_found", message, status="document_not_found")
    return record


def voice_not_found(voice_id: str) -> Problem:
    """404 for an unknown voice id."""
    return Problem(404, "voice_not_found", f"There is no voice with the id '{voice_id}'.", param="voice_id")


def library_needs_plan() -> Problem:
    """402 for a voice of the library on the free plan."""
    message = "Library voices need a paid plan when used through the API."
    return Problem(402, "paid_plan_required", message, status="payment_required")


def unsupported_model(message: str) -> Problem:
    """400 for a model that cannot do what the request asks."""
    return Problem(400, "unsupported_model", message, param="model_id")


def invalid_parameter(param: str, message: str, *, status: str | None = None) -> Problem:
    """400 for a value that matches the schema and is still invalid."""
    return Problem(400, "invalid_parameters", message, status=status, param=param)
