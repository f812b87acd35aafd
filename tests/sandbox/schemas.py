"""Explicit checks of JSON bodies: every field that must be there, and its type."""

from typing import Any

NUMBER = (int, float)
TEXT_OR_NONE = (str, type(None))
INT_OR_NONE = (int, type(None))
BOOL_OR_NONE = (bool, type(None))
DICT_OR_NONE = (dict, type(None))
LIST_OR_NONE = (list, type(None))
CATEGORIES = {"generated", "cloned", "premade", "professional", "famous", "high_quality"}

VOICE = {
    "voice_id": str,
    "name": str,
    "samples": LIST_OR_NONE,
    "category": str,
    "fine_tuning": DICT_OR_NONE,
    "labels": dict,
    "description": TEXT_OR_NONE,
    "preview_url": TEXT_OR_NONE,
    "available_for_tiers": list,
    "settings": DICT_OR_NONE,
    "sharing": DICT_OR_NONE,
    "high_quality_base_model_ids": list,
    "verified_languages": LIST_OR_NONE,
    "collection_ids": LIST_OR_NONE,
    "safety_control": TEXT_OR_NONE,
    "voice_verification": DICT_OR_NONE,
    "permission_on_resource": TEXT_OR_NONE,
    "is_owner": BOOL_OR_NONE,
    "is_legacy": bool,
    "is_mixed": bool,
    "favorited_at_unix": INT_OR_NONE,
    "created_at_unix": INT_OR_NONE,
    "is_bookmarked": BOOL_OR_NONE,
}
SETTINGS = {
    "stability": NUMBER,
    "similarity_boost": NUMBER,
    "style": NUMBER,
    "use_speaker_boost": bool,
    "speed": NUMBER,
}
MODEL = {
    "model_id": str,
    "name": str,
    "description": str,
    "can_be_finetuned": bool,
    "can_do_text_to_speech": bool,
    "can_do_voice_conversion": bool,
    "can_use_style": bool,
    "can_use_speaker_boost": bool,
    "serves_pro_voices": bool,
    "token_cost_factor": NUMBER,
    "requires_alpha_access": bool,
    "max_characters_request_free_user": int,
    "max_characters_request_subscribed_user": int,
    "maximum_text_length_per_request": int,
    "languages": list,
    "model_rates": dict,
    "concurrency_group": str,
}
SUBSCRIPTION = {
    "tier": str,
    "character_count": int,
    "character_limit": int,
    "max_character_limit_extension": INT_OR_NONE,
    "max_credit_limit_extension": (int, str),
    "can_extend_character_limit": bool,
    "allowed_to_extend_character_limit": bool,
    "next_character_count_reset_unix": INT_OR_NONE,
    "voice_slots_used": int,
    "professional_voice_slots_used": int,
    "professional_voice_slots_used_in_workspace": int,
    "voice_limit": int,
    "max_voice_add_edits": INT_OR_NONE,
    "voice_add_edit_counter": int,
    "professional_voice_limit": int,
    "can_extend_voice_limit": bool,
    "can_use_instant_voice_cloning": bool,
    "can_use_professional_voice_cloning": bool,
    "currency": TEXT_OR_NONE,
    "current_overage": dict,
    "status": str,
    "billing_period": TEXT_OR_NONE,
    "character_refresh_period": TEXT_OR_NONE,
}
EXTENDED = {
    **SUBSCRIPTION,
    "next_invoice": DICT_OR_NONE,
    "open_invoices": list,
    "has_open_invoices": bool,
    "pending_change": DICT_OR_NONE,
}
USER = {
    "user_id": str,
    "subscription": dict,
    "is_new_user": bool,
    "can_use_delayed_payment_methods": bool,
    "is_onboarding_completed": bool,
    "is_onboarding_checklist_completed": bool,
    "first_name": TEXT_OR_NONE,
    "xi_api_key_preview": TEXT_OR_NONE,
    "created_at": int,
    "seat_type": str,
}
KINDS = {
    400: "validation_error",
    401: "authentication_error",
    402: "payment_required",
    403: "authorization_error",
    404: "not_found",
    409: "conflict",
    429: "rate_limit_error",
}


def check(body: dict[str, Any], shape: dict[str, Any]) -> None:
    for name, kind in shape.items():
        assert name in body, name
        assert isinstance(body[name], kind), (name, body[name])


def check_voice(voice: dict[str, Any]) -> None:
    check(voice, VOICE)
    assert len(voice["voice_id"]) == 20
    assert voice["voice_id"].isalnum()
    assert voice["category"] in CATEGORIES
    assert all(isinstance(label, str) for label in voice["labels"].values())
    check(voice["settings"], SETTINGS)
    for language in voice["verified_languages"]:
        check(language, {"language": str, "model_id": str, "accent": TEXT_OR_NONE, "locale": TEXT_OR_NONE})


def check_alignment(alignment: dict[str, Any]) -> None:
    """Three lists of one length; every time at or after the one before."""
    characters = alignment["characters"]
    starts, ends = alignment["character_start_times_seconds"], alignment["character_end_times_seconds"]
    assert len(characters) == len(starts) == len(ends)
    assert all(isinstance(character, str) and len(character) == 1 for character in characters)
    assert all(start <= end for start, end in zip(starts, ends, strict=True))
    assert starts == sorted(starts)
    assert ends == sorted(ends)
    assert not starts or starts[0] >= 0


def refused(answer: Any, http_status: int, code: str, *, status: str | None = None, param: str | None = None) -> str:
    """The answer is an error in the current style; gives its message."""
    assert answer.status_code == http_status, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    assert "request-id" not in answer.headers
    detail = answer.json()["detail"]
    assert detail["type"] == KINDS[http_status]
    assert (detail["code"], detail["status"]) == (code, status or code)
    assert detail.get("param") == param
    assert detail["request_id"] == answer.headers["x-trace-id"]
    message = detail["message"]
    assert isinstance(message, str)
    return message


def faults(answer: Any) -> list[tuple[list[str | int], str]]:
    """The answer is a list of schema faults; gives place and type of each."""
    assert answer.status_code == 422, answer.text
    assert "x-trace-id" in answer.headers
    detail = answer.json()["detail"]
    assert all(isinstance(fault["msg"], str) and "input" in fault for fault in detail)
    return [(fault["loc"], fault["type"]) for fault in detail]
