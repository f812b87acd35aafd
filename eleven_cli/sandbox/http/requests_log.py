"""What is logged: each request when it has ended, each message of a WebSocket, and what fails beside them.

Keys and tokens are masked.
"""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import Headers, QueryParams
from starlette.types import Scope

from .service import find_endpoint

LONGEST_PATH, LONGEST_TEXT = 200, 400
MASK = "****"
FAILURE = "failure"  # of a scope
SECRETS_PATH = "/v1/convai/secrets"
_KEY = re.compile(r"\bsk_[0-9A-Za-z]{16,}")
SECRETS = frozenset(
    ("xi-api-key", "xi_api_key", "api_key", "authorization", "token", "single_use_token", "conversation_signature")
)


@dataclass(frozen=True)
class ServedRequest:
    """A request that has ended.

    method    GET, POST …, or WS for a WebSocket
    path      without its query, which may carry tokens
    status    of the answer; of a WebSocket the code that it was closed with
    received  bytes of its body or its messages; `sent` those of the answer
    fields    of the body, None where it was no object
    unknown   fields that the service does not know
    failure   the traceback of what failed within the sandbox
    """

    method: str
    path: str
    status: int
    seconds: float
    received: int = 0
    sent: int = 0
    trace_id: str = ""
    key: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    unknown: tuple[str, ...] = ()
    failure: str = ""

    def parts(self) -> tuple[str, str, str]:
        """Formats the request as one line, its status apart: `POST /v1/text-to-speech/…`, `200`, `34 ms 12 kB`."""
        strange = f" (unknown: {', '.join(self.unknown)})" if self.unknown else ""
        path = _KEY.sub("sk_" + MASK, self.path)[:LONGEST_PATH]
        rest = f"{self.seconds * 1000:.0f} ms {_size(self.sent)}{strange}"
        return f"{self.method} {path}", str(self.status), rest

    def record(self) -> dict[str, Any]:
        """Gives the request as an object of the log file."""
        record = {
            "time": _now(),
            "request_id": self.trace_id,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "key": _masked_key(self.key),
            "status": self.status,
            "ms": round(self.seconds * 1000),
            "bytes_received": self.received,
            "bytes_sent": self.sent,
            "body": _without_value(self.body) if self.path.startswith(SECRETS_PATH) else self.body,
            "unknown": self.unknown,
            "failure": self.failure,
        }
        return _masked_object({name: value for name, value in record.items() if value not in (None, "", (), {})})


@dataclass(frozen=True)
class SentRequest(ServedRequest):
    """A request that the sandbox has sent: a webhook, a tool, or a model's. `status` is 0 without an answer."""

    def parts(self) -> tuple[str, str, str]:
        """Formats the request as one line: `sent POST http://127.0.0.1:9000/hook`, `200`, `34 ms 12 kB`."""
        request, status, rest = super().parts()
        return f"sent {request}", "no answer" if status == "0" else status, rest

    def record(self) -> dict[str, Any]:
        """Gives the request as an object of the log file."""
        return {"sent": True, **super().record()}


@dataclass(frozen=True)
class SocketMessage:
    """A message of a WebSocket; `sender` is "client" or "sandbox"."""

    trace_id: str
    path: str
    sender: str
    text: str | bytes

    def record(self) -> dict[str, Any]:
        """Gives the message as an object of the log file."""
        about = {"time": _now(), "request_id": self.trace_id, "path": self.path, "from": self.sender}
        message = json_or_none(self.text)
        return _masked_object(about | {"message": f"({len(self.text)} bytes)" if message is None else message})


@dataclass(frozen=True)
class BackgroundFailure:
    """What failed within the sandbox where no request waits for it; `failure` is the traceback."""

    task: str
    failure: str

    def record(self) -> dict[str, Any]:
        """Gives the failure as an object of the log file."""
        return _masked_object({"time": _now(), "task": self.task, "failure": self.failure})


Entry = ServedRequest | SocketMessage | BackgroundFailure
Log = Callable[[Entry], None]


def note_failure(scope: MutableMapping[str, Any], error: BaseException) -> None:
    """Has the log tell what failed within the sandbox."""
    scope[FAILURE] = "".join(traceback.format_exception(error))


def masked(value: Any, name: str = "") -> Any:
    """Gives a copy without secrets, in which long texts such as audio are cut."""
    if isinstance(value, Mapping):
        return _masked_object(value)
    if isinstance(value, list | tuple):
        return [masked(one) for one in value]
    if not isinstance(value, str):
        return value
    if name.lower() in SECRETS and value:
        return MASK
    text = _KEY.sub("sk_" + MASK, value)
    cut = len(text) > LONGEST_TEXT and name != "failure"
    return f"{text[:LONGEST_TEXT]}… ({len(text)} characters)" if cut else text


def _without_value(body: Any) -> Any:
    """Masks what is to be kept secret."""
    return {**body, "value": MASK} if isinstance(body, Mapping) and "value" in body else body


def _masked_object(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): masked(one, str(name)) for name, one in value.items()}


def unknown_fields(method: str, scope: Scope, body: Iterable[str]) -> tuple[str, ...]:
    """Gives the fields of a request that the service does not know."""
    endpoint = find_endpoint(method, scope["path"])
    return tuple(endpoint.unknown(query_of(scope), body)) if endpoint else ()


def query_of(scope: Scope) -> dict[str, str]:
    return dict(QueryParams(scope.get("query_string", b"")))


def key_of(scope: Scope) -> str:
    headers = Headers(scope=scope)
    return headers.get("xi-api-key") or headers.get("authorization", "")


def json_or_none(text: str | bytes) -> Any:
    """Parses JSON; None for anything else."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _masked_key(key: str) -> str:
    """Gives what tells keys apart, and no more."""
    return f"{MASK}{key[-3:]}" if len(key) > 8 else MASK if key else ""


def _size(count: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000 or unit == "MB":
            break
        count = round(count / 1000)
    return f"{count} {unit}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
