"""Who is asking: API keys, plans, credits, permissions, and how many generations run at once.

Without `require_key` every key is welcome, and none too; a few words in a key choose an account with a handicap:
`wrong`/`invalid` is refused, `restricted` may only speak, `free` has the free plan, `broke` has 12 credits left.
"""

from __future__ import annotations

import secrets
import string
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from .problems import Problem

ALPHANUMERIC = string.ascii_letters + string.digits
SPEAK = "text_to_speech"


@dataclass(frozen=True)
class Plan:
    """A subscription: its monthly credits and how many requests of each model group may run together."""

    tier: str
    rank: int
    credits: int
    concurrent: Mapping[str, int]


FREE = Plan("free", 0, 10_000, {"standard": 2, "turbo": 4})
STARTER = Plan("starter", 1, 30_000, {"standard": 3, "turbo": 6})
CREATOR = Plan("creator", 2, 100_000, {"standard": 5, "turbo": 10})
PRO = Plan("pro", 3, 10_000_000, {"standard": 10, "turbo": 20})


@dataclass
class Account:
    """The state behind one key. Credits are counted as `used`; `request_ids` are the finished generations."""

    plan: Plan
    used: int = 0
    only_speaks: bool = False
    running: Counter[str] = field(default_factory=Counter)
    request_ids: set[str] = field(default_factory=set)
    user_id: str = field(default_factory=lambda: new_id())

    def need(self, permission: str) -> None:
        """403 when the key was not given the permission."""
        if self.only_speaks and permission != SPEAK:
            message = f"This API key lacks the permission {permission}, which the request needs."
            raise Problem(403, "insufficient_permissions", message, status="missing_permissions")

    def begin(self, group: str, cost: int) -> Generation:
        """Charge the credits and take one of the group's places: 402 or 429 when there are too few."""
        left = self.plan.credits - self.used
        if cost > left:
            message = f"You have {left} credits remaining, while {cost} credits are required for this request."
            raise Problem(402, "insufficient_credits", message, status="quota_exceeded")
        limit = self.plan.concurrent[group]
        if self.running[group] >= limit:
            raise _too_many(self.running[group], limit)
        self.used += cost
        self.running[group] += 1
        return Generation(self, group, cost, self.running[group], limit)


class Generation:
    """One generation under way: holds a place until `end`; only a finished one can be stitched to."""

    def __init__(self, account: Account, group: str, cost: int, current: int, limit: int) -> None:
        self.request_id = new_id()
        self.headers = {
            "request-id": self.request_id,
            "history-item-id": new_id(),
            "character-cost": str(cost),
            "current-concurrent-requests": str(current),
            "maximum-concurrent-requests": str(limit),
        }
        self._account, self._group, self._over = account, group, False

    def end(self, *, finished: bool) -> None:
        """Give the place back; calling it again changes nothing."""
        if self._over:
            return
        self._over = True
        self._account.running[self._group] -= 1
        if finished:
            self._account.request_ids.add(self.request_id)


class Accounts:
    """All accounts of one server, made when their key is first seen."""

    def __init__(self, require_key: str | None) -> None:
        self._require_key = require_key
        self._accounts: dict[str, Account] = {}

    def identify(self, headers: Mapping[str, str], permission: str) -> Account:
        """The account behind the request's headers, or 401/403 (404 for a list of models without a key)."""
        key = headers.get("xi-api-key", "")
        if not key and "authorization" in headers:
            message = "The sandbox takes an API key in the header xi-api-key, not in Authorization."
            raise Problem(401, "invalid_authorization_header", message)
        if self._require_key is not None:
            self._check(key, self._require_key, permission)
        elif any(word in key.lower() for word in ("wrong", "invalid")):
            raise _invalid_key()
        account = self._accounts.get(key)
        if account is None:
            account = self._accounts[key] = Account(PRO) if self._require_key is not None else _account_for(key)
        account.need(permission)
        return account

    def _check(self, key: str, required: str, permission: str) -> None:
        if key and not secrets.compare_digest(key.encode(), required.encode()):
            raise _invalid_key()
        if not key and permission == "models_read":
            raise Problem(404, "workspace_not_found", "Workspace 1anonymous1 not found.")
        if not key:
            message = "Neither authorization header nor xi-api-key received, please provide one."
            raise Problem(401, "unauthorized", message, status="needs_authorization")


def new_id() -> str:
    """A random id: 20 letters and digits."""
    return "".join(secrets.choice(ALPHANUMERIC) for _ in range(20))


def _account_for(key: str) -> Account:
    words = key.lower()
    if "restricted" in words:
        return Account(PRO, only_speaks=True)
    if "broke" in words:
        return Account(STARTER, used=STARTER.credits - 12)
    if "free" in words:
        return Account(FREE)
    return Account(PRO)


def _invalid_key() -> Problem:
    return Problem(401, "unauthorized", "Invalid API key", status="invalid_api_key")


def _too_many(current: int, limit: int) -> Problem:
    headers = {
        "retry-after": "1",
        "current-concurrent-requests": str(current),
        "maximum-concurrent-requests": str(limit),
    }
    message = f"Too many concurrent requests: your plan allows {limit} at a time."
    status = "too_many_concurrent_requests"
    return Problem(429, "concurrent_limit_exceeded", message, status=status, headers=headers)
