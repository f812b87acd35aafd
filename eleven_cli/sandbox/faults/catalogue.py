"""The names of all faults: error codes of the service, other bodies of errors, and what goes wrong on the way."""

from __future__ import annotations

from typing import NamedTuple

OLD = "old-"


class ErrorCode(NamedTuple):
    """An error of the service.

    status      of HTTP
    kind        the type in the current body
    code        and `legacy`, the status beside it, which older bodies have alone
    old_status  the status of HTTP that came with an older body
    """

    status: int
    kind: str
    code: str
    legacy: str
    old_status: int


class FaultKind(NamedTuple):
    """What goes wrong on the way.

    explained  a sentence, in which N is the message and VALUE the value
    default    the value where none is given; None for a fault without one
    values     the range of values
    """

    explained: str
    default: int | None = None
    values: range = range(0)


_CODES = {
    (400, "validation_error"): "text_too_long text_too_short invalid_text empty_text invalid_parameters "
    "missing_required_field invalid_voice_settings invalid_voice_id unsupported_model invalid_audio "
    "invalid_audio_format invalid_output_format audio_too_long audio_too_short invalid_file_type invalid_page_size "
    "invalid_cursor",
    (400, "invalid_request"): "bad_request malformed_json invalid_content_type request_too_large",
    (401, "authentication_error"): "invalid_api_key missing_api_key invalid_authorization_header unauthorized "
    "sign_in_required missing_permissions",
    (402, "payment_required"): "insufficient_credits paid_plan_required",
    (403, "authorization_error"): "forbidden insufficient_permissions workspace_access_denied feature_not_available "
    "subscription_required voice_access_denied model_access_denied",
    (404, "not_found"): "voice_not_found sample_not_found voice_collection_not_found user_not_found "
    "auth_account_not_found workspace_not_found project_not_found history_item_not_found collection_not_found "
    "document_not_found file_not_found conversation_not_found agent_not_found dubbing_not_found song_not_found "
    "read_not_found pronunciation_dictionary_not_found knowledge_base_not_found phone_number_not_found tool_not_found "
    "snapshot_not_found task_not_found model_not_found transcript_not_found keywords_list_not_found "
    "category_not_found",
    (409, "conflict"): "conflict resource_already_exists voice_already_exists already_running already_processing "
    "concurrent_modification slug_already_exists",
    (429, "rate_limit_error"): "rate_limit_exceeded concurrent_limit_exceeded system_busy",
    (500, "internal_error"): "internal_error",
    (503, "service_unavailable"): "service_unavailable maintenance",
}
_LEGACY = {
    "insufficient_credits": "quota_exceeded",
    "paid_plan_required": "payment_required",
    "text_too_long": "max_character_limit_exceeded",
    "concurrent_limit_exceeded": "too_many_concurrent_requests",
    "missing_api_key": "needs_authorization",
    "unauthorized": "invalid_api_key",
    "insufficient_permissions": "missing_permissions",
    "feature_not_available": "only_for_creator+",
    "agent_not_found": "document_not_found",
}
_OLD_STATUS = {"insufficient_credits": 401, "voice_not_found": 400}
ERRORS = {
    code: ErrorCode(status, kind, code, _LEGACY.get(code, code), _OLD_STATUS.get(code, status))
    for (status, kind), codes in _CODES.items()
    for code in codes.split()
}
BODIES = {
    "unprocessable_entity": "422 with a list of what does not fit the schema",
    "plain_not_found": '404 with {"detail": "Not Found"}',
    "flat_error": '400 with {"error", "message"}',
    "bad_prompt": "422 with a suggestion for another prompt",
    "bad_composition_plan": "422 with a suggestion for another plan",
    "html_error": "502 with a page of HTML",
    "empty_error": "500 without a body",
}
_MS = range(600_001)
TRANSFER = {
    "latency": FaultKind("every answer and message comes VALUE milliseconds later", 200, _MS),
    "slow_first_byte": FaultKind("the answer, or the first message, comes VALUE milliseconds later", 2000, _MS),
    "slow_stream": FaultKind("VALUE milliseconds between pieces of 4 KiB, or between messages", 100, _MS),
    "drop": FaultKind("the connection is cut within piece N of the body, or instead of message N"),
    "stall": FaultKind("nothing comes any more from within piece N of the body, or instead of message N"),
    "truncated_chunk": FaultKind("a chunk is shorter than announced, then the connection ends"),
    "wrong_content_type": FaultKind("the answer says that it is text/plain"),
    "close": FaultKind("a WebSocket is closed with the code VALUE instead of message N", 1011, range(1000, 5000)),
    "unknown_event": FaultKind("after each message of a WebSocket comes one of an unknown type"),
    "ping_silence": FaultKind("a WebSocket has no messages of the type ping"),
    "duplicate": FaultKind("every message of a WebSocket comes twice"),
    "reorder": FaultKind("every second message of a WebSocket comes after the next one"),
}
ALIASES = {
    "401": "invalid_api_key",
    "402": "insufficient_credits",
    "403": "insufficient_permissions",
    "404": "plain_not_found",
    "422": "unprocessable_entity",
    "429": "rate_limit_exceeded",
    "500": "internal_error",
    "502": "html_error",
    "503": "service_unavailable",
    "quota_exceeded": f"{OLD}insufficient_credits",
    "max_character_limit_exceeded": f"{OLD}text_too_long",
    "too_many_concurrent_requests": f"{OLD}concurrent_limit_exceeded",
    "needs_authorization": f"{OLD}missing_api_key",
}
RETRY_AFTER = range(3601)


def names() -> dict[str, str]:
    """Gives every name, with what it does."""
    return {
        **{name: kind.explained for name, kind in TRANSFER.items()},
        **{code: f"{error.status} {error.kind}" for code, error in ERRORS.items()},
        **{f"{OLD}{code}": f"{error.old_status} {error.legacy}, as it used to be" for code, error in ERRORS.items()},
        **BODIES,
        **{alias: f"the same as {name}" for alias, name in ALIASES.items()},
    }
