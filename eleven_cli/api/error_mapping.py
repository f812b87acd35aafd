"""Maps what the service says when it refuses to one of our errors. Pure.

The service has used several shapes of error body; all of them are read here. A body names its reason in up to three
words (`type`, `code`, `status`), of which the HTTP status is the least telling: a 401 may be about the quota.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from eleven_cli.api.http import ADDRESS_HINT
from eleven_cli.api.json_fields import object_of, parsed, text_of
from eleven_cli.errors import DESIGN_COMMAND, AuthError, ElevenError, LimitError, NotFound, PermissionMissing

LONGEST_BODY_SHOWN = 300
_REDIRECTS = (301, 302, 303, 307, 308)
LONGEST_MESSAGE = 4000  # with a text that is suggested in place of another
_NOT_THE_SERVICE = {404, 405, 501}  # with an HTML body; other statuses may come from a gateway before the service

_KEY_HINT = "check the key and its region: eleven auth status"
_BUSY_HINT = "run fewer requests at a time, or wait longer: --retries 30"

_PERMISSION = {"missing_permissions", "insufficient_permissions"}
_CREDITS = {"quota_exceeded", "insufficient_credits"}
_PLAN = {
    "subscription_required", "feature_not_available", "payment_required", "only_for_creator+",
    "detected_unusual_activity", "can_not_use_instant_voice_cloning",
}  # fmt: skip
_VOICE_OF_PLAN = {"paid_plan_required"}
_BUSY = {
    "rate_limit_exceeded", "concurrent_limit_exceeded", "too_many_concurrent_requests", "system_busy",
    "rate_limit_error",
}  # fmt: skip
_KEY = {
    "invalid_api_key", "missing_api_key", "invalid_authorization_header", "needs_authorization", "unauthorized",
    "sign_in_required", "workspace_not_found", "authentication_error",
}  # fmt: skip
_DENIED_MODEL, _DENIED = {"model_access_denied"}, {"voice_access_denied"}
_UNKNOWN = {"not_found", "document_not_found", "invalid_voice_id", "invalid_model_id", "model_id_does_not_exist"}

_KINDS: tuple[tuple[set[str], type[ElevenError], str], ...] = (  # the first that has one of the words counts
    (_PERMISSION, PermissionMissing, "give the key this permission in the service's settings, or use another key"),
    (_CREDITS, LimitError, "buy or wait for credits, or give the key a larger quota"),
    (_VOICE_OF_PLAN, LimitError, DESIGN_COMMAND),
    (_PLAN, LimitError, "upgrade the plan, or choose another voice or format"),
    ({"voice_limit_reached"}, LimitError, "choose one to delete: eleven voices"),
    (_BUSY, LimitError, _BUSY_HINT),
    (_KEY, AuthError, _KEY_HINT),
    (_DENIED_MODEL, AuthError, "choose another one: eleven models"),
    (_DENIED, AuthError, "choose another one: eleven voices"),
)
_LASTING = frozenset().union(*(words for words, _, _ in _KINDS if words is not _BUSY))

_WITHOUT_VOICE = (  # a voice of one's own is no way out there
    "/v1/text-to-voice/design", "/v1/text-to-voice", "/v1/sound-generation", "/v1/speech-to-text",
    "/v1/speech-to-text/realtime", "/v1/forced-alignment", "/v1/audio-isolation/stream", "/v1/audio-effects/catalog",
)  # fmt: skip


@dataclass(frozen=True)
class _Reason:
    """What one error body says: the words it may be recognised by, and the sentence to show."""

    words: frozenset[str]
    code: str
    message: str
    request_id: str


def error_from_response(
    status: int, headers: Mapping[str, str], body: bytes, *, server: str = "the server", path: str = ""
) -> ElevenError:
    """Gives the error for an HTTP answer that is a refusal, or that has status 200 and yet is no answer."""
    reason = _reason(body)
    if reason is None and status in _NOT_THE_SERVICE and (media_type := _media_type(headers)) == "text/html":
        return _stranger(server, status, media_type)
    reason = reason or _Reason(frozenset(), "", "", "")
    kind, hint = _kind(reason, status)
    if hint == DESIGN_COMMAND and path.endswith(_WITHOUT_VOICE):
        hint = "upgrade the plan"
    return kind(
        _sentence(kind, reason, status, body),
        hint=hint,
        code=reason.code,
        status=status,
        request_id=reason.request_id or headers.get("x-trace-id", ""),
    )


def _stranger(server: str, status: int, media_type: str) -> ElevenError:
    """The error for a web page: the service answers in JSON."""
    kind, _ = _kind_by_status(status)
    said = f"{server} is not an ElevenLabs server ({status}, {media_type})"
    return kind(said, hint=ADDRESS_HINT, status=status)


def _media_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def redirected(server: str, status: int, headers: Mapping[str, str]) -> ElevenError:
    """The error for an answer that points elsewhere: only the server that was set gets the key."""
    if "location" in headers or status in _REDIRECTS:
        said = f"{server} redirects to {headers.get('location', 'nowhere')}; the key is not sent there"
        error = ElevenError(said, hint=ADDRESS_HINT, code="redirect", status=status)
    else:
        error = ElevenError(_without_reason(status), hint=ADDRESS_HINT, status=status)
    error.headers = headers
    return error


def is_for_a_moment(body: bytes) -> bool:
    """Whether a 429 or 503 with this body may pass by itself: no credits and no plan do."""
    reason = _reason(body)
    return reason is None or not reason.words & _LASTING


def error_class_for(words: frozenset[str]) -> type[ElevenError] | None:
    """The kind of error that the service's own words name, where they do."""
    found = _kind_by_words(words)
    return found[0] if found else None


def error_from_code(code: str, message: str) -> ElevenError:
    """The error for a refusal over a socket: the service's word for it, "" for none, and its sentence."""
    kind, hint = _kind_by_words(frozenset(filter(None, [code]))) or (ElevenError, "")
    return kind(message if code in ("", message) else f"{message.rstrip('.')} ({code})", code=code, hint=hint)


def _kind(reason: _Reason, status: int) -> tuple[type[ElevenError], str]:
    return _kind_by_words(reason.words) or _kind_by_status(status)


def _kind_by_words(words: frozenset[str]) -> tuple[type[ElevenError], str] | None:
    for known, kind, hint in _KINDS:
        if words & known:
            return kind, hint
    if words & _UNKNOWN or any(word.endswith("_not_found") for word in words):
        return NotFound, _unknown_hint(words)
    return None


def _kind_by_status(status: int) -> tuple[type[ElevenError], str]:
    if status in (401, 403):
        return AuthError, _KEY_HINT
    if status == 402:
        return LimitError, "buy credits, or upgrade the plan"
    if status == 404:
        return NotFound, ADDRESS_HINT
    if status == 429:
        return LimitError, _BUSY_HINT
    if status == 511:
        return ElevenError, "the network asks for a login: open any page in a browser"
    if status >= 500:
        return ElevenError, "the service has a problem: try again in a moment"
    return ElevenError, ""


def _unknown_hint(words: Iterable[str]) -> str:
    if any(word.startswith(("voice", "invalid_voice")) for word in words):
        return "see your voices: eleven voices"
    if any("model" in word for word in words):
        return "see the models: eleven models"
    if any(word.startswith("pronunciation_dictionary") for word in words):
        return "see your dictionaries: eleven dictionaries"
    return ""


def _sentence(kind: type[ElevenError], reason: _Reason, status: int, body: bytes) -> str:
    if kind is PermissionMissing and (named := _permission_in(reason.message)):
        return f"the API key lacks the permission {named}"
    if reason.message:
        return _shortened(reason.message)
    text = " ".join(re.sub(r"<[^<>]*>", " ", body.decode("utf-8", "replace")).split())[:LONGEST_BODY_SHOWN]
    return f"the service answered {status}: {text}" if text else _without_reason(status)


def _without_reason(status: int) -> str:
    return f"the service answered {status} and gave no reason"


def _shortened(message: str) -> str:
    """The message, but for what nobody reads of one without end."""
    return message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE].rstrip()} …"


def _permission_in(message: str) -> str:
    found = re.search(r"permissions?:? [`'\"]?(\w+_\w+)", message)
    return found[1] if found else ""


def _reason(body: bytes) -> _Reason | None:
    try:
        value = parsed(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    detail = value.get("detail", value)
    match detail:
        case str():
            return _Reason(frozenset(), "", detail, "")
        case list():
            return _from_list(detail)
        case dict():
            return _from_mapping(detail)
    return None


def _from_mapping(detail: dict[str, Any]) -> _Reason:
    words = [text_of(detail.get(key)) for key in ("code", "status", "error", "type")]
    code, status, error, kind = words
    shown = ", ".join(dict.fromkeys(word for word in (code, status) if word)) or error or kind
    message = text_of(detail.get("message")) or error
    if suggestion := _suggestion(detail):
        message = f"{message} Suggestion: {suggestion}"
    return _Reason(frozenset(filter(None, words)), shown, message, text_of(detail.get("request_id")))


def _from_list(entries: list[Any]) -> _Reason:
    """The validation list: each entry counts once, as `body.model_id: Field required`."""
    known = [entry for entry in entries if isinstance(entry, dict)]
    problems = dict.fromkeys(f"{_path(entry.get('loc'))}: {entry.get('msg') or 'not valid'}" for entry in known)
    first = text_of(known[0].get("type")) if known else ""
    return _Reason(frozenset(filter(None, [first])), first, "; ".join(problems), "")


def _path(loc: Any) -> str:
    return ".".join(map(str, loc)) if isinstance(loc, list) and loc else "request"


def _suggestion(detail: dict[str, Any]) -> str:
    for place in (object_of(detail.get("data")), detail):
        if place.get("prompt_suggestion"):
            return str(place["prompt_suggestion"])
    return ""
