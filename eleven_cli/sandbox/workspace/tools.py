"""The settings of tools, as they are stored and shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..accounts.account import Account
from ..agents.description import ACCESS
from ..http.problems import existing
from ..http.validate import Checker
from ..state.store import Record

TOOLS = "tools"
TYPES = ("webhook", "client", "system", "mcp")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_COMMON: Mapping[str, Any] = {
    "response_timeout_secs": 20,
    "disable_interruptions": False,
    "interruption_mode": "allow",
    "force_pre_tool_speech": False,
    "pre_tool_speech": "auto",
    "assignments": [],
    "tool_call_sound": None,
    "tool_call_sound_behavior": "auto",
    "tool_error_handling_mode": "auto",
}
_VARIABLES: Mapping[str, Any] = {
    "dynamic_variables": {"dynamic_variable_placeholders": {}},
    "execution_mode": "immediate",
}
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "webhook": {**_COMMON, **_VARIABLES, "follow_redirects": False, "follow_redirects_allowed_domains": []},
    "client": {**_COMMON, **_VARIABLES, "parameters": None, "expects_response": False},
    "system": {**_COMMON, "description": ""},
    "mcp": {**_COMMON, "response_timeout_secs": 30, "parameters": None, "approval_policy": "require_approval_all"},
}
_MCP = ("integration_type", "mcp_tool_name", "mcp_tool_description", "mcp_server_id", "mcp_server_name")
_TIMEOUTS = {"webhook": (5, 300), "client": (1, 120), "system": (0, 3600), "mcp": (5, 300)}


def check_tool(body: dict[str, Any]) -> None:
    """Checks the body of a request. Raises SchemaError."""
    check = Checker("body")
    config = check.required(body, "tool_config")
    if "tool_config" in body and check.object("tool_config", config):
        _check_config(check, config)
    check.optional(body, "response_mocks", lambda deeper, name, value: deeper.list_of(name, value, Checker.object))
    check.finish()


def _check_config(check: Checker, config: dict[str, Any]) -> None:
    kind = config.get("type")
    if kind not in TYPES:
        tags = ", ".join(f"'{each}'" for each in TYPES)
        found = "union_tag_not_found" if kind is None else "union_tag_invalid"
        message = "Unable to extract tag using discriminator 'type'" if kind is None else f"Expected one of {tags}"
        return check.note("tool_config", found, message, config, {"discriminator": "'type'", "expected_tags": tags})
    deeper = check.within("tool_config", kind)
    deeper.needed(config, "name", _check_name)
    if kind == "system":
        deeper.optional(config, "description", Checker.string)
        deeper.needed(config, "params", Checker.object)
    else:
        deeper.needed(config, "description", Checker.string)
    for name in _MCP if kind == "mcp" else ():
        deeper.needed(config, name, Checker.string)
    if config.get("response_timeout_secs") is not None:
        deeper.number("response_timeout_secs", config["response_timeout_secs"], *_TIMEOUTS[kind])
    if kind == "webhook":
        deeper.needed(config, "api_schema", _check_api)


def _check_name(check: Checker, name: str, value: Any) -> None:
    check.string(name, value)
    if isinstance(value, str) and not NAME.fullmatch(value):
        message = f"String should match pattern '^{NAME.pattern}$'"
        check.note(name, "string_pattern_mismatch", message, value, {"pattern": f"^{NAME.pattern}$"})


def _check_api(check: Checker, name: str, api: Any) -> None:
    if check.object(name, api):
        deeper = check.within(name)
        deeper.needed(api, "url", Checker.string)
        deeper.optional(api, "method", lambda each, field, value: each.one_of(field, value, METHODS))


def complete_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Gives the settings with the defaults of their type."""
    complete = {**_DEFAULTS[config["type"]], **config}
    if config["type"] == "webhook":
        complete["api_schema"] = {"method": "GET", "request_headers": {}, **config["api_schema"]}
    return complete


def tool_body(tool_id: str, record: Record) -> dict[str, Any]:
    return {
        "id": tool_id,
        "tool_config": record["tool_config"],
        "access_info": ACCESS,
        "usage_stats": {"total_calls": 0, "avg_latency_secs": 0.0},
        "response_mocks": record["response_mocks"],
    }


def find_tool(account: Account, tool_id: str) -> Record:
    """Gives the record of a tool. Raises Problem (404) without one."""
    return existing(account.store.records(TOOLS, account.owner).all(), tool_id, "tool")
