"""One account: its plan, credits, permissions, voices and generations."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from time import time

from ..dictionaries.dictionary import DictionaryStore
from ..history.store import Asked, History, HistoryItem
from ..http.problems import Problem
from ..state.entropy import new_id
from ..state.store import DESIGNS, DICTIONARIES, VOICES, Journal, MemoryStore, Store, owner_of
from ..voices.foreign import ForeignVoices
from ..voices.voice import Voice
from ..voices.voice_data import VOICES as FIRST_VOICES
from ..voices.voice_store import VoiceStore
from .ledger import Charge, Ledger
from .plans import FREE, Plan
from .slots import Slots

SPEAK, TRANSCRIBE = "text_to_speech", "speech_to_text"  # permissions
STITCHABLE_S = 2 * 60 * 60.0


@dataclass
class Account:
    """The state of one key: of its `credits`, `used` are spent, and the `ledger` says what for."""

    plan: Plan
    used: int = 0
    only_speaks: bool = False
    key: str = ""
    stock_voices: bool = True
    foreign: ForeignVoices | None = None
    credits: int = -1
    store: Store = field(default_factory=MemoryStore)
    history: History = field(default_factory=History)
    user_id: str = ""
    owner: str = ""

    def __post_init__(self) -> None:
        self.credits = self.plan.credits if self.credits < 0 else self.credits
        self.owner = self.owner or owner_of(self.key)
        self.designs = self.store.records(DESIGNS, self.owner)
        self.dictionaries = DictionaryStore(self.store.records(DICTIONARIES, self.owner))
        made = self.store.records(VOICES, self.owner)
        self.voices = VoiceStore(made, filter(self._begins_with, FIRST_VOICES.values()), self.foreign)
        self.ledger = Ledger(self.store.journal("charges", self.owner))
        self.stitchable = Stitchable(self.store.journal("finished", self.owner))
        self._journal = self.store.journal("accounts", self.owner)
        earlier = next((about for _, about, _ in self._journal.entries()), {})
        self.used, self.user_id = earlier.get("used", self.used), earlier.get("user_id") or new_id()
        if not earlier:
            self._keep()
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
        """Whether a new account has it. Without stock voices, a paying one has a clone and a voice of the library."""
        return self.stock_voices or (voice.category != "premade" and self.plan is not FREE)

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
        self._keep()

    def remember(self, asked: Asked, audio: bytes, credits: int) -> None:
        """Adds to the history what was spoken over a socket and has been charged for."""
        before = self.used - credits
        self.history.add(HistoryItem(new_id(), new_id(), self.user_id, asked, before, self.used, audio))

    def check_credits(self, charge: Charge) -> None:
        """Raises Problem (402) for too few credits."""
        left = max(self.credits - self.used, 0)
        if charge.credits > left:
            message = (
                f"You have {left} credits remaining, while {charge.credits} credits are required for this request."
            )
            raise Problem(402, "insufficient_credits", message, status="quota_exceeded")

    def _keep(self) -> None:
        self._journal.put("account", {"used": self.used, "user_id": self.user_id})


class Stitchable:
    """The finished generations of the last two hours, which others can be stitched to."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._finished = {each: (Charge(**about["charge"]), about["at"]) for each, about, _ in journal.entries()}

    def add(self, request_id: str, charge: Charge) -> None:
        at = time()  # not of a seeded clock: they expire
        self._finished[request_id] = charge, at
        self._journal.put(request_id, {"charge": asdict(charge), "at": at})
        while (oldest := next(iter(self._finished))) != request_id and self._finished[oldest][1] < at - STITCHABLE_S:
            del self._finished[oldest]
            self._journal.delete(oldest)

    def includes(self, request_id: str, model_id: str, voice_id: str) -> bool:
        """Tells whether it is one by this model and voice."""
        charge, at = self._finished.get(request_id, (None, 0.0))
        if charge is None or at < time() - STITCHABLE_S:
            return False
        return (charge.model_id, charge.voice_id) == (model_id, voice_id)


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
            self._account.stitchable.add(self.request_id, self._charge)
