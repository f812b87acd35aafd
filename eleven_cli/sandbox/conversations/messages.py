"""Checks the messages that a caller may send on the conversation socket. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..http.validate import Checker
from ..sockets.json_socket import Message
from .events import invalid_message

Check = Callable[[Checker, Message], None]
SCORES = ("like", "dislike")
MOCKING, FALLBACKS = ("none", "all", "selected"), ("raise_error", "call_real_tool")
INITIATION = "conversation_initiation_client_data"


def check_message(message: Message, kind: str) -> None:
    """Checks a message of a kind; one of an unknown kind is never wrong. Raises SessionEnd (1008)."""
    check = Checker("message", strict=True)
    if kind in _CHECKS:
        _CHECKS[kind](check, message)
    if check.faults:
        missing = all(fault["type"] == "missing" for fault in check.faults)
        usual = "value_error" if kind == INITIATION else "invalid_message"
        faults = "; ".join(f"{'.'.join(map(str, fault['loc'][1:]))}: {fault['msg']}" for fault in check.faults)
        raise invalid_message(f"{faults}.", "missing_fields" if missing else usual)


def _initiation(check: Checker, message: Message) -> None:
    for name in ("conversation_config_override", "custom_llm_extra_body", "dynamic_variables"):
        check.optional(message, name, Checker.object)
    for name in ("user_id", "branch_id", "environment", "starting_workflow_node_id"):
        check.optional(message, name, Checker.string)
    check.optional(message, "procedure_ids", Checker.strings)
    check.optional(message, "source_info", _source)
    check.optional(message, "tool_mock_config", _mocking)


def _source(check: Checker, name: str, source: Any) -> None:
    if check.object(name, source):
        for field in ("source", "version"):
            check.within(name).optional(source, field, Checker.string)


def _mocking(check: Checker, name: str, config: Any) -> None:
    if not check.object(name, config):
        return
    deeper = check.within(name)
    deeper.optional(config, "mocked_tool_names", Checker.strings)
    for field, allowed in (("mocking_strategy", MOCKING), ("fallback_strategy", FALLBACKS)):
        if field in config:
            deeper.one_of(field, config[field], allowed)


def _user_message(check: Checker, message: Message) -> None:
    check.optional(message, "text", _written)
    check.optional(message, "rich_content_id", Checker.string)


def _written(check: Checker, name: str, text: Any) -> None:
    if not isinstance(text, str):  # half a character, as browsers may send it, is echoed
        check.string(name, text)


def _pong(check: Checker, message: Message) -> None:
    check.needed(message, "event_id", Checker.integer)


def _feedback(check: Checker, message: Message) -> None:
    check.needed(message, "event_id", Checker.integer)
    if check.required(message, "score") is not None:
        check.one_of("score", message["score"], SCORES)


def _contextual_update(check: Checker, message: Message) -> None:
    check.needed(message, "text", Checker.string)
    check.optional(message, "context_id", Checker.string)


def _tool_result(check: Checker, message: Message) -> None:
    check.needed(message, "tool_call_id", Checker.string)
    check.required(message, "result")  # of any type: the Python SDK sends what the tool returns
    check.needed(message, "is_error", Checker.boolean)


def _tool_approval(check: Checker, message: Message) -> None:
    check.needed(message, "tool_call_id", Checker.string)
    check.needed(message, "is_approved", Checker.boolean)


def _multimodal(check: Checker, message: Message) -> None:
    check.optional(message, "text", _nested_user_message)
    check.optional(message, "file", _file)
    check.optional(message, "files", lambda check, name, files: check.list_of(name, files, _file))


def _nested_user_message(check: Checker, name: str, message: Any) -> None:
    if check.object(name, message):
        deeper = check.within(name)
        _literal(deeper, message, "user_message")
        _user_message(deeper, message)


def _file(check: Checker, name: str | int, file: Any) -> None:
    if check.object(name, file):
        deeper = check.within(name)
        _literal(deeper, file, "file_input")
        deeper.needed(file, "file_id", Checker.string)


def _literal(check: Checker, message: Message, kind: str) -> None:
    check.needed(message, "type", lambda check, name, value: check.one_of(name, value, (kind,)))


_CHECKS: Mapping[str, Check] = {
    INITIATION: _initiation,
    "user_message": _user_message,
    "pong": _pong,
    "feedback": _feedback,
    "contextual_update": _contextual_update,
    "client_tool_result": _tool_result,
    "mcp_tool_approval_result": _tool_approval,
    "multimodal_message": _multimodal,
}
