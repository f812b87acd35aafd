"""The error messages of the speech and the dialogue socket."""

from __future__ import annotations

from ..http.problems import Problem, SchemaError
from ..sockets.json_socket import CLOSE_INTERNAL, CLOSE_POLICY, ErrorFormat, Message, SessionEnd


def _error(error: str, message: str, *, code: int = CLOSE_POLICY, param: str | None = None) -> SessionEnd:
    body: Message = {"message": message, "error": error, "code": code}
    return SessionEnd(code, message, {**body, "param": param} if param else body)


def _invalid(message: str) -> SessionEnd:
    return _error("malformed_json", message)


def _idle(timeout_s: float) -> SessionEnd:
    message = f"Have not received a new text input within the timeout of {timeout_s:.1f} seconds."
    return _error("input_timeout_exceeded", f"{message} Streaming input terminated.")


def _refused(problem: Problem | SchemaError) -> SessionEnd:
    return _error(problem.status, str(problem))


def _refused_with_param(problem: Problem | SchemaError) -> SessionEnd:
    return _error(problem.status, str(problem), param=problem.param)


def _crashed(message: str) -> SessionEnd:
    return _error("internal_error", message, code=CLOSE_INTERNAL)


SPEECH_ERRORS = ErrorFormat(_invalid, _idle, _refused, _crashed)
DIALOGUE_ERRORS = ErrorFormat(_invalid, _idle, _refused_with_param, _crashed)
