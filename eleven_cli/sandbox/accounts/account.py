"""Who is asking: API keys, plans, credits, permissions, and how many generations run at once.

Without `require_key` every key is welcome, and none too; a few words in a key choose an account with a handicap:
`wrong`/`invalid` is refused, `restricted` may only speak, `broke` has 12 credits left, and `free`, `starter` and
`creator` have that plan instead of the pro plan.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

from ..http.problems import Problem
from .ledger import Ledger, Work
from .slots import Places

ALPHANUMERIC = string.ascii_letters + string.digits
SPEAK, TRANSCRIBE = "text_to_speech", "speech_to_text"  # permissions
SESSIONS = "dialogue"  # the group in which open dialogue sockets are counted
TRANSCRIPTS, LIVE_TRANSCRIPTS = "transcripts", "live_transcripts"
STITCHABLE_S = 2 * 60 * 60.0


@dataclass(frozen=True)
class Plan:
    """A subscription: its monthly credits and how many requests of each model group may run together."""

    tier: str
    rank: int
    credits: int
    concurrent: Mapping[str, int]


FREE = Plan("free", 0, 10_000, {"standard": 2, "turbo": 4, SESSIONS: 14, TRANSCRIPTS: 8, LIVE_TRANSCRIPTS: 6})
STARTER = Plan("starter", 1, 30_000, {"standard": 3, "turbo": 6, SESSIONS: 21, TRANSCRIPTS: 12, LIVE_TRANSCRIPTS: 9})
CREATOR = Plan("creator", 2, 100_000, {"standard": 5, "turbo": 10, SESSIONS: 35, TRANSCRIPTS: 20, LIVE_TRANSCRIPTS: 15})
PRO = Plan("pro", 3, 10_000_000, {"standard": 10, "turbo": 20, SESSIONS: 70, TRANSCRIPTS: 40, LIVE_TRANSCRIPTS: 30})


@dataclass
class Account:
    """The state behind one key. Credits are counted as `used`, and what they were used for is in the `ledger`."""

    plan: Plan
    used: int = 0
    only_speaks: bool = False
    user_id: str = field(default_factory=lambda: new_id())
    ledger: Ledger = field(default_factory=Ledger)
    finished: dict[str, tuple[Work, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._places = {group: Places(limit) for group, limit in self.plan.concurrent.items()}

    def places(self, group: str) -> Places:
        return self._places[group]

    def need(self, permission: str) -> None:
        """403 when the key was not given the permission."""
        if self.only_speaks and permission != SPEAK:
            message = f"This API key lacks the permission {permission}, which the request needs."
            raise Problem(403, "insufficient_permissions", message, status="missing_permissions")

    async def begin(self, group: str, work: Work, *, kept: bool = True) -> Generation:
        """Charge the credits and take one of the group's places: 402 or 429 when there are too few.

        One that is not `kept` cannot be stitched to.
        """
        self._need_credits(work)
        places = self.places(group)
        current = await places.take()
        try:
            self.charge(work)
        except Problem:
            places.give_back()
            raise
        return Generation(self, places, work, current, kept=kept)

    def charge(self, work: Work) -> None:
        """Take the credits for a generation; 402 when there are too few."""
        self._need_credits(work)
        self.used += work.credits
        self.ledger.add(work)

    def can_stitch_to(self, request_id: str, model_id: str, voice_id: str) -> bool:
        """Whether it is a generation of the last two hours by this model and voice that was read to its end."""
        work, at = self.finished.get(request_id, (None, 0.0))
        if work is None or at < monotonic() - STITCHABLE_S:
            return False
        return (work.model_id, work.voice_id) == (model_id, voice_id)

    def _need_credits(self, work: Work) -> None:
        left = self.plan.credits - self.used
        if work.credits > left:
            message = f"You have {left} credits remaining, while {work.credits} credits are required for this request."
            raise Problem(402, "insufficient_credits", message, status="quota_exceeded")


class Generation:
    """One generation under way: holds a place until `end`; only a finished one can be stitched to."""

    def __init__(self, account: Account, places: Places, work: Work, current: int, *, kept: bool) -> None:
        self.request_id = new_id()
        self.headers = {
            "request-id": self.request_id,
            "history-item-id": new_id(),
            "character-cost": str(work.credits),
            "current-concurrent-requests": str(current),
            "maximum-concurrent-requests": str(places.limit),
        }
        self._account, self._places, self._work, self._kept, self._over = account, places, work, kept, False

    def end(self, *, finished: bool) -> None:
        """Give the place back; calling it again changes nothing."""
        if self._over:
            return
        self._over = True
        self._places.give_back()
        if finished and self._kept:
            self._account.finished[self.request_id] = self._work, monotonic()


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
    named = (plan for plan in (FREE, STARTER, CREATOR) if plan.tier in words)
    return Account(next(named, PRO))


def _invalid_key() -> Problem:
    return Problem(401, "unauthorized", "Invalid API key", status="invalid_api_key")
