"""The account's plan, and what is used of it (GET /v1/user/subscription)."""

from dataclasses import dataclass
from typing import Any

from eleven_cli.api.client import Client
from eleven_cli.api.json_fields import object_of, unix_time, whole_number
from eleven_cli.errors import ElevenError


@dataclass(frozen=True)
class Subscription:
    """A plan and what is used of it.

    used, limit   credits of this period; more may have been used than there are
    extension     credits beyond the limit that may be bought: a number, "unlimited", or None when not told
    overage       what was bought so far, such as {"amount": "1.20", "currency": "usd"}; None when not told
    resets_at     when the next period begins, seconds since 1970; None when it never does
    """

    plan: str
    status: str
    used: int
    limit: int
    extension: int | str | None
    overage: dict[str, str] | None
    resets_at: int | None

    @property
    def left(self) -> int:
        """Credits left; below zero where the limit was passed."""
        return self.limit - self.used


@dataclass(frozen=True)
class VoiceAllowance:
    """What the plan says of voices of one's own.

    plan        its name; "" when not told
    slots       how many voices there may be; None when there is no limit, or it is not told
    slots_used  by how many there are
    may_clone   whether recordings may be made into voices; None when not told
    """

    plan: str
    slots: int | None
    slots_used: int
    may_clone: bool | None

    @property
    def is_free_plan(self) -> bool:
        return self.plan == "free"

    @property
    def is_used_up(self) -> bool:
        return self.slots is not None and self.slots_used >= self.slots


def subscription(client: Client, read_timeout_s: float | None = None) -> Subscription:
    """Asks for the account's subscription, which is free. Raises PermissionMissing without `user_read`.

    read_timeout_s   how long the service may be silent
    """
    answer = client.json("GET", "/v1/user/subscription", read_timeout_s=read_timeout_s)
    facts = object_of(answer)
    used, limit = whole_number(facts.get("character_count")), whole_number(facts.get("character_limit"))
    if used is None or limit is None:
        raise ElevenError("the service sent something that is not a subscription")
    extension = facts.get("max_credit_limit_extension")
    return Subscription(
        plan=str(facts.get("tier") or "unknown"),
        status=str(facts.get("status") or ""),
        used=used,
        limit=limit,
        extension=extension if isinstance(extension, str) else whole_number(extension),
        overage=_overage(facts.get("current_overage")),
        resets_at=unix_time(facts.get("next_character_count_reset_unix")),
    )


def voice_allowance(client: Client) -> VoiceAllowance:
    """Asks what the account may do with voices, which is free. Raises PermissionMissing without `user_read`."""
    answer = client.json("GET", "/v1/user/subscription")
    facts = object_of(answer)
    may_clone = facts.get("can_use_instant_voice_cloning")
    return VoiceAllowance(
        plan=str(facts.get("tier") or ""),
        slots=None if facts.get("can_extend_voice_limit") is True else whole_number(facts.get("voice_limit")),
        slots_used=whole_number(facts.get("voice_slots_used")) or 0,
        may_clone=may_clone if isinstance(may_clone, bool) else None,
    )


def _overage(value: Any) -> dict[str, str] | None:
    if not isinstance(value, dict) or value.get("amount") is None:
        return None
    return {"amount": str(value["amount"]), "currency": str(value.get("currency") or "")}
