"""The plans: their credits, and what may run together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SESSIONS = "dialogue"  # the group in which open dialogue sockets are counted
TRANSCRIPTS, LIVE_TRANSCRIPTS = "transcripts", "live_transcripts"
MUSIC = "music"


@dataclass(frozen=True)
class Plan:
    """A subscription: its monthly credits and how many requests of each model group may run together."""

    tier: str
    rank: int
    credits: int
    concurrent: Mapping[str, int]


FREE = Plan("free", 0, 10_000, {"standard": 2, "turbo": 4, SESSIONS: 14, TRANSCRIPTS: 8, LIVE_TRANSCRIPTS: 6, MUSIC: 0})
STARTER = Plan(
    "starter", 1, 30_000, {"standard": 3, "turbo": 6, SESSIONS: 21, TRANSCRIPTS: 12, LIVE_TRANSCRIPTS: 9, MUSIC: 2}
)
CREATOR = Plan(
    "creator", 2, 100_000, {"standard": 5, "turbo": 10, SESSIONS: 35, TRANSCRIPTS: 20, LIVE_TRANSCRIPTS: 15, MUSIC: 2}
)
PRO = Plan(
    "pro", 3, 10_000_000, {"standard": 10, "turbo": 20, SESSIONS: 70, TRANSCRIPTS: 40, LIVE_TRANSCRIPTS: 30, MUSIC: 2}
)
PLANS = {plan.tier: plan for plan in (FREE, STARTER, CREATOR, PRO)}
