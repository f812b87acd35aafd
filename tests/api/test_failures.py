# ruff: noqa: E501 (a table is read in columns)
"""Every shape of error body becomes one sentence, a code, a request id and the right kind of error."""

import json

import pytest

from eleven_cli.api.error_mapping import error_from_response, redirected
from eleven_cli.errors import DESIGN_COMMAND, AuthError, ElevenError, LimitError, NotFound, PermissionMissing


def detail(**members):
    return json.dumps({"detail": members}).encode()


def now(kind, code, message, status="", **more):
    return detail(type=kind, code=code, message=message, **({"status": status} if status else {}), **more)


CASES = {
    "wrong key": (
        401,
        now("authentication_error", "unauthorized", "Invalid API key", "invalid_api_key", request_id="7b1f"),
        (AuthError, 3, "unauthorized, invalid_api_key", "7b1f", "Invalid API key"),
    ),
    "no key": (
        401,
        now("authentication_error", "unauthorized", "No key received.", "needs_authorization"),
        (AuthError, 3, "unauthorized, needs_authorization", "", "No key received."),
    ),
    "no key, old": (401, detail(status="needs_authorization", message="No key."), (AuthError, 3, "needs_authorization", "", "No key.")),
    "no key, as a missing workspace": (
        404,
        now("not_found", "workspace_not_found", "Workspace not found.", "workspace_not_found"),
        (AuthError, 3, "workspace_not_found", "", "Workspace not found."),
    ),
    "a 401 that is about the quota": (
        401,
        detail(status="quota_exceeded", message="This request exceeds your quota."),
        (LimitError, 5, "quota_exceeded", "", "This request exceeds your quota."),
    ),
    "quota": (
        402,
        now("payment_required", "insufficient_credits", "You have 12 credits.", "quota_exceeded"),
        (LimitError, 5, "insufficient_credits, quota_exceeded", "", "You have 12 credits."),
    ),
    "a library voice on a free plan": (
        402,
        now("payment_required", "paid_plan_required", "Free users cannot.", "payment_required"),
        (LimitError, 5, "paid_plan_required, payment_required", "", "Free users cannot."),
    ),
    "a format for other plans": (
        403,
        now("authorization_error", "subscription_required", "Not on your plan."),
        (LimitError, 5, "subscription_required", "", "Not on your plan."),
    ),
    "an abuse block": (
        401,
        detail(status="detected_unusual_activity", message="Unusual activity detected."),
        (LimitError, 5, "detected_unusual_activity", "", "Unusual activity detected."),
    ),
    "a permission, new": (
        403,
        now("authorization_error", "insufficient_permissions", "missing the permission voices_read to do it", "missing_permissions"),
        (PermissionMissing, 3, "insufficient_permissions, missing_permissions", "", "the API key lacks the permission voices_read"),
    ),
    "a permission, old": (
        401,
        detail(status="missing_permissions", message="The API key is missing permissions: user_read"),
        (PermissionMissing, 3, "missing_permissions", "", "the API key lacks the permission user_read"),
    ),
    "a permission without its name": (
        401,
        detail(status="missing_permissions", message="Not allowed."),
        (PermissionMissing, 3, "missing_permissions", "", "Not allowed."),
    ),
    "a voice that may not be used": (
        403,
        now("authorization_error", "voice_access_denied", "Not yours."),
        (AuthError, 3, "voice_access_denied", "", "Not yours."),
    ),
    "voice": (
        404,
        now("not_found", "voice_not_found", "No such voice.", "voice_not_found", param="voice_id", request_id="a3"),
        (NotFound, 4, "voice_not_found", "a3", "No such voice."),
    ),
    "voice, old": (400, detail(status="voice_not_found", message="No such voice."), (NotFound, 4, "voice_not_found", "", "No such voice.")),
    "agent": (
        404,
        now("not_found", "agent_not_found", "No agent.", "document_not_found"),
        (NotFound, 4, "agent_not_found, document_not_found", "", "No agent."),
    ),
    "concurrency": (
        429,
        now("rate_limit_error", "concurrent_limit_exceeded", "Too many.", "too_many_concurrent_requests"),
        (LimitError, 5, "concurrent_limit_exceeded, too_many_concurrent_requests", "", "Too many."),
    ),
    "busy, old": (429, detail(status="system_busy", message="Heavy traffic."), (LimitError, 5, "system_busy", "", "Heavy traffic.")),
    "text too long, old": (
        400,
        detail(status="max_character_limit_exceeded", message="12034 characters."),
        (ElevenError, 1, "max_character_limit_exceeded", "", "12034 characters."),
    ),
    "model": (
        400,
        now("validation_error", "unsupported_model", "Not with eleven_v3.", "unsupported_model", param="model_id", request_id=None),
        (ElevenError, 1, "unsupported_model", "", "Not with eleven_v3."),
    ),
    "a list": (
        422,
        b'{"detail":[{"type":"missing","loc":["body","model_id"],"msg":"Field required","input":null}]}',
        (ElevenError, 1, "missing", "", "body.model_id: Field required"),
    ),
    "a list of two": (
        422,
        b'{"detail":[{"type":"int_parsing","loc":["query","page_size"],"msg":"no integer"},'
        b'{"type":"less_than_equal","loc":["body","text",17],"msg":"too large","ctx":{"le":1}}]}',
        (ElevenError, 1, "int_parsing", "", "query.page_size: no integer; body.text.17: too large"),
    ),
    "a list of nonsense": (422, b'{"detail":["what",{}]}', (ElevenError, 1, "error", "", "request: not valid")),
    "a string": (404, b'{"detail":"Not Found"}', (NotFound, 4, "not_found", "", "Not Found")),
    "flat": (
        400,
        b'{"error":"invalid_output_format","message":"output_format must be wav"}',
        (ElevenError, 1, "invalid_output_format", "", "output_format must be wav"),
    ),
    "music": (
        422,
        b'{"detail":{"status":"bad_prompt","message":"Not allowed.","data":{"prompt_suggestion":"A song."}}}',
        (ElevenError, 1, "bad_prompt", "", "Not allowed. Suggestion: A song."),
    ),
    "html": (
        502,
        b"<html><head><title>502 Server Error</title></head><body><h1>Error</h1></body></html>",
        (ElevenError, 1, "error", "", "the service answered 502: 502 Server Error Error"),
    ),
    "nothing": (500, b"", (ElevenError, 1, "error", "", "the service answered 500 and gave no reason")),
    "a bare 401": (401, b"", (AuthError, 3, "auth_error", "", "the service answered 401 and gave no reason")),
    "a bare 402": (402, b"{}", (LimitError, 5, "limit_error", "", "the service answered 402: {}")),
    "a bare 429": (429, b"", (LimitError, 5, "limit_error", "", "the service answered 429 and gave no reason")),
    "a null": (400, b'{"detail":null}', (ElevenError, 1, "error", "", 'the service answered 400: {"detail":null}')),
    "bytes": (400, b"\xff\xfe\x00", (ElevenError, 1, "error", "", "the service answered 400: \ufffd\ufffd\x00")),
    "a number for a name": (400, b'{"detail":{"code":7,"message":["x"]}}', (ElevenError, 1, "error", "", 'the service answered 400: {"detail":{"code":7,"message":["x"]}}')),
}  # fmt: skip


@pytest.mark.parametrize(("status", "body", "expected"), CASES.values(), ids=CASES)
def test_every_shape(status, body, expected):
    error = error_from_response(status, {}, body)
    assert (type(error), error.exit_code, error.code, error.request_id, error.message) == expected
    assert error.status == status


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/v1/text-to-speech/abc/stream", DESIGN_COMMAND),
        ("/v1/text-to-dialogue/stream-input", DESIGN_COMMAND),
        ("/v1/voices/add", DESIGN_COMMAND),
        ("/v1/text-to-voice/design", "upgrade the plan"),
        ("/v1/speech-to-text", "upgrade the plan"),
        ("/base/v1/speech-to-text/realtime", "upgrade the plan"),
    ],
)
def test_a_designed_voice_is_the_way_out_where_a_voice_is_asked_for(path, hint):
    body = detail(type="payment_required", code="paid_plan_required", message="Free users cannot.")
    assert error_from_response(402, {}, body, path=path).hint == hint


def test_the_trace_id_stands_in_for_the_request_id():
    assert error_from_response(404, {"x-trace-id": "t1"}, b'{"detail":"Not Found"}').request_id == "t1"


def test_a_long_body_is_cut():
    assert len(error_from_response(500, {}, b"x" * 100_000).message) < 400


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (detail(code="x", message="y" * 100_000), "y" * 4000 + " …"),
        (detail(code="x", message="No.", data={"prompt_suggestion": "z" * 3000}), "No. Suggestion: " + "z" * 3000),
        (json.dumps({"detail": [{"loc": ["body", "a"], "msg": "odd"}] * 500}).encode(), "body.a: odd"),
        (json.dumps({"detail": "n" * 5000}).encode(), "n" * 4000 + " …"),
    ],
)
def test_a_message_without_end_is_cut_and_nothing_is_said_twice(body, shown):
    assert error_from_response(400, {}, body).message == shown


@pytest.mark.parametrize("status", [300, 304, 305, 399])
def test_a_redirect_to_nowhere_is_an_answer_without_a_reason(status):
    failed = redirected("a.b", status, {})
    assert (failed.message, failed.code) == (f"the service answered {status} and gave no reason", "error")
