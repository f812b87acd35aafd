"""The accounts of one server, by their API keys.

Without `require_key` every key is accepted, and so is none. A word in a key changes its account: `wrong` or `invalid`
is refused, `restricted` may only use text to speech, `broke` has 12 credits left, `newcomer` has no stock voices, and
`free`, `starter` and `creator` have that plan.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from ..history.store import History
from ..http.foreign_ids import ForeignIds, is_well_formed
from ..http.problems import Problem, voice_not_found
from ..state.store import VOICES, Store, owner_of
from ..voices.foreign import ForeignVoices
from ..voices.voice import Voice
from ..voices.voice_data import VOICES as FIRST_VOICES
from ..voices.voice_store import voice_of
from .account import Account
from .plans import CREATOR, FREE, PLANS, PRO, STARTER, Plan

MAX_ACCOUNTS = 2_000
REAL_KEY = re.compile(r"sk_[0-9a-f]{32,}")


@dataclass(frozen=True)
class AccountOptions:
    """What holds for every account of a server.

    require_key   the only key that is accepted; None accepts every one
    plan          of keys that name none: free, starter, creator or pro
    stock_voices  whether accounts begin with the premade voices
    strict        whether ids of other accounts are unknown, as they are to the service
    voices        ids of other accounts, and the sandbox's voices (names or ids) that they get
    credits       how many they begin with; None for those of the plan
    allow_network whether addresses of other machines that a client names are opened
    """

    require_key: str | None = None
    plan: str = PRO.tier
    stock_voices: bool = True
    strict: bool = False
    voices: Mapping[str, str] = field(default_factory=dict)
    credits: int | None = None
    allow_network: bool = False

    def is_foreign_voice(self, voice_id: str) -> bool:
        """Tells whether a voice stands in for this id of another account."""
        return voice_id in self.voices or (not self.strict and is_well_formed("voice", voice_id))


@dataclass(frozen=True)
class Holder:
    """Whose a token is: what is known of an account without its key."""

    owner: str
    plan: str
    credits: int
    only_speaks: bool
    stock_voices: bool

    @classmethod
    def of(cls, account: Account) -> Holder:
        return cls(account.owner, account.plan.tier, account.credits, account.only_speaks, account.stock_voices)


class Accounts:
    """The accounts of one server, created when their key is first used; of very many the latest are kept.

    What they have is kept in the store.

    `note` is called once with a sentence about each id of another account. Raises ValueError for invalid options.
    """

    def __init__(
        self, options: AccountOptions | None, store: Store, note: Callable[[str], None] = lambda line: None
    ) -> None:
        self._options, self.store = options or AccountOptions(), store
        self._accounts: dict[str, Account] = {}
        self._history = History(store.journal("history"))
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
        account = self._latest(owner_of(key), lambda: self._opened(key))
        account.require(permission)
        return account

    def of(self, holder: Holder) -> Account:
        """Gives the account of a token, of which nobody may have used the key since the server began."""
        about = asdict(holder)
        plan = PLANS[about.pop("plan")]
        return self._latest(holder.owner, lambda: self._account(plan, **about))

    def _latest(self, owner: str, opened: Callable[[], Account]) -> Account:
        account = self._accounts.pop(owner) if owner in self._accounts else opened()
        self._accounts[owner] = account
        if len(self._accounts) > MAX_ACCOUNTS:
            del self._accounts[next(iter(self._accounts))]
        return account

    @property
    def allow_network(self) -> bool:
        return self._options.allow_network

    def find_voice(self, voice_id: str) -> Voice:
        """Gives a voice of any account: its sample needs no key. Raises Problem (404) without one."""
        made = None if voice_id in FIRST_VOICES else self.store.find(VOICES, voice_id)
        voice = FIRST_VOICES.get(voice_id) or (voice_of(made) if made else self._foreign.get(voice_id))
        if voice is None:
            raise voice_not_found(voice_id)
        return voice

    def _opened(self, key: str) -> Account:
        plan, stock_voices = PLANS[self._options.plan], self._options.stock_voices
        opened = partial(self._account, key=key)
        if self._options.credits is not None:
            opened = partial(opened, credits=self._options.credits)
        if self._options.require_key is not None:
            return opened(plan, stock_voices=stock_voices)
        words = key.lower()
        if "broke" in words:
            return opened(STARTER, used=STARTER.credits - 12, credits=STARTER.credits, stock_voices=stock_voices)
        plan = next((named for named in (FREE, STARTER, CREATOR) if named.tier in words), plan)
        stock_voices = stock_voices and "newcomer" not in words
        return opened(plan, only_speaks="restricted" in words, stock_voices=stock_voices)

    def _account(self, plan: Plan, **about: Any) -> Account:
        return Account(plan, store=self.store, history=self._history, foreign=self._foreign, **about)

    def _check(self, key: str, required: str, permission: str) -> None:
        if key and not secrets.compare_digest(key.encode(), required.encode()):
            raise _invalid_key()
        if not key and permission == "models_read":
            raise Problem(404, "workspace_not_found", "Workspace 1anonymous1 not found.")
        if not key:
            message = "Neither authorization header nor xi-api-key received, please provide one."
            raise Problem(401, "unauthorized", message, status="needs_authorization")


def _kept(key: str) -> str:
    """Gives what an account is known by: of a key that may be a real one only what cannot be turned back."""
    return f"sk_{hashlib.sha256(key.encode()).hexdigest()}" if REAL_KEY.fullmatch(key) else key


def _invalid_key() -> Problem:
    return Problem(401, "unauthorized", "Invalid API key", status="invalid_api_key")
