"""Reads what an agent of a file calls: webhooks, tools, and a model of the user's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..http.validate import is_web_address
from ..outgoing.webhooks import EVENTS, SECRET, TRANSCRIPT, Webhook
from .agent import END_CALL
from .table import TomlTable

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CONTENT_TYPES = ("application/json", "application/x-www-form-urlencoded")
ERROR_MODES = ("auto", "summarized", "passthrough", "hide")
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_TEXT = re.compile(r"[^\x00-\x1f\x7f]*")
_WEBHOOK_KEYS = frozenset({"url", "secret", "events", "request_headers", "retry_enabled"})
_LLM_KEYS = frozenset({"url", "model_id", "request_headers"})
_TOOL_KEYS = frozenset({"type", "name", "description"})
_WEBHOOK_TOOL_KEYS = frozenset(
    {"response_timeout_secs", "api_schema", "assignments", "tool_error_handling_mode"}
    | {"follow_redirects", "follow_redirects_allowed_domains"}
)
_CLIENT_TOOL_KEYS = frozenset({"response_timeout_secs", "parameters", "expects_response"})
_SCHEMAS = ("path_params_schema", "query_params_schema", "request_body_schema", "response_filter")
_API_KEYS = frozenset({"url", "method", "request_headers", "content_type", *_SCHEMAS})


def webhook_of(table: TomlTable, agent_id: str) -> tuple[Webhook | None, dict[str, Any]]:
    """Gives the webhook after the agent's calls, and the settings that the service has of it."""
    if not table.has("webhook"):
        return None, {}
    own = table.table("webhook", _WEBHOOK_KEYS)
    events = own.texts("events") or [TRANSCRIPT]
    for event in events:
        if event not in EVENTS:
            raise own.wrong("events", f"has {event!r}, which is none of {', '.join(EVENTS)}")
    webhook = Webhook(
        url=_url(own),
        secret=own.text("secret", SECRET),
        headers=_headers(own),
        retry_enabled=own.flag("retry_enabled"),
        webhook_id=f"webhook_{agent_id}",
    )
    return webhook, {"post_call_webhook_id": webhook.webhook_id, "events": events}


def custom_llm_of(table: TomlTable) -> dict[str, Any] | None:
    """Gives the model that is asked, as the service stores its settings."""
    if not table.has("custom_llm"):
        return None
    own = table.table("custom_llm", _LLM_KEYS)
    model = {"model_id": own.text("model_id")} if own.has("model_id") else {}
    return {"url": _url(own), **model, "request_headers": _headers(own), "api_type": "chat_completions"}


def tools_of(table: TomlTable) -> tuple[Mapping[str, Any], ...]:
    """Gives the tools, as the service stores their settings."""
    every = _TOOL_KEYS | _WEBHOOK_TOOL_KEYS | _CLIENT_TOOL_KEYS
    tools = [(own, _tool(own)) for own in table.tables("tools", every)]
    names = [tool["name"] for _, tool in tools]
    for at, (own, tool) in enumerate(tools):
        if tool["name"] in names[:at]:
            raise own.wrong("name", f"{tool['name']!r} is taken by a tool above")
    return tuple(tool for _, tool in tools)


def _tool(own: TomlTable) -> dict[str, Any]:
    kind, name = own.choice("type", "webhook", tuple(_KINDS)), own.text("name")
    if not _TOOL_NAME.fullmatch(name):
        raise own.wrong("name", f"must be 1 to 64 letters, digits, _ and -, not {name!r}")
    allowed, more = _KINDS[kind]
    own.only(_TOOL_KEYS | allowed, f"is no key of a {kind} tool")
    return {"type": kind, "name": name, "description": own.text("description"), **more(own)}


def _webhook_tool(own: TomlTable) -> dict[str, Any]:
    if not own.has("api_schema"):
        raise own.wrong("api_schema", "is missing")
    return {
        "response_timeout_secs": own.seconds("response_timeout_secs", 20),
        "tool_error_handling_mode": own.choice("tool_error_handling_mode", "auto", ERROR_MODES),
        "assignments": own.of("assignments", list, "a list of tables", []),
        "follow_redirects": own.flag("follow_redirects"),
        "follow_redirects_allowed_domains": own.texts("follow_redirects_allowed_domains"),
        "api_schema": _api_schema(own.table("api_schema", _API_KEYS)),
    }


def _client_tool(own: TomlTable) -> dict[str, Any]:
    return {
        "response_timeout_secs": own.seconds("response_timeout_secs", 20),
        "parameters": own.of("parameters", dict, "a table", {"type": "object", "properties": {}}),
        "expects_response": own.flag("expects_response", default=True),
    }


def _system_tool(own: TomlTable) -> dict[str, Any]:
    if own.text("name") != END_CALL:
        raise own.wrong("name", f"must be {END_CALL} where the type is system")
    return {"params": {"system_tool_type": END_CALL}}


_KINDS: dict[str, tuple[frozenset[str], Callable[[TomlTable], dict[str, Any]]]] = {
    "webhook": (_WEBHOOK_TOOL_KEYS, _webhook_tool),
    "client": (_CLIENT_TOOL_KEYS, _client_tool),
    "system": (frozenset(), _system_tool),
}


def _api_schema(own: TomlTable) -> dict[str, Any]:
    return {
        "url": _url(own),
        "method": own.choice("method", "GET", METHODS),
        "request_headers": _headers(own),
        "content_type": own.choice("content_type", CONTENT_TYPES[0], CONTENT_TYPES),
        **{name: own.of(name, dict, "a table", {}) for name in _SCHEMAS if own.has(name)},
    }


def _url(own: TomlTable) -> str:
    if not own.has("url"):
        raise own.wrong("url", "is missing")
    url = own.text("url")
    if is_web_address(url):
        return url
    raise own.wrong("url", f"must be an address such as http://127.0.0.1:9000/path, not {url!r}")


def _headers(own: TomlTable) -> dict[str, str]:
    headers = own.of("request_headers", dict, "a table", {})
    for name, value in headers.items():
        if (
            not isinstance(value, str)
            or not _TEXT.fullmatch(value)
            or not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name, re.ASCII)
        ):
            raise own.wrong("request_headers", f"has {name!r}, which is no header with a text")
    return dict(headers)
