"""Makes the request of a webhook tool from its settings, the model's parameters and dynamic variables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from ..agents.agent import fill
from .http import IncomingAnswer, Outgoing

FORM = "application/x-www-form-urlencoded"
WITH_BODY = ("POST", "PUT", "PATCH")
TIMEOUT_S = 20.0
REDIRECTS = (301, 302, 303, 307, 308)
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][\w-]*)\}")
_LEFT_OUT = object()
Values = Mapping[str, Any]


class ToolFault(Exception):
    """A tool that cannot be called, told in a sentence."""


class ToolRequest:
    """The request of one call.

    given      the parameters that the model, or a scripted reply, has chosen
    variables  dynamic variables
    secrets    values by the ids that settings name them with
    """

    def __init__(self, tool: Values, given: Values, variables: Values, secrets: Mapping[str, str]) -> None:
        """Raises ToolFault for a parameter that is missing, and for settings that are no schema."""
        self._schema, self._variables, self._secrets = tool["api_schema"], variables, secrets
        self._timeout_s = float(tool.get("response_timeout_secs") or TIMEOUT_S)
        try:
            self.path_params = self._texts("path_params_schema", given)
            self.query_params = self._texts("query_params_schema", given)
            self.body = self._body(given)
        except (AttributeError, TypeError, ValueError) as wrong:  # whatever JSON may hold in place of a schema
            raise ToolFault(f"its settings are no schema ({wrong})") from None

    def outgoing(self) -> Outgoing:
        """Gives the request. Raises ToolFault when a header cannot be made."""
        method = self._schema.get("method") or "GET"
        body, headers = b"", resolved_headers(self._schema.get("request_headers"), self._variables, self._secrets)
        if self.body is not None and method in WITH_BODY:
            content_type = self._schema.get("content_type") or "application/json"
            headers = {"Content-Type": content_type, **headers}
            body = (urlencode(_flat(self.body)) if content_type == FORM else json.dumps(self.body)).encode()
        return Outgoing(method, self._url(), headers, body, self._timeout_s)

    def details(self) -> dict[str, Any]:
        """Describes the request as the conversation's transcript does."""
        return {
            "type": "webhook",
            "method": self._schema.get("method") or "GET",
            "url": self._schema["url"],
            "headers": {},  # they may be secrets
            "path_params": self.path_params,
            "query_params": self.query_params,
            "body": None if self.body is None else json.dumps(self.body),
        }

    def _url(self) -> str:
        template = fill(self._schema["url"], self._variables)
        url = _PLACEHOLDER.sub(self._path_param, template)
        query = urlencode(self.query_params)
        return f"{url}{'&' if '?' in url else '?'}{query}" if query else url

    def _path_param(self, found: re.Match[str]) -> str:
        return quote(self.path_params[found[1]], "") if found[1] in self.path_params else found[0]

    def _texts(self, name: str, given: Values) -> dict[str, str]:
        schema = self._schema.get(name) or {}
        properties = schema.get("properties") or {} if name == "query_params_schema" else schema
        required = schema.get("required") or [] if name == "query_params_schema" else list(properties)
        values = self._values(properties, required, given)
        return {name: _text(value) for name, value in values.items()}

    def _body(self, given: Values) -> Any:
        schema = self._schema.get("request_body_schema")
        if not schema:
            return None
        value = self._value({"type": "object", **schema}, given)
        return None if value is _LEFT_OUT else value

    def _values(self, properties: Values, required: list[str], given: Values) -> dict[str, Any]:
        values = {name: self._value(schema, given.get(name, _LEFT_OUT)) for name, schema in properties.items()}
        if missing := [name for name in required if values.get(name, _LEFT_OUT) is _LEFT_OUT]:
            raise ToolFault(f"the parameter {missing[0]} is missing")
        return {name: value for name, value in values.items() if value is not _LEFT_OUT}

    def _value(self, schema: Values, given: Any) -> Any:
        """Gives one value: a constant, a dynamic variable's, or what was given."""
        if schema.get("is_omitted"):
            return _LEFT_OUT
        if schema.get("constant_value") not in (None, ""):
            return schema["constant_value"]
        if variable := schema.get("dynamic_variable"):
            return self._variables.get(variable, _LEFT_OUT)
        if schema.get("type") == "object" and isinstance(given, Mapping):
            return self._values(schema.get("properties") or {}, schema.get("required") or [], given)
        allowed = schema.get("enum")
        if given is not _LEFT_OUT and allowed and given not in allowed:
            raise ToolFault(f"{_text(given)} is none of {', '.join(map(_text, allowed))}")
        return given


def resolved_headers(headers: Any, variables: Values, secrets: Mapping[str, str]) -> dict[str, str]:
    """Gives headers whose values are texts, dynamic variables or secrets. Raises ToolFault for one without value."""
    if not isinstance(headers, Mapping | None):
        raise ToolFault("its request_headers are no object")
    return {name: resolved(name, value, variables, secrets) for name, value in (headers or {}).items()}


def resolved(name: str, value: Any, variables: Values, secrets: Mapping[str, str]) -> str:
    """Gives one text that may be a dynamic variable or a secret. Raises ToolFault where there is none."""
    if isinstance(value, str):
        return fill(value, variables)
    kind, key = next(iter(value.items()), ("", "")) if isinstance(value, Mapping) else ("", "")
    known: Values = {"secret_id": secrets, "variable_name": variables}.get(kind, {})
    if key not in known:
        raise ToolFault(f"there is no value for {name}, which is the {kind} {key}")
    return _text(known[key])


def redirected(tool: Values, url: str, answer: IncomingAnswer) -> Outgoing | None:
    """Gives the one further request, without body and headers, where the tool's settings allow its host."""
    if answer.status not in REDIRECTS or not tool.get("follow_redirects"):
        return None
    try:
        target = urljoin(url, answer.headers.get("location", ""))
        host = urlsplit(target).hostname
    except ValueError:  # no address at all
        return None
    if host not in (tool.get("follow_redirects_allowed_domains") or []):
        return None
    return Outgoing("GET", target, timeout_s=float(tool.get("response_timeout_secs") or TIMEOUT_S))


def parameters_schema(tool: Values) -> dict[str, Any]:
    """Gives the schema of what a model chooses of a tool's parameters."""
    schema = _object(tool.get("api_schema"))
    query, body = _object(schema.get("query_params_schema")), _object(schema.get("request_body_schema"))
    path = _object(schema.get("path_params_schema"))
    properties = {**path, **_object(query.get("properties")), **_object(body.get("properties"))}
    chosen = {name: _chosen(one) for name, one in properties.items() if _is_chosen(one)}
    required = [*path, *(query.get("required") or []), *(body.get("required") or [])]
    return {"type": "object", "properties": chosen, "required": [name for name in required if name in chosen]}


def _object(value: Any) -> Values:
    return value if isinstance(value, Mapping) else {}


def _is_chosen(schema: Any) -> bool:
    if not isinstance(schema, Mapping):
        return False
    fixed = ("dynamic_variable", "is_omitted", "is_system_provided")
    return schema.get("constant_value") in (None, "") and not any(schema.get(name) for name in fixed)


def _chosen(schema: Values) -> dict[str, Any]:
    kept = {name: schema[name] for name in ("type", "description", "enum", "required") if schema.get(name)}
    if "properties" in schema:
        own = _object(schema["properties"]).items()
        kept["properties"] = {name: _chosen(one) for name, one in own if _is_chosen(one)}
    if isinstance(schema.get("items"), Mapping):
        kept["items"] = _chosen(schema["items"])
    return kept


def _flat(body: Any) -> dict[str, str]:
    return {name: _text(value) for name, value in body.items()} if isinstance(body, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
