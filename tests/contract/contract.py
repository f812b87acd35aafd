"""What the service answers, and sends on its sockets: the files beside this one, and how they are held against it.

Each file has `routes` ("METHOD /path" with `path`, `query`, `body` or `form`, and `answers` by status: a schema, one or
several media types, `{"lines": schema}` for one JSON object a line, `{"multipart": schema}` for one before a file, or
null for no body), `sockets` (a path with the messages that a client receives, named by what their field `kind` says),
or `errors`; and what they refer to in `$defs`.
"""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend

HERE = Path(__file__).parent
Schema = dict[str, Any]


def _merged(part: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for path in sorted(HERE.glob("*.json")):
        for name, value in json.loads(path.read_text("utf-8")).get(part, {}).items():
            assert name not in merged, f"{path.name} describes {name}, which another file does, too"
            merged[name] = value
    return merged


ROUTES, SOCKETS, ERRORS, DEFINITIONS = map(_merged, ("routes", "sockets", "errors", "$defs"))


def _only_known(validator: Any, properties: Schema, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """The properties fit, and there are no others."""
    yield from Draft202012Validator.VALIDATORS["properties"](validator, properties, instance, schema)
    if isinstance(instance, dict) and "additionalProperties" not in schema:
        for name in sorted(instance.keys() - properties.keys()):
            yield ValidationError(f"{name!r} is not a field that the service has")


_Validator: Any = extend(Draft202012Validator, {"properties": _only_known})  # type: ignore[no-untyped-call]


@cache
def _validator(schema: str) -> Any:
    return _Validator({**json.loads(schema), "$defs": DEFINITIONS})


def fault(schema: Schema, instance: Any) -> str:
    """What is wrong with an instance; an empty text if it fits."""
    error = best_match(_validator(json.dumps(schema)).iter_errors(instance))
    return f"{error.json_path}: {error.message}"[:500] if error else ""


def route_of(method: str, path: str) -> str | None:
    """The name of the route that serves a request: of several, the one with the fewest parameters."""
    found = [name for name in ROUTES if _fits(name, f"{method} {path}")]
    return min(found, key=lambda name: name.count("{"), default=None)


def socket_of(path: str) -> str | None:
    return next((name for name in SOCKETS if _fits(name, path)), None)


def _fits(template: str, name: str) -> bool:
    return re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), name) is not None


def answer_fault(method: str, path: str, status: int, media_type: str, body: bytes) -> str:
    """What is wrong with an answer; an empty text if it is as the service's."""
    if status >= 400:
        return _error_fault(media_type, body)
    route = route_of(method, path)
    if route is None:
        return "no file describes this route"
    answers = ROUTES[route]["answers"]
    if str(status) not in answers:
        return f"the service does not answer {status}"
    return _body_fault(answers[str(status)], media_type, body)


def _body_fault(wanted: Schema | str | list[str] | None, media_type: str, body: bytes) -> str:
    if wanted is None:
        return "there should be no body" if body else ""
    if isinstance(wanted, str | list):
        fits = any(fnmatch(media_type, one) for one in ([wanted] if isinstance(wanted, str) else wanted))
        return "" if fits else f"{media_type} should be {wanted}"
    if "lines" in wanted:
        found = [fault(wanted["lines"], json.loads(line)) for line in body.splitlines() if line]
        return next(filter(None, found), "")
    if "multipart" in wanted:
        return _first_part_fault(wanted["multipart"], media_type, body)
    if media_type != "application/json":
        return f"{media_type} should be application/json"
    return fault(wanted, json.loads(body))


def _first_part_fault(wanted: Schema, media_type: str, body: bytes) -> str:
    if media_type != "multipart/mixed":
        return f"{media_type} should be multipart/mixed"
    head, _, rest = body.partition(b"\r\n\r\n")
    boundary, _, kind = head.partition(b"\r\n")
    if kind != b"Content-Type: application/json":
        return "the first part should be JSON"
    return fault(wanted, json.loads(rest.partition(b"\r\n" + boundary)[0]))


def _error_fault(media_type: str, body: bytes) -> str:
    if media_type != "application/json":
        return "" if not body else f"an error is JSON, not {media_type}"
    error = json.loads(body)
    detail = error.get("detail")
    kind = "flat" if "error" in error else "faults" if isinstance(detail, list) else "plain"
    kind = "problem" if isinstance(detail, dict) else kind
    return fault(ERRORS[kind], error)


def message_fault(path: str, message: Schema) -> str:
    """What is wrong with a message of a socket; an empty text if it is as the service's."""
    name = socket_of(path)
    if name is None:
        return "no file describes this socket"
    messages, kind = SOCKETS[name]["messages"], SOCKETS[name].get("kind")
    if kind is None:
        return fault({"anyOf": list(messages.values())}, message)
    named = message.get(kind)
    return fault(messages[named], message) if named in messages else f"no file describes the message {named!r}"
