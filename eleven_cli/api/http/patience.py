"""Patience: how often a request is tried again, and how long that waits.

Only what cannot have cost anything is tried again: `Connections` of session.py decides that for a lost connection,
refusals.py for an answer.
"""

import random
import re
import time
from collections.abc import Mapping

from eleven_cli.api.http import Retry

BUSY = (429, 503)
BUSY_RETRIES, LOST_RETRIES = 15, 3  # about two minutes, and four seconds
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
LONGEST_ASKED_S = 60.0  # a longer Retry-After is not waited for
LONGEST_IN_ALL_S = 300.0
SPREAD_UP_TO_S = 5.0  # a Retry-After this small is told to all who came at the same moment
UNNOTICED_S = 1.0  # a shorter wait needs no notice
TOLD_AGAIN_FROM_S = 15.0


class Patience:
    """The waits of one request. retries: how many at most; None is as many as fit the reason."""

    def __init__(self, retries: int | None = None) -> None:
        self._retries = retries
        self._tried, self._waited_s, self._has_told = 0, 0.0, False

    def pause_s(self, again: Retry) -> float:
        """How long to wait before the next try. Raises the error where there is none."""
        self._tried += 1
        pause_s = self._pause_s(again.after_s)
        asked_too_much = again.after_s > LONGEST_ASKED_S
        over = self._retries is None and self._waited_s + pause_s > LONGEST_IN_ALL_S
        if asked_too_much:
            again.error.hint = f"the service asks to wait {_words(again.after_s)}"
        if asked_too_much or over or self._tried > self._most(again):
            raise again.error from again.__cause__
        self._waited_s += pause_s
        return pause_s

    def notice(self, again: Retry, pause_s: float) -> str:
        """What to tell of the wait; "" where it is short, or was told before."""
        is_news = self._waited_s > UNNOTICED_S and (not self._has_told or pause_s > TOLD_AGAIN_FROM_S)
        if not is_news:
            return ""
        self._has_told = True
        tries = f"{self._tried + 1} of {self._most(again) + 1}"
        return f"{again.error.message.rstrip('.')}; trying again in {pause_s:.1f} s ({tries})"

    def _most(self, again: Retry) -> int:
        if self._retries is not None:
            return self._retries
        return BUSY_RETRIES if again.error.status in BUSY else LOST_RETRIES

    def _pause_s(self, asked_s: float) -> float:
        if asked_s > SPREAD_UP_TO_S:
            return asked_s
        if asked_s:
            return asked_s * random.uniform(1.0, 1.5)
        doubled_s = FIRST_PAUSE_S * 2 ** min(self._tried - 1, 10)
        return float(min(LONGEST_PAUSE_S, doubled_s) * random.uniform(0.75, 1.25))


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds asked for by `Retry-After` (a number or an HTTP date), 0 when it is absent or makes no sense."""
    word = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]*)?", word):
        return float(word[:20]) if len(word) <= 20 else float("inf")
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(word).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError, IndexError, OSError):
        return 0.0


def _words(seconds: float) -> str:
    if seconds < 7200:
        return f"{seconds:.0f} s"
    return f"{seconds / 3600:,.0f} hours" if seconds < 1e6 else "for more than a week"
