"""The bodies of the user and subscription endpoints."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ..state.entropy import now
from .account import Account
from .plans import FREE

CREATED_UNIX = 1_760_000_000


def subscription_body(account: Account) -> dict[str, Any]:
    """Gives what both endpoints share; `character_count` and `character_limit` are credits."""
    paid = account.plan is not FREE
    return {
        "tier": account.plan.tier,
        "character_count": account.used,
        "character_limit": account.credits,
        "max_character_limit_extension": None,
        "max_credit_limit_extension": "unlimited" if paid else 0,
        "can_extend_character_limit": paid,
        "allowed_to_extend_character_limit": paid,
        "next_character_count_reset_unix": _next_month_unix(),
        "voice_slots_used": account.voice_slots_used,
        "professional_voice_slots_used": 0,
        "professional_voice_slots_used_in_workspace": 0,
        "voice_limit": account.voice_limit,
        "max_voice_add_edits": 95,
        "voice_add_edit_counter": 1,
        "professional_voice_limit": 1 if paid else 0,
        "can_extend_voice_limit": False,
        "can_use_instant_voice_cloning": paid,
        "can_use_professional_voice_cloning": paid,
        "currency": "usd",
        "current_overage": {"amount": "0", "currency": "usd"},
        "status": "active" if paid else "free",
        "billing_period": "monthly_period" if paid else None,
        "character_refresh_period": "monthly_period",
    }


def extended_subscription_body(account: Account) -> dict[str, Any]:
    """Gives the body of `GET /v1/user/subscription`; there are no invoices."""
    return {
        **subscription_body(account),
        "next_invoice": None,
        "open_invoices": [],
        "has_open_invoices": False,
        "pending_change": None,
        "has_used_starter_coupon_on_account": False,
        "has_used_creator_coupon_on_account": False,
    }


def user_body(account: Account, key: str) -> dict[str, Any]:
    """Gives the body of `GET /v1/user`, with the last three characters of the key."""
    return {
        "user_id": account.user_id,
        "workspace_id": "sandbox",
        "subscription": subscription_body(account),
        "is_new_user": False,
        "can_use_delayed_payment_methods": False,
        "is_onboarding_completed": True,
        "is_onboarding_checklist_completed": True,
        "show_compliance_terms": False,
        "first_name": "Sandbox",
        "is_api_key_hashed": False,
        "xi_api_key_preview": f"…{key[-3:]}" if len(key) > 8 else None,
        "referral_link_code": None,
        "partnerstack_partner_default_link": None,
        "created_at": CREATED_UNIX,
        "seat_type": "workspace_admin",
    }


def _next_month_unix() -> int:
    today = datetime.fromtimestamp(now(), UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((today.replace(day=1) + timedelta(days=32)).replace(day=1).timestamp())
