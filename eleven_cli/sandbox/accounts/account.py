"""Accounts: API keys, plans, credits, permissions and concurrency.

Without `require_key` every key is accepted, and so is none. A word in a key changes its account: `wrong` or `invalid`
is refused, `restricted` may only use text to speech, `broke` has 12 credits left, `newcomer` has no stock voices, and
`free`, `starter` and `creator` have that plan.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

from ..dictionaries.dictionary import DictionaryStore
from ..history.store import Asked, History, HistoryItem
from ..http.foreign_ids import ForeignIds, is_well_formed
from ..http.problems import Problem, voice_not_found
from ..voices.foreign import ForeignVoices
from ..voices.records import DESIGNS, DICTIONARIES, VOICES, Records
from ..voices.voice import Voice
from ..voices.voice_data import VOICES as FIRST_VOICES
from ..voices.voice_store import VoiceStore
from .ledger import Charge, Ledger
from .slots import Slots

ALPHANUMERIC = string.ascii_letters + string.digits
SPEAK, TRANSCRIBE = "text_to_speech", "speech_to_text"  # permissions
SESSIONS = "dialogue"  # the group in which open dialogue sockets are counted
TRANSCRIPTS, LIVE_TRANSCRIPTS = "transcripts", "live_transcripts"
REAL_KEY = re.compile(r"sk_[0-9a-f]{32,}")
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


PLANS = {plan.tier: plan for plan in (FREE, STARTER, CREATOR, PRO)}


@dataclass(frozen=True)
class AccountOptions:
    """What holds for every account of a server.

    require_key   the only key that is accepted; None accepts every one
    plan          of keys that name none: free, starter, creator or pro
    stock_voices  whether accounts begin with the premade voices
    strict        whether ids of other accounts are unknown, as they are to the service
    voices        ids of other accounts, and the sandbox's voices (names or ids) that they get
    is_kept       whether the voices that are made outlive the server
    allow_network whether addresses of other machines that a client names are opened
    """

    require_key: str | None = None
    plan: str = PRO.tier
    stock_voices: bool = True
    strict: bool = False
    voices: Mapping[str, str] = field(default_factory=dict)
    is_kept: bool = True
    allow_network: bool = False

    def is_foreign_voice(self, voice_id: str) -> bool:
        """Tells whether a voice stands in for this id of another account."""
        return voice_id in self.voices or (not self.strict and is_well_formed("voice", voice_id))


@dataclass
class Account:
    """The state of one key: `used` counts credits, and the `ledger` says what for."""

    plan: Plan
    used: int = 0
    only_speaks: bool = False
    key: str = ""
    stock_voices: bool = True
    foreign: ForeignVoices | None = None
    is_kept: bool = True
    user_id: str = field(default_factory=lambda: new_id())
    ledger: Ledger = field(default_factory=Ledger)
    history: History = field(default_factory=History)
    finished: dict[str, tuple[Charge, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kinds = (VOICES, DESIGNS, DICTIONARIES)
        made, self.designs, dictionaries = (Records(kind, self.key, is_kept=self.is_kept) for kind in kinds)
        self.dictionaries = DictionaryStore(dictionaries)
        self.voices = VoiceStore(made, filter(self._begins_with, FIRST_VOICES.values()), self.foreign)
        self._records = made, self.designs, dictionaries
        self._slots = {group: Slots(limit) for group, limit in self.plan.concurrent.items()}

    @property
    def voice_limit(self) -> int:
        """How many voices of its own it may have."""
        return 3 if self.plan is FREE else 30

    @property
    def voice_slots_used(self) -> int:
        return sum(voice.is_owner for voice in self.voices.all())

    def check_voice_slot(self) -> None:
        """Raises Problem (400) where one more voice of its own would be too many."""
        if self.voice_slots_used >= self.voice_limit:
            message = f"You have reached the {self.voice_limit} custom voices that your plan allows."
            raise Problem(400, "voice_limit_reached", message)

    def _begins_with(self, voice: Voice) -> bool:
        """Without stock voices a paying customer still has a clone and a voice of the library."""
        return self.stock_voices or (voice.category != "premade" and self.plan is not FREE)

    def forget(self) -> None:
        """Deletes the voices and dictionaries that were made, and the previews."""
        for records in self._records:
            for record_id in records.all():
                records.delete(record_id)

    def slots(self, group: str) -> Slots:
        return self._slots[group]

    def require(self, permission: str) -> None:
        """Raises Problem (403) unless the key has the permission."""
        if self.only_speaks and permission != SPEAK:
            message = f"This API key lacks the permission {permission}, which the request needs."
            raise Problem(403, "insufficient_permissions", message, status="missing_permissions")

    async def begin(
        self, group: str, charge: Charge, *, stitchable: bool = True, asked: Asked | None = None
    ) -> Generation:
        """Charges the credits, and takes one of the group's slots. Raises Problem: 402 or 429 for too few of them.

        asked  what the history says of it; None for what is in no history
        """
        self.check_credits(charge)
        slots = self.slots(group)
        current = await slots.acquire()
        try:
            self.charge(charge)
        except Problem:
            slots.release()
            raise
        return Generation(self, slots, charge, current, stitchable=stitchable, asked=asked)

    def charge(self, charge: Charge) -> None:
        """Charges the credits of a generation. Raises Problem (402) for too few."""
        self.check_credits(charge)
        self.used += charge.credits
        self.ledger.add(charge)

    def remember(self, asked: Asked, audio: bytes, credits: int) -> None:
        """Adds to the history what was spoken over a socket and has been charged for."""
        before = self.used - credits
        self.history.add(HistoryItem(new_id(), new_id(), self.user_id, asked, before, self.used, audio))

    def can_stitch_to(self, request_id: str, model_id: str, voice_id: str) -> bool:
        """Tells whether it is a finished generation of the last two hours by this model and voice."""
        charge, at = self.finished.get(request_id, (None, 0.0))
        if charge is None or at < monotonic() - STITCHABLE_S:
            return False
        return (charge.model_id, charge.voice_id) == (model_id, voice_id)

    def check_credits(self, charge: Charge) -> None:
        """Raises Problem (402) for too few credits."""
        left = self.plan.credits - self.used
        if charge.credits > left:
            message = (
                f"You have {left} credits remaining, while {charge.credits} credits are required for this request."
            )
            raise Problem(402, "insufficient_credits", message, status="quota_exceeded")


class Generation:
    """A generation in progress: holds a slot until `end`. Only a finished one can be stitched to."""

    def __init__(
        self, account: Account, slots: Slots, charge: Charge, current: int, *, stitchable: bool, asked: Asked | None
    ) -> None:
        self.request_id = new_id()
        self.asked, self._used = asked, account.used
        self.headers = {
            "request-id": self.request_id,
            "character-cost": str(charge.credits),
            "current-concurrent-requests": str(current),
            "maximum-concurrent-requests": str(slots.limit),
        }
        if asked is not None:
            self.headers["history-item-id"] = new_id()
        self._account, self._slots, self._charge = account, slots, charge
        self._stitchable, self._ended = stitchable, False

    def keep(self, audio: bytes) -> None:
        """Adds what was made to the history, unless it is in none."""
        if self.asked is None:
            return
        item_id, before = self.headers["history-item-id"], self._used - self._charge.credits
        item = HistoryItem(item_id, self.request_id, self._account.user_id, self.asked, before, self._used, audio)
        self._account.history.add(item)

    def end(self, *, finished: bool) -> None:
        """Releases the slot; a second call does nothing."""
        if self._ended:
            return
        self._ended = True
        self._slots.release()
        if finished and self._stitchable:
            self._account.finished[self.request_id] = self._charge, monotonic()


class Accounts:
    """The accounts of one server, created when their key is first used.

    `note` is called once with a sentence about each id of another account. Raises ValueError for invalid options.
    """

    def __init__(self, options: AccountOptions | None = None, note: Callable[[str], None] = lambda line: None) -> None:
        self._options = options or AccountOptions()
        self._accounts: dict[str, Account] = {}
        self._history = History()
        self.foreign_ids = ForeignIds(strict=self._options.strict, note=note)
        self._foreign = ForeignVoices(self.foreign_ids, self._options.voices)

    def identify(self, headers: Mapping[str, str], permission: str) -> Account:
        """Gives the account of the key in the headers. Raises Problem: 401, 403, or 404 for models without a key."""
        key = headers.get("xi-api-key", "")
        if not key and "authorization" in headers:
            message = "The sandbox takes an API key in the header xi-api-key, not in Authorization."
            raise Problem(401, "invalid_authorization_header", message)
        if self._options.require_key is not None:
            self._check(key, self._options.require_key, permission)
        elif any(word in key.lower() for word in ("wrong", "invalid")):
            raise _invalid_key()
        key = _kept(key)
        account = self._accounts.get(key)
        if account is None:
            account = self._accounts[key] = self._opened(key)
        account.require(permission)
        return account

    @property
    def allow_network(self) -> bool:
        return self._options.allow_network

    def find_voice(self, voice_id: str) -> Voice:
        """Gives a voice of any account: its sample needs no key. Raises Problem (404) without one."""
        found = (account.voices.get(voice_id) for account in [*self._accounts.values(), Account(PRO)])
        voice = next(filter(None, found), None) or self._foreign.get(voice_id)
        if voice is None:
            raise voice_not_found(voice_id)
        return voice

    def forget(self) -> None:
        """Closes every account, and deletes what it made."""
        for account in self._accounts.values():
            account.forget()
        self._accounts.clear()

    def _opened(self, key: str) -> Account:
        plan, stock_voices = PLANS[self._options.plan], self._options.stock_voices
        opened = partial(Account, key=key, is_kept=self._options.is_kept, history=self._history, foreign=self._foreign)
        if self._options.require_key is not None:
            return opened(plan, stock_voices=stock_voices)
        words = key.lower()
        if "broke" in words:
            return opened(STARTER, used=STARTER.credits - 12, stock_voices=stock_voices)
        plan = next((named for named in (FREE, STARTER, CREATOR) if named.tier in words), plan)
        stock_voices = stock_voices and "newcomer" not in words
        return opened(plan, only_speaks="restricted" in words, stock_voices=stock_voices)

    def _check(self, key: str, required: str, permission: str) -> None:
        if key and not secrets.compare_digest(key.encode(), required.encode()):
            raise _invalid_key()
        if not key and permission == "models_read":
            raise Problem(404, "workspace_not_found", "Workspace 1anonymous1 not found.")
        if not key:
            message = "Neither authorization header nor xi-api-key received, please provide one."
            raise Problem(401, "unauthorized", message, status="needs_authorization")


def new_id() -> str:
    """Makes a random id: 20 letters and digits."""
    return "".join(secrets.choice(ALPHANUMERIC) for _ in range(20))


def _kept(key: str) -> str:
    """Gives what an account is known by: of a key that may be a real one only what cannot be turned back."""
    return f"sk_{hashlib.sha256(key.encode()).hexdigest()}" if REAL_KEY.fullmatch(key) else key


def _invalid_key() -> Problem:
    return Problem(401, "unauthorized", "Invalid API key", status="invalid_api_key")
